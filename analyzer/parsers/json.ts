import { parseJsonText } from './jsonText.ts'
import type { JsonValue } from './jsonValue.ts'
import type { TextParser } from './parser.ts'
import type { SyntaxFault } from './syntaxFault.ts'

/** A JSON file as it stands; read it with the helpers of jsonValue.ts. */
export interface JsonDocument {
  /** Undefined when the file is empty or not JSON. */
  readonly document: JsonValue | undefined
  readonly error?: SyntaxFault
}

/**
 * Any JSON file, such as `kube/api/networkpolicies.json`:
 * ```
 * {"apiVersion": "v1", "items": [], "kind": "List"}
 * ```
 * One that is not JSON, or nests deeper than 200 levels, gives its error and no document.
 */
export const json: TextParser<JsonDocument> = {
  kind: 'text',
  maxBytes: 64 * 1024 * 1024,
  parse(text) {
    if (text.trim() === '') return { value: { document: undefined }, unread: [] }
    const { document, error } = parseJsonText(text)
    if (error === undefined) return { value: { document }, unread: [] }
    return { value: { document, error }, unread: [error.line] }
  },
}
