import { type Address, parseAddress } from '../net/address.ts'
import { isoTime } from '../text/timestamps.ts'
import { type JsonValue, asString, asStrings, field } from './jsonValue.ts'

/** What names an object of the API. */
export interface KubeName {
  /** '' where the object has none: nodes, for one. */
  readonly namespace: string
  readonly name: string
}

/** The name of an object; undefined when it has none, and is no such object. */
export function kubeName(item: JsonValue): KubeName | undefined {
  const name = asString(field(item, 'metadata', 'name'))
  if (name === undefined || name === '') return undefined
  return { namespace: asString(field(item, 'metadata', 'namespace')) ?? '', name }
}

/** The addresses among these strings, each once; `None`, host names and empty strings are left out. */
export function addressesOf(texts: readonly (string | undefined)[]): readonly Address[] {
  const addresses = new Set<Address>()
  for (const text of texts) {
    const address = text === undefined ? undefined : parseAddress(text)
    if (address !== undefined) addresses.add(address)
  }
  return [...addresses]
}

/** The addresses of a plural field (`podIPs[].ip`, `clusterIPs[]`) and of the singular one it replaced. */
export function singularAndPlural(
  singular: JsonValue | undefined,
  plural: readonly JsonValue[],
  key?: string,
): readonly Address[] {
  const texts = key === undefined ? asStrings(plural) : plural.map((item) => asString(field(item, key)))
  return addressesOf([asString(singular), ...texts])
}

/** A time of the API (RFC 3339) in milliseconds since 1970; undefined for null and for anything else. */
export function kubeTimeMs(value: JsonValue | undefined): number | undefined {
  const text = asString(value)
  const stamp = text === undefined ? undefined : isoTime(text)
  return stamp?.end === text?.length ? stamp?.epochMs : undefined
}
