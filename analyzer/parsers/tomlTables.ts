/** Where a dotted name leads. `header` tables are opened by `[name]`, `dotted` ones by a key with dots, `implied` ones on the way. */
interface TomlTable {
  readonly kind: 'table'
  made: 'implied' | 'header' | 'dotted'
  readonly entries: Map<string, TomlEntry>
}

type TomlEntry =
  TomlTable | { readonly kind: 'tables'; readonly list: TomlTable[] } | { readonly kind: 'value' }

/** Keeps account of what a TOML document has named so far; each call answers whether the grammar allows it. */
export interface TomlTables {
  /** `[a.b]`: later keys belong to it. */
  readonly openTable: (path: readonly string[]) => boolean
  /** `[[a.b]]`: one more table of a list. */
  readonly openListed: (path: readonly string[]) => boolean
  /** `a.b = …` in the table that is open. */
  readonly setKey: (path: readonly string[]) => boolean
}

/** The account of an empty document, by the rules of TOML 1.0 for names that are there twice. */
export function tomlTables(): TomlTables {
  const root = table('header')
  let open = root

  const openTable = (path: readonly string[]): boolean => {
    const parent = tableAt(root, path.slice(0, -1))
    const name = path.at(-1) ?? ''
    const known = parent?.entries.get(name)
    if (parent === undefined || (known && (known.kind !== 'table' || known.made !== 'implied'))) return false
    open = known ?? table('header')
    open.made = 'header'
    parent.entries.set(name, open)
    return true
  }

  const openListed = (path: readonly string[]): boolean => {
    const parent = tableAt(root, path.slice(0, -1))
    const name = path.at(-1) ?? ''
    const known = parent?.entries.get(name)
    if (parent === undefined || (known && known.kind !== 'tables')) return false
    open = table('header')
    if (known) known.list.push(open)
    else parent.entries.set(name, { kind: 'tables', list: [open] })
    return true
  }

  const setKey = (path: readonly string[]): boolean => {
    let here = open
    for (const name of path.slice(0, -1)) {
      const next = here.entries.get(name) ?? table('dotted')
      if (next.kind !== 'table' || next.made !== 'dotted') return false
      here.entries.set(name, next)
      here = next
    }
    const name = path.at(-1) ?? ''
    if (here.entries.has(name)) return false
    here.entries.set(name, { kind: 'value' })
    return true
  }

  return { openTable, openListed, setKey }
}

function table(made: TomlTable['made']): TomlTable {
  return { kind: 'table', made, entries: new Map() }
}

/** The table that the first names of a header lead to, made where it is not there; undefined where a value stands in the way. */
function tableAt(root: TomlTable, path: readonly string[]): TomlTable | undefined {
  let here = root
  for (const name of path) {
    const entry = here.entries.get(name) ?? table('implied')
    if (entry.kind === 'value') return undefined
    if (entry.kind === 'table') here.entries.set(name, entry)
    const next = entry.kind === 'table' ? entry : entry.list.at(-1)
    if (next === undefined) return undefined
    here = next
  }
  return here
}
