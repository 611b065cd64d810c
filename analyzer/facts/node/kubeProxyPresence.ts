import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { CriContainer } from '../../parsers/criContainers.ts'
import type { DockerContainer } from '../../parsers/dockerPs.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'

/** Whether kube-proxy runs on a node, and what shows it. */
export interface KubeProxyPresence {
  /**
   * `embedded`: k3s and microk8s run it inside their own process; `replaced`: another program serves the Services, or can; `gone`: the
   * processes or containers of the node are listed, and it is not among them; `untold`: nothing lists them.
   */
  readonly state: 'running' | 'embedded' | 'replaced' | 'gone' | 'untold'
  /** Of `gone`: the list of sockets and the kubelet in it, or the containers that stopped. */
  readonly evidence: readonly Evidence[]
  /** Of `gone`: its container is there, and stopped. */
  readonly isStopped: boolean
}

const NAME = 'kube-proxy'
/** The port of its health check (Kubernetes pkg/proxy/apis/config, HealthzBindAddress). */
const HEALTH_PORT = 10_256
/** Process names as the kernel cuts them: k3s calls itself k3s-server or k3s-agent. */
const EMBEDDING = /^(?:k3s(?:-server|-agent)?|kubelite|hyperkube)$/
/** Cilium, kube-router, Antrea, OVN-Kubernetes and OpenShift SDN can serve Services themselves. */
const REPLACEMENT =
  /^(?:cilium-agent|kube-router|antrea-agent|ovnkube(?:-node|-controller)?|openshift-sdn(?:-n.{0,3})?)$/
/** Their devices, and those of Calico with eBPF. */
const REPLACEMENT_DEVICE =
  /^(?:cilium_host|bpf(?:in|out)\.cali|kube-bridge|kube-dummy-if|antrea-gw0|ovn-k8s-mp0)$/

/** Does the device belong to a program that can serve Services in the place of kube-proxy? */
export function isReplacementDevice({ name }: Pick<NodeInterface, 'name'>): boolean {
  return REPLACEMENT_DEVICE.test(name)
}

interface NamedContainer {
  readonly name: string
  readonly isRunning: boolean
  readonly origin: Evidence
}

/**
 * Whether kube-proxy runs, by sockets and containers. That it does not is concluded only from a whole list of sockets which names the
 * kubelet among the processes, or from its stopped containers, on a node whose devices show no other program for Services.
 */
export const kubeProxyPresence = defineNodeFact({
  name: 'whether kube-proxy runs',
  needs: {},
  wants: {
    listeners: captured.ssListen,
    cri: captured.criContainers,
    docker: captured.dockerPs,
    interfaces,
  },
  compute({ listeners, cri, docker, interfaces }): Availability<KubeProxyPresence> {
    const containers = [...ofCri(cri), ...ofDocker(docker)]
    const told = (state: KubeProxyPresence['state'], evidence: readonly Evidence[], isStopped = false) =>
      available({ state, evidence, isStopped })

    const running = [
      ...processesNamed(listeners, (name) => name === NAME),
      ...containers.filter(({ name, isRunning }) => name === NAME && isRunning).map(({ origin }) => origin),
    ]
    if (running.length > 0) return told('running', running.slice(0, 1))
    const replacing = [
      ...(interfaces ?? []).filter(isReplacementDevice).map(({ origin }) => origin),
      ...processesNamed(listeners, (name) => REPLACEMENT.test(name)),
      ...containers
        .filter(({ name, isRunning }) => REPLACEMENT.test(name) && isRunning)
        .map(({ origin }) => origin),
    ]
    if (replacing.length > 0) return told('replaced', replacing.slice(0, 1))
    const embedding = processesNamed(listeners, (name) => EMBEDDING.test(name))
    if (embedding.length > 0) return told('embedded', embedding.slice(0, 1))
    const health = portHolder(listeners)
    if (health) return told('running', [health])
    const stopped = containers.filter(({ name }) => name === NAME).map(({ origin }) => origin)
    const kubelet = listeners?.status === 'ok' ? processesNamed(listeners, (name) => name === 'kubelet') : []
    const isListed = kubelet.length > 0 || stopped.length > 0
    if (!isListed || !areWhole([cri, docker]) || !hasNames(interfaces)) return told('untold', [])
    const list = listeners && kubelet.length > 0 ? [listeners.cite({ number: 0, text: '' })] : []
    return told('gone', [...list, ...kubelet.slice(0, 1), ...stopped.slice(-1)], stopped.length > 0)
  },
})

function processesNamed(
  listeners: Capture<readonly Listener[]> | undefined,
  matches: (name: string) => boolean,
): readonly Evidence[] {
  if (listeners === undefined) return []
  return listeners.value
    .filter(({ processes }) => processes.some(({ name }) => matches(name)))
    .map(({ line }) => listeners.cite(line))
}

function portHolder(listeners: Capture<readonly Listener[]> | undefined): Evidence | undefined {
  const holder = listeners?.value.find(({ port, protocol }) => port === HEALTH_PORT && protocol === 'tcp')
  return holder && listeners?.cite(holder.line)
}

function ofCri(capture: Capture<readonly CriContainer[]> | undefined): readonly NamedContainer[] {
  return (capture?.value ?? []).flatMap(({ name, state, line }) =>
    capture === undefined ? [] : [{ name, isRunning: state === 'RUNNING', origin: capture.cite(line) }],
  )
}

/** Docker names a container of the kubelet `k8s_kube-proxy_kube-proxy-7xk2p_kube-system_…`, others as they were started. */
function ofDocker(capture: Capture<readonly DockerContainer[]> | undefined): readonly NamedContainer[] {
  return (capture?.value ?? []).flatMap(({ names, running, line }) =>
    names.flatMap((full) =>
      capture === undefined
        ? []
        : [
            {
              name: full.startsWith('k8s_') ? (full.split('_')[1] ?? '') : full,
              isRunning: running,
              origin: capture.cite(line),
            },
          ],
    ),
  )
}

/** A list of containers that was cut off may lack the one that runs. */
function areWhole(captures: readonly (Capture<unknown> | undefined)[]): boolean {
  return captures.every((capture) => capture === undefined || ['ok', 'empty'].includes(capture.status))
}

function hasNames(interfaces: readonly NodeInterface[] | undefined): boolean {
  return interfaces !== undefined && interfaces.length > 0
}
