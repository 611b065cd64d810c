/** The folder that the collector packs: `coldcase-<node>-<YYYYMMDD>T<HHMMSS>Z` (docs/bundle-format.md). */
const COLLECTED = /^coldcase-(?<node>.+)-\d{8}T\d{6}Z$/

/** The node's name in the name of a bundle or of its folder; null where there is none. */
export function nodeInName(name: string): string | null {
  return COLLECTED.exec(name)?.groups?.['node'] ?? null
}

/** Finds the one folder that everything in an archive lies in, while it is read. */
export interface TopFolder {
  /** The path in the bundle that a path in the archive stands for, as far as can be told by now. */
  readonly inside: (path: string) => string
  /** Its name, where one was found. */
  readonly name: () => string | null
}

/**
 * The folder is told by the first path that is known with or without its first segment, or by its name: an archive made
 * by hand may have any folder, or none. Once told it stays, so that a second folder cannot pass for the first.
 */
export function topFolder(isKnown: (path: string) => boolean): TopFolder {
  let top: string | null = null
  let told = false
  const tell = (path: string): void => {
    const slash = path.indexOf('/')
    const first = slash < 0 ? '' : path.slice(0, slash)
    if (isKnown(path)) told = true
    else if (slash >= 0 && (nodeInName(first) !== null || isKnown(path.slice(slash + 1)))) {
      told = true
      top = first
    }
  }
  return {
    inside(path) {
      if (!told) tell(path)
      return top !== null && path.startsWith(`${top}/`) ? path.slice(top.length + 1) : path
    },
    name: () => top,
  }
}
