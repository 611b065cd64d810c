import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import type { Address } from '../../net/address.ts'
import { ipvsAddresses } from '../node/ipvsAddresses.ts'
import { floatingAddresses } from './floatingAddresses.ts'
import { kubeApi } from './kubeApi.ts'

/**
 * Addresses that one machine may answer for now and another one later, as meant: those that float between nodes, and external and
 * load balancer addresses of Services, which MetalLB announces from the node that leads.
 */
export const movableAddresses = defineClusterFact({
  name: 'movable addresses',
  needs: { floating: floatingAddresses, ipvs: eachNode(ipvsAddresses) },
  wants: { services: kubeApi.services },
  compute({ floating, ipvs, services }): Availability<ReadonlySet<Address>> {
    const movable = new Set(floating)
    for (const { externalAddresses, loadBalancerAddresses } of services?.value ?? []) {
      for (const address of externalAddresses) movable.add(address)
      for (const address of loadBalancerAddresses) movable.add(address)
    }
    for (const { value } of ipvs) {
      for (const [address, { external }] of value) if (external.length > 0) movable.add(address)
    }
    return available(movable)
  },
})
