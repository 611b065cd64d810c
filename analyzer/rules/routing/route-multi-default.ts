import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { kubeletAddress } from '../../facts/node/kubeletAddress.ts'
import { linkKin } from '../../facts/node/linkKin.ts'
import { type RouteOfNode, tableName } from '../../facts/node/routeLookup.ts'
import { routes } from '../../facts/node/routes.ts'
import { isV4 } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { type EqualDefaults, text } from './route-multi-default.text.ts'

type Note = 'first' | 'other' | 'known'

/**
 * Two default routes of one metric by different cards: the kernel takes the one that was added first, and moves on to the next where the
 * gateway does not answer (net/ipv4/fib_semantics.c, fib_select_default). kubelet, k3s and flannel choose the node’s address by the first.
 */
export default defineRule({
  id: 'route-multi-default',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'k3s-io/k3s#1131', url: 'https://github.com/k3s-io/k3s/issues/1131' },
    { title: 'flannel-io/flannel#1440', url: 'https://github.com/flannel-io/flannel/issues/1440' },
    { title: 'Linux net/ipv4/fib_semantics.c, fib_select_default' },
    { title: 'Kubernetes apimachinery pkg/util/net/interface.go, chooseHostInterfaceFromRoute' },
  ],
  needs: { table: captured.ipRoute, routes, interfaces },
  // Taken from each node, since what is short of them is nothing to a node with one default route.
  wants: { known: eachNode(kubeletAddress) },
  text,
  check({ table, routes, interfaces, known }, node) {
    const defaults = routes.all.filter(isDefault)
    const least = Math.min(...defaults.map(metricOf))
    const equal = defaults.filter((route) => metricOf(route) === least)
    const [first] = equal
    if (first === undefined) {
      if (routes.defaults('v4').length > 0) return clear()
      return table.status === 'ok' ? notApplicable('none') : unchecked('tableShort')
    }
    const cards = interfaces.filter(isCard)
    const [own, ...others] = equal.flatMap((route) => {
      const card = cards.find(({ name }) => name === route.device)
      return card ? [{ route, card }] : []
    })
    if (own === undefined) return clear()
    const kin = linkKin(interfaces, own.card.name)
    const rivals = others.filter(({ card }) => !kin.has(card.name))
    if (rivals.length === 0) return clear()

    const address = valueOfNode(known ?? [], node.id)
    const holder = cards.find(({ addresses }) => addresses.some((held) => held.address === address?.address))
    const isPinned = address?.source === 'config'
    const isElsewhere = rivals.some(({ card }) => card.name === holder?.name)
    const confidence: Confidence = isElsewhere && !isPinned ? 'likely' : 'possible'
    const ways = [own, ...rivals]
    return found<EqualDefaults, Note>(
      {
        node: node.id,
        metric: least,
        ways: ways.map(({ route, card }) => ({
          device: card.name,
          ...(route.via && { via: route.via }),
          ...addressOf(card),
        })),
        isPinned,
        ...(address && holder && { known: { address: address.address, device: holder.name } }),
      },
      {
        subject: 'default',
        confidence,
        ...(isPinned && { severity: 'low' }),
        evidence: [
          withNote<Note>(own.route.origin, 'first'),
          ...rivals.slice(0, 3).map(({ route }) => withNote<Note>(route.origin, 'other')),
          ...(address && holder ? [withNote<Note>(address.origin, 'known', address.address)] : []),
        ],
        about: [
          `node:${node.id}`,
          'network:0.0.0.0/0',
          ...ways.map(({ card }) => `device:${node.id}/${card.name}` as const),
        ],
      },
    )
  },
})

/** Multipath routes are meant to be so. A link that is down takes its route out of the choice. */
function isDefault({ destination, type, table, flags, nexthops }: RouteOfNode): boolean {
  if (destination.length > 0 || !isV4(destination.address) || type !== 'unicast') return false
  return tableName(table) === 'main' && nexthops.length === 0 && !flags.has('dead') && !flags.has('linkdown')
}

function metricOf({ metric }: RouteOfNode): number {
  return metric ?? 0
}

/** A dummy’s default route is there to have one at all (k3s documentation, Air-Gap Install). */
function isCard({ role, kind, flags }: NodeInterface): boolean {
  return role === 'host' && kind !== 'dummy' && flags.has('UP')
}

function addressOf({ addresses }: NodeInterface): { readonly address?: string } {
  const held = addresses.find(({ address }) => isV4(address))
  return held ? { address: held.address } : {}
}
