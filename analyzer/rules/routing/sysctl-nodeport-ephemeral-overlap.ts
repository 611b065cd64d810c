import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, clear, found, unchecked } from '../../engine/verdict.ts'
import { nodePortRange } from '../../facts/cluster/nodePortRange.ts'
import { type LoggedSignal, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { ProxiedService } from '../../facts/node/proxiedService.ts'
import { services } from '../../facts/node/services.ts'
import type { ConntrackEntry, ConntrackList } from '../../parsers/conntrackList.ts'
import type { Address } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { readPortRange, readReservedPorts, unreservedOverlap } from './portRanges.ts'
import { type PortOverlap, text } from './sysctl-nodeport-ephemeral-overlap.text.ts'

type Note = 'local' | 'reserved' | 'nodePorts' | 'taken' | 'log'

const LOCAL = 'net.ipv4.ip_local_port_range'
const RESERVED = 'net.ipv4.ip_local_reserved_ports'

/**
 * The ports that the node's own connections start from include those of NodePort Services: sooner or later one takes the other's port
 * (net/ipv4/inet_connection_sock.c, inet_csk_find_open_port and inet_hashtables.c; kubernetes#111682).
 */
export default defineRule({
  id: 'sysctl-nodeport-ephemeral-overlap',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'kubernetes/kubernetes#111682', url: 'https://github.com/kubernetes/kubernetes/issues/111682' },
    {
      title: 'Linux Documentation/networking/ip-sysctl.rst, ip_local_port_range and ip_local_reserved_ports',
    },
  ],
  needs: { values: captured.sysctlValues, nodePorts: nodePortRange },
  // Taken from each node: what is short of the Services is nothing to a node whose ranges are apart.
  wants: {
    services: eachNode(services),
    addresses: eachNode(nodeAddresses),
    conntrack: eachNode(captured.conntrackList),
    logs: logSignals,
  },
  text,
  check({ values, nodePorts, services, addresses, conntrack, logs }, node) {
    const local = values.value.get(LOCAL)
    const span = local && readPortRange(local.value)
    if (local === undefined || span === undefined) return unchecked('noKey')
    const reserved = values.value.get(RESERVED)
    const overlap = unreservedOverlap(span, nodePorts, readReservedPorts(reserved?.value ?? ''))
    if (overlap.length === 0) return clear()

    const isIn = (port: number | undefined): boolean =>
      port !== undefined && overlap.some(({ first, last }) => port >= first && port <= last)
    const programmed = (valueOfNode(services ?? [], node.id) ?? []).filter(
      ({ kind, port }) => kind === 'nodePort' && isIn(port),
    )
    const flows = valueOfNode(conntrack ?? [], node.id)
    const own = new Set((valueOfNode(addresses ?? [], node.id) ?? []).map(({ address }) => address))
    const taken = flows && takenBy(flows.value, programmed, own)
    const evidence: Citation<Note>[] = [withNote<Note>(values.cite(local.line), 'local')]
    if (reserved) evidence.push(withNote<Note>(values.cite(reserved.line), 'reserved'))
    if (nodePorts.origin) evidence.push(withNote<Note>(nodePorts.origin, 'nodePorts'))
    if (flows && taken) evidence.unshift(withNote<Note>(flows.cite(taken.line), 'taken'))
    const refused = logs?.of('node-port-not-opened')
    const data = {
      node: node.id,
      local: span,
      nodePorts: { first: nodePorts.first, last: nodePorts.last },
      overlap,
      used: [...new Set(programmed.map(({ port }) => port))].toSorted((a, b) => a - b),
      ...(taken?.original.sourcePort !== undefined && { taken: taken.original.sourcePort }),
    }
    if (refused) return refusedPort(data, refused, evidence)
    return found<PortOverlap, Note>(data, {
      subject: 'ports',
      confidence: taken ? 'certain' : programmed.length > 0 ? 'likely' : 'possible',
      ...(programmed.length === 0 && { severity: 'low' }),
      evidence,
      about: [`node:${node.id}`, `sysctl:${node.id}/${LOCAL}`],
    })
  },
})

/** A connection that the node itself opened from the port of a Service. */
function takenBy(
  { entries }: ConntrackList,
  services: readonly ProxiedService[],
  own: ReadonlySet<Address>,
): ConntrackEntry | undefined {
  const ports = new Set(services.map(({ protocol, port }) => `${protocol} ${port}`))
  if (ports.size === 0) return undefined
  for (const entry of entries) {
    const { source, destination, sourcePort } = entry.original
    if (own.has(source) && !own.has(destination) && ports.has(`${entry.protocol} ${sourcePort}`)) return entry
  }
  return undefined
}

/** Until 1.23 kube-proxy opens the port itself, and leaves the Service out where that fails. */
function refusedPort(
  data: PortOverlap,
  refused: LoggedSignal,
  evidence: readonly Citation<Note>[],
): Found<PortOverlap, Note> {
  const [line] = refused.lines.slice(-1)
  return found<PortOverlap, Note>(
    {
      ...data,
      refused: {
        service: line?.groups.get('service') ?? '',
        port: Number(line?.groups.get('port') ?? 0),
      },
    },
    {
      subject: 'ports',
      severity: 'high',
      confidence: confidenceFromLog('certain', refused.lines),
      evidence: [...refused.lines.slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')), ...evidence],
      about: [`node:${data.node}`, `sysctl:${data.node}/${LOCAL}`],
    },
  )
}
