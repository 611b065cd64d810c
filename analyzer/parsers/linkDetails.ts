import { type Address, parseAddress } from '../net/address.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { wordAfter } from '../text/words.ts'

/** A VXLAN device. */
export interface VxlanDetails {
  /** Virtual network identifier; absent on an `external` device, where the flow decides. */
  readonly vni?: number
  /** The underlay address it sends from. */
  readonly local?: Address
  /** The default remote, or multicast group. */
  readonly remote?: Address
  /** The underlay device. */
  readonly device?: string
  readonly destinationPort?: number
  /** Does it learn where addresses are from the traffic? Flannel turns this off. */
  readonly learning: boolean
  readonly external: boolean
  readonly line: Line
}

/** A bridge. */
export interface BridgeDetails {
  /** Are bridged packets handed to iptables, whatever net.bridge.bridge-nf-call-iptables says? */
  readonly nfCallIptables?: boolean
  readonly nfCallIp6tables?: boolean
  readonly nfCallArptables?: boolean
  readonly vlanFiltering?: boolean
  readonly spanningTree?: boolean
  readonly line: Line
}

/** A port of a bridge. */
export interface BridgePortDetails {
  /** `forwarding`, `disabled`, `blocking`… */
  readonly state?: string
  /** May a packet leave through the port it came in by? */
  readonly hairpin?: boolean
  readonly isolated?: boolean
  readonly learning?: boolean
  readonly line: Line
}

/** A VLAN device on another one. */
export interface VlanDetails {
  readonly id: number
  readonly protocol?: string
  readonly line: Line
}

/** A bond of several devices. */
export interface BondDetails {
  /** `active-backup`, `802.3ad`, `balance-rr`… */
  readonly mode?: string
  readonly activeSlave?: string
  readonly line: Line
}

/** A device in a bond. */
export interface BondSlaveDetails {
  /** `ACTIVE` or `BACKUP`. */
  readonly state?: string
  /** The device's own hardware address, while the bond lends it another. */
  readonly permanentMac?: Mac
  readonly line: Line
}

/** An IP-in-IP, SIT or GRE tunnel. */
export interface TunnelDetails {
  /** Left out for `any`. */
  readonly local?: Address
  readonly remote?: Address
  readonly line: Line
}

/** What `ip -d` tells of an interface beyond its addresses. */
export interface LinkDetails {
  /** `vxlan`, `bridge`, `veth`, `dummy`, `ipip`, `bond`, `vlan`, `macvlan`, `wireguard`, `tun`…; a physical card has none. */
  readonly kind?: string
  /** A tunnel whose packets each bring their own destination, identifier and size with them (`external`: eBPF, Open vSwitch). */
  readonly isExternal?: boolean
  readonly vxlan?: VxlanDetails
  readonly bridge?: BridgeDetails
  readonly vlan?: VlanDetails
  readonly bond?: BondDetails
  readonly tunnel?: TunnelDetails
  readonly bridgePort?: BridgePortDetails
  readonly bondSlave?: BondSlaveDetails
}

type Draft = Mutable<LinkDetails>

/**
 * Reads one indented line of details, known by its first word: the kind (`vxlan id 1 …`), what it is to its master
 * (`bridge_slave state forwarding …`), or a line that is of no use here (`vf 0 …`, `prog/xdp id 5`, device attributes).
 * Words are looked up by name, since releases of iproute2 add more. False for what begins with no such word.
 */
export function readLinkDetails(draft: Draft, text: readonly string[], line: Line): boolean {
  const [first = ''] = text
  if (first === 'bridge_slave') {
    draft.bridgePort = bridgePort(text, line)
    return true
  }
  if (first === 'bond_slave') {
    draft.bondSlave = bondSlave(text, line)
    return true
  }
  if (!/^[a-z][a-z0-9_/-]{0,31}$/.test(first)) return false
  if (first === 'vf' || first.endsWith('_slave') || first.includes('/') || first.includes('-')) return true
  draft.kind ??= first
  if (text[1] === 'external') draft.isExternal = true
  if (first === 'vxlan') draft.vxlan = vxlan(text, line)
  if (first === 'bridge') draft.bridge = bridge(text, line)
  if (first === 'bond') draft.bond = bond(text, line)
  if (first === 'vlan') readVlan(draft, text, line)
  if (TUNNELS.has(first)) draft.tunnel = tunnel(text, line)
  return true
}

const TUNNELS: ReadonlySet<string> = new Set([
  'ipip',
  'sit',
  'gre',
  'gretap',
  'ip6tnl',
  'ip6gre',
  'ip6gretap',
  'vti',
])

function vxlan(text: readonly string[], line: Line): VxlanDetails {
  const details: Mutable<VxlanDetails> = {
    learning: !text.includes('nolearning'),
    external: text.includes('external'),
    line,
  }
  const vni = wholeNumber(wordAfter(text, 'id'))
  const local = addressAfter(text, 'local')
  const remote = addressAfter(text, 'remote') ?? addressAfter(text, 'group')
  const device = wordAfter(text, 'dev')
  const port = wholeNumber(wordAfter(text, 'dstport'))
  if (vni !== undefined) details.vni = vni
  if (local) details.local = local
  if (remote) details.remote = remote
  if (device !== undefined) details.device = device
  if (port !== undefined) details.destinationPort = port
  return details
}

function bridge(text: readonly string[], line: Line): BridgeDetails {
  const details: Mutable<BridgeDetails> = { line }
  const iptables = switchAfter(text, 'nf_call_iptables')
  const ip6tables = switchAfter(text, 'nf_call_ip6tables')
  const arptables = switchAfter(text, 'nf_call_arptables')
  const vlanFiltering = switchAfter(text, 'vlan_filtering')
  const spanningTree = switchAfter(text, 'stp_state')
  if (iptables !== undefined) details.nfCallIptables = iptables
  if (ip6tables !== undefined) details.nfCallIp6tables = ip6tables
  if (arptables !== undefined) details.nfCallArptables = arptables
  if (vlanFiltering !== undefined) details.vlanFiltering = vlanFiltering
  if (spanningTree !== undefined) details.spanningTree = spanningTree
  return details
}

function bridgePort(text: readonly string[], line: Line): BridgePortDetails {
  const details: Mutable<BridgePortDetails> = { line }
  const state = wordAfter(text, 'state')
  const hairpin = switchAfter(text, 'hairpin')
  const isolated = switchAfter(text, 'isolated')
  const learning = switchAfter(text, 'learning')
  if (state !== undefined) details.state = state
  if (hairpin !== undefined) details.hairpin = hairpin
  if (isolated !== undefined) details.isolated = isolated
  if (learning !== undefined) details.learning = learning
  return details
}

function bond(text: readonly string[], line: Line): BondDetails {
  const details: Mutable<BondDetails> = { line }
  const mode = wordAfter(text, 'mode')
  const activeSlave = wordAfter(text, 'active_slave')
  if (mode !== undefined) details.mode = mode
  if (activeSlave !== undefined) details.activeSlave = activeSlave
  return details
}

function bondSlave(text: readonly string[], line: Line): BondSlaveDetails {
  const details: Mutable<BondSlaveDetails> = { line }
  const state = wordAfter(text, 'state')
  const mac = parseMac(wordAfter(text, 'perm_hwaddr') ?? '')
  if (state !== undefined) details.state = state
  if (mac) details.permanentMac = mac
  return details
}

function readVlan(draft: Draft, text: readonly string[], line: Line): void {
  const id = wholeNumber(wordAfter(text, 'id'))
  if (id === undefined) return
  const protocol = wordAfter(text, 'protocol')
  draft.vlan = protocol === undefined ? { id, line } : { id, protocol, line }
}

function tunnel(text: readonly string[], line: Line): TunnelDetails {
  const details: Mutable<TunnelDetails> = { line }
  const local = addressAfter(text, 'local')
  const remote = addressAfter(text, 'remote')
  if (local) details.local = local
  if (remote) details.remote = remote
  return details
}

function addressAfter(text: readonly string[], name: string): Address | undefined {
  return parseAddress(wordAfter(text, name) ?? '')
}

/** iproute2 prints switches as `on`/`off`, and those of a bridge as 0/1. */
function switchAfter(text: readonly string[], name: string): boolean | undefined {
  const value = wordAfter(text, name)
  if (value === 'on' || value === '1') return true
  if (value === 'off' || value === '0') return false
  return undefined
}
