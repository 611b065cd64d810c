import sha1 from 'node-forge/lib/sha1.js'
import sha256 from 'node-forge/lib/sha256.js'
import { type CertificateExtensions, extensionsOf } from './certificateExtensions.ts'
import { type CertificateName, nameOf } from './certificateName.ts'
import {
  type Der,
  binaryString,
  contentsOf,
  hasContextTag,
  hexOf,
  membersOf,
  oidOf,
  parseDer,
  tags,
} from './der.ts'

/** A public key, as far as it identifies its kind. */
export interface CertificateKey {
  /** `RSA`, `RSA-PSS`, `EC`, `Ed25519`, or the object identifier of another algorithm. */
  readonly algorithm: string
  /** `P-256`, `P-384`, `P-521`, or the object identifier of another curve. */
  readonly curve?: string
  readonly bits?: number
  /**
   * The identifiers that are computed of a key, lower-case hexadecimal: SHA-1 of it (RFC 5280 section 4.2.1.2; Go before 1.25,
   * openssl), and the first twenty octets of its SHA-256 (RFC 7093 section 2; Go since 1.25). Two keys with one of them in common are one.
   */
  readonly identifiers: readonly [sha1: string, sha256: string]
}

/** A certificate, decoded and not verified. */
export interface Certificate extends CertificateExtensions {
  /** Lower case, in whole octets, without a leading zero octet. */
  readonly serialHex: string
  readonly subject: CertificateName
  readonly issuer: CertificateName
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Its end is 99991231235959Z: no end (RFC 5280 section 4.1.2.5). */
  readonly neverExpires: boolean
  readonly publicKey: CertificateKey
  /** Issuer and subject are the same: a root, or a certificate that a component made for itself. */
  readonly selfIssued: boolean
  /** `ecdsa-with-SHA256`, or the object identifier of another algorithm. */
  readonly signatureAlgorithm: string
  /** SHA-256 of the whole certificate, lower-case hexadecimal: its fingerprint. */
  readonly sha256: string
}

const NO_END_MS = Date.UTC(9999, 11, 31, 23, 59, 59)

const KEY_ALGORITHMS = new Map([
  ['1.2.840.113549.1.1.1', 'RSA'],
  ['1.2.840.113549.1.1.10', 'RSA-PSS'],
  ['1.2.840.10045.2.1', 'EC'],
  ['1.3.101.112', 'Ed25519'],
])

const CURVES = new Map([
  ['1.2.840.10045.3.1.7', { curve: 'P-256', bits: 256 }],
  ['1.3.132.0.34', { curve: 'P-384', bits: 384 }],
  ['1.3.132.0.35', { curve: 'P-521', bits: 521 }],
])

const SIGNATURE_ALGORITHMS = new Map([
  ['1.2.840.113549.1.1.5', 'sha1WithRSAEncryption'],
  ['1.2.840.113549.1.1.10', 'RSASSA-PSS'],
  ['1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
  ['1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
  ['1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
  ['1.3.101.112', 'Ed25519'],
])

/**
 * Decodes a certificate (RFC 5280 section 4.1) from DER; undefined for bytes that are none. It verifies nothing.
 * Written over the ASN.1 decoder of node-forge because its own `certificateFromPem` throws on every key that is not RSA.
 */
export function parseCertificate(der: Uint8Array): Certificate | undefined {
  const bytes = binaryString(der)
  const [tbs, algorithm] = membersOf(parseDer(bytes))
  const fields = membersOf(tbs)
  // The version is left out of version 1 certificates.
  const [serial, , issuer, validity, subject, keyInfo] = hasContextTag(fields[0], 0)
    ? fields.slice(1)
    : fields
  const serialOctets = contentsOf(serial, tags.integer)
  const [notBefore, notAfter] = membersOf(validity)
  const notBeforeMs = timeOf(notBefore)
  const notAfterMs = timeOf(notAfter)
  const publicKey = keyOf(keyInfo)
  const signatureAlgorithm = oidOf(membersOf(algorithm)[0])
  if (serialOctets === undefined || notBeforeMs === undefined || notAfterMs === undefined) return undefined
  if (publicKey === undefined || signatureAlgorithm === undefined) return undefined
  const names = { subject: nameOf(subject), issuer: nameOf(issuer) }
  const extensions = fields.find((field) => hasContextTag(field, 3))
  return {
    serialHex: hexOf(serialOctets).replace(/^00(?=.)/, ''),
    ...names,
    notBeforeMs,
    notAfterMs,
    neverExpires: notAfterMs === NO_END_MS,
    ...extensionsOf(membersOf(extensions)[0]),
    publicKey,
    selfIssued: names.subject.text === names.issuer.text,
    signatureAlgorithm: SIGNATURE_ALGORITHMS.get(signatureAlgorithm) ?? signatureAlgorithm,
    sha256: digestOf(sha256, bytes),
  }
}

function digestOf(algorithm: typeof sha256, bytes: string): string {
  const digest = algorithm.create()
  digest.update(bytes)
  return digest.digest().toHex()
}

/** UTCTime `YYMMDDHHMMSSZ`, years 1950 to 2049; GeneralizedTime `YYYYMMDDHHMMSSZ` (RFC 5280 section 4.1.2.5). */
function timeOf(object: Der | undefined): number | undefined {
  const utc = contentsOf(object, tags.utcTime)
  const century = Number(utc?.slice(0, 2)) < 50 ? '20' : '19'
  const text = utc === undefined ? contentsOf(object, tags.generalizedTime) : century + utc
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC carries a day that is not in the calendar over into the next month.
  return new Date(time).toISOString().startsWith(`${match[1]}-${match[2]}-${match[3]}T${match[4]}`)
    ? time
    : undefined
}

function keyOf(info: Der | undefined): CertificateKey | undefined {
  const [algorithm, bits] = membersOf(info)
  const [type, parameters] = membersOf(algorithm)
  const oid = oidOf(type)
  const keyBits = contentsOf(bits, tags.bitString)
  if (oid === undefined || keyBits === undefined) return undefined
  const name = KEY_ALGORITHMS.get(oid) ?? oid
  const identifiers = identifiersOf(keyBits)
  if (name === 'EC') return { algorithm: name, ...curveOf(parameters), identifiers }
  if (name === 'Ed25519') return { algorithm: name, bits: 256, identifiers }
  const modulusBits = name.startsWith('RSA') ? bitLength(keyBits) : undefined
  return { algorithm: name, ...(modulusBits === undefined ? {} : { bits: modulusBits }), identifiers }
}

/** Of the octets of the BIT STRING, without the first one, which counts its unused bits. */
function identifiersOf(keyBits: string): CertificateKey['identifiers'] {
  const octets = keyBits.slice(1)
  return [digestOf(sha1, octets), digestOf(sha256, octets).slice(0, 40)]
}

function curveOf(parameters: Der | undefined): { readonly curve?: string; readonly bits?: number } {
  const oid = oidOf(parameters)
  if (oid === undefined) return {}
  return CURVES.get(oid) ?? { curve: oid }
}

/** Bits of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1) in a BIT STRING without unused bits. */
function bitLength(keyBits: string): number | undefined {
  const modulus = contentsOf(membersOf(parseDer(keyBits.slice(1)))[0], tags.integer)?.replace(/^\0+/, '')
  if (modulus === undefined || modulus === '') return undefined
  return (modulus.length - 1) * 8 + modulus.charCodeAt(0).toString(2).length
}
