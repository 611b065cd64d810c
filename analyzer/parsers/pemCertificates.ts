import type { Line } from '../text/line.ts'
import { textLines } from '../text/textLines.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { bytesOf } from '../x509/der.ts'
import type { TextParser } from './parser.ts'

/** A certificate of a file. */
export interface PemCertificate {
  readonly certificate: Certificate
  /** Its BEGIN line. */
  readonly line: Line
  /** Its place among the certificates of the file, from 0: in a chain the leaf comes first. */
  readonly index: number
}

/** The certificates of one file. */
export interface PemCertificates {
  readonly certificates: readonly PemCertificate[]
}

const MAX_BLOCKS = 1000
const MAX_BLOCK_CHARACTERS = 64 * 1024
const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----\s*$/

/**
 * `certs/<original path>`, the CERTIFICATE blocks of a file (RFC 7468), with or without text around them:
 * ```
 * -----BEGIN CERTIFICATE-----
 * MIIDdzCCAl+gAwIBAgIIIzGNi59U8e8wDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE
 * ...
 * -----END CERTIFICATE-----
 * ```
 * Text before a block is an explanation and counts as read. Of any other block, and of one that is no certificate, the
 * BEGIN line alone is kept as unread: what a private key holds is never kept.
 */
export const pemCertificates: TextParser<PemCertificates> = {
  kind: 'text',
  maxBytes: 16 * 1024 * 1024,
  parse(text) {
    const certificates: PemCertificate[] = []
    const unread: Line[] = []
    let block: OpenBlock | undefined
    let blocks = 0
    for (const line of textLines(text)) {
      const label = BEGIN.exec(line.text)?.[1]
      if (label !== undefined) {
        if (block !== undefined) unread.push(block.line)
        blocks += 1
        block = { label, line, base64: [], characters: 0 }
        continue
      }
      if (block === undefined) continue
      if (!line.text.startsWith('-----END ')) {
        collect(block, line.text)
        continue
      }
      const certificate = blocks > MAX_BLOCKS ? undefined : decode(block)
      if (certificate === undefined) unread.push(block.line)
      else certificates.push({ certificate, line: block.line, index: certificates.length })
      block = undefined
    }
    if (block !== undefined) unread.push(block.line)
    return { value: { certificates }, unread }
  },
}

interface OpenBlock {
  readonly label: string
  readonly line: Line
  readonly base64: string[]
  characters: number
}

function collect(block: OpenBlock, text: string) {
  block.characters += text.length
  if (block.label === 'CERTIFICATE' && block.characters <= MAX_BLOCK_CHARACTERS) block.base64.push(text)
}

function decode(block: OpenBlock): Certificate | undefined {
  if (block.label !== 'CERTIFICATE' || block.characters > MAX_BLOCK_CHARACTERS) return undefined
  try {
    return parseCertificate(bytesOf(atob(block.base64.join(''))))
  } catch {
    return undefined
  }
}
