import type { BundleInfo } from '../bundle/bundle.ts'
import type { InventoryNode } from '../parsers/inventory.ts'
import type { Captures } from '../sources/captures.ts'

/** One node of the case: what its bundle holds. */
export interface NodeScope {
  /** Id of its bundle. */
  readonly id: string
  readonly bundle: BundleInfo
  readonly captures: Captures
  readonly cluster: ClusterScope
}

/** All the nodes judged together. */
export interface ClusterScope {
  readonly nodes: readonly NodeScope[]
  /** Nodes that the user named beside the bundles. */
  readonly inventory: readonly InventoryNode[]
}
