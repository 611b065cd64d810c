import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import {
  type CheckResult,
  type Found,
  type Subject,
  found,
  notApplicable,
  unchecked,
} from '../../engine/verdict.ts'
import { eachNode } from '../../engine/fact.ts'
import { clusterMates } from '../../facts/cluster/clusterMates.ts'
import { isFarApart } from '../../facts/cluster/farApart.ts'
import { type IdentifierConflict, identifierConflicts } from '../../facts/cluster/identifierConflicts.ts'
import { peerWays } from '../../facts/cluster/peerWays.ts'
import { podPeers } from '../../facts/cluster/podPeers.ts'
import { type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { type VxlanConflict, vxlanConflicts } from '../../facts/node/vxlanConflicts.ts'
import { vxlanTables } from '../../facts/node/vxlanTables.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type SilentEnd, type TunnelEnd, type TunnelTrouble, tunnelTroubles } from './tunnelTroubles.ts'
import { type VxlanPortTrouble, text } from './vxlan-port-conflict-or-blocked.text.ts'

type Note = 'down' | 'socket' | 'rival' | 'log' | 'port' | 'sent' | 'received' | 'identifier' | 'peer'
type Reason = 'noDevice' | 'noSockets'
type Trouble = Found<VxlanPortTrouble, Note>

/**
 * A VXLAN device that cannot have its UDP port, or whose packets go to a port at which the peer does not listen, bear an identifier that it does not
 * know, or do not arrive at all.
 * What the node’s own rules stop is told by iptables-reject-before-accept. That a device is up without a socket is no sign: the kernel
 * does not let it come up then, and a device that was moved into a namespace leaves its socket in the former one.
 */
export default defineRule({
  id: 'vxlan-port-conflict-or-blocked',
  area: 'cni',
  severity: 'high',
  references: [
    {
      title: 'tkestack/tke#1279: flannel.1 does not come up beside a cilium_vxlan that was left behind',
      url: 'https://github.com/tkestack/tke/issues/1279',
    },
    {
      title: 'cilium#8990: cilium_vxlan does not come up beside flannel.1',
      url: 'https://github.com/cilium/cilium/issues/8990',
    },
    {
      title: 'Linux drivers/net/vxlan: vxlan_sock_add, VXLAN_F_RCV_FLAGS',
      url: 'https://github.com/torvalds/linux/blob/v6.6/drivers/net/vxlan/vxlan_core.c',
    },
    {
      title: 'flannel#1502: kernels of which the vxlan module is in a package of its own',
      url: 'https://github.com/flannel-io/flannel/issues/1502',
    },
  ],
  needs: {
    ports: vxlanConflicts,
    peers: podPeers,
    mates: clusterMates,
    ways: peerWays,
    identifiers: identifierConflicts,
    tables: eachNode(vxlanTables),
    links: eachNode(captured.ipLink),
  },
  wants: { logs: logSignals, networks: podNetworks },
  text,
  check(inputs, node): CheckResult<VxlanPortTrouble, Reason, Note> {
    const { ports, ways, mates, identifiers, logs, networks } = inputs
    const fresh = (signal: 'vxlan-port-taken' | 'vxlan-unsupported') =>
      logs?.of(signal)?.lines.filter(({ old }) => !old) ?? []
    const taken = fresh('vxlan-port-taken')
    const about: Subject[] = [
      `node:${node.id}`,
      ...(networks ?? []).map(({ prefix }): Subject => `network:${formatPrefix(prefix)}`),
    ]
    const isOtherPlugins = ways.isOtherPlugins(node.id)
    const own = ports.conflicts
      // What flannel left behind is of no use where another plugin’s tunnel is up.
      .filter(({ device, holder }) => holder.kind === 'device' || !isLeftover(device.name, isOtherPlugins))
      .map((conflict) =>
        portTaken(conflict, lastOf(taken, conflict.device.name), isOtherPlugins, node.id, about),
      )
    if (own.length > 0) return own
    const foreign = identifiers.filter(
      ({ from }) => from.node === node.id || mates.of(node.id, from.node) === true,
    )
    // That nothing comes in is then the effect.
    if (foreign.some(({ from, to }) => from.node === node.id || to.node === node.id))
      return identifiersDiffer(foreign, about)
    const troubles = tunnelTroubles(node.id, inputs).map((trouble) => betweenNodes(trouble, about))
    if (troubles.length > 0) return troubles
    const [last] = [...taken, ...fresh('vxlan-unsupported')].slice(-1)
    if (last !== undefined) return loggedAlone(last, node.id, about)
    if (ports.undecided.some(({ name }) => !isLeftover(name, isOtherPlugins))) return unchecked('noSockets')
    return ports.devices.length === 0 ? notApplicable('noDevice') : []
  },
})

function isLeftover(device: string, isOtherPlugins: boolean): boolean {
  return isOtherPlugins && device.startsWith('flannel')
}

function lastOf(lines: readonly LoggedLine[], device: string): LoggedLine | undefined {
  return lines.findLast(({ groups }) => groups.get('device') === device)
}

function portTaken(
  { device, port, holder }: VxlanConflict,
  logged: LoggedLine | undefined,
  isOtherPlugins: boolean,
  node: string,
  about: readonly Subject[],
): Trouble {
  const rival = holder.kind === 'device' ? holder.device : undefined
  const process = holder.kind === 'socket' ? holder.listener.processes[0] : undefined
  const proofs: Citation<Note>[] = [
    withNote<Note>(device.origin, 'down'),
    ...(device.vxlanOrigin ? [withNote<Note>(device.vxlanOrigin, 'port', port)] : []),
    ...(holder.kind === 'socket' ? [withNote<Note>(holder.origin, 'socket', process?.name ?? '')] : []),
    ...(rival ? [withNote<Note>(rival.origin, 'rival', rival.name)] : []),
    ...(rival?.vxlanOrigin ? [withNote<Note>(rival.vxlanOrigin, 'port', port)] : []),
    ...(logged ? [withNote<Note>(logged.origin, 'log')] : []),
  ]
  const [confidence, severity] = sureOf(holder, logged, isLeftover(device.name, isOtherPlugins))
  return found<VxlanPortTrouble, Note>(
    {
      kind: 'taken',
      node,
      device: device.name,
      port,
      ...(rival && { rival: rival.name }),
      ...(process && { process: process.name, pid: process.pid }),
    },
    {
      subject: `${device.name}/${port}`,
      confidence,
      severity,
      evidence: proofs,
      about: [...about, `device:${device.name}`],
    },
  )
}

function sureOf(
  holder: VxlanConflict['holder'],
  logged: LoggedLine | undefined,
  mayBeLeftover: boolean,
): readonly [Confidence, Severity] {
  if (logged !== undefined) return ['certain', 'critical']
  if (holder.kind === 'device') return mayBeLeftover ? ['possible', 'high'] : ['likely', 'critical']
  // `::` may be of IPv6 alone; a socket without a process was listed without the right to see it, or is the kernel’s.
  const isSure = holder.listener.processes.length > 0 && holder.listener.address !== '::'
  return isSure ? ['certain', 'critical'] : ['likely', 'critical']
}

function betweenNodes(trouble: TunnelTrouble, own: readonly Subject[]): Trouble {
  const nodes = trouble.ends.map(({ node }) => node)
  const about = [...own, ...nodes.map((node): Subject => `node:${node}`)]
  if (trouble.kind === 'ports') {
    const { vni, ends, isFarApart } = trouble
    const ports = [...new Set(ends.map(portOf))].map((port) => ({
      port,
      nodes: ends.filter((end) => portOf(end) === port).map(({ node }) => node),
    }))
    return found<VxlanPortTrouble, Note>(
      { kind: 'ports', vni, ports, isFarApart },
      {
        subject: `ports/${vni}`,
        confidence: isFarApart ? 'possible' : 'certain',
        severity: isFarApart ? 'high' : 'critical',
        evidence: ends.slice(0, 6).flatMap(portLine),
        nodes,
        about,
      },
    )
  }
  const [first] = trouble.ends
  const port = first ? portOf(first) : 0
  const isAlone = nodes.length < 2
  return found<VxlanPortTrouble, Note>(
    { kind: 'silent', nodes, device: first?.vtep.device.name ?? '', port },
    {
      subject: 'silent',
      confidence: isAlone ? 'possible' : 'likely',
      severity: isAlone ? 'high' : 'critical',
      evidence: trouble.ends.slice(0, 3).flatMap(counterLines),
      nodes,
      about: [...about, `device:vxlan/${port}`],
    },
  )
}

function identifiersDiffer(conflicts: readonly IdentifierConflict[], own: readonly Subject[]): Trouble {
  const all = conflicts.flatMap(({ from, to }) => [from, to])
  const ends = [...new Map(all.map((end) => [`${end.node} ${end.vtep.device.name}`, end])).values()].toSorted(
    (a, b) => (a.node < b.node ? -1 : 1),
  )
  const identifiers = [...new Set(ends.map(({ vtep }) => vtep.device.vxlan?.vni ?? 0))]
    .toSorted((a, b) => a - b)
    .map((vni) => ({ vni, ends: ends.filter(({ vtep }) => vtep.device.vxlan?.vni === vni) }))
  const nodes = [...new Set(ends.map(({ node }) => node))]
  const times = ends.flatMap(({ collectedAtMs }) => collectedAtMs ?? [])
  const areFarApart = isFarApart(times)
  return found<VxlanPortTrouble, Note>(
    {
      kind: 'identifiers',
      identifiers: identifiers.map(({ vni, ends }) => ({
        vni,
        devices: [...new Set(ends.map(({ vtep }) => vtep.device.name))],
        nodes: [...new Set(ends.map(({ node }) => node))],
      })),
      isFarApart: areFarApart,
    },
    {
      subject: 'identifiers',
      confidence: areFarApart ? 'possible' : 'certain',
      severity: areFarApart ? 'high' : 'critical',
      evidence: [
        ...identifiers.flatMap(({ vni, ends }) =>
          ends.slice(0, 3).flatMap(({ vtep }) => {
            const origin = vtep.device.vxlanOrigin
            return origin ? [withNote<Note>(origin, 'identifier', vni)] : []
          }),
        ),
        ...conflicts
          .slice(0, 1)
          .flatMap(({ neighbour, forwarding, to }) => [
            withNote<Note>(neighbour.origin, 'peer', to.node),
            withNote<Note>(forwarding.origin, 'peer', to.node),
          ]),
      ],
      nodes,
      about: [...own, ...nodes.map((node): Subject => `node:${node}`)],
    },
  )
}

function portOf({ vtep }: TunnelEnd): number {
  return vtep.device.vxlan?.destinationPort ?? 0
}

function portLine(end: TunnelEnd): readonly Citation<Note>[] {
  const origin = end.vtep.device.vxlanOrigin
  return origin ? [withNote<Note>(origin, 'port', portOf(end))] : []
}

function counterLines({ node, sent, received, sentPackets }: SilentEnd): readonly Citation<Note>[] {
  return [withNote<Note>(sent, 'sent', `${node}: ${sentPackets}`), withNote<Note>(received, 'received', node)]
}

function loggedAlone({ groups, origin }: LoggedLine, node: string, about: readonly Subject[]): Trouble {
  const device = groups.get('device')
  return found<VxlanPortTrouble, Note>(
    device === undefined ? { kind: 'unsupported', node } : { kind: 'taken', node, device },
    {
      subject: device === undefined ? 'unsupported' : `${device}/log`,
      confidence: 'possible',
      severity: 'high',
      evidence: [withNote<Note>(origin, 'log')],
      about,
    },
  )
}
