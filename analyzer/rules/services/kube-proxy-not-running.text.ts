import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** `none`: it programmed nothing; `frozen`: its rules stand as it left them; `unknown`: no capture tells. */
export type Rules = 'none' | 'frozen' | 'unknown'

/** A node without kube-proxy. */
export interface ProxyNotRunning {
  readonly node: string
  readonly rules: Rules
  readonly mode: ProxyMode['mode'] | undefined
  /** What shows that it belongs there; undefined where nothing does. */
  readonly expected: 'container' | 'pod' | 'peer' | undefined
  /** Its container is there, and stopped. */
  readonly isStopped: boolean
}

type Reason = 'embedded' | 'replaced' | 'untold' | 'starting' | 'podReady' | 'unknown'

/** What there is to see in the lines. */
export type Note = 'sockets' | 'kubelet' | 'stopped' | 'rule' | 'pod' | 'peer'

/** The words of kube-proxy-not-running. */
export const text: RuleTexts<ProxyNotRunning, Reason, Note> = {
  en: {
    name: 'kube-proxy is not running',
    looksFor:
      'A node whose list of sockets names the kubelet, but no kube-proxy and nobody on its port 10256; or whose kube-proxy container has stopped. Its iptables, IPVS and nftables rules tell whether Services still have rules there.',
    why: 'kube-proxy writes the rules that lead from the address of a Service to its pods. Without it, rules that are there stay as they are while pods come and go, and none come after a reboot.',
    consequences:
      'Without rules, pods and processes of the node reach no Service at all, not even DNS or the API server’s. With old rules, connections go to pods that are gone, and new Services are unknown.',
    commonCauses: [
      'kube-proxy crashes: a broken configuration, an expired certificate, a missing kernel module.',
      'Its pod was not created or evicted: a taint, an image that cannot be pulled, a nodeSelector.',
      'Its systemd unit is stopped or not enabled.',
    ],
    mimics: [
      'Cilium, Calico with eBPF, kube-router, Antrea, OVN-Kubernetes: their devices and processes show that they serve Services themselves.',
      'k3s and microk8s run kube-proxy inside their own process; k3s may also run without it (--disable-kube-proxy).',
      'A list of sockets without process names, as ss prints it to a user who is not root: nothing is concluded from it.',
      'kube-proxy with its health check and metrics switched off: if its pod is ready in the API, nothing is concluded.',
    ],
    cure: 'Start kube-proxy, and find out from its log why it stopped.',
    title: (d) =>
      d.rules === 'frozen'
        ? `kube-proxy is not running on ${d.node}; its rules stay as it left them`
        : `kube-proxy is not running on ${d.node}`,
    summary: (d) =>
      `${d.isStopped ? `The container of kube-proxy on ${d.node} has stopped.` : `No process of ${d.node} that listens is kube-proxy, while the kubelet is listed.`} ${RULES[d.rules](d)}${d.expected === undefined ? ' Nothing shows that kube-proxy belongs on this node: another program that is not known here may serve its Services.' : ''}`,
    ruledOut: (d) => [
      'No device or process of Cilium, Calico eBPF, kube-router, Antrea or OVN-Kubernetes is there.',
      'Neither k3s nor microk8s runs it inside its own process.',
      ...(d.expected === 'peer' ? ['The cluster uses kube-proxy: it runs on another node.'] : []),
      ...(d.expected === 'pod'
        ? ['The API server has a pod of kube-proxy for this node, which is not ready.']
        : []),
    ],
    remedy: (d) => [
      {
        text: 'See why it does not run: its pod’s state and last log, or its unit.',
        commands: look(d.node),
      },
      {
        text: 'Start it anew: delete the pod, or restart the unit on the node.',
        commands: start(d.node),
      },
    ],
    verify: (d) => [
      { text: `On ${d.node} the health check answers, and lastUpdated is recent.`, commands: HEALTH },
    ],
    reasons: {
      embedded:
        'k3s, microk8s or hyperkube is there, which runs kube-proxy inside its own process or without it.',
      replaced:
        'Another program that can serve Services runs on this node (Cilium, Calico eBPF, kube-router, Antrea, OVN).',
      untold:
        'No whole capture lists the processes or containers of this node: the list of sockets must name the kubelet.',
      starting: 'The node booted less than five minutes before: its pods may still be starting.',
      podReady:
        'No socket of kube-proxy is there, but the API server has its pod on this node as ready: it may listen nowhere.',
      unknown:
        'kube-proxy is not there, but nothing tells whether it should be, nor whether Services have rules.',
    },
    notes: {
      sockets: () => 'no socket of kube-proxy in the whole list',
      kubelet: () => 'the list names processes: here is the kubelet',
      stopped: () => 'the container has stopped',
      rule: () => 'a rule that kube-proxy left',
      pod: () => 'the pod of kube-proxy for this node, not ready',
      peer: (node) => `${node} runs kube-proxy`,
    },
  },
  zh: {
    name: 'kube-proxy 没有运行',
    looksFor:
      '套接字列表中有 kubelet，却没有 kube-proxy，也没有进程监听其 10256 端口的节点；或者 kube-proxy 容器已停止的节点。iptables、IPVS 和 nftables 规则说明该节点上是否还有 Service 的规则。',
    why: 'kube-proxy 写入把 Service 地址引向 Pod 的规则。没有它，已有的规则不再随 Pod 变化，节点重启后则完全没有规则。',
    consequences:
      '没有规则时，该节点的 Pod 和进程无法访问任何 Service，包括 DNS 和 API server 的 Service。只有旧规则时，连接会被发往已不存在的 Pod，新的 Service 也不生效。',
    commonCauses: [
      'kube-proxy 崩溃：配置错误、证书过期、缺少内核模块。',
      '其 Pod 没有创建或被驱逐：污点、镜像拉取失败、nodeSelector。',
      '其 systemd 单元已停止或未启用。',
    ],
    mimics: [
      'Cilium、Calico eBPF、kube-router、Antrea、OVN-Kubernetes：它们的网络设备和进程表明由它们自己实现 Service。',
      'k3s 和 microk8s 在自己的进程内运行 kube-proxy；k3s 也可能不带它运行（--disable-kube-proxy）。',
      '没有进程名的套接字列表（非 root 用户执行 ss 的结果）：不据此下结论。',
      '关闭了健康检查和 metrics 的 kube-proxy：如果 API 中其 Pod 已就绪，则不下结论。',
    ],
    cure: '启动 kube-proxy，并从其日志查明停止的原因。',
    title: (d) =>
      d.rules === 'frozen'
        ? `${d.node} 上的 kube-proxy 没有运行，规则停留在原来的状态`
        : `${d.node} 上的 kube-proxy 没有运行`,
    summary: (d) =>
      `${d.isStopped ? `${d.node} 上的 kube-proxy 容器已停止。` : `${d.node} 的监听进程中有 kubelet，但没有 kube-proxy。`}${CHINESE_RULES[d.rules](d)}${d.expected === undefined ? '没有任何证据表明该节点应该运行 kube-proxy：可能由此处未知的其他程序实现 Service。' : ''}`,
    ruledOut: (d) => [
      '没有 Cilium、Calico eBPF、kube-router、Antrea 或 OVN-Kubernetes 的设备或进程。',
      '不是 k3s 或 microk8s 在自己的进程内运行它。',
      ...(d.expected === 'peer' ? ['集群使用 kube-proxy：它在其他节点上运行。'] : []),
      ...(d.expected === 'pod' ? ['API server 中有该节点的 kube-proxy Pod，但未就绪。'] : []),
    ],
    remedy: (d) => [
      { text: '查看它为什么没有运行：Pod 的状态和上一次的日志，或者 systemd 单元。', commands: look(d.node) },
      { text: '重新启动：删除 Pod，或在节点上重启该单元。', commands: start(d.node) },
    ],
    verify: (d) => [
      { text: `${d.node} 上的健康检查有应答，且 lastUpdated 是最近的时间。`, commands: HEALTH },
    ],
    reasons: {
      embedded: '该节点运行 k3s、microk8s 或 hyperkube，kube-proxy 在其进程内运行，或者不使用 kube-proxy。',
      replaced:
        '该节点上运行着可以实现 Service 的其他程序（Cilium、Calico eBPF、kube-router、Antrea、OVN）。',
      untold: '没有完整的采集列出该节点的进程或容器：套接字列表中必须有 kubelet。',
      starting: '节点启动不到五分钟：其 Pod 可能仍在启动。',
      podReady: '没有 kube-proxy 的套接字，但 API server 中其 Pod 已就绪：它可能没有监听任何端口。',
      unknown: '没有 kube-proxy，但无法判断该节点是否应该有它，也无法判断 Service 是否有规则。',
    },
    notes: {
      sockets: () => '完整的列表中没有 kube-proxy 的套接字',
      kubelet: () => '列表包含进程名：这是 kubelet',
      stopped: () => '该容器已停止',
      rule: () => 'kube-proxy 留下的规则',
      pod: () => '该节点的 kube-proxy Pod，未就绪',
      peer: (node) => `${node} 运行着 kube-proxy`,
    },
  },
}

const RULES: Readonly<Record<Rules, (data: ProxyNotRunning) => string>> = {
  none: () =>
    'Neither iptables nor IPVS nor nftables holds rules for Services: none of them can be reached from this node.',
  frozen: ({ mode }) =>
    `Its ${mode} rules are still there and no longer follow the cluster: they lead to pods as they were when it stopped.`,
  unknown: () => 'Whether Services still have rules there was not captured.',
}

const CHINESE_RULES: Readonly<Record<Rules, (data: ProxyNotRunning) => string>> = {
  none: () => 'iptables、IPVS 和 nftables 中都没有 Service 的规则：从该节点无法访问任何 Service。',
  frozen: ({ mode }) => `它的 ${mode} 规则仍在，但不再随集群更新：指向它停止时的 Pod。`,
  unknown: () => '没有采集到该节点上是否还有 Service 的规则。',
}

const HEALTH: Step['commands'] = ['curl -s http://127.0.0.1:10256/healthz']

function ofNode(node: string): string {
  return `-l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`
}

function look(node: string): readonly string[] {
  return [
    `kubectl -n kube-system get pods -o wide ${ofNode(node)}`,
    'systemctl status kube-proxy',
    'journalctl -u kube-proxy -n 50',
  ]
}

function start(node: string): readonly string[] {
  return [`kubectl -n kube-system delete pod ${ofNode(node)}`, 'systemctl restart kube-proxy']
}
