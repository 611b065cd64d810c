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
 * Finds strings of an item, each behind the one before and behind what was found last; gives the line of the last of them, or
 * that of the item where one does not stand there.
 */
export type FindLine = (...strings: readonly string[]) => Line

/**
 * A parser of a JSON text with a list of items. Items are parsed one by one, so that one broken item, or a text that was
 * cut off, costs no other. `read` gives undefined for what is no such item; it is then listed as unread.
 */
export function jsonItems<T>(
  shape: ListShape,
  read: (item: JsonValue, line: Line, find: FindLine) => T | undefined,
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
        const kept = item === undefined ? undefined : read(item, line, finder(text, place, placeOf, line))
        if (kept === undefined) unread.push(line)
        else value.push(kept)
      }
      return { value, unread }
    },
  }
}

/** Never goes back, so that a text is read once however many lines are asked for. */
function finder(
  text: string,
  place: ItemPlace,
  placeOf: ReturnType<typeof lineFinder>,
  line: Line,
): FindLine {
  const item = text.slice(place.start, place.end)
  let from = place.cited - place.start
  return (...strings) => {
    let at = from
    for (const string of strings) {
      at = item.indexOf(JSON.stringify(string), at)
      if (at < 0) return line
    }
    from = at
    return placeOf(place.start + at).line
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
