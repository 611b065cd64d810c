import { available } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { parseAddress } from '../../net/address.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { kubeNodeOf } from './nodeAddresses.ts'

const ANNOTATION = 'projectcalico.org/IPv4Address'

/** The address that Calico announces for the node, as its annotation has it; undefined where Calico set none. */
export const calicoAddress = defineNodeFact({
  name: 'address that Calico announces',
  needs: { nodes: kubeApi.nodes },
  compute({ nodes }, node) {
    const own = kubeNodeOf(node, nodes)
    const told = own?.annotations.get(ANNOTATION)?.split('/')[0]
    const address = told === undefined ? undefined : parseAddress(told)
    return available(own && address ? { address, origin: nodes.cite(own.line) } : undefined)
  },
})
