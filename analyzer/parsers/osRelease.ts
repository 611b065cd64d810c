import type { Cited } from '../text/cited.ts'
import type { LineParser } from './parser.ts'

/**
 * `meta/os-release.txt`, /etc/os-release (os-release(5)): shell assignments, unquoted here:
 * ```
 * PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
 * ID=debian
 * VERSION_ID="12"
 * ```
 */
export const osRelease: LineParser<ReadonlyMap<string, Cited<string>>> = {
  kind: 'lines',
  start() {
    const values = new Map<string, Cited<string>>()
    return {
      line(text, number) {
        if (text.trim() === '' || text.startsWith('#')) return true
        const [, key, value = ''] = /^([A-Za-z_][A-Za-z0-9_]{0,63})=(.*)$/.exec(text) ?? []
        if (key === undefined) return false
        values.set(key, { value: unquote(value.trim()), line: { number, text } })
        return true
      },
      end: () => values,
    }
  },
}

/** Shell quoting as os-release(5) allows it: single or double quotes around the whole, four escapes inside double ones. */
function unquote(text: string): string {
  const quote = text[0]
  if (text.length < 2 || text.at(-1) !== quote) return text
  const inner = text.slice(1, -1)
  if (quote === '"') return inner.replace(/\\(["$`\\])/g, '$1')
  return quote === "'" ? inner : text
}
