/** What a JSON or YAML text can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** An object of a document. It is read through `field` only: a bundle chooses its keys, `__proto__` among them. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** The value as an object; undefined when it is something else. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !isList(value) ? value : undefined
}

/** The value as a list; an empty one when it is something else. */
export function asArray(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : []
}

/** The value as a string; undefined when it is something else. */
export function asString(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value as a finite number; undefined when it is something else. */
export function asNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The value as a boolean; undefined when it is something else. */
export function asBoolean(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** The strings of a list; whatever else it holds is left out. */
export function asStrings(value: JsonValue | undefined): readonly string[] {
  return asArray(value).filter((item) => typeof item === 'string')
}

/** What lies at the end of a path of keys and list positions; undefined where the path breaks. */
export function field(
  value: JsonValue | undefined,
  ...path: readonly (string | number)[]
): JsonValue | undefined {
  let here = value
  for (const step of path) {
    if (typeof step === 'number') here = asArray(here)[step]
    else {
      const object = asObject(here)
      here = object !== undefined && Object.hasOwn(object, step) ? object[step] : undefined
    }
  }
  return here
}

/** The entries of an object whose values are strings, such as labels and annotations. */
export function stringEntries(value: JsonValue | undefined): ReadonlyMap<string, string> {
  const entries = new Map<string, string>()
  for (const [key, item] of Object.entries(asObject(value) ?? {})) {
    if (typeof item === 'string') entries.set(key, item)
  }
  return entries
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
