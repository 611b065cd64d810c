import { type Address, parseAddress } from '../net/address.ts'
import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Line } from '../text/line.ts'
import { lineFinder } from '../text/lineFinder.ts'
import { parseJsonText } from './jsonText.ts'
import {
  type JsonValue,
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  asStrings,
  field,
} from './jsonValue.ts'
import type { TextParser } from './parser.ts'
import type { SyntaxFault } from './syntaxFault.ts'

/** From where a plugin takes addresses. */
export interface CniIpam {
  /** `host-local`, `calico-ipam`, `dhcp`… */
  readonly type: string
  /** Where host-local keeps its reservations; `/var/lib/cni/networks` when not set. */
  readonly dataDir?: string
  readonly subnets: readonly Prefix[]
  /** As host-local hands them out: one address of each set. */
  readonly rangeSets: readonly (readonly CniRange[])[]
}

/** Addresses that host-local hands out. */
export interface CniRange {
  readonly subnet: Prefix
  /** The first and the last address, where they are not those of the subnet. */
  readonly first?: Address
  readonly last?: Address
  /** Never handed out; the first address of the subnet when not set. */
  readonly gateway?: Address
}

/** One plugin of a network, with the settings that more than one of them know. */
export interface CniPlugin {
  /** Name of its binary: `bridge`, `flannel`, `portmap`… */
  readonly type: string
  readonly bridge?: string
  readonly mtuBytes?: number
  readonly hairpinMode?: boolean
  readonly isGateway: boolean
  /** The bridge plugin takes another address off the bridge, instead of failing. */
  readonly forceAddress?: boolean
  readonly ipam?: CniIpam
  /** What the flannel plugin hands on to the bridge plugin. */
  readonly delegate?: CniPlugin
}

/** A CNI network configuration. */
export interface CniConf {
  readonly name?: string
  readonly cniVersion?: string
  /** In the order in which they are called; a plain configuration has one. */
  readonly plugins: readonly CniPlugin[]
  readonly disableCheck?: boolean
  /** The line of its name, else the first; undefined for an empty file. */
  readonly line?: Line
  /** Where the file breaks the grammar of JSON: the runtime does not load it. */
  readonly error?: SyntaxFault
}

/**
 * `cni/net.d/<file>`, a configuration (`.conf`, `.json`) or a list of them (`.conflist`), CNI specification 0.1 to 1.1:
 * ```
 * {"cniVersion":"0.4.0","name":"cbr0","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,
 *   "ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.1.0/24"}]]}},{"type":"portmap"}]}
 * ```
 * Other files of that folder, such as kubeconfigs, are withheld by the collector.
 */
export const cniConf: TextParser<CniConf> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  keepsByteOrderMark: true,
  parse(text) {
    if (text.trim() === '') return { value: { plugins: [] }, unread: [] }
    const { document, error } = parseJsonText(text)
    // A broken file was read all the same: that it is broken is what it says.
    if (error !== undefined) {
      return { value: { plugins: [], error }, unread: error.code === 'limit' ? [error.line] : [] }
    }
    const nameOffset = /"name"\s{0,20}:/.exec(text)?.index
    const { line } = lineFinder(text)(nameOffset ?? 0)
    if (asObject(document) === undefined) return { value: { plugins: [], line }, unread: [line] }
    return { value: { ...networkOf(document), line }, unread: [] }
  },
}

function networkOf(document: JsonValue): CniConf {
  const listed = field(document, 'plugins')
  const plugins = listed === undefined ? [document] : asArray(listed)
  return {
    ...textOf(document, 'name'),
    ...textOf(document, 'cniVersion'),
    ...flagOf(document, 'disableCheck'),
    plugins: plugins.map(pluginOf).filter((plugin) => plugin !== undefined),
  }
}

function pluginOf(entry: JsonValue): CniPlugin | undefined {
  const type = asString(field(entry, 'type'))
  if (type === undefined) return undefined
  const delegate = asObject(field(entry, 'delegate'))
  return { type, ...settingsOf(entry), ...(delegate === undefined ? {} : { delegate: delegateOf(delegate) }) }
}

/** The flannel plugin fills in `bridge` where its delegate names no type. */
function delegateOf(entry: JsonValue): CniPlugin {
  return { type: asString(field(entry, 'type')) ?? 'bridge', ...settingsOf(entry) }
}

function settingsOf(entry: JsonValue): Omit<CniPlugin, 'type' | 'delegate'> {
  const mtuBytes = asNumber(field(entry, 'mtu'))
  const ipam = ipamOf(field(entry, 'ipam'))
  const isDefaultGateway = asBoolean(field(entry, 'isDefaultGateway')) ?? false
  return {
    ...textOf(entry, 'bridge'),
    ...(mtuBytes === undefined ? {} : { mtuBytes }),
    ...flagOf(entry, 'hairpinMode'),
    ...flagOf(entry, 'forceAddress'),
    isGateway: isDefaultGateway || (asBoolean(field(entry, 'isGateway')) ?? false),
    ...(ipam === undefined ? {} : { ipam }),
  }
}

function ipamOf(entry: JsonValue | undefined): CniIpam | undefined {
  const type = asString(field(entry, 'type'))
  if (type === undefined) return undefined
  const sets = asArray(field(entry, 'ranges')).map(asArray)
  const single = field(entry, 'subnet') === undefined ? [] : [[entry]]
  const rangeSets = [...single, ...sets]
    .map((set) => set.map(rangeOf).filter((range) => range !== undefined))
    .filter((set) => set.length > 0)
  const pools = asStrings(field(entry, 'ipv4_pools'))
    .map(parsePrefix)
    .filter((prefix) => prefix !== undefined)
  const subnets = [...rangeSets.flatMap((set) => set.map(({ subnet }) => subnet)), ...pools]
  return { type, ...textOf(entry, 'dataDir'), subnets, rangeSets }
}

function rangeOf(entry: JsonValue | undefined): CniRange | undefined {
  const subnet = parsePrefix(asString(field(entry, 'subnet')) ?? '')
  if (subnet === undefined) return undefined
  const first = parseAddress(asString(field(entry, 'rangeStart')) ?? '')
  const last = parseAddress(asString(field(entry, 'rangeEnd')) ?? '')
  const gateway = parseAddress(asString(field(entry, 'gateway')) ?? '')
  return { subnet, ...(first && { first }), ...(last && { last }), ...(gateway && { gateway }) }
}

function textOf<K extends string>(value: JsonValue | undefined, key: K): { readonly [P in K]?: string } {
  const text = asString(field(value, key))
  const found: { [P in K]?: string } = {}
  if (text !== undefined) found[key] = text
  return found
}

function flagOf<K extends string>(value: JsonValue | undefined, key: K): { readonly [P in K]?: boolean } {
  const flag = asBoolean(field(value, key))
  const found: { [P in K]?: boolean } = {}
  if (flag !== undefined) found[key] = flag
  return found
}
