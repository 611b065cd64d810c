import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { type NodeBaseChain, hookChains } from '../../facts/node/hookChains.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { type Address, isV4, parseAddress } from '../../net/address.ts'
import { prefixContains } from '../../net/prefix.ts'
import { NO_MARK, type Packet } from '../../netfilter/packet.ts'
import { type HookWalk, walkHook } from '../../netfilter/walkHook.ts'
import { type GatewayFault, type Note, text } from './gateway-not-forwarding.text.ts'

/** Somewhere in the world that no rule is likely to speak of. */
const WORLD = parseAddress('1.1.1.1')

/** A node that sends to the world by way of this one. */
interface Client {
  readonly node: string
  readonly address: Address
  /** The default route. */
  readonly origin: Evidence
  /** The device of this node that its packets come by. */
  readonly device: string
}

/**
 * Nodes use another node as their default gateway, and that one does not let their packets through: it does not forward, its rules stop
 * them, it has no default route itself. Reproduced: whatever the clients and their pods send to the world times out.
 */
export default defineRule({
  id: 'gateway-not-forwarding',
  area: 'routing',
  severity: 'critical',
  references: [
    {
      title: 'Linux Documentation/networking/ip-sysctl.rst, ip_forward',
      url: 'https://docs.kernel.org/networking/ip-sysctl.html',
    },
    { title: 'iptables(8), iptables-extensions(8): FORWARD, MASQUERADE' },
  ],
  needs: { addresses: nodeAddresses, ofPeers: eachNode(routes), peerAddresses: eachNode(nodeAddresses) },
  wants: { routes, sysctl, forward: hookChains.forward, postrouting: hookChains.postrouting },
  text,
  check({ addresses, ofPeers, peerAddresses, routes, sysctl, forward, postrouting }, node) {
    const clients = clientsOf(node.id, addresses, ofPeers, peerAddresses)
    const [client] = clients
    if (client === undefined) return notApplicable('noGateway')
    const tell = (
      kind: GatewayFault['kind'],
      confidence: Confidence,
      evidence: readonly Citation<Note>[],
      data: Partial<GatewayFault> = {},
    ): Found<GatewayFault, Note> =>
      found<GatewayFault, Note>(
        { ...data, node: node.id, kind, clients: clients.map((each) => each.node), client: client.address },
        {
          subject: kind,
          confidence,
          severity: kind === 'no-masquerade' ? 'medium' : 'critical',
          evidence: [...evidence, withNote<Note>(client.origin, 'client', client.node)],
          about: [`node:${node.id}`],
          nodes: clients.map((each) => each.node),
        },
      )

    const findings: Found<GatewayFault, Note>[] = []
    const setting = sysctl?.number('net.ipv4.ip_forward') ?? sysctl?.ofInterface('forwarding', 'all')
    if (setting?.value === 0)
      findings.push(tell('forwarding-off', 'certain', [withNote<Note>(setting.origin, 'setting')]))
    const [uplink] = routes?.defaults('v4') ?? []
    if (routes !== undefined && uplink === undefined) findings.push(tell('no-route', 'likely', []))
    const outDevice = uplink?.device
    if (outDevice === undefined || WORLD === undefined) return findings
    const packet: Packet = {
      inDevice: client.device,
      outDevice,
      source: client.address,
      destination: WORLD,
      protocol: 'tcp',
      destinationPort: 443,
      ctstate: 'NEW',
      isDnat: false,
      mark: NO_MARK,
    }
    const stopped = forward && stopOf(walkHook(forward, packet, { isLocal: () => false }))
    if (stopped) {
      const { inChain, packets } = stopped
      findings.push(
        tell('stopped', packets > 0 ? 'certain' : 'likely', [withNote<Note>(stopped.origin, 'stops')], {
          inChain,
        }),
      )
    }
    // Behind the same interface the clients' own router knows the way back.
    if (outDevice !== client.device && postrouting && !mayMasquerade(postrouting, packet)) {
      findings.push(tell('no-masquerade', 'possible', [], { outDevice }))
    }
    return findings.length === 0 ? clear() : findings
  },
})

function clientsOf(
  own: string,
  addresses: readonly NodeAddress[],
  ofPeers: readonly OfNode<Routes>[],
  peerAddresses: readonly OfNode<readonly NodeAddress[]>[],
): readonly Client[] {
  return ofPeers.flatMap(({ node, value }): readonly Client[] => {
    const route = value.defaults('v4').find(({ via }) => addresses.some(({ address }) => address === via))
    const gateway = addresses.find(({ address }) => address === route?.via)
    if (node.id === own || route === undefined || gateway?.device === undefined) return []
    const { address, device, prefixLength } = gateway
    if (prefixLength === undefined || !isV4(address)) return []
    const link = { address, length: prefixLength }
    const held = peerAddresses.find((peer) => peer.node === node)?.value ?? []
    const client = held.find((it) => prefixContains(link, it.address) && it.address !== address)
    return client === undefined
      ? []
      : [{ node: node.id, address: client.address, origin: route.origin, device }]
  })
}

/** The rule or policy that stops the packet for certain. */
function stopOf({
  verdict,
  stops,
}: HookWalk<NodeBaseChain>): { inChain: string; packets: number; origin: Evidence } | undefined {
  const last = verdict === 'drop' || verdict === 'reject' ? stops.at(-1) : undefined
  if (last === undefined) return undefined
  const { base, outcome } = last
  const chain = base.chains.chain(base.chain)
  const line = outcome.rule?.line ?? chain?.line
  if (line === undefined) return undefined
  const packets = outcome.rule?.packets ?? chain?.policyPackets ?? 0
  return { inChain: outcome.path.at(-1) ?? base.chain, packets, origin: base.cite(line) }
}

/** May some rule change the packet's source address, or do what is not known? */
function mayMasquerade(bases: readonly NodeBaseChain[], packet: Packet): boolean {
  const { steps } = walkHook(bases, packet, { isLocal: () => false })
  return steps.some(({ walk }) =>
    [...walk.earlier, walk.final].some(({ verdict }) => verdict === 'translate' || verdict === 'unknown'),
  )
}
