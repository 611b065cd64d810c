const MIB = 1024 * 1024

/** What a bundle may cost to read. Each limit hit is a problem named `limit-…`; none passes in silence. */
export interface Limits {
  /** Unpacked bytes of a whole bundle. */
  readonly totalBytes: number
  /** Bytes of one entry. */
  readonly entryBytes: number
  /** Unpacked bytes for each packed byte, once more than `ratioFromBytes` have been unpacked. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** Headers of an archive, or files of a folder. */
  readonly entries: number
  readonly pathBytes: number
  /** Segments of a path. */
  readonly pathDepth: number
  /** Bytes of a PAX or GNU header that belongs to an entry. */
  readonly headerBytes: number
  /** Records of a PAX header. */
  readonly headerKeys: number
}

/** The limits of the product. */
export const LIMITS: Limits = {
  // The collector stops at 100 MiB packed, which log text unpacks to some 2 GiB at most; room for four times that.
  totalBytes: 8 * 1024 * MIB,
  // Counts stay safe integers by far, and ten times the largest capture that the collector writes fits.
  entryBytes: 2 * 1024 * MIB,
  // Repetitive text (a dump with 180,000 equal rules) packs 60:1 or so; a file of zeros packs 1029:1.
  ratio: 250,
  // A small bundle that is mostly one repeated line may well be above the ratio, and costs next to nothing.
  ratioFromBytes: 256 * MIB,
  // A node's bundle has some hundreds of files; one reservation file an address makes thousands at most.
  entries: 200_000,
  // PATH_MAX of Linux (limits.h).
  pathBytes: 4096,
  // `sysctl/files/…` and `kube/config/…` repeat paths of a node, some ten segments deep.
  pathDepth: 64,
  // One path of PATH_MAX needs a sixteenth; 1.1 MB of packed global header cost 55 s and 2.2 GB in a reader without it.
  headerBytes: 64 * 1024,
  headerKeys: 64,
}
