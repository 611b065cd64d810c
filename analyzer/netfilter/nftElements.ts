/** The elements of a set or map, ready to be looked up. */
export interface NftElements {
  /** Elements that stand for one value each. */
  readonly exact: ReadonlySet<string>
  /** Ranges, prefixes and what stands for anything. */
  readonly inexact: readonly string[]
  /** No element was left out of it. */
  readonly complete: boolean
}

const known = new WeakMap<readonly string[], NftElements>()

/** Sorts elements, once for each list of them: `10.0.0.1 . 22` is exact, `10.0.0.0/8`, `80-90`, `"eth*"` and `*` are not. */
export function nftElements(elements: readonly string[], complete: boolean): NftElements {
  const before = known.get(elements)
  if (before) return before
  const sorted: NftElements = {
    exact: new Set(elements.filter((element) => !INEXACT.test(element))),
    inexact: elements.filter((element) => INEXACT.test(element)),
    complete,
  }
  known.set(elements, sorted)
  return sorted
}

/** A device's name may hold a dash; taken for a range it is looked at one by one, which is no harm. */
const INEXACT = /[-/*]/
