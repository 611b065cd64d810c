import { lineFinder } from '../text/lineFinder.ts'
import { findJsonFault } from './jsonSyntax.ts'
import type { JsonValue } from './jsonValue.ts'
import { type SyntaxFault, syntaxFaultAt } from './syntaxFault.ts'

/** What became of a JSON text: a document, or the place where it stops being JSON. */
export type JsonText =
  | { readonly document: JsonValue; readonly error?: undefined }
  | { readonly document?: undefined; readonly error: SyntaxFault }

/** Reads a whole JSON text (RFC 8259, at most 200 levels deep). Never throws. */
export function parseJsonText(text: string): JsonText {
  const fault = findJsonFault(text)
  if (fault !== undefined) return { error: syntaxFaultAt(text, fault, lineFinder(text)) }
  const document: JsonValue = JSON.parse(text)
  return { document }
}
