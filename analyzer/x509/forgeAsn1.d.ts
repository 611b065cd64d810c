/** The parts of node-forge that coldcase uses, under the paths that leave the rest of the library out. */
declare module 'node-forge/lib/asn1.js' {
  export interface DerObject {
    readonly tagClass: number
    readonly type: number
    /** Members of a constructed object; else its contents, one character a byte. */
    readonly value: string | readonly DerObject[]
  }
  interface DerOptions {
    readonly strict: boolean
    readonly parseAllBytes: boolean
    readonly decodeBitStrings: boolean
    readonly maxDepth: number
  }
  const asn1: {
    readonly fromDer: (bytes: string, options: DerOptions) => DerObject
    readonly derToOid: (bytes: string) => string
  }
  export default asn1
}

declare module 'node-forge/lib/sha1.js' {
  import type sha256 from 'node-forge/lib/sha256.js'

  const sha1: typeof sha256
  export default sha1
}

declare module 'node-forge/lib/sha256.js' {
  interface Digest {
    readonly update: (bytes: string) => void
    readonly digest: () => { readonly toHex: () => string }
  }
  const sha256: { readonly create: () => Digest }
  export default sha256
}
