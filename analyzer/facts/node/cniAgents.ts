import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import type { CniPlugin } from '../../parsers/cniConf.ts'
import type { CriContainer } from '../../parsers/criContainers.ts'
import type { DockerContainer } from '../../parsers/dockerPs.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { type PodsOfNode, podsOfNode } from './podsOfNode.ts'

/** A network plugin that needs a program of its own on every node. */
export type CniAgent = 'antrea' | 'calico' | 'cilium' | 'flannel' | 'kube-router' | 'multus' | 'weave'

/**
 * What became of the program: `running`; `stopped`, its container is there and does not run; `absent`, the containers of the node are
 * listed, and it is not among them; `untold`, nothing lists them, or it may run outside of containers.
 */
export interface CniAgentState {
  readonly state: 'running' | 'stopped' | 'absent' | 'untold'
  /** What shows it: the process or container, or the lists that lack it. */
  readonly evidence: readonly Evidence[]
}

/** The programs of the network plugins on a node. */
export type CniAgents = (agent: CniAgent) => CniAgentState

/**
 * Names of containers in the projects' own manifests, and of processes as `ss` prints them (the kernel cuts them at 15 characters). A
 * BIRD that runs by itself is taken for Calico's: what runs is no leftover.
 */
const PROGRAMS: ReadonlyMap<CniAgent, RegExp> = new Map([
  ['antrea', /^antrea-agent$/],
  ['calico', /^(?:calico-node|calico-felix|bird6?)$/],
  ['cilium', /^cilium-agent$/],
  ['flannel', /^(?:kube-flannel|flanneld?)$/],
  ['kube-router', /^kube-router$/],
  ['multus', /^(?:kube-)?multus(?:-daemon|-ds)?$/],
  ['weave', /^(?:weave|weaver)$/],
])

const PLUGINS: ReadonlyMap<string, CniAgent> = new Map([
  ['antrea', 'antrea'],
  ['calico', 'calico'],
  ['cilium-cni', 'cilium'],
  ['flannel', 'flannel'],
  ['multus', 'multus'],
  ['multus-shim', 'multus'],
  ['weave-net', 'weave'],
])

/** Plugins of containernetworking/plugins, which need no program beside themselves. */
const STANDARD = new Set([
  'bandwidth',
  'bridge',
  'dummy',
  'firewall',
  'host-device',
  'ipvlan',
  'loopback',
  'macvlan',
  'portmap',
  'ptp',
  'sbr',
  'tuning',
  'vlan',
  'vrf',
])
const KUBE_ROUTER_BRIDGE = 'kube-bridge'

/** Whose program a plugin needs; `none` for the standard ones, undefined for those that are not known here. */
export function cniAgentOf({ type, bridge }: CniPlugin): CniAgent | 'none' | undefined {
  if (type === 'bridge' && bridge === KUBE_ROUTER_BRIDGE) return 'kube-router'
  return PLUGINS.get(type) ?? (STANDARD.has(type) ? 'none' : undefined)
}

interface Program {
  readonly name: string
  readonly isRunning: boolean
  readonly origin: Evidence
}

/**
 * Whether the programs of network plugins run on a node, by its sockets, its containers and the API server’s list of its pods. flannel
 * may also run outside of containers, as in k3s: where its subnet.env is, its absence from them says nothing.
 */
export const cniAgents = defineNodeFact({
  name: 'programs of network plugins',
  needs: {},
  wants: {
    listeners: captured.ssListen,
    cri: captured.criContainers,
    docker: captured.dockerPs,
    subnetEnv: captured.flannelSubnetEnv,
    pods: podsOfNode,
  },
  compute({ listeners, cri, docker, subnetEnv, pods }, node): Availability<CniAgents> {
    const lists = [ofCri(cri, node), ofDocker(docker, node), ofPods(pods)].filter(
      (list) => list !== undefined,
    )
    const programs = [...ofSockets(listeners), ...lists.flatMap((list) => list.programs)]
    const whole = lists.flatMap(({ list }) => list ?? [])
    return available((agent) => {
      const own = programs.filter(({ name }) => PROGRAMS.get(agent)?.test(name))
      const running = own.find(({ isRunning }) => isRunning)
      if (running !== undefined) return { state: 'running', evidence: [running.origin] }
      const [stopped] = own
      if (stopped !== undefined) return { state: 'stopped', evidence: [stopped.origin] }
      const isOutside = agent === 'flannel' && subnetEnv !== undefined
      return whole.length === 0 || isOutside
        ? { state: 'untold', evidence: [] }
        : { state: 'absent', evidence: whole }
    })
  },
})

/** Programs of one source; `list` where it has all of the node's. */
interface ProgramList {
  readonly programs: readonly Program[]
  readonly list: Evidence | undefined
}

function ofSockets(listeners: Capture<readonly Listener[]> | undefined): readonly Program[] {
  if (listeners === undefined) return []
  return listeners.value.flatMap(({ processes, line }) =>
    processes.map(({ name }) => ({ name, isRunning: true, origin: listeners.cite(line) })),
  )
}

function ofCri(
  capture: Capture<readonly CriContainer[]> | undefined,
  node: NodeScope,
): ProgramList | undefined {
  if (capture === undefined) return undefined
  const programs = capture.value.map(({ name, state, line }) => ({
    name,
    isRunning: state === 'RUNNING',
    origin: capture.cite(line),
  }))
  return { programs, list: listOf(capture, programs, node) }
}

/** Docker names a container of the kubelet `k8s_calico-node_calico-node-7xk2p_kube-system_…`, others as they were started. */
function ofDocker(
  capture: Capture<readonly DockerContainer[]> | undefined,
  node: NodeScope,
): ProgramList | undefined {
  if (capture === undefined) return undefined
  const programs = capture.value.flatMap(({ names, running, line }) =>
    names.map((full) => ({
      name: full.startsWith('k8s_') ? (full.split('_')[1] ?? '') : full,
      isRunning: running,
      origin: capture.cite(line),
    })),
  )
  // A Docker beside the kubelet's runtime has none of its containers.
  const isOfKubelet = capture.value.some(({ names }) => names.some((name) => name.startsWith('k8s_')))
  return { programs, list: isOfKubelet ? listOf(capture, programs, node) : undefined }
}

function ofPods(own: PodsOfNode | undefined): ProgramList | undefined {
  if (own === undefined) return undefined
  const programs = own.pods.flatMap(({ phase, containers, line }) =>
    containers.map(({ name, waitingReason }) => ({
      name,
      isRunning: phase === 'Running' && waitingReason === undefined,
      origin: own.cite(line),
    })),
  )
  return { programs, list: programs.length > 0 ? own.origin : undefined }
}

/** A list that was cut off, or is empty, may lack what runs. */
function listOf(
  capture: Capture<unknown>,
  programs: readonly Program[],
  { bundle }: NodeScope,
): Evidence | undefined {
  const row = bundle.sources.find(({ path }) => path === capture.path)
  const isWhole = capture.status === 'ok' && (row?.unreadLines ?? 0) === 0 && (row?.dropped ?? 0) === 0
  return isWhole && programs.length > 0 ? capture.cite({ number: 0, text: capture.command ?? '' }) : undefined
}
