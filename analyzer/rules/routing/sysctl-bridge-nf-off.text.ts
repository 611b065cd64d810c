import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: a bridge with pods whose packets iptables does not see. */
export interface BridgeNfOff {
  readonly node: string
  readonly bridge: string
  /** Pods on the bridge. */
  readonly pods: number
  /** It is known that kube-proxy programs Services here. */
  readonly isProxied: boolean
  /** The setting is there and 0; else br_netfilter is not loaded. */
  readonly isLoaded: boolean
  /** A pod that waits for an answer, and the Service it asked. */
  readonly client?: string
  readonly service?: string
}

type Reason = 'noBridge' | 'noProxy' | 'noKey'
type Note = 'setting' | 'bridge' | 'port' | 'unanswered' | 'log' | 'noKey'

/** The words of sysctl-bridge-nf-off. */
export const text: RuleTexts<BridgeNfOff, Reason, Note> = {
  en: {
    name: 'Packets on the pod bridge pass iptables by',
    looksFor:
      'net.bridge.bridge-nf-call-iptables, or its absence (br_netfilter is not loaded), on a node whose pods are on a Linux bridge; and connections to Services in the tracking table that stay unanswered between two pods of that bridge.',
    why: 'kube-proxy translates a Service’s address into a pod’s where packets pass iptables. Between two pods of one bridge packets are switched, not routed, and pass iptables only if br_netfilter hands them over. Where it does not, a pod that asks a Service whose endpoint is on the same node gets the answer from an address it never asked, and drops it. Endpoints on other nodes work, so that every second or third connection fails.',
    consequences:
      'Every second or third connection to a Service times out, always from pods that share the node with the endpoint; DNS is slow on nodes that run CoreDNS.',
    commonCauses: [
      'br_netfilter is not in modules-load.d, and the node was restarted.',
      'A sysctl.d file of the distribution (libvirt’s, a hardening script’s) sets the key to 0.',
      'The node was set up by hand, without kubeadm’s preflight checks.',
    ],
    mimics: [
      'Networks without a bridge (Calico, Cilium, AWS VPC): pods are routed, and the setting does not matter.',
      'A bridge without an address: a second network of pods (Multus), by which no Service is asked.',
      'kube-router’s bridge: it sets what it needs itself.',
      'The setting of the bridge alone (nf_call_iptables 1 in `ip -d link`) does as well.',
      'A node where nothing programs Services in iptables or IPVS.',
    ],
    cure: 'Load br_netfilter at boot (modules-load.d) and set net.bridge.bridge-nf-call-iptables=1. A sysctl.d file alone is not enough: it is applied before the module is loaded, and the key is not there yet.',
    title: (d) =>
      d.isLoaded
        ? `Packets on ${d.bridge} of ${d.node} pass iptables by (bridge-nf-call-iptables=0)`
        : `Packets on ${d.bridge} of ${d.node} pass iptables by (br_netfilter is not loaded)`,
    summary(d) {
      const pods = d.pods === 1 ? 'one pod' : `${formatCount(d.pods)} pods`
      const state = d.isLoaded
        ? `net.bridge.bridge-nf-call-iptables is 0 on ${d.node}, and ${d.bridge} has ${pods}.`
        : `${d.node} has no setting below net.bridge, so br_netfilter is not loaded, and ${d.bridge} has ${pods}.`
      const effect =
        'A pod that asks a Service whose endpoint is on the same node gets an answer that is not translated back, and drops it: such connections time out, while endpoints on other nodes answer.'
      if (d.client === undefined) return `${state} ${effect}`
      return `${state} ${effect} At the time of the capture ${d.client} was waiting so for the Service address ${d.service}.`
    },
    ruledOut: (d) => [
      'Pods are on a bridge here, and it has no setting of its own that would hand packets over.',
      ...(d.isProxied ? ['kube-proxy programs Services on this node.'] : []),
    ],
    remedy: (d) => [
      {
        text: 'Load the module and turn the setting on.',
        commands: [
          ...(d.isLoaded ? [] : ['modprobe br_netfilter']),
          'sysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1',
        ],
      },
      {
        text: 'Keep both over a reboot: the module must be loaded before sysctl.d is applied.',
        commands: [
          'echo br_netfilter >/etc/modules-load.d/br_netfilter.conf',
          String.raw`printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\n' >/etc/sysctl.d/99-bridge-nf.conf`,
        ],
      },
    ],
    verify: () => [
      {
        text: 'The setting is 1, and a pod reaches a Service whose only endpoint is on its own node.',
        commands: ['sysctl net.bridge.bridge-nf-call-iptables', 'lsmod | grep br_netfilter'],
      },
    ],
    reasons: {
      noBridge: 'No Linux bridge with pods is on this node.',
      noProxy: 'kube-proxy programs nothing in iptables or IPVS on this node.',
      noKey: 'The captured settings do not show whether br_netfilter is on.',
    },
    notes: {
      setting: () => 'packets on bridges are not handed to iptables',
      noKey: () => 'no key below net.bridge is in it: br_netfilter is not loaded',
      bridge: () => 'the pods’ bridge',
      port: () => 'a pod on it',
      unanswered: () => 'from a pod to a Service whose endpoint is on the same bridge: not answered',
      log: () => 'the missing setting was reported',
    },
  },
  zh: {
    name: 'Pod 网桥上的报文绕过了 iptables',
    looksFor:
      'Pod 位于 Linux 网桥上的节点中 net.bridge.bridge-nf-call-iptables 的值，或者没有该键（br_netfilter 未加载）；以及连接跟踪表中同一网桥的两个 Pod 之间一直没有应答的 Service 连接。',
    why: 'kube-proxy 在报文经过 iptables 的地方把 Service 地址转换成 Pod 地址。同一网桥的两个 Pod 之间是交换而不是路由，只有 br_netfilter 才会把报文交给 iptables。否则，Pod 访问端点在同一节点上的 Service 时，应答来自一个它从未访问过的地址，于是被丢弃。其他节点上的端点正常，因此每两三次连接就有一次失败。',
    consequences:
      '每两三次到 Service 的连接就有一次超时，而且总是与端点同节点的 Pod；运行 CoreDNS 的节点上 DNS 很慢。',
    commonCauses: [
      'modules-load.d 里没有 br_netfilter，节点又重启过。',
      '发行版的 sysctl.d 文件（libvirt、加固脚本）把该键设为 0。',
      '节点是手工搭建的，没有经过 kubeadm 的预检。',
    ],
    mimics: [
      '没有网桥的网络（Calico、Cilium、AWS VPC）：Pod 是路由的，该设置无关紧要。',
      '没有地址的网桥：Pod 的第二网络（Multus），不会经它访问 Service。',
      'kube-router 的网桥：它自己设置所需参数。',
      '网桥自身的设置（`ip -d link` 中的 nf_call_iptables 1）同样有效。',
      '没有程序用 iptables 或 IPVS 实现 Service 的节点。',
    ],
    cure: '开机加载 br_netfilter（modules-load.d），并设置 net.bridge.bridge-nf-call-iptables=1。只有 sysctl.d 文件是不够的：它在模块加载之前应用，那时键还不存在。',
    title: (d) => `${d.node} 的网桥 ${d.bridge} 上的报文绕过了 iptables`,
    summary(d) {
      const state = d.isLoaded
        ? `${d.node} 的 net.bridge.bridge-nf-call-iptables 为 0，${d.bridge} 上有 ${formatCount(d.pods)} 个 Pod。`
        : `${d.node} 没有 net.bridge 下的键，即 br_netfilter 未加载，${d.bridge} 上有 ${formatCount(d.pods)} 个 Pod。`
      const effect =
        'Pod 访问端点在同一节点上的 Service 时，收到的应答没有转换回来，因而被丢弃：这样的连接会超时，而其他节点上的端点正常应答。'
      if (d.client === undefined) return `${state}${effect}`
      return `${state}${effect}采集时 ${d.client} 正在这样等待 Service 地址 ${d.service} 的应答。`
    },
    ruledOut: (d) => [
      '这里的 Pod 在网桥上，而网桥没有自己的转交设置。',
      ...(d.isProxied ? ['kube-proxy 在该节点上实现了 Service。'] : []),
    ],
    remedy: (d) => [
      {
        text: '加载模块并打开该设置。',
        commands: [
          ...(d.isLoaded ? [] : ['modprobe br_netfilter']),
          'sysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1',
        ],
      },
      {
        text: '在重启后保持：模块必须在应用 sysctl.d 之前加载。',
        commands: [
          'echo br_netfilter >/etc/modules-load.d/br_netfilter.conf',
          String.raw`printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\n' >/etc/sysctl.d/99-bridge-nf.conf`,
        ],
      },
    ],
    verify: () => [
      {
        text: '该设置为 1，Pod 能访问唯一端点在本节点上的 Service。',
        commands: ['sysctl net.bridge.bridge-nf-call-iptables', 'lsmod | grep br_netfilter'],
      },
    ],
    reasons: {
      noBridge: '该节点上没有承载 Pod 的 Linux 网桥。',
      noProxy: 'kube-proxy 没有在该节点上用 iptables 或 IPVS 实现任何 Service。',
      noKey: '采集到的参数看不出 br_netfilter 是否启用。',
    },
    notes: {
      setting: () => '网桥上的报文不交给 iptables',
      noKey: () => '其中没有 net.bridge 下的键：br_netfilter 没有加载',
      bridge: () => 'Pod 所在的网桥',
      port: () => '网桥上的一个 Pod',
      unanswered: () => 'Pod 到端点在同一网桥上的 Service：没有应答',
      log: () => '日志报告缺少该设置',
    },
  },
}
