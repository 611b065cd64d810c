import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import { elementKey } from './nftElementKey.ts'
import { nftWords } from './nftWords.ts'

/** An element of a verdict map: packets with this key meet this verdict. */
export interface NftVerdict {
  /** As printed: `10.96.10.13 . tcp . 80`. */
  readonly key: string
  /** `drop`, `accept`, `jump X`, `goto X`. */
  readonly verdict: string
  /** The chain of a jump or goto. */
  readonly chain?: string
  readonly comment?: string
  readonly line: Line
}

/** `10.96.0.1 . tcp . 443 : goto X`; a counter or a lifetime may stand behind the key. */
const ELEMENT = /^(\S+(?: \. \S+)*) (?:[^:"]* )?: ((?:jump|goto) (\S+)|drop|accept|return|continue)$/

/**
 * The elements in one line of a map of `nft list ruleset`, none where the line has none, or the map's values are no verdicts:
 * ```
 * 		elements = { tcp . 30090 comment "default/local:http" : drop,
 * 			     tcp . 30091 comment "default/noeps:http" : goto reject-chain }
 * ```
 * `words` is the line without its indentation.
 */
export function readVerdicts(words: string, { number, text }: Line): readonly NftVerdict[] {
  if (!words.includes(' : ')) return []
  const listed = words.replace(/^elements = \{ /, '').replace(/,$| \}$/, '')
  const line = { number, text: detach(text) }
  return splitOutsideQuotes(listed).flatMap((part): readonly NftVerdict[] => {
    const { bare, comment } = cutComment(part.trim())
    const [, key, verdict, chain] = ELEMENT.exec(bare) ?? []
    if (key === undefined || verdict === undefined) return []
    const kept = { key: detach(key), verdict: detach(verdict), line }
    return [
      {
        ...kept,
        ...(chain !== undefined && { chain: detach(chain) }),
        ...(comment !== undefined && { comment: detach(comment) }),
      },
    ]
  })
}

/** The elements in one line of a set: `elements = { 10.96.0.1, 10.1.0.0/16 timeout 1h,` → `10.96.0.1`, `10.1.0.0/16`. */
export function readElements(words: string): readonly string[] {
  const listed = words.replace(/^elements = \{ ?/, '').replace(/,$| ?\}$/, '')
  return splitOutsideQuotes(listed).flatMap((part) => {
    const key = elementKey(nftWords(part).map(({ text }) => text))
    return key === '' ? [] : [detach(key)]
  })
}

function splitOutsideQuotes(text: string): readonly string[] {
  const parts: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') quoted = !quoted
    else if (character === ',' && !quoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** nft lets no quote into a comment. */
function cutComment(text: string): { readonly bare: string; readonly comment?: string } {
  const opening = ' comment "'
  const start = text.indexOf(opening)
  const end = start < 0 ? -1 : text.indexOf('"', start + opening.length)
  if (end < 0) return { bare: text }
  return {
    bare: text.slice(0, start) + text.slice(end + 1),
    comment: text.slice(start + opening.length, end),
  }
}
