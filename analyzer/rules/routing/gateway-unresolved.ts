import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { type RouteOfNode, waysOf } from '../../facts/node/routeLookup.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { type UnansweredNeighbour, unansweredNeighbours } from '../../facts/node/unansweredNeighbours.ts'
import { isLinkLocal, isV4, parseAddress } from '../../net/address.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { type Note, type UnresolvedGateway, text } from './gateway-unresolved.text.ts'

/** Somewhere in the world that no route but the default is likely to speak of. */
const WORLD = { v4: parseAddress('1.1.1.1'), v6: parseAddress('2606:4700:4700::1111') }

/**
 * The gateway of a route that the node uses does not answer on its link: what takes the route is dropped (EHOSTUNREACH after three
 * seconds, as reproduced). Of gateways that are nodes of the case neighbour-unresolved tells.
 */
export default defineRule({
  id: 'gateway-unresolved',
  area: 'routing',
  severity: 'high',
  references: [
    { title: 'Linux net/core/neighbour.c, states INCOMPLETE and FAILED' },
    { title: 'Linux net/ipv4/fib_semantics.c, fib_select_default' },
  ],
  needs: { unanswered: unansweredNeighbours, routes, owners: addressOwners, addresses: nodeAddresses },
  text,
  check({ unanswered, routes, owners, addresses }, node) {
    return unanswered.flatMap((entry) => {
      const { address, device, state, unusedSeconds, isAgeless, origin } = entry
      if (owners.has(address)) return []
      const used = routes.all.filter(
        (route) =>
          leadsBy(route, entry) && isUsed(route, routes, addresses) && !hasStandIn(route, routes, unanswered),
      )
      const route = used.find(isDefault) ?? used[0]
      if (route === undefined) return []
      const isSure = unusedSeconds === undefined && !isAgeless
      // Beside a default route of IPv4, one of IPv6 is a way that little depends on.
      const isWayOut = isDefault(route) && (isIpv4(route) || routes.defaults('v4').length === 0)
      return [
        found<UnresolvedGateway, Note>(
          {
            node: node.id,
            device,
            address,
            state,
            ...(!isDefault(route) && { destination: formatPrefix(route.destination) }),
            ...(unusedSeconds !== undefined && { unusedSeconds }),
            isAgeless,
          },
          {
            // A link-local address may be another machine's on every link.
            subject: isLinkLocal(address) ? `${address}%${device}` : address,
            severity: isWayOut ? (isSure ? 'high' : 'medium') : isSure ? 'medium' : 'low',
            confidence: isSure ? 'likely' : 'possible',
            evidence: [withNote<Note>(origin, 'entry'), withNote<Note>(route.origin, 'route')],
            about: [
              `node:${node.id}`,
              `address:${address}`,
              `device:${node.id}/${device}`,
              `network:${formatPrefix(route.destination)}`,
            ],
          },
        ),
      ]
    })
  },
})

function isDefault({ destination }: RouteOfNode): boolean {
  return destination.length === 0
}

function isIpv4({ destination }: RouteOfNode): boolean {
  return isV4(destination.address)
}

function leadsBy(route: RouteOfNode, { address, device }: UnansweredNeighbour): boolean {
  return waysOf(route).some((way) => way.via === address && way.device === device)
}

/** Is it what a lookup finds, for what has no source address yet or one of the node's own? A spare of a larger metric is not. */
function isUsed(route: RouteOfNode, routes: Routes, addresses: readonly NodeAddress[]): boolean {
  const target = isDefault(route) ? WORLD[isIpv4(route) ? 'v4' : 'v6'] : route.destination.address
  const sources = [undefined, ...addresses.map(({ address }) => address)]
  return target !== undefined && sources.some((source) => routes.lookup(target, source)?.route === route)
}

/** Among default routes of one metric the kernel passes over gateways that do not answer. */
function hasStandIn(
  route: RouteOfNode,
  { all }: Routes,
  unanswered: readonly UnansweredNeighbour[],
): boolean {
  return (
    isDefault(route) &&
    all.some(
      (other) =>
        isDefault(other) &&
        isIpv4(other) === isIpv4(route) &&
        other.table === route.table &&
        (other.metric ?? 0) === (route.metric ?? 0) &&
        waysOf(other).length > 0 &&
        !unanswered.some((entry) => leadsBy(other, entry)),
    )
  )
}
