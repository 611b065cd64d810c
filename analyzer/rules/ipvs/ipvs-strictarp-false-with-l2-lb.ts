import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type PeerEntry, peerEntries } from '../../facts/node/peerEntries.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { type Address, isV4 } from '../../net/address.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, text } from './ipvs-strictarp-false-with-l2-lb.text.ts'

/** MetalLB's speakers speak with each other on this port (memberlist). */
const MEMBERLIST_PORT = 7946

interface Exposed {
  readonly address: Address
  readonly device: string
  readonly held: Evidence
  readonly setting: Evidence
}

/** A load balancer address that one node should answer for is answered for by all, since kube-ipvs0 makes it local everywhere. */
export default defineRule({
  id: 'ipvs-strictarp-false-with-l2-lb',
  area: 'ipvs',
  severity: 'high',
  needs: { proxyMode, services, interfaces, sysctl },
  wants: { listeners: captured.ssListen, pods: kubeApi.pods, entries: eachNode(peerEntries) },
  references: [
    { title: 'MetalLB, installation: strict ARP mode', url: 'https://metallb.io/installation/' },
    { title: 'MetalLB with kube-proxy in IPVS mode', url: 'https://github.com/metallb/metallb/issues/153' },
  ],
  text,
  check({ proxyMode, services, interfaces, sysctl, listeners, pods, entries }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    const balanced = new Set(
      services.flatMap(({ kind, address }) => (kind === 'loadBalancer' ? (address ?? []) : [])),
    )
    const held = interfaces
      .filter(({ role }) => role === 'ipvs')
      .flatMap(({ addresses }) => addresses.filter(({ address }) => isV4(address) && balanced.has(address)))
    const exposed = held.flatMap(({ address, origin }): readonly Exposed[] => {
      const nic = interfaces.find(
        ({ role, addresses }) =>
          role === 'host' &&
          addresses.some((own) => prefixContains(prefixOf(own.address, own.prefixLength), address)),
      )
      const setting = nic && sysctl.effective('arp_ignore', nic.name)
      if (nic === undefined || setting === undefined || setting.value > 0) return []
      return [{ address, device: nic.name, held: origin, setting: setting.origin }]
    })
    if (exposed.length === 0) return clear()
    const speaker = speakerOf(listeners, pods)
    if (speaker === undefined) return notApplicable('noSpeaker')
    const split = exposed.flatMap(({ address }) => disagreement(address, entries ?? []))
    return found(
      {
        node: node.id,
        addresses: exposed.map(({ address }) => address),
        device: exposed[0]?.device ?? '',
        isSplit: split.length > 0,
      },
      {
        subject: 'arp',
        confidence: split.length > 0 ? 'certain' : 'likely',
        about: exposed.flatMap(({ address }) => [`address:${address}` as const]),
        evidence: [
          ...exposed
            .slice(0, 2)
            .flatMap((each) => [withNote(each.held, 'held'), withNote(each.setting, 'setting')]),
          withNote(speaker, 'speaker'),
          ...split.slice(0, 2),
        ],
      },
    )
  },
})

/** A speaker of MetalLB, or kube-vip: by the API's pods, or by what listens. */
function speakerOf(
  listeners: Capture<readonly Listener[]> | undefined,
  pods: Capture<readonly KubePod[]> | undefined,
): Evidence | undefined {
  const pod = pods?.value.find(
    ({ namespace, name, containers }) =>
      (namespace.startsWith('metallb') && name.includes('speaker')) ||
      containers.some(({ image }) => /\/kube-vip[:@]/.test(image)),
  )
  if (pods && pod) return pods.cite(pod.line)
  const socket = listeners?.value.find(({ port }) => port === MEMBERLIST_PORT)
  return listeners && socket && listeners.cite(socket.line)
}

/** Two nodes know the address by two hardware addresses: more than one machine answers for it. */
function disagreement(
  address: Address,
  entries: readonly OfNode<readonly PeerEntry[]>[],
): readonly Citation<Note>[] {
  const known = entries.flatMap(({ node, value }) =>
    value
      .filter((entry) => entry.address === address && entry.isFresh)
      .map((entry) => ({ node: node.id, entry })),
  )
  const [first] = known
  const other = known.find(({ entry }) => entry.mac !== first?.entry.mac)
  if (first === undefined || other === undefined) return []
  return [
    withNote(first.entry.origin, 'answer', first.node),
    withNote(other.entry.origin, 'answer', other.node),
  ]
}
