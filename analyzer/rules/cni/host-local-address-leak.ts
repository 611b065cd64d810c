import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { found, notApplicable } from '../../engine/verdict.ts'
import { ipamPools } from '../../facts/node/ipamPools.ts'
import { type PoolLeak, leakedAddresses } from '../../facts/node/leakedAddresses.ts'
import { text } from './host-local-address-leak.text.ts'

/** Fewer may be pods that came or went in the seconds between the captures. */
const FEWEST = 3
const MOST_CITED = 6

/** host-local holds addresses for pods that are gone (plugins/ipam/host-local/backend/disk). */
export default defineRule({
  id: 'host-local-address-leak',
  area: 'cni',
  severity: 'high',
  references: [
    { title: 'containernetworking/plugins, plugins/ipam/host-local' },
    {
      title: 'flannel-io/flannel#1416: leaked host-local reservations',
      url: 'https://github.com/flannel-io/flannel/issues/1416',
    },
  ],
  needs: { pools: ipamPools, leaks: leakedAddresses },
  text,
  check({ pools, leaks }, node) {
    if (pools.length === 0) return notApplicable('otherPlugin')
    return leaks.flatMap((leak) => {
      const { pool, proof, count, orphans, origins, starting } = leak
      if (count < FEWEST) return []
      return [
        found(
          {
            node: node.id,
            network: pool.network,
            subnet: pool.subnet,
            count,
            used: pool.reservations.length,
            capacity: pool.capacity,
            proof,
            starting,
            addresses: orphans.map(({ address }) => address),
            isDocker: origins.some(({ path }) => path.includes('docker')),
          },
          {
            subject: `${pool.network}:${pool.subnet}`,
            confidence: confidenceOf(leak),
            about: [`network:${node.id}/${pool.network}`, `node:${node.id}`],
            evidence: [
              ...(orphans.length > 0 ? orphans : pool.reservations)
                .slice(0, MOST_CITED)
                .map(({ origin, address }) => withNote(origin, 'reserved', address)),
              ...origins.map((origin) => withNote(origin, 'list')),
            ],
          },
        ),
      ]
    })
  },
})

function confidenceOf({ proof, isMatched, links }: PoolLeak): Confidence {
  if (proof === 'sandboxes') return isMatched ? 'certain' : 'likely'
  return proof === 'pods' && links !== undefined ? 'likely' : 'possible'
}
