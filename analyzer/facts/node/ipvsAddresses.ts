import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { interfaces } from './interfaces.ts'
import { routes } from './routes.ts'

/** A port that IPVS serves on an address. */
export interface IpvsPort {
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string
  /** 0: every port. */
  readonly port: number
  readonly origin: Evidence
}

/** An address of a Service as kube-proxy in IPVS mode put it on the node. */
export interface IpvsAddress {
  /** It stands on kube-ipvs0, or a `local` route leads to it: the kernel takes the address for the node's own. */
  readonly local: readonly Evidence[]
  readonly ports: readonly IpvsPort[]
  /** Members of the sets of external and load balancer addresses. */
  readonly external: readonly Evidence[]
  /** It is a cluster address too, by the set of those. */
  readonly isClusterAddress: boolean
}

interface Draft {
  readonly local: Evidence[]
  readonly ports: IpvsPort[]
  readonly external: Evidence[]
  isClusterAddress: boolean
}

/** Sets that hold `ADDRESS,protocol:port` of Services (Kubernetes pkg/proxy/ipvs/ipset.go). */
const EXTERNAL_SETS: ReadonlySet<string> = new Set([
  'KUBE-EXTERNAL-IP',
  'KUBE-EXTERNAL-IP-LOCAL',
  'KUBE-LOAD-BALANCER',
  'KUBE-LOAD-BALANCER-LOCAL',
])
const CLUSTER_SET = 'KUBE-CLUSTER-IP'

/**
 * Service addresses that IPVS holds on the node: of kube-ipvs0, of the `local` routes through it, of the virtual services and of
 * kube-proxy's sets. Empty on a node without IPVS; unavailable where no capture could show any.
 */
export const ipvsAddresses = defineNodeFact({
  name: 'IPVS addresses',
  needs: {},
  wants: { interfaces, routes, ipvsadm: captured.ipvsadm, sets: captured.ipsetSave },
  compute({ interfaces, routes, ipvsadm, sets }, node): Availability<ReadonlyMap<Address, IpvsAddress>> {
    if (interfaces === undefined && routes === undefined && ipvsadm === undefined) {
      return unavailable({
        code: 'not-captured',
        node: node.id,
        what: { en: 'what IPVS holds', zh: 'IPVS 内容' },
      })
    }
    const found = new Map<Address, Draft>()
    const draftOf = (address: Address): Draft => {
      const draft = found.get(address) ?? { local: [], ports: [], external: [], isClusterAddress: false }
      found.set(address, draft)
      return draft
    }
    for (const { role, addresses } of interfaces ?? []) {
      if (role !== 'ipvs') continue
      for (const { address, scope, origin } of addresses) {
        if (scope !== 'link') draftOf(address).local.push(origin)
      }
    }
    for (const { type, device = '', destination, origin } of routes?.all ?? []) {
      if (type === 'local' && device.startsWith('kube-ipvs')) draftOf(destination.address).local.push(origin)
    }
    for (const { address, protocol, port = 0, line } of ipvsadm?.value.services ?? []) {
      if (address && ipvsadm) draftOf(address).ports.push({ protocol, port, origin: ipvsadm.cite(line) })
    }
    for (const { name, entries } of sets?.value.values() ?? []) {
      if (name !== CLUSTER_SET && !EXTERNAL_SETS.has(name)) continue
      for (const { element, line } of entries) {
        const address = parseAddress(element.split(',')[0] ?? '')
        if (address === undefined || sets === undefined) continue
        if (name === CLUSTER_SET) draftOf(address).isClusterAddress = true
        else draftOf(address).external.push(sets.cite(line))
      }
    }
    return available(found)
  },
})
