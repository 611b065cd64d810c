/**
 * What nodes are called where there is little room: without their domain, where that still tells them apart. Takes the names
 * of all nodes; addresses stay whole.
 */
export function nodeLabels(names: readonly string[]): (name: string) => string {
  const unique = [...new Set(names)]
  const short = new Map(unique.map((name) => [name, firstLabel(name)]))
  const areDistinct = new Set(short.values()).size === unique.length
  return (name) => (areDistinct ? (short.get(name) ?? name) : name)
}

/** `ip-10-0-1-7` of `ip-10-0-1-7.internal`; an address has no labels. */
function firstLabel(name: string): string {
  const [label = name] = name.split('.', 1)
  return /[a-z]/i.test(label) ? label : name
}
