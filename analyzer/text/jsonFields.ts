/**
 * The fields of a JSON object on one line. Undefined where the text is no JSON, or no object: a line cut off in transit,
 * a line that only looks like one.
 */
export function jsonFields(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return new Map<string, unknown>(Object.entries(value))
  } catch {
    return undefined
  }
}

/** A field that holds text; undefined for every other. */
export function textField(fields: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = fields.get(name)
  return typeof value === 'string' ? value : undefined
}
