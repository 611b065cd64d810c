import { type Availability, available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, isLinkLocal, isV4 } from '../../net/address.ts'
import type { Mac } from '../../net/mac.ts'
import { prefixContains } from '../../net/prefix.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { type CitedPrefix, podNetworks } from './podNetworks.ts'

/** A VXLAN device of flannel: one for each family, `flannel.1` and `flannel-v6.1`. */
export interface Vtep {
  readonly device: NodeInterface
  readonly mac: Mac
  /** Its own, the first of the node's pod network: what peers have as gateway, and as neighbour. */
  readonly address: Address
  /** The pods behind it; left out where nothing tells how large the network is. */
  readonly network?: CitedPrefix
}

/** flannel pkg/backend/vxlan/vxlan.go: `flannel.%v` and `flannel-v6.%v` of the VNI. */
const NAME = /^flannel(?:-v6)?\.\d{1,8}$/

/**
 * The VXLAN devices of flannel on a node that are up. Before 0.9 flannel filled its tables on demand (`l3miss`): such devices are left
 * out, since an entry that is missing there means nothing.
 */
export const vteps = defineNodeFact({
  name: 'VXLAN devices of flannel',
  needs: { interfaces },
  wants: { podNetworks },
  compute({ interfaces, podNetworks }): Availability<readonly Vtep[]> {
    return available(interfaces.flatMap((device) => vtepOf(device, podNetworks ?? []) ?? []))
  },
})

function vtepOf(device: NodeInterface, podNetworks: readonly CitedPrefix[]): Vtep | undefined {
  const { name, mac, vxlan, flags } = device
  const wantsV4 = !name.startsWith('flannel-v6')
  const held = device.addresses.find(
    ({ address }) => isV4(address) === wantsV4 && !isLinkLocal(address),
  )?.address
  if (!NAME.test(name) || !flags.has('UP') || mac === undefined || held === undefined) return undefined
  if (vxlan === undefined || vxlan.external || vxlan.line.text.includes(' l3miss')) return undefined
  const network = podNetworks.find(({ prefix }) => prefixContains(prefix, held))
  return { device, mac, address: held, ...(network && { network }) }
}
