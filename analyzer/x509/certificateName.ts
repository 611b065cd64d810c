import { type Der, bytesOf, contentsOf, membersOf, oidOf, tags } from './der.ts'

/** A distinguished name. */
export interface CertificateName {
  readonly commonName?: string
  /** `O`: the groups of a Kubernetes client certificate. */
  readonly organizations: readonly string[]
  /** All of it in the order of the certificate: `O=system:nodes, CN=system:node:node-1`. */
  readonly text: string
}

/** Short names of attribute types (RFC 4514 section 3, and what else is common). */
const ATTRIBUTES = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
])

/** A Name (RFC 5280 section 4.1.2.4). Attributes that cannot be read are left out. */
export function nameOf(object: Der | undefined): CertificateName {
  const attributes = membersOf(object).flatMap((set) => membersOf(set).flatMap(attributeOf))
  const commonName = attributes.findLast(({ type }) => type === 'CN')?.value
  return {
    ...(commonName === undefined ? {} : { commonName }),
    organizations: attributes.filter(({ type }) => type === 'O').map(({ value }) => value),
    text: attributes.map(({ type, value }) => `${type}=${value.replaceAll(/[\\,+]/g, '\\$&')}`).join(', '),
  }
}

interface Attribute {
  readonly type: string
  readonly value: string
}

function attributeOf(pair: Der): readonly Attribute[] {
  const [typeObject, valueObject] = membersOf(pair)
  const oid = oidOf(typeObject)
  const value = valueObject === undefined ? undefined : directoryString(valueObject)
  if (oid === undefined || value === undefined) return []
  return [{ type: ATTRIBUTES.get(oid) ?? oid, value }]
}

/** UTF8String is decoded, the library has decoded BMPString; of the older kinds every byte is taken as a character. */
function directoryString(object: Der): string | undefined {
  const utf8 = contentsOf(object, tags.utf8String)
  return utf8 === undefined ? contentsOf(object, object.type) : new TextDecoder().decode(bytesOf(utf8))
}
