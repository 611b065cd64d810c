import { type Address, parseAddress } from '../net/address.ts'
import { type Der, contentsOf, hasContextTag, hexOf, membersOf, oidOf, parseDer, tags } from './der.ts'

/** What the extensions of a certificate tell (RFC 5280 section 4.2). */
export interface CertificateExtensions {
  /** Subject alternative names. */
  readonly dnsNames: readonly string[]
  readonly addresses: readonly Address[]
  readonly isCa: boolean
  /** By their names in RFC 5280, `keyEncipherment`; undefined where the extension is not there and all is allowed. */
  readonly keyUsages?: readonly string[]
  /** `serverAuth`, `clientAuth`, or the object identifier of another purpose. */
  readonly extendedKeyUsages: readonly string[]
  /** Lower-case hexadecimal. */
  readonly subjectKeyId?: string
  readonly authorityKeyId?: string
}

const SUBJECT_KEY_ID = '2.5.29.14'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const AUTHORITY_KEY_ID = '2.5.29.35'
const EXTENDED_KEY_USAGE = '2.5.29.37'

/** By bit, RFC 5280 section 4.2.1.3. */
const USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

const PURPOSES = new Map([
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
])

/** Reads the Extensions of a certificate; what is not there, or cannot be read, is as if it were left out. */
export function extensionsOf(list: Der | undefined): CertificateExtensions {
  const values = new Map<string, Der>()
  for (const extension of membersOf(list)) {
    const members = membersOf(extension)
    const oid = oidOf(members[0])
    const value = parseDer(contentsOf(members.at(-1), tags.octetString) ?? '')
    if (oid !== undefined && value !== undefined && !values.has(oid)) values.set(oid, value)
  }
  const names = membersOf(values.get(SUBJECT_ALTERNATIVE_NAME))
  const usages = contentsOf(values.get(KEY_USAGE), tags.bitString)
  const subjectKeyId = contentsOf(values.get(SUBJECT_KEY_ID), tags.octetString)
  const authorityKeyId = keyIdentifier(values.get(AUTHORITY_KEY_ID))
  const purposes = membersOf(values.get(EXTENDED_KEY_USAGE)).map(oidOf)
  return {
    dnsNames: names.flatMap((name) =>
      hasContextTag(name, 2) && typeof name.value === 'string' ? [name.value] : [],
    ),
    addresses: names.flatMap(addressName),
    isCa: isTrue(membersOf(values.get(BASIC_CONSTRAINTS))[0]),
    ...(usages === undefined ? {} : { keyUsages: USAGES.filter((_, bit) => hasBit(usages, bit)) }),
    extendedKeyUsages: purposes.filter((oid) => oid !== undefined).map((oid) => PURPOSES.get(oid) ?? oid),
    ...(subjectKeyId === undefined ? {} : { subjectKeyId: hexOf(subjectKeyId) }),
    ...(authorityKeyId === undefined ? {} : { authorityKeyId: hexOf(authorityKeyId) }),
  }
}

/** The iPAddress of a GeneralName: four or sixteen octets. */
function addressName(name: Der): readonly Address[] {
  if (!hasContextTag(name, 7) || typeof name.value !== 'string') return []
  const octets = Array.from(name.value, (character) => character.charCodeAt(0))
  const address = parseAddress(octets.length === 4 ? octets.join('.') : v6Text(name.value))
  return address === undefined ? [] : [address]
}

function v6Text(octets: string): string {
  return octets.length === 16 ? (hexOf(octets).match(/.{4}/g)?.join(':') ?? '') : ''
}

function isTrue(object: Der | undefined): boolean {
  const contents = contentsOf(object, tags.boolean)
  return contents !== undefined && contents !== '' && contents.charCodeAt(0) !== 0
}

/** Bit 0 is the highest of the octet behind the count of unused bits. */
function hasBit(bitString: string, bit: number): boolean {
  const octet = bitString.charCodeAt(1 + Math.floor(bit / 8))
  return (octet & (0x80 >> (bit % 8))) !== 0
}

function keyIdentifier(object: Der | undefined): string | undefined {
  const value = membersOf(object).find((member) => hasContextTag(member, 0))?.value
  return typeof value === 'string' ? value : undefined
}
