import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import type { RouteOfNode } from '../../facts/node/routeLookup.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { services } from '../../facts/node/services.ts'
import { type Address, isLinkLocal, isV4 } from '../../net/address.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { type NoDefaultRoute, text } from './route-no-default.text.ts'

type Note = 'main' | 'log' | 'refused'

/** A component that stopped, or cannot work, for want of a default route. */
const FATAL = ['k3s-no-default-route', 'cni-no-default-route'] as const

/**
 * No route to everywhere: the node reaches its own networks alone, k3s and flannel find no interface to use, and the node's own
 * connections to Services fail before they are translated (`connect` looks for a route first: ENETUNREACH).
 */
export default defineRule({
  id: 'route-no-default',
  area: 'routing',
  severity: 'high',
  references: [
    {
      title: 'k3s documentation, Air-Gap Install: Default Network Route',
      url: 'https://docs.k3s.io/installation/airgap',
    },
  ],
  needs: { table: captured.ipRoute, routes },
  // Taken from each node, since what is short of the services is nothing to a node that has a default route.
  wants: { services: eachNode(services), interfaces, logs: logSignals },
  text,
  check({ table, routes, services, interfaces, logs }, node) {
    if (routes.defaults('v4').length > 0) return clear()
    if (table.status !== 'ok' || table.value.length === 0) return unchecked('tableShort')
    const uplinks = (interfaces ?? []).filter(isUplink)
    if (uplinks.length > 0 && !uplinks.some(({ flags }) => flags.has('UP'))) return notApplicable('linkDown')
    const own = mainRoutes(routes)
    const speaksV4 = interfaces === undefined ? own.length > 0 : interfaces.some(isV4Uplink)
    if (!speaksV4 && routes.defaults('v6').length > 0) return clear()

    const programmed = services?.find((each) => each.node.id === node.id)?.value ?? []
    const addresses = programmed.flatMap(({ address, kind }) =>
      kind === 'cluster' && address !== undefined && isV4(address) ? [address] : [],
    )
    const unreachable = addresses.find((address) => !isReached(routes, address))
    const loggedLately = (signal: SignalId) => (logs?.of(signal)?.lines ?? []).filter(({ old }) => !old)
    const fatal = FATAL.flatMap(loggedLately)
    const fresh = [...loggedLately('network-unreachable').slice(-1), ...fatal]
    // A node without a way out may be meant so (air-gapped), where what it needs has routes of its own.
    const isMeant =
      addresses.length > 0 ? unreachable === undefined : own.some(({ via }) => via !== undefined)
    if (isMeant && fatal.length === 0) return clear()

    const refusing = routes.all.filter(
      ({ destination, type }) => destination.length === 0 && type !== 'unicast',
    )
    const evidence: (Citation<Note> | Evidence)[] = [
      ...fresh.slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')),
      ...refusing
        .filter(({ destination }) => isV4(destination.address))
        .map(({ origin }) => withNote<Note>(origin, 'refused')),
      ...own.slice(0, 5).map(({ origin }) => withNote<Note>(origin, 'main')),
    ]
    return found<NoDefaultRoute, Note>(
      {
        node: node.id,
        routes: own.length,
        ...(unreachable !== undefined && { service: unreachable }),
        isLogged: fresh.length > 0,
      },
      {
        subject: 'default',
        confidence: fresh.length > 0 ? 'certain' : 'likely',
        evidence:
          evidence.length > 0 ? evidence : [withNote<Note>(table.cite({ number: 0, text: '' }), 'main')],
        about: [`node:${node.id}`, 'network:0.0.0.0/0'],
      },
    )
  },
})

/** An interface by which a default route could lead; the kernel removes the routes of one that goes down. */
function isUplink({ role, addresses }: NodeInterface): boolean {
  return role === 'host' && addresses.some(({ address }) => !isLinkLocal(address))
}

/** On a node of IPv6 alone Docker's bridge may well have an IPv4 address. */
function isV4Uplink({ role, addresses }: NodeInterface): boolean {
  return role === 'host' && addresses.some(({ address }) => isV4(address) && !isLinkLocal(address))
}

/** Routes of IPv4 beyond the kernel's own tables of addresses. */
function mainRoutes({ all }: Routes): RouteOfNode[] {
  return all.filter(
    ({ destination, table, type }) =>
      isV4(destination.address) && table !== 'local' && table !== '255' && type === 'unicast',
  )
}

function isReached(routes: Routes, address: Address): boolean {
  const type = routes.lookup(address)?.route?.type
  return type === 'unicast' || type === 'local'
}
