import type { MissingCapture } from '../../analyzer/bundle/bundle.ts'
import type { ClusterScope, NodeScope } from '../../analyzer/engine/scope.ts'
import type { Captures } from '../../analyzer/sources/captures.ts'
import { sources } from '../../analyzer/sources/index.ts'

/** Captures of a bundle that holds nothing. */
function noCaptures(): Captures {
  return Object.fromEntries(
    Object.entries(sources).map(([key, source]) => [
      key,
      source.many ? { captures: [], missing: [] } : missing(source.path),
    ]),
  ) as unknown as Captures
}

function missing(path: string): MissingCapture {
  return { path, status: 'not-captured', stderr: [] }
}

/** A case of nodes whose bundles hold nothing, for tests of the engine alone. */
export function clusterOf(names: readonly string[]): ClusterScope {
  const nodes: NodeScope[] = []
  const cluster: ClusterScope = { nodes, inventory: [] }
  for (const name of names) {
    const bundle = {
      id: name,
      file: name,
      sha256: '',
      node: name,
      layout: 'coldcase',
      collectedAt: null,
      complete: true,
      problems: [],
      sources: [],
    } as const
    nodes.push({ id: name, bundle, captures: noCaptures(), cluster })
  }
  return cluster
}
