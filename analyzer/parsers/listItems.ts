/** Where one item of a list stands in a text. Offsets are in UTF-16 units. */
export interface ItemPlace {
  readonly start: number
  /** After its closing brace; undefined when the text ends before. */
  readonly end: number | undefined
  /** What to show of it: the key that names it, else its opening brace. */
  readonly cited: number
  /** Deepest level of nesting inside it. */
  readonly depth: number
}

/** How the items of a list are found in a JSON text. */
export interface ListShape {
  /** Key of the list in the outermost object. */
  readonly list: string
  /** Path, inside an item, of the key that names it. */
  readonly cited: readonly string[]
}

/** The items found in a text. */
export interface LocatedItems {
  readonly items: readonly ItemPlace[]
  /** The text holds a list of items, be it an empty one. */
  readonly isList: boolean
}

/** Everything between these is of no matter to the shape of a JSON text. */
const STRUCTURE = /["[\]{}]/g
/** Ends a run of plain characters inside a string. */
const STRING_STOP = /["\\]/g
const COLON = /[ \t\r\n]*:/y

/**
 * Finds the objects in a list of the outermost object by counting braces outside of strings, without judging the rest: a
 * text that was cut off, or is broken in one item, still gives the others. Without that list the outermost object is the one item.
 */
export function locateItems(text: string, shape: ListShape): LocatedItems {
  /** Keys under which the containers that are open here hang; '' for places in lists. */
  const open: string[] = []
  const items: ItemPlace[] = []
  let whole: OpenItem | undefined
  let item: OpenItem | undefined
  let isList = false
  let key = ''
  let at = 0

  for (;;) {
    STRUCTURE.lastIndex = at
    const found = STRUCTURE.exec(text)
    if (found === null) break
    const [mark] = found
    at = found.index + 1

    if (mark === '"') {
      at = stringEnd(text, at)
      COLON.lastIndex = at
      if (!COLON.test(text)) continue
      key = text.slice(found.index + 1, at - 1)
      note(whole, key, found.index, open, 1, shape)
      note(item, key, found.index, open, 3, shape)
      continue
    }
    if (mark === '{' || mark === '[') {
      if (mark === '[' && open.length === 1 && key === shape.list) isList = true
      if (mark === '{' && open.length === 0) whole ??= openItem(found.index)
      if (mark === '{' && open.length === 2 && open[1] === shape.list && isList) item = openItem(found.index)
      open.push(key)
      key = ''
      deepen(whole, open.length)
      deepen(item, open.length - 2)
      continue
    }
    open.pop()
    key = ''
    if (item !== undefined && open.length === 2) {
      items.push({ ...item, end: at })
      item = undefined
    }
    if (open.length === 0) break
  }
  if (item !== undefined) items.push({ ...item, end: undefined })
  if (isList || whole === undefined) return { items, isList }
  return { items: [{ ...whole, end: open.length === 0 ? at : undefined }], isList }
}

interface OpenItem {
  readonly start: number
  cited: number
  depth: number
}

function openItem(start: number): OpenItem {
  return { start, cited: start, depth: 0 }
}

function deepen(item: OpenItem | undefined, depth: number) {
  if (item !== undefined && depth > item.depth) item.depth = depth
}

/** From position `first` on, `open` holds the keys that lead from the item down to the object in which the key stands. */
function note(
  item: OpenItem | undefined,
  key: string,
  offset: number,
  open: readonly string[],
  first: number,
  { cited }: ListShape,
) {
  if (item === undefined || key !== cited.at(-1) || open.length !== first + cited.length - 1) return
  if (cited.slice(0, -1).every((step, index) => open[first + index] === step)) item.cited = offset
}

function stringEnd(text: string, from: number): number {
  let at = from
  for (;;) {
    STRING_STOP.lastIndex = at
    const stop = STRING_STOP.exec(text)
    if (stop === null) return text.length
    if (stop[0] === '"') return stop.index + 1
    at = stop.index + 2
  }
}
