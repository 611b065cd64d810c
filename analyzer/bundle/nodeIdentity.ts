import { scanLines } from '../text/lineScanner.ts'

/** Where a bundle tells whose it is. */
export const NODE_IDENTITY_PATH = 'meta/node.txt'

/** Whose a bundle is and when it was begun, as far as it tells. */
export interface NodeIdentity {
  readonly hostname: string | null
  /** ISO 8601 in UTC, to the second. */
  readonly startedAt: string | null
}

/** The last second that a four-digit year has. */
const LAST_SECOND = 253_402_300_799

/**
 * Reads `hostname=` and `started_utc=` (epoch seconds) of `meta/node.txt` (docs/bundle-format.md). The container needs
 * these two before any source is judged, whatever the parser of the file makes of the rest.
 */
export function readNodeIdentity(): {
  readonly data: (bytes: Uint8Array) => void
  readonly end: () => NodeIdentity
} {
  let hostname: string | null = null
  let startedAt: string | null = null
  const scanner = scanLines((text) => {
    const [key, value] = splitAt(text, '=')
    if (key === 'hostname' && value !== '') hostname = value
    if (key === 'started_utc' && /^\d{1,12}$/.test(value) && Number(value) <= LAST_SECOND)
      startedAt = isoSeconds(Number(value))
  })
  return {
    data: scanner.push,
    end() {
      scanner.end()
      return { hostname, startedAt }
    },
  }
}

function splitAt(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
