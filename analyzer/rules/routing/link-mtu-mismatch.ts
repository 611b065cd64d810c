import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { type SharedNetwork, sharedNetworks } from '../../facts/cluster/sharedNetworks.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { type Overlay, overlays } from '../../facts/node/overlays.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type MtuMismatch, type MtuOf, text } from './link-mtu-mismatch.text.ts'

type Note = 'mtu' | 'flannel'

/** A device of a node, with its MTU. */
interface Measured extends MtuOf {
  readonly origin: NodeInterface['origin']
}

/**
 * Packets that one link lets through and the next one drops: an overlay that is wider than its underlay allows (flannel backend/vxlan
 * device.go: 50 bytes less), interfaces of one network with different MTUs, pods with a larger MTU than flannel told.
 */
export default defineRule({
  id: 'link-mtu-mismatch',
  area: 'routing',
  severity: 'high',
  references: [
    { title: 'flannel pkg/backend/vxlan/device.go: MTU of the interface less 50 bytes' },
    {
      title: 'RFC 4459, MTU and Fragmentation Issues with In-the-Network Tunneling',
      url: 'https://www.rfc-editor.org/rfc/rfc4459',
    },
  ],
  needs: { interfaces, overlays, networks: sharedNetworks, everyOverlay: eachNode(overlays) },
  wants: { flannel: captured.flannelSubnetEnv },
  text,
  check({ interfaces, overlays, networks, everyOverlay, flannel }, node) {
    const uneven = distinct(
      networks.filter(({ members }) => isUneven(members.map(({ device }) => device.mtuBytes))),
    )
    const findings: Found<MtuMismatch, Note>[] = [
      ...overlays.filter(isTooWide).map((overlay) => tooWide(overlay, node.id)),
      ...uneven.filter(({ members }) => members.some((member) => member.node === node.id)).map(unevenNetwork),
    ]
    // Where the networks below differ, the overlays differ with them: one finding is enough.
    const unevenOverlays =
      uneven.length > 0 ? [] : overlays.map(({ device }) => peersOf(device, everyOverlay))
    for (const peers of unevenOverlays) {
      if (isUneven(peers.map(({ mtuBytes }) => mtuBytes))) findings.push(unevenOverlay(peers))
    }
    const told = flannel?.value.mtuBytes
    const bridges = new Set(interfaces.filter(isPodBridge).map(({ name }) => name))
    const pods = interfaces.filter(
      (device) => bridges.has(device.name) || (isPodPort(device) && bridges.has(device.master ?? '')),
    )
    const wider = pods.filter(({ mtuBytes = 0 }) => told !== undefined && mtuBytes > told.value)
    if (flannel && told && wider.length > 0) {
      findings.push(
        found<MtuMismatch, Note>(
          {
            kind: 'pods',
            node: node.id,
            told: told.value,
            wider: wider.map(({ name, mtuBytes = 0 }) => ({ node: node.id, device: name, mtuBytes })),
          },
          {
            subject: 'pods',
            confidence: 'likely',
            evidence: [
              withNote<Note>(flannel.cite(told.line), 'flannel'),
              ...wider.slice(0, 4).map(({ origin, mtuBytes = 0 }) => withNote<Note>(origin, 'mtu', mtuBytes)),
            ],
            about: [`node:${node.id}`],
          },
        ),
      )
    }
    return findings
  },
})

/** The bridges of the flannel plugin and of kubenet. */
function isPodBridge({ name }: NodeInterface): boolean {
  return /^(?:cni|cbr)\d{1,3}$/.test(name)
}

/** Networks of the same interfaces, such as one of IPv4 and one of IPv6, are one. */
function distinct(networks: readonly SharedNetwork[]): SharedNetwork[] {
  const byMembers = new Map<string, SharedNetwork>()
  for (const network of networks) {
    const key = network.members.map(({ node, device }) => `${node}/${device.name}`).join(' ')
    if (!byMembers.has(key)) byMembers.set(key, network)
  }
  return [...byMembers.values()]
}

function isUneven(mtus: readonly (number | undefined)[]): boolean {
  return new Set(mtus.filter((mtu) => mtu !== undefined)).size > 1
}

function isTooWide({ device, underlay, overheadBytes }: Overlay): boolean {
  const { mtuBytes } = device
  return (
    mtuBytes !== undefined && underlay.mtuBytes !== undefined && mtuBytes > underlay.mtuBytes - overheadBytes
  )
}

function tooWide({ device, underlay, overheadBytes }: Overlay, node: string): Found<MtuMismatch, Note> {
  const measured = [measure(device, node), measure(underlay, node)] as const
  return found<MtuMismatch, Note>(
    { kind: 'overlay', node, overlay: measured[0], underlay: measured[1], overheadBytes },
    {
      subject: device.name,
      confidence: 'certain',
      evidence: measured.map(mtuEvidence),
      about: [`node:${node}`, `device:${node}/${device.name}`],
    },
  )
}

function unevenNetwork({ prefix, members }: SharedNetwork): Found<MtuMismatch, Note> {
  const measured = members.map(({ node, device }) => measure(device, node))
  return found<MtuMismatch, Note>(
    { kind: 'uneven', network: formatPrefix(prefix), members: measured },
    {
      subject: formatPrefix(prefix),
      confidence: 'likely',
      evidence: contrast(measured),
      nodes: members.map(({ node }) => node),
      about: [`network:${formatPrefix(prefix)}`],
    },
  )
}

/** The devices of all nodes that are one overlay with this one: of one kind, and of one VXLAN identifier and port, or one name. */
function peersOf(device: NodeInterface, everyOverlay: readonly OfNode<readonly Overlay[]>[]): Measured[] {
  return everyOverlay.flatMap(({ node, value }) =>
    value
      .filter(
        (other) =>
          other.device.kind === device.kind &&
          (device.vxlan !== undefined || other.device.name === device.name) &&
          other.device.vxlan?.vni === device.vxlan?.vni &&
          other.device.vxlan?.destinationPort === device.vxlan?.destinationPort,
      )
      .map((other) => measure(other.device, node.id)),
  )
}

function unevenOverlay(peers: readonly Measured[]): Found<MtuMismatch, Note> {
  const name = peers[0]?.device ?? ''
  return found<MtuMismatch, Note>(
    { kind: 'uneven', members: peers },
    {
      subject: name,
      confidence: 'likely',
      evidence: contrast(peers),
      nodes: peers.map(({ node }) => node),
      about: peers.map(({ node, device }) => `device:${node}/${device}` as const),
    },
  )
}

function measure({ name, mtuBytes = 0, origin }: NodeInterface, node: string): Measured {
  return { node, device: name, mtuBytes, origin }
}

/** The narrowest and the widest first: they are the contradiction. */
function contrast(measured: readonly Measured[]): Citation<Note>[] {
  const sorted = measured.toSorted((a, b) => a.mtuBytes - b.mtuBytes)
  return [...sorted.slice(0, 1), ...sorted.slice(1).toReversed()].slice(0, 6).map(mtuEvidence)
}

function mtuEvidence({ origin, mtuBytes }: Measured): Citation<Note> {
  return withNote<Note>(origin, 'mtu', mtuBytes)
}
