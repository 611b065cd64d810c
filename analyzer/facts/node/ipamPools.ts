import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, compareAddresses, isV4, parseAddress } from '../../net/address.ts'
import { formatPrefix, prefixesOverlap } from '../../net/prefix.ts'
import type { CniConf, CniPlugin, CniRange } from '../../parsers/cniConf.ts'
import type { IpamFile } from '../../parsers/ipamReservation.ts'
import { captured } from '../../sources/captured.ts'
import { type HostLocalRange, hostLocalRange } from './hostLocalRange.ts'
import { type CitedPrefix, podNetworks } from './podNetworks.ts'

/** An address that host-local has given away. */
export interface IpamReservation {
  readonly address: Address
  /** Of the sandbox that has it; left out for a file that was never written to its end: nothing will ever free it. */
  readonly containerId?: string
  readonly interfaceName?: string
  readonly origin: Evidence
}

/** What host-local hands out for one network: the addresses of one set of ranges. */
export interface IpamPool {
  /** Name of the network: of its configuration, and of its folder below /var/lib/cni/networks. */
  readonly network: string
  /** `10.42.1.0/24`; several of one set are joined by commas. */
  readonly subnet: string
  readonly ranges: readonly HostLocalRange[]
  readonly capacity: number
  /** Of these ranges only, by address. */
  readonly reservations: readonly IpamReservation[]
  /** A captured configuration names the network. */
  readonly configured: boolean
  /** To which its pods are attached, where the configuration tells. */
  readonly bridge?: string
  /** The line that tells the subnet. */
  readonly origin: Evidence
}

const FOLDER = 'cni/ipam/'
const DATA_DIR = '/var/lib/cni/networks'
/** A node has one or two ranges; more are looked at, but not without end. */
const MOST_RANGES = 64

/**
 * The address pools of host-local on this node. Empty where the captured configurations use another plugin for addresses
 * (Calico's, Cilium's…). Networks whose subnet nothing tells (second networks of Multus are configured in the API) are left out,
 * and so are those that keep their reservations in a folder that is not captured.
 */
export const ipamPools = defineNodeFact({
  name: 'address pools of host-local',
  needs: { files: captured.ipamReservations, confs: captured.cniConf, podNetworks },
  compute({ files, confs, podNetworks }, node): Availability<readonly IpamPool[]> {
    const networks = reservedByNetwork(files)
    const users = confs.flatMap(hostLocalUse)
    // What host-local left behind when another plugin took its place leaks no address of anyone.
    const isReadable = confs.length > 0 && confs.every(({ value }) => value.error === undefined)
    if (isReadable && users.length === 0 && !confs.some(asksOtherConfs)) return available([])
    if (networks.size === 0) {
      if (isReadable && users.length === 0) return available([])
      return unavailable({ code: 'not-captured', node: node.id, what: FOLDER })
    }
    const pools = [...networks].flatMap(([network, reservations]) => {
      const use = users.find(({ name }) => name === network)
      if (use?.isElsewhere === true) return []
      return poolsOf(network, reservations, use, podNetworks)
    })
    if (pools.length > 0) return available(pools)
    return unavailable({
      code: 'undetermined',
      node: node.id,
      what: { en: 'the subnet of the reserved addresses', zh: '已分配地址所属的网段' },
    })
  },
})

/** Multus and its like attach pods to networks whose configuration lies elsewhere. */
function asksOtherConfs({ value }: Capture<CniConf>): boolean {
  return value.plugins.some(({ type }) => /^(?:multus|genie|danm)/.test(type ?? ''))
}

/** How a configuration makes use of host-local. */
interface HostLocalUse {
  readonly name: string
  readonly rangeSets: readonly (readonly CniRange[])[]
  readonly isElsewhere: boolean
  readonly bridge: string | undefined
  readonly origin: Evidence
}

function hostLocalUse(conf: Capture<CniConf>): readonly HostLocalUse[] {
  const { name, plugins, line } = conf.value
  if (name === undefined || line === undefined) return []
  const plugin = plugins.find(usesHostLocal)
  if (plugin === undefined) return []
  const ipam = plugin.ipam ?? plugin.delegate?.ipam
  const folder = (ipam?.dataDir ?? DATA_DIR).replace(/\/$/, '')
  return [
    {
      name,
      rangeSets: ipam?.rangeSets ?? [],
      isElsewhere: folder !== DATA_DIR,
      bridge: bridgeOf(plugin),
      origin: conf.cite(line),
    },
  ]
}

/** The flannel plugin hands on to host-local, with the subnet of flannel's subnet.env. */
function usesHostLocal({ type, ipam }: CniPlugin): boolean {
  return type === 'flannel' || ipam?.type === 'host-local'
}

/** The bridge plugin makes `cni0` where it is not told another name. */
function bridgeOf({ type, bridge, delegate }: CniPlugin): string | undefined {
  if (type === 'flannel') return delegate === undefined ? 'cni0' : bridgeOf(delegate)
  return type === 'bridge' ? (bridge ?? 'cni0') : undefined
}

function reservedByNetwork(
  files: readonly Capture<IpamFile>[],
): ReadonlyMap<string, readonly IpamReservation[]> {
  const networks = new Map<string, IpamReservation[]>()
  for (const file of files) {
    const [network = '', name = '', ...deeper] = file.path.slice(FOLDER.length).split('/')
    if (name === '' || deeper.length > 0) continue
    const list = networks.get(network) ?? []
    networks.set(network, list)
    const reservation = reservationOf(file, name)
    if (reservation !== undefined) list.push(reservation)
  }
  return networks
}

function reservationOf(file: Capture<IpamFile>, name: string): IpamReservation | undefined {
  const address = parseAddress(name)
  if (address === undefined) return undefined
  const { value } = file
  if (value.kind === 'empty') {
    return { address, origin: file.cite({ number: 0, text: '' }) }
  }
  if (value.kind !== 'reservation') return undefined
  const { containerId, interfaceName, line } = value
  return { address, containerId, ...(interfaceName && { interfaceName }), origin: file.cite(line) }
}

function poolsOf(
  network: string,
  reservations: readonly IpamReservation[],
  use: HostLocalUse | undefined,
  podNetworks: readonly CitedPrefix[],
): IpamPool[] {
  if (use !== undefined && use.rangeSets.length > 0) {
    return use.rangeSets
      .slice(0, MOST_RANGES)
      .flatMap((set) => poolOf(network, set, use.origin, reservations, use) ?? [])
  }
  const pools = apart(podNetworks.slice(0, MOST_RANGES)).flatMap(
    ({ prefix, origin }) => poolOf(network, [{ subnet: prefix }], origin, reservations, use) ?? [],
  )
  // A pod network that nothing is reserved of belongs to another folder, or is out of use.
  const inUse = pools.filter((pool) => pool.reservations.length > 0)
  return inUse.length > 0 || use === undefined ? inUse : pools.slice(0, 1)
}

function poolOf(
  network: string,
  set: readonly CniRange[],
  origin: Evidence,
  reservations: readonly IpamReservation[],
  use: HostLocalUse | undefined,
): IpamPool | undefined {
  const ranges = set
    .slice(0, MOST_RANGES)
    .map(hostLocalRange)
    .filter((range) => range !== undefined)
  if (ranges.length === 0) return undefined
  return {
    network,
    subnet: set
      .slice(0, MOST_RANGES)
      .map(({ subnet }) => formatPrefix(subnet))
      .join(', '),
    ranges,
    capacity: ranges.reduce((sum, { capacity }) => sum + capacity, 0),
    reservations: reservations
      .filter(({ address }) => ranges.some((range) => range.contains(address)))
      .toSorted((a, b) => compareAddresses(a.address, b.address)),
    configured: use !== undefined,
    ...(use?.bridge === undefined ? {} : { bridge: use.bridge }),
    origin,
  }
}

/** Where two networks overlap, what flannel says comes before what the API server says, and that before the bridge. */
function apart(networks: readonly CitedPrefix[]): readonly CitedPrefix[] {
  return networks.filter(
    ({ prefix }, index) =>
      !networks.slice(0, index).some((earlier) => prefixesOverlap(earlier.prefix, prefix)),
  )
}

/** Is the pool of IPv4 addresses? */
export function isV4Pool({ ranges }: IpamPool): boolean {
  return ranges.every(({ first }) => isV4(first))
}

/** Does the pool hand out this address? */
export function poolContains({ ranges }: IpamPool, address: Address): boolean {
  return ranges.some((range) => range.contains(address))
}
