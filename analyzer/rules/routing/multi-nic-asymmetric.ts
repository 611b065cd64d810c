import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type AnswerElsewhere, answersElsewhere, cardsOf } from '../../facts/cluster/answersElsewhere.ts'
import { asymmetricPaths } from '../../facts/cluster/asymmetricPaths.ts'
import { publicAddresses } from '../../facts/cluster/publicAddresses.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { kubeletAddress } from '../../facts/node/kubeletAddress.ts'
import { linkKin } from '../../facts/node/linkKin.ts'
import { routes } from '../../facts/node/routes.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { isV4 } from '../../net/address.ts'
import { formatPrefix, prefixContains, prefixOf } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { pathBetween } from '../addresses/pathBetween.ts'
import { type AnswersByAnotherCard, text } from './multi-nic-asymmetric.text.ts'

type Note = 'known' | 'forth' | 'back' | 'filter' | 'dropped' | 'flannel'

const STRICT = 1

/**
 * The cluster knows a node by the address of one card, and the node answers its peers by another one, as where its default route leads
 * there and the peers are in other networks. What the strict reverse path filter drops of it on one link is told by sysctl-rp-filter-cni.
 */
export default defineRule({
  id: 'multi-nic-asymmetric',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'k3s-io/k3s#1131', url: 'https://github.com/k3s-io/k3s/issues/1131' },
    { title: 'k3s-io/k3s#12459', url: 'https://github.com/k3s-io/k3s/issues/12459' },
    { title: 'RFC 3704', url: 'https://www.rfc-editor.org/rfc/rfc3704' },
  ],
  needs: { table: captured.ipRoute, routes, interfaces, answers: answersElsewhere },
  // Taken from each node, since what is short of them is nothing to a node with one card.
  wants: {
    known: eachNode(kubeletAddress),
    settings: eachNode(sysctl),
    counters: eachNode(captured.netstat),
    paths: asymmetricPaths,
    announced: publicAddresses,
  },
  text,
  check({ table, interfaces, answers, known, settings, counters, paths, announced }, node) {
    const cards = cardsOf(interfaces)
    const [first] = cards
    const kin = first && linkKin(interfaces, first.name)
    if (kin === undefined || cards.every(({ name }) => kin.has(name))) return notApplicable('oneCard')
    if (!(known ?? []).some((each) => each.node.id === node.id)) return unchecked('noAddress')
    const own = answers.filter((answer) => answer.node === node.id)
    const settingsOfNode = settings?.find((each) => each.node.id === node.id)?.value
    const [sample] = own
    if (sample === undefined) return clear()
    if (table.status !== 'ok') return unchecked('tableShort')

    const { card, known: address } = sample
    const filter = settingsOfNode?.effective('rp_filter', card.name)
    const isStrict = filter?.value === STRICT
    const isTold = ({ peer }: AnswerElsewhere) =>
      isStrict &&
      (paths ?? []).some(
        (path) => path.node === node.id && path.peer === peer && path.device.name === card.name,
      )
    const told = own.filter((answer) => !isTold(answer))
    const [shown] = told
    if (shown === undefined) return clear()

    const netstat = counters?.find((each) => each.node.id === node.id)?.value
    const dropped = netstat?.value.get('TcpExt')?.get('IPReversePathFilter')
    const others = new Set(told.map(({ device }) => device.name))
    const flannel = (announced ?? []).find(
      (claim) =>
        claim.node === node.id &&
        isV4(claim.address) &&
        claim.address !== address.address &&
        cards.some(
          ({ name, addresses }) =>
            others.has(name) && addresses.some((held) => held.address === claim.address),
        ),
    )
    const evidence: Citation<Note>[] = [
      withNote<Note>(address.origin, 'known', address.address),
      withNote<Note>(shown.forth, 'forth', shown.peer),
      withNote<Note>(shown.back.origin, 'back'),
      ...(isStrict ? [withNote<Note>(filter.origin, 'filter', card.name)] : []),
      ...(isStrict && netstat && dropped
        ? [withNote<Note>(netstat.cite(dropped.line), 'dropped', dropped.value)]
        : []),
      ...(flannel ? [withNote<Note>(flannel.origin, 'flannel', flannel.address)] : []),
    ]
    const [confidence, severity] = judged(isStrict, dropped?.value, flannel !== undefined)
    return found<AnswersByAnotherCard, Note>(
      {
        node: node.id,
        address: address.address,
        card: card.name,
        others: [...others],
        peers: told.map(({ peer, source }) => ({ node: peer, source })),
        ...(shown.back.via && { via: shown.back.via }),
        ...networkOf(shown),
        isByDefault: told.some(({ back }) => back.destination.length === 0),
        routed: [...new Set(told.flatMap(routedTo))],
        isStrict,
        ...(isStrict && dropped && { dropped: dropped.value }),
        ...(flannel && { flannel: flannel.address }),
      },
      {
        subject: card.name,
        confidence,
        severity,
        evidence,
        nodes: [...new Set(told.map(({ peer }) => peer))],
        about: [
          `node:${node.id}`,
          `address:${address.address}`,
          `device:${node.id}/${card.name}`,
          ...told.map(({ source }) => pathBetween(address.address, source)),
        ],
      },
    )
  },
})

/** The network of the card, where the peer that is answered is in it. */
function networkOf({ card, source, known }: AnswerElsewhere): { readonly network?: string } {
  const held = card.addresses.find(({ address }) => address === known.address)
  const network = held && prefixOf(held.address, held.prefixLength)
  return network && prefixContains(network, source) ? { network: formatPrefix(network) } : {}
}

/**
 * What of the answers a rule must name that comes before the main table: the other card's own network, in which no pods are, but of a
 * route by a gateway the peer alone, as pods may be behind it as well.
 */
function routedTo({ back, source }: AnswerElsewhere): readonly string[] {
  if (back.destination.length === 0) return []
  return [back.via === undefined ? formatPrefix(back.destination) : source]
}

/** With the strict filter what peers send is dropped; without it a router or firewall on the way may mind, or may not. */
function judged(
  isStrict: boolean,
  dropped: number | undefined,
  isFlannelElsewhere: boolean,
): readonly [Confidence, Severity] {
  if (isStrict && dropped !== undefined && dropped > 0) return ['certain', 'high']
  // The counter stands at zero: nobody has sent that way since boot.
  if (isStrict && dropped === 0) return ['possible', 'medium']
  if (isStrict) return ['likely', 'high']
  return [isFlannelElsewhere ? 'likely' : 'possible', 'medium']
}
