import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { hostPortsOf, meetsHostPorts } from '../../facts/node/hostPorts.ts'
import { iptablesTables } from '../../facts/node/iptablesTables.ts'
import { type ProxiedService, splitPortName } from '../../facts/node/proxiedService.ts'
import { services } from '../../facts/node/services.ts'
import { isLoopback } from '../../net/address.ts'
import type { CriPod } from '../../parsers/criPods.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { type ListenerConflict, type Note, text } from './hostport-nodeport-listener-conflict.text.ts'

/** Listeners of one port that are cited. */
const MAX_CITED = 2
/** Above, a UDP socket without a peer may be that of a client, whose answers no rule redirects. */
const LAST_SYSTEM_PORT = 1023
/** Until Kubernetes 1.24 kube-proxy held every node port open itself; these run it within themselves. */
const KUBE_PROXY = /^(?:kube-proxy|hyperkube|kubelite|k3s(?:-server|-agent)?|rke2(?:-server|-agent)?)$/
/** Every address of the node; none of them rules IPv4 out. */
const ANY: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::'])

/** A port of the node whose packets go elsewhere before they reach a socket. */
interface TakenPort {
  readonly by: 'hostPort' | 'nodePort'
  readonly protocol: string
  readonly port: number
  /** Undefined: on every address of the node. */
  readonly address: string | undefined
  /** `namespace/name` of the Service or the pod, where it is known. */
  readonly owner: string | undefined
  /** Of a hostPort. */
  readonly chain?: string
  readonly origin: Evidence
}

const needs = { listeners: captured.ssListen, services, nat: iptablesTables.nat }
/** Only for their names: a list that is cut off hides no conflict. */
const wants = { pods: eachNode(captured.criPods) }

/** Translation comes before the socket is looked up: what comes from outside goes to the pod, and a process of the host waits in vain. */
export default defineRule({
  id: 'hostport-nodeport-listener-conflict',
  area: 'services',
  severity: 'medium',
  references: [
    { title: 'containernetworking/plugins plugins/meta/portmap/portmap_iptables.go' },
    { title: 'Kubernetes pkg/proxy/iptables/proxier.go, KUBE-NODEPORTS' },
    {
      title: 'K3s documentation, Service Load Balancer: hostPorts of the pods svclb-…',
      url: 'https://docs.k3s.io/networking/networking-services',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const taken = takenPorts(inputs, node.id)
    if (taken.length === 0) return notApplicable('noPorts')
    const { listeners } = inputs
    const waiting = listeners.value.filter(waitsForOutside)
    const conflicts = taken.map((port) => ({ port, own: waiting.filter((each) => isMet(each, port)) }))
    const told = conflicts
      .filter(({ own }) => own.length > 0)
      .map(({ port, own }) => tell(port, own, listeners, node.id))
    if (told.length > 0) return told
    // Without the processes nothing tells whether kube-proxy itself holds the port of a node.
    const isVague = waiting.some(
      (each) =>
        each.processes.length === 0 && taken.some((port) => port.by === 'nodePort' && isSame(each, port)),
    )
    return isVague ? unchecked('noProcesses') : []
  },
})

function takenPorts(
  { services, nat, pods }: Inputs<typeof needs, typeof wants>,
  node: string,
): readonly TakenPort[] {
  const sandboxes = valueOfNode(pods ?? [], node)?.value ?? []
  const hostPorts = nat
    .map(({ dump }) => dump.capture)
    .filter(meetsHostPorts)
    .flatMap(hostPortsOf)
    .flatMap(({ protocol, ports, address, sandbox, chain, origin }) =>
      ports.map((port): TakenPort => ({
        by: 'hostPort',
        protocol,
        port: Number(port),
        address: address === '' ? undefined : address,
        owner: nameOf(sandboxes.find(({ id }) => id === sandbox)),
        chain,
        origin,
      })),
    )
  const nodePorts = services.filter(({ kind }) => kind === 'nodePort').map(ofService)
  const taken = [...hostPorts, ...nodePorts]
  // IPVS has a node port once for each address, both families of iptables each once.
  return [...new Map(taken.toReversed().map((each) => [keyOf(each), each])).values()].toReversed()
}

function ofService({ protocol, port, address, name, origin }: ProxiedService): TakenPort {
  const owner = name === undefined ? undefined : splitPortName(name).service
  return { by: 'nodePort', protocol, port, address, owner, origin }
}

function keyOf({ by, protocol, port, address = '' }: TakenPort): string {
  return [by, protocol, port, by === 'hostPort' ? address : ''].join(' ')
}

function nameOf(pod: CriPod | undefined): string | undefined {
  return pod && `${pod.namespace}/${pod.name}`
}

function waitsForOutside({ protocol, state, address, port }: Listener): boolean {
  if (address !== '*' && isLoopback(address)) return false
  return protocol === 'tcp' ? state === 'LISTEN' : protocol === 'udp' && port <= LAST_SYSTEM_PORT
}

function isSame(listener: Listener, { protocol, port, address }: TakenPort): boolean {
  if (listener.protocol !== protocol || listener.port !== port) return false
  return address === undefined || ANY.has(listener.address) || listener.address === address
}

function isMet(listener: Listener, port: TakenPort): boolean {
  if (!isSame(listener, port)) return false
  const { processes } = listener
  return (
    port.by === 'hostPort' || (processes.length > 0 && !processes.some(({ name }) => KUBE_PROXY.test(name)))
  )
}

function tell(
  { by, protocol, port, address, owner, chain, origin }: TakenPort,
  own: readonly Listener[],
  listeners: Capture<readonly Listener[]>,
  node: string,
): Found<ListenerConflict, Note> {
  const processes = [...new Set(own.flatMap((each) => each.processes.map(({ name }) => name)))]
  // kube-proxy may be told to serve node ports on some addresses only (--nodeport-addresses).
  const isEverywhere =
    by === 'hostPort' || own.some((each) => ANY.has(each.address) || each.address === address)
  return found<ListenerConflict, Note>(
    { node, by, protocol, port, owner, processes },
    {
      subject: `${protocol}/${port}${by === 'hostPort' && address !== undefined ? `@${address}` : ''}`,
      confidence: processes.length > 0 && isEverywhere ? 'likely' : 'possible',
      evidence: [
        ...own.slice(0, MAX_CITED).map(({ line }) => withNote<Note>(listeners.cite(line), 'listener')),
        withNote<Note>(origin, by, owner ?? ''),
      ],
      about: [
        `node:${node}`,
        ...(chain === undefined ? [] : ([`chain:nat/${chain}`] as const)),
        ...(by === 'nodePort' && owner !== undefined ? ([`service:${owner}`] as const) : []),
      ],
    },
  )
}
