import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { Interface, InterfaceAddress } from '../../parsers/ipAddr.ts'
import { captured } from '../../sources/captured.ts'

/**
 * Whose an interface is: `host`, the node's own network (NICs, bonds, VLANs, bridges of the administrator); `pod`, the host's end
 * of a pod's link; `cni`, devices of the network plugin; `container-bridge`, of docker, podman or libvirt; `ipvs`, kube-proxy's
 * dummy device that holds service addresses.
 */
export type InterfaceRole = 'loopback' | 'host' | 'pod' | 'cni' | 'container-bridge' | 'ipvs'

/** An address of an interface, with the line that shows it. */
export interface AddressOfInterface extends InterfaceAddress {
  readonly origin: Evidence
}

/** An interface of the node: what `ip addr` and `ip link` say of it together. */
export interface NodeInterface extends Interface {
  readonly role: InterfaceRole
  /** The line with its name and MTU. */
  readonly origin: Evidence
  readonly addresses: readonly AddressOfInterface[]
  /** The line with identifier, port and local address of a VXLAN device. */
  readonly vxlanOrigin?: Evidence
}

/** Names that the network plugins and runtimes give their devices, from their sources and documentation. */
const NAMES: readonly (readonly [InterfaceRole, RegExp])[] = [
  ['ipvs', /^kube-ipvs\d+$/],
  ['pod', /^(?:(?:veth|cali|lxc|azv|eni|tap|gke|lxd|nic)[0-9a-f_]{3,}|vethwepl|lxc_health)/],
  [
    'cni',
    /^(?:cni\d|cbr\d|flannel|vxlan[.-]|tunl\d|ip6tnl\d|wireguard|wg-|cilium|kube-bridge|kube-dummy-if|kube-tun|weave|antrea|ovn|genev_sys|vxlan_sys|nodelocaldns|gre0|gretap0|erspan0|sit0|ip_vti0|ip6_vti0|ip6gre0|dummy0$|bpfin\.cali|bpfout\.cali|mynet\d)/,
  ],
  ['container-bridge', /^(?:docker|br-[0-9a-f]{12}$|virbr|podman|lxcbr|lxdbr|cni-podman)/],
]

/** The interfaces of a node, in the order of their index. */
export const interfaces = defineNodeFact({
  name: 'interfaces',
  needs: {},
  wants: { ipAddr: captured.ipAddr, ipLink: captured.ipLink },
  compute({ ipAddr, ipLink }, node): Availability<readonly NodeInterface[]> {
    const base = ipAddr ?? ipLink
    if (base === undefined) {
      const { path, status } = node.captures.ipAddr
      const code = status === 'ok' || status === 'empty' || status === 'truncated' ? 'undetermined' : status
      return unavailable({ code, node: node.id, what: path })
    }
    const links = new Map((ipLink?.value ?? []).map((link) => [link.name, link]))
    const all = base.value.map((link) => joined(base, link, ipLink, links.get(link.name)))
    return available(all.map((link) => (isPrivateBridge(link, all) ? asContainerBridge(link) : link)))
  },
})

function asContainerBridge(link: NodeInterface): NodeInterface {
  return { ...link, role: 'container-bridge' }
}

/**
 * A bridge that leads to containers and guests alone, as nerdctl and Docker make them under any name: it has the same address on every
 * machine that runs them, and is nobody's network but its own.
 */
function isPrivateBridge({ name, role }: NodeInterface, all: readonly NodeInterface[]): boolean {
  if (role !== 'host') return false
  const ports = all.filter(({ master }) => master === name)
  return ports.length > 0 && ports.every((port) => port.role === 'pod' || port.kind === 'tun')
}

/** `ip addr` without `-d` lacks the details that `ip -d link` has; lines are cited from the capture they stand in. */
function joined(
  capture: Capture<readonly Interface[]>,
  link: Interface,
  details: Capture<readonly Interface[]> | undefined,
  detailed: Interface | undefined,
): NodeInterface {
  const vxlan = link.vxlan ?? detailed?.vxlan
  const vxlanOrigin = vxlan && (link.vxlan ? capture : details)?.cite(vxlan.line)
  return {
    ...detailed,
    ...link,
    role: roleOf(link),
    origin: capture.cite(link.line),
    addresses: link.addresses.map((address) => ({ ...address, origin: capture.cite(address.line) })),
    ...(vxlanOrigin && { vxlanOrigin }),
  }
}

function roleOf({ name, flags }: Interface): InterfaceRole {
  if (flags.has('LOOPBACK')) return 'loopback'
  return NAMES.find(([, pattern]) => pattern.test(name))?.[0] ?? 'host'
}
