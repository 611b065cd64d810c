import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import { captured } from '../../sources/captured.ts'
import { ipamPools, poolContains } from '../node/ipamPools.ts'
import { podNetworks } from '../node/podNetworks.ts'
import { whole } from '../node/whole.ts'
import { kubeApi } from './kubeApi.ts'

/**
 * What shows that no pod has an address: host-local, on the node whose pods have such addresses, has not given it away; the API server
 * lists no pod with it; the kernel of that node gets no answer for it.
 */
export interface AddressWithoutPod {
  readonly by: 'reservations' | 'api' | 'no-answer'
  /** Id of the bundle that shows it. */
  readonly bundle: string
  readonly origin: Evidence
}

/** Looks up who shows that an address of the pod networks belongs to no pod, the strongest first; empty where nothing does. */
export type PodAddressFates = (address: Address) => readonly AddressWithoutPod[]

/** Whether addresses of the cluster's pod networks belong to pods. Of other addresses nothing is known. */
export const podAddressFates = defineClusterFact({
  name: 'addresses without pods',
  needs: {
    networks: eachNode(podNetworks),
    pools: eachNode(whole(ipamPools)),
    neighbours: eachNode(captured.ipNeigh),
  },
  wants: { pods: kubeApi.pods },
  compute({ networks, pools, neighbours, pods }): Availability<PodAddressFates> {
    const withPod = pods && new Set(pods.value.flatMap(({ podAddresses }) => podAddresses))
    return available((address) => {
      const owners = networks.filter(({ value }) =>
        value.some(({ prefix }) => prefixContains(prefix, address)),
      )
      // Two nodes with one pod network: another fault, which leaves nothing to conclude.
      const [owner] = owners
      if (owner === undefined || owners.length > 1) return []
      const { id } = owner.node
      const fates: AddressWithoutPod[] = []
      const ownPools = valueOfNode(pools, id) ?? []
      const pool = ownPools.find((each) => poolContains(each, address))
      if (pool && !pool.reservations.some((reserved) => reserved.address === address)) {
        fates.push({ by: 'reservations', bundle: id, origin: pool.origin })
      }
      if (pods && isWhole(pods) && withPod?.has(address) === false) {
        const origin = pods.cite({ number: 0, text: '' })
        fates.push({ by: 'api', bundle: origin.bundle, origin })
      }
      const table = valueOfNode(neighbours, id)
      const silent = table?.value.find(
        (entry) => entry.address === address && entry.states.some((state) => UNANSWERED.has(state)),
      )
      if (table && silent) fates.push({ by: 'no-answer', bundle: id, origin: table.cite(silent.line) })
      return fates
    })
  },
})

const UNANSWERED: ReadonlySet<string> = new Set(['FAILED', 'INCOMPLETE'])

function isWhole({ status }: Capture<readonly KubePod[]>): boolean {
  return status === 'ok'
}
