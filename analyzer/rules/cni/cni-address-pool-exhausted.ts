import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type IpamPool, ipamPools, poolContains } from '../../facts/node/ipamPools.ts'
import { type PoolLeak, leakedAddresses } from '../../facts/node/leakedAddresses.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { parseAddress } from '../../net/address.ts'
import { type ExhaustedPool, text } from './cni-address-pool-exhausted.text.ts'

const NEARLY_FULL = 0.9
const MOST_CITED = 4

type Note = 'refused' | 'subnet' | 'reserved'

/** host-local has, or had, no address left to give to a pod (plugins/ipam/host-local/backend/allocator). */
export default defineRule({
  id: 'cni-address-pool-exhausted',
  area: 'cni',
  severity: 'critical',
  references: [
    { title: 'containernetworking/plugins, plugins/ipam/host-local/backend/allocator' },
    {
      title: 'k3s-io/k3s#5885: no IP addresses available in range set',
      url: 'https://github.com/k3s-io/k3s/issues/5885',
    },
  ],
  needs: {},
  wants: { pools: ipamPools, leaks: leakedAddresses, logs: logSignals },
  text,
  check({ pools, leaks, logs }, node) {
    const refused = logs?.of('cni-address-pool-exhausted')?.lines ?? []
    const known = pools ?? []
    const leakOf = new Map((leaks ?? []).map((leak) => [leak.pool, leak]))
    const faults = known.flatMap((pool) =>
      judge(
        pool,
        refused.filter((line) => speaksOf(line, pool)),
        leakOf.get(pool),
        node.id,
      ),
    )
    const strangers = refused.filter((line) => !known.some((pool) => speaksOf(line, pool)))
    if (strangers.length > 0) faults.push(judgeLog(strangers, node.id))
    if (faults.length > 0) return faults
    if (pools === undefined) return unchecked('notCaptured')
    return pools.length === 0 ? notApplicable('otherPlugin') : faults
  },
})

function judge(
  pool: IpamPool,
  refused: readonly LoggedLine[],
  leak: PoolLeak | undefined,
  node: string,
): readonly Found<ExhaustedPool, Note>[] {
  const used = pool.reservations.length
  const fill = used / pool.capacity
  if (fill < NEARLY_FULL && refused.length === 0) return []
  const state = fill >= 1 ? 'full' : fill >= NEARLY_FULL ? 'nearly-full' : 'was-full'
  return [
    found(
      {
        node,
        network: pool.network,
        subnet: pool.subnet,
        state,
        used,
        capacity: pool.capacity,
        leaked: leak?.count ?? 0,
        refused: refused.length,
      },
      {
        subject: `${pool.network}:${pool.subnet}`,
        severity: state === 'full' || (state === 'nearly-full' && refused.length > 0) ? 'critical' : 'high',
        confidence:
          state === 'full'
            ? 'certain'
            : state === 'nearly-full'
              ? 'likely'
              : confidenceFromLog('likely', refused),
        about: [`network:${node}/${pool.network}`, `node:${node}`],
        evidence: [
          ...cited(refused),
          withNote(pool.origin, 'subnet', pool.capacity),
          ...pool.reservations
            .slice(-MOST_CITED)
            .map(({ origin, address }) => withNote(origin, 'reserved', address)),
        ],
      },
    ),
  ]
}

/** What is logged of a network whose reservations were not captured. */
function judgeLog(refused: readonly LoggedLine[], node: string): Found<ExhaustedPool, Note> {
  const groups = refused.at(-1)?.groups
  const network = groups?.get('network') ?? ''
  return found(
    {
      node,
      network,
      subnet: groups?.get('ranges') ?? '',
      state: 'was-full',
      used: 0,
      capacity: 0,
      leaked: 0,
      refused: refused.length,
    },
    {
      subject: 'logged',
      severity: 'high',
      confidence: confidenceFromLog('likely', refused),
      about: [...(network === '' ? [] : [`network:${node}/${network}` as const]), `node:${node}`],
      evidence: cited(refused),
    },
  )
}

/** `range set: 10.42.1.1-10.42.1.254` names the first and the last address; plugins before 0.7 name the network. */
function speaksOf({ groups }: LoggedLine, pool: IpamPool): boolean {
  const [, last] = (groups.get('ranges') ?? '').split(',')[0]?.split('-') ?? []
  const address = parseAddress(last ?? '')
  return address === undefined ? groups.get('network') === pool.network : poolContains(pool, address)
}

function cited(refused: readonly LoggedLine[]): Citation<'refused'>[] {
  return refused.slice(-2).map(({ origin }) => withNote(origin, 'refused', refused.length))
}
