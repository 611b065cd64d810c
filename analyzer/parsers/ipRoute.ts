import { type Address, isV6, parseAddress } from '../net/address.ts'
import { ALL_V4, ALL_V6, type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

const TYPES = [
  'unicast',
  'local',
  'broadcast',
  'multicast',
  'anycast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
] as const

/** What the kernel does with a packet that a route takes: deliver it somewhere, or refuse it in one of four ways. */
export type RouteType = (typeof TYPES)[number]

/** One of several ways of a multipath route. */
export interface Nexthop {
  readonly via?: Address
  readonly device?: string
  readonly weight?: number
  readonly flags: ReadonlySet<string>
  readonly line: Line
}

/** A route. What the tool did not print is left out. */
export interface Route {
  readonly type: RouteType
  readonly destination: Prefix
  /** IPv6 only: the route is for packets from here. */
  readonly from?: Prefix
  /** The gateway; it may be an IPv6 address for an IPv4 route. */
  readonly via?: Address
  readonly device?: string
  /** `main` where none is printed; otherwise a name or a number, as printed. */
  readonly table: string
  /** Who put it there: `kernel`, `boot`, `static`, `dhcp`, `bird`, `80`… BusyBox does not print it. */
  readonly protocol?: string
  readonly scope?: string
  /** Left out where the kernel's 0 is not printed. */
  readonly metric?: number
  /** The source address the kernel prefers for it. */
  readonly src?: Address
  readonly mtuBytes?: number
  /** `onlink`, `linkdown`, `dead`, `offload`… */
  readonly flags: ReadonlySet<string>
  /** The ways of a multipath route; BusyBox leaves them out, and prints a bare destination. */
  readonly nexthops: readonly Nexthop[]
  readonly line: Line
}

type DraftRoute = Mutable<Route> & { nexthops: Nexthop[] }

const FLAGS: ReadonlySet<string> = new Set([
  'onlink',
  'linkdown',
  'dead',
  'pervasive',
  'offload',
  'offload_failed',
  'trap',
  'rt_offload',
  'rt_trap',
  'notify',
  'unresolved',
  'cloned',
])

/** What a line says, before it is known whether it is a route or one way of it. */
interface Attributes {
  via?: Address
  viaFamily?: 'inet' | 'inet6'
  device?: string
  table?: string
  protocol?: string
  scope?: string
  metric?: number
  src?: Address
  from?: Prefix
  mtuBytes?: number
  weight?: number
  flags: Set<string>
  /** A word that is no known attribute: harmless on a route, a sign of prose elsewhere. */
  strange: boolean
}

/** `net/ip-route.txt`: `ip -4 route show table all`; see routeParser. */
export const ipRoute = routeParser('v4')

/** `net/ip6-route.txt`: `ip -6 route show table all`; see routeParser. */
export const ip6Route = routeParser('v6')

/**
 * `ip route show table all` of iproute2, or of BusyBox. `default` is 0.0.0.0/0 or ::/0 by the family of the gateway, or
 * else by the family of the command:
 * ```
 * default via 192.168.50.200 dev eth0 proto static metric 100
 * 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
 * blackhole 10.245.1.0/26 proto bird
 * 10.43.0.0/16
 * 	nexthop via 192.0.2.2 dev d0 weight 1
 * 	nexthop via inet6 2001:db8::7 dev d0 weight 1 onlink
 * local 10.96.0.1 dev kube-ipvs0 table local proto kernel scope host src 10.96.0.1
 * ```
 */
function routeParser(family: 'v4' | 'v6'): LineParser<readonly Route[]> {
  return {
    kind: 'lines',
    start() {
      const routes: DraftRoute[] = []
      let current: DraftRoute | undefined
      return {
        line(text, number) {
          const [first, ...rest] = words(text)
          if (first === undefined) return true
          if (/^\s/.test(text))
            return current !== undefined && readContinuation(current, first, rest, { number, text })
          current = readRoute(family, [first, ...rest], { number, text })
          if (current) routes.push(current)
          return current !== undefined
        },
        end: () => routes,
      }
    },
  }
}

function readRoute(family: 'v4' | 'v6', text: readonly string[], line: Line): DraftRoute | undefined {
  const type = TYPES.find((known) => known === text[0])
  const [to = '', ...rest] = type ? text.slice(1) : text
  const attributes = readAttributes(rest)
  if (!attributes) return undefined
  const destination = to === 'default' ? defaultDestination(family, attributes) : parsePrefix(to)
  if (!destination) return undefined
  const { via, device, protocol, scope, metric, src, from, mtuBytes, flags } = attributes
  if (attributes.strange && via === undefined && device === undefined && type === undefined) return undefined
  const route: DraftRoute = {
    type: type ?? 'unicast',
    destination,
    table: attributes.table ?? 'main',
    flags,
    nexthops: [],
    line,
  }
  if (from) route.from = from
  if (via) route.via = via
  if (device !== undefined) route.device = device
  if (protocol !== undefined) route.protocol = protocol
  if (scope !== undefined) route.scope = scope
  if (metric !== undefined) route.metric = metric
  if (src) route.src = src
  if (mtuBytes !== undefined) route.mtuBytes = mtuBytes
  return route
}

function defaultDestination(family: 'v4' | 'v6', attributes: Attributes): Prefix {
  if (attributes.viaFamily === 'inet6') return ALL_V4
  if (attributes.viaFamily === 'inet') return ALL_V6
  const kin = attributes.via ?? attributes.src
  if (kin) return isV6(kin) ? ALL_V6 : ALL_V4
  return family === 'v6' ? ALL_V6 : ALL_V4
}

/** `nexthop …` belongs to the route above; `nh_info …` (ip -d) and `cache …` say nothing that is kept. */
function readContinuation(route: DraftRoute, first: string, rest: readonly string[], line: Line): boolean {
  if (first === 'nh_info' || first === 'cache') return true
  if (first !== 'nexthop') return false
  const attributes = readAttributes(rest)
  if (!attributes || (attributes.via === undefined && attributes.device === undefined)) return false
  const nexthop: Mutable<Nexthop> = { flags: attributes.flags, line }
  if (attributes.via) nexthop.via = attributes.via
  if (attributes.device !== undefined) nexthop.device = attributes.device
  if (attributes.weight !== undefined) nexthop.weight = attributes.weight
  route.nexthops.push(nexthop)
  return true
}

/** Attributes that take one value which is not kept (ip/iproute.c print_route, print_route_metrics of iproute2 6.1). */
const SKIPPED: ReadonlySet<string> = new Set(
  (
    'tos dsfield preference pref advmss window rtt rttvar rto_min hoplimit initcwnd initrwnd quickack congctl cwnd ' +
    'ssthresh realm realms nhid expires error iif oif uid features fastopen_no_cookie reordering users used age as to ttl-propagate'
  ).split(' '),
)

/** Undefined where a value that matters cannot be read. */
function readAttributes(text: readonly string[]): Attributes | undefined {
  const attributes: Attributes = { flags: new Set(), strange: false }
  let at = 0
  while (at < text.length) {
    const name = text[at] ?? ''
    const taken = takeAttribute(attributes, name, text, at + 1)
    if (taken === undefined) return undefined
    at += 1 + taken
  }
  return attributes
}

/** How many words behind the name belong to it; undefined where they cannot be read. */
function takeAttribute(
  into: Attributes,
  name: string,
  text: readonly string[],
  at: number,
): number | undefined {
  const value = text[at]
  if (FLAGS.has(name)) {
    into.flags.add(name)
    return 0
  }
  switch (name) {
    case 'via':
      return takeVia(into, text, at)
    case 'encap':
      return skipEncapsulation(text, at)
    case 'dev':
      if (value === undefined) return undefined
      into.device = value
      return 1
    case 'table':
      if (value === undefined) return undefined
      into.table = value
      return 1
    case 'proto':
      if (value !== undefined) into.protocol = value
      return 1
    case 'scope':
      if (value !== undefined) into.scope = value
      return 1
    case 'src':
    case 'from':
      return takeSource(into, name, value)
    case 'metric':
    case 'weight':
      return takeNumber(into, name, value)
    case 'mtu':
    case 'hoplimit':
    case 'congctl':
      return takeLockable(into, name, text, at)
    default:
      if (!SKIPPED.has(name)) into.strange = true
      return SKIPPED.has(name) ? 1 : 0
  }
}

function takeVia(into: Attributes, text: readonly string[], at: number): number | undefined {
  const family = text[at]
  const named = family === 'inet' || family === 'inet6'
  const via = parseAddress(text[named ? at + 1 : at] ?? '')
  if (!via) return undefined
  into.via = via
  if (named) into.viaFamily = family
  return named ? 2 : 1
}

function takeSource(into: Attributes, name: 'src' | 'from', value: string | undefined): number | undefined {
  const prefix = value === 'all' ? undefined : parsePrefix(value ?? '')
  if (!prefix && value !== 'all') return undefined
  if (name === 'from' && prefix) into.from = prefix
  if (name === 'src' && prefix) into.src = prefix.address
  return 1
}

function takeNumber(
  into: Attributes,
  name: 'metric' | 'weight',
  value: string | undefined,
): number | undefined {
  const number = wholeNumber(value)
  if (number === undefined) return undefined
  into[name] = number
  return 1
}

/** `mtu 1400`, or `mtu lock 1400`. */
function takeLockable(into: Attributes, name: string, text: readonly string[], at: number): number {
  const locked = text[at] === 'lock'
  const number = wholeNumber(text[locked ? at + 1 : at])
  if (name === 'mtu' && number !== undefined) into.mtuBytes = number
  return locked ? 2 : 1
}

/** `encap ip id 100 src 0.0.0.0 dst 192.0.2.7 ttl 0 tos 0` has words of its own, up to the gateway or device. */
function skipEncapsulation(text: readonly string[], at: number): number {
  const end = text.findIndex((word, index) => index >= at && (word === 'via' || word === 'dev'))
  return (end < 0 ? text.length : end) - at
}
