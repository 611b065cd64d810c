import type { ClusterScope } from '../engine/scope.ts'
import { ruleCounts } from '../facts/cluster/ruleCounts.ts'
import type { Figure } from '../report/figure.ts'

/** How many iptables rules each node holds; undefined where no node has a dump. */
export function rulesPerNode(cluster: ClusterScope): Figure | undefined {
  const counts = ruleCounts.of(cluster)
  if (!counts.available || counts.value.length === 0) return undefined
  return {
    kind: 'rules-per-node',
    bars: counts.value.map(({ node, count, isOutlier }) => ({ node, count, outlier: isOutlier })),
  }
}
