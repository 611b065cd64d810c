import type { Line } from '../text/line.ts'
import { lineFinder } from '../text/lineFinder.ts'
import { type JsonValue, asObject } from './jsonValue.ts'
import { type ItemPlace, type ListShape, locateItems } from './listItems.ts'
import type { TextParser } from './parser.ts'
import { unreadLines } from './unreadLines.ts'

/** What walks an item must not run out of stack. */
const MAX_DEPTH = 200
/** Kubernetes is built for 150,000 pods a cluster; nothing else that is listed comes near. */
const MAX_ITEMS = 200_000

/**
 * A parser of a JSON text with a list of items. Items are parsed one by one, so that one broken item, or a text that was
 * cut off, costs no other. `read` gives undefined for what is no such item; it is then listed as unread.
 */
export function jsonItems<T>(
  shape: ListShape,
  read: (item: JsonValue, line: Line) => T | undefined,
): TextParser<readonly T[]> {
  return {
    kind: 'text',
    maxBytes: 64 * 1024 * 1024,
    parse(text) {
      const { items, isList } = locateItems(text, shape)
      if (items.length === 0 && !isList) return { value: [], unread: unreadLines(text) }
      const placeOf = lineFinder(text)
      const value: T[] = []
      const unread: Line[] = []
      for (const [index, place] of items.entries()) {
        const { line } = placeOf(place.cited)
        if (index === MAX_ITEMS) {
          unread.push(line)
          break
        }
        const item = parseItem(text, place)
        const kept = item === undefined ? undefined : read(item, line)
        if (kept === undefined) unread.push(line)
        else value.push(kept)
      }
      return { value, unread }
    },
  }
}

function parseItem(text: string, { start, end, depth }: ItemPlace): JsonValue | undefined {
  if (end === undefined || depth > MAX_DEPTH) return undefined
  try {
    const item: JsonValue = JSON.parse(text.slice(start, end))
    return asObject(item)
  } catch {
    return undefined
  }
}
