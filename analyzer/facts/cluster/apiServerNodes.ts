import { type Availability, available } from '../../engine/availability.ts'
import { defineClusterFact, eachNode } from '../../engine/fact.ts'
import { nodeAddresses } from '../node/nodeAddresses.ts'
import { apiServerAddresses } from './apiServerAddresses.ts'

/** Ids of the nodes that hold an address at which an API server is known; empty where none does, as behind a load balancer. */
export const apiServerNodes = defineClusterFact({
  name: 'nodes with an API server',
  needs: { servers: apiServerAddresses, addresses: eachNode(nodeAddresses) },
  compute({ servers, addresses }): Availability<ReadonlySet<string>> {
    const known = new Set(servers.map(({ address }) => address))
    const holders = addresses.filter(({ value }) => value.some(({ address }) => known.has(address)))
    return available(new Set(holders.map(({ node }) => node.id)))
  },
})
