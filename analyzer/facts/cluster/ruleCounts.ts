import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { Line } from '../../text/line.ts'
import { type IptablesDump, iptablesReadings } from '../node/iptablesReadings.ts'

/** How many IPv4 rules a node holds, in all tables and backends. */
export interface RuleCount {
  readonly node: string
  readonly count: number
  /** False: a dump of it breaks off, and there are more. */
  readonly isWhole: boolean
  /** More than ten times the median of its peers, and enough to matter. */
  readonly isOutlier: boolean
  /** The counts of its peers whose dumps are whole, smallest first. */
  readonly peerCounts: readonly number[]
  /** The head of the dump with the most rules. */
  readonly origin: Evidence
}

/** A report of k3s#3117 had 180,000 rules beside peers with 200 to 300. */
const OUTLIER_FACTOR = 10
/** Fewer rules cost a packet next to nothing, however few the peers have. */
const OUTLIER_FLOOR = 2_000

/** Rules of every node of the case that has a dump, in the order of the nodes. */
export const ruleCounts = defineClusterFact({
  name: 'rules of each node',
  needs: { dumps: eachNode(iptablesReadings) },
  compute({ dumps }): Availability<readonly RuleCount[]> {
    const counts = dumps.flatMap(countOf)
    return available(counts.map((own) => comparedWith(own, counts)))
  },
})

type Count = Omit<RuleCount, 'isOutlier' | 'peerCounts'>

function countOf({ node, value }: OfNode<readonly IptablesDump[]>): Count[] {
  const counted = value.filter((dump) => dump.counted)
  const [largest] = counted.toSorted((a, b) => b.capture.value.ruleCount - a.capture.value.ruleCount)
  if (largest === undefined) return []
  const count = counted.reduce((sum, { capture }) => sum + capture.value.ruleCount, 0)
  const isWhole = counted.every(({ capture, taints }) => capture.value.complete && taints.length === 0)
  return [{ node: node.id, count, isWhole, origin: largest.capture.cite(headOf(largest)) }]
}

function headOf({ capture }: IptablesDump): Line {
  const { generators, tables } = capture.value
  return generators[0]?.line ?? [...tables.values()][0]?.line ?? { number: 0, text: '' }
}

function comparedWith(own: Count, all: readonly Count[]): RuleCount {
  const peerCounts = all
    .filter(({ node, isWhole }) => node !== own.node && isWhole)
    .map(({ count }) => count)
    .toSorted((a, b) => a - b)
  const median = peerCounts[Math.floor((peerCounts.length - 1) / 2)]
  const isOutlier = median !== undefined && own.count >= OUTLIER_FLOOR && own.count > OUTLIER_FACTOR * median
  return { ...own, isOutlier, peerCounts }
}
