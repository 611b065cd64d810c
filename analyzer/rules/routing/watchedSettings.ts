import type { Inputs } from '../../engine/fact.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { isV6 } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'

/** What tells whether a value does harm on a node. */
export const harmWants = {
  interfaces,
  podNetworks,
  counts: captured.conntrackCounts,
  arpCache: captured.arpCacheStat,
} as const

type Node = Inputs<Record<never, never>, typeof harmWants>

/** A kernel setting that pods or Services depend on. */
export interface WatchedSetting {
  readonly key: string
  /** Which of two values is worse: the smaller one, or the larger one. */
  readonly worse: 'smaller' | 'larger'
  /** Whether this value does harm on the node, as far as its bundle tells. */
  readonly isHarmful: (value: number, node: Node) => boolean
  /** Who sets it when it starts, whatever the files say. */
  readonly setBy?: 'network-plugin' | 'kube-proxy'
}

/** A table this full drops what is new with the next rush (node problem detector warns from here). */
const NEARLY_FULL = 0.9

/**
 * The settings that are watched. Not among them are those that a component sets as it needs them, at every start, so that no file need
 * ask for them: kernel.panic and vm.overcommit_memory (kubelet), route_localnet, net.ipv4.vs and the timeouts of connection tracking
 * (kube-proxy), rp_filter of pods' devices (Calico, Cilium).
 */
export const WATCHED_SETTINGS: readonly WatchedSetting[] = [
  {
    key: 'net.ipv4.ip_forward',
    worse: 'smaller',
    isHarmful: (value, { interfaces }) => value === 0 && (interfaces ?? []).some(isOfPods),
    setBy: 'network-plugin',
  },
  {
    key: 'net.ipv6.conf.all.forwarding',
    worse: 'smaller',
    isHarmful: (value, { podNetworks }) =>
      value === 0 && (podNetworks ?? []).some(({ prefix }) => isV6(prefix.address)),
    setBy: 'network-plugin',
  },
  {
    key: 'net.bridge.bridge-nf-call-iptables',
    worse: 'smaller',
    isHarmful: (value, { interfaces }) => value === 0 && (interfaces ?? []).some(isPodBridge),
  },
  {
    key: 'net.netfilter.nf_conntrack_max',
    worse: 'smaller',
    isHarmful: (value, { counts }) => (counts?.value.count?.value ?? 0) >= NEARLY_FULL * value,
    setBy: 'kube-proxy',
  },
  {
    key: 'net.ipv4.neigh.default.gc_thresh3',
    worse: 'smaller',
    isHarmful: (value, { arpCache }) => (arpCache?.value.entries?.value ?? 0) >= NEARLY_FULL * value,
  },
  { key: 'net.ipv4.conf.all.arp_ignore', worse: 'smaller', isHarmful: () => false },
  { key: 'net.ipv4.conf.all.arp_announce', worse: 'smaller', isHarmful: () => false },
  { key: 'net.ipv4.tcp_tw_recycle', worse: 'larger', isHarmful: (value) => value !== 0 },
  { key: 'fs.inotify.max_user_instances', worse: 'smaller', isHarmful: () => false },
  { key: 'fs.inotify.max_user_watches', worse: 'smaller', isHarmful: () => false },
]

function isOfPods({ role, flags }: NodeInterface): boolean {
  return flags.has('UP') && (role === 'pod' || role === 'cni')
}

/** A bridge with an address, whose pods reach Services only by way of iptables. */
function isPodBridge({ name, role, addresses }: NodeInterface): boolean {
  return role === 'cni' && /^(?:cni|cbr)\d/.test(name) && addresses.some(({ scope }) => scope === 'global')
}
