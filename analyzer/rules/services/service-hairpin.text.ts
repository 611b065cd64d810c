import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Ports of pods that do not turn packets back. */
export interface ServiceHairpin {
  readonly node: string
  readonly bridge: string
  readonly ports: readonly string[]
  /** Pods on the bridge of which it is known. */
  readonly pods: number
  readonly mode: string
}

type Reason = 'noProxy' | 'noBridge' | 'noDetails'
type Note = 'off' | 'bridge'

/** The words of service-hairpin. */
export const text: RuleTexts<ServiceHairpin, Reason, Note> = {
  en: {
    name: 'Pods cannot reach themselves through their Service',
    looksFor:
      'Ports of pods on the plugin’s bridge with `hairpin off` in `ip -d link`, on a bridge that is not promiscuous, where kube-proxy programs Services.',
    why: 'A pod that asks a Service which it stands behind itself may be given itself as the endpoint. The packet then has to leave the bridge through the port that it came in by. A bridge does that only where the port’s hairpin mode is on.',
    consequences:
      'Of the connections of a pod to its own Service those that come back to it time out: with one replica all of them, with three one in three. Other pods are not concerned.',
    commonCauses: [
      'The plugin’s configuration lacks `"hairpinMode": true` (flannel sets it, a hand-written bridge configuration often does not).',
      'The port was changed by hand, or by a program that manages bridges.',
    ],
    mimics: [
      'Calico, Cilium and others without a bridge: pods are routed, and hairpin does not matter.',
      'A promiscuous bridge hands such packets back itself.',
      'Kubelet’s --hairpin-mode and its log line “falling back to hairpin-veth”: without effect since dockershim is gone.',
    ],
    cure: 'Set hairpinMode in the plugin’s configuration and recreate the pods, or switch it on for the ports that are there.',
    title: (d) =>
      `${d.ports.length} of ${d.pods} pods on ${d.bridge} of ${d.node} cannot reach themselves through a Service`,
    summary: (d) =>
      `Hairpin mode is off for ${joinWords(d.ports)} on ${d.bridge} of ${d.node}. Where kube-proxy (${d.mode}) gives one of these pods itself as the endpoint of a Service, the bridge drops the packet, and the connection times out.`,
    ruledOut: (d) => [`${d.bridge} is not promiscuous, which would do as well.`],
    remedy: (d) => [
      {
        text: 'Switch it on for the ports that are there.',
        commands: d.ports.slice(0, 6).map((port) => `bridge link set dev ${shellQuote(port)} hairpin on`),
      },
      {
        text: 'For pods to come: set "hairpinMode": true in the plugin’s configuration (flannel: in the delegate of its conflist).',
        commands: ['grep -rn hairpinMode /etc/cni/net.d'],
      },
    ],
    verify: (d) => [
      {
        text: 'No port has it off.',
        commands: [
          `ip -d link show master ${shellQuote(d.bridge)} | grep -o "hairpin [a-z]*" | sort | uniq -c`,
        ],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programs no Services on this node.',
      noBridge: 'No Linux bridge with pods is on this node: pods are routed.',
      noDetails: 'The captures do not show the settings of the bridge’s ports (`ip -d link`).',
    },
    notes: { off: () => 'its details say hairpin off', bridge: () => 'the bridge, not promiscuous' },
  },
  zh: {
    name: 'Pod 无法通过自己的 Service 访问自己',
    looksFor:
      '在 kube-proxy 实现 Service 的节点上，插件网桥的 Pod 端口在 `ip -d link` 中为 `hairpin off`，且网桥不是混杂模式。',
    why: 'Pod 访问自己所属的 Service 时，选中的端点可能就是它自己。这时报文必须从进来的端口再出去，而网桥只有在该端口打开 hairpin 时才会这样做。',
    consequences:
      'Pod 到自己 Service 的连接中，选中自己的那些会超时：只有一个副本时全部超时，三个副本时三分之一。其他 Pod 不受影响。',
    commonCauses: [
      '插件配置缺少 `"hairpinMode": true`（flannel 会设置，手写的 bridge 配置往往没有）。',
      '端口被手工或被管理网桥的程序改动过。',
    ],
    mimics: [
      'Calico、Cilium 等没有网桥的插件：Pod 是路由的，与 hairpin 无关。',
      '混杂模式的网桥会自己把这样的报文送回。',
      'kubelet 的 --hairpin-mode 及其日志“falling back to hairpin-veth”：dockershim 移除后不再起作用。',
    ],
    cure: '在插件配置中设置 hairpinMode 并重建 Pod，或者为现有端口打开它。',
    title: (d) =>
      `${d.node} 的 ${d.bridge} 上 ${d.pods} 个 Pod 中有 ${d.ports.length} 个无法通过 Service 访问自己`,
    summary: (d) =>
      `${d.node} 的 ${d.bridge} 上 ${joinChinese(d.ports)} 的 hairpin 已关闭。kube-proxy（${d.mode}）为这些 Pod 选中它自己作为 Service 的端点时，网桥会丢弃报文，连接超时。`,
    ruledOut: (d) => [`${d.bridge} 不是混杂模式，否则也能送回。`],
    remedy: (d) => [
      {
        text: '为现有端口打开。',
        commands: d.ports.slice(0, 6).map((port) => `bridge link set dev ${shellQuote(port)} hairpin on`),
      },
      {
        text: '对于以后的 Pod：在插件配置中设置 "hairpinMode": true（flannel 在其 conflist 的 delegate 中）。',
        commands: ['grep -rn hairpinMode /etc/cni/net.d'],
      },
    ],
    verify: (d) => [
      {
        text: '没有端口处于关闭状态。',
        commands: [
          `ip -d link show master ${shellQuote(d.bridge)} | grep -o "hairpin [a-z]*" | sort | uniq -c`,
        ],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点上实现 Service。',
      noBridge: '该节点上没有承载 Pod 的 Linux 网桥：Pod 是路由的。',
      noDetails: '采集内容没有网桥端口的设置（`ip -d link`）。',
    },
    notes: { off: () => '其详情为 hairpin off', bridge: () => '网桥，不是混杂模式' },
  },
}
