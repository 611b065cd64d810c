import asn1, { type DerObject } from 'node-forge/lib/asn1.js'

/** A decoded ASN.1 object. Contents are strings of one character a byte. */
export type Der = DerObject

/** Tags of the universal class (X.690 table 1) that certificates use. */
export const tags = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  utf8String: 12,
  sequence: 16,
  utcTime: 23,
  generalizedTime: 24,
  bmpString: 30,
} as const

const CONTEXT_CLASS = 0x80

/** Certificates nest about ten levels deep; what nests deeper was made to hurt. */
const MAX_DEPTH = 32

/** Decodes bytes that are one whole DER object; undefined for all else, whatever the library throws at it. */
export function parseDer(bytes: string): Der | undefined {
  try {
    return asn1.fromDer(bytes, {
      strict: true,
      parseAllBytes: true,
      decodeBitStrings: false,
      maxDepth: MAX_DEPTH,
    })
  } catch {
    return undefined
  }
}

/** The members of a constructed object; none for a primitive one. */
export function membersOf(object: Der | undefined): readonly Der[] {
  return object === undefined || typeof object.value === 'string' ? [] : object.value
}

/** The contents of a primitive object of this universal tag; undefined for any other object. */
export function contentsOf(object: Der | undefined, tag: number): string | undefined {
  if (object === undefined || object.tagClass !== 0 || object.type !== tag) return undefined
  return typeof object.value === 'string' ? object.value : undefined
}

/** Does the object bear this context-specific tag number? */
export function hasContextTag(object: Der | undefined, tag: number): boolean {
  return object?.tagClass === CONTEXT_CLASS && object.type === tag
}

/** An object identifier in dots; undefined for an object that is none. */
export function oidOf(object: Der | undefined): string | undefined {
  const contents = contentsOf(object, tags.oid)
  if (contents === undefined || contents === '') return undefined
  try {
    return asn1.derToOid(contents)
  } catch {
    return undefined
  }
}

/** Bytes as lower-case hexadecimal. */
export function hexOf(bytes: string): string {
  let hex = ''
  for (let i = 0; i < bytes.length; i++) hex += bytes.charCodeAt(i).toString(16).padStart(2, '0')
  return hex
}

/** A string of one character a byte as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Bytes as a string of one character a byte. */
export function binaryString(bytes: Uint8Array): string {
  const parts: string[] = []
  // A call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  return parts.join('')
}
