/** Finds which of many keywords a text holds. */
export interface KeywordLookup {
  /** The indices of the keywords that stand in the text, each once, in no order; the same empty list where there are none. */
  readonly find: (text: string) => readonly number[]
}

const NONE: readonly number[] = []
/** Pairs of characters fall into this many buckets. */
const BUCKETS = 1 << 14
const MIN_LENGTH = 2

/**
 * A search for all keywords at once that skips most of the text (Wu and Manber, A fast algorithm for multi-pattern
 * searching, 1994, with blocks of two characters): a pair of characters that stands in no keyword lets the window move on
 * by the length of the shortest keyword. Case counts. Keywords of less than two characters are never found.
 */
export function keywordLookup(keywords: readonly string[]): KeywordLookup {
  const usable = [...keywords.entries()].filter(([, keyword]) => keyword.length >= MIN_LENGTH)
  if (usable.length === 0) return { find: () => NONE }
  const window = Math.min(...usable.map(([, keyword]) => keyword.length))
  const shifts = new Uint8Array(BUCKETS).fill(Math.min(255, window - 1))
  const candidates = new Map<number, [number, string][]>()
  for (const [index, keyword] of usable) {
    for (let at = 1; at < window; at++) {
      const bucket = bucketOf(keyword.charCodeAt(at - 1), keyword.charCodeAt(at))
      shifts[bucket] = Math.min(shifts[bucket] ?? 0, window - 1 - at)
    }
    const last = bucketOf(keyword.charCodeAt(window - 2), keyword.charCodeAt(window - 1))
    const sharing = candidates.get(last)
    if (sharing) sharing.push([index, keyword])
    else candidates.set(last, [[index, keyword]])
  }

  const find = (text: string): readonly number[] => {
    let found: number[] | undefined
    const { length } = text
    let end = window - 1
    while (end < length) {
      const bucket = bucketOf(text.charCodeAt(end - 1), text.charCodeAt(end))
      const shift = shifts[bucket] ?? 0
      if (shift > 0) {
        end += shift
        continue
      }
      const start = end - window + 1
      for (const [index, keyword] of candidates.get(bucket) ?? []) {
        if (!text.startsWith(keyword, start) || found?.includes(index)) continue
        found ??= []
        found.push(index)
      }
      end++
    }
    return found ?? NONE
  }
  return { find }
}

function bucketOf(first: number, second: number): number {
  return ((first << 7) ^ second) & (BUCKETS - 1)
}
