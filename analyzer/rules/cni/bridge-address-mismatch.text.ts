import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a bridge of pods with another address than its plugin wants. */
export interface BridgeAddressMismatch {
  readonly node: string
  readonly bridge: string
  /** `10.244.1.1/24`. */
  readonly wanted: string
  readonly held: readonly string[]
  /** Pods on the bridge. */
  readonly pods: number
  /** The plugin may take the other address off. */
  readonly isForced: boolean
  readonly isLogged: boolean
}

type Reason = 'otherPlugin' | 'noAddress' | 'unknown' | 'broken'
type Note = 'told' | 'held' | 'bridge' | 'log'

const commands = ({ bridge }: BridgeAddressMismatch): readonly string[] => [
  `ip link delete ${shellQuote(bridge)}`,
  'systemctl restart kubelet || systemctl restart k3s || systemctl restart k3s-agent',
]

/** The words of bridge-address-mismatch. */
export const text: RuleTexts<BridgeAddressMismatch, Reason, Note> = {
  en: {
    name: 'The pod bridge has another address than its plugin wants',
    looksFor:
      'The IPv4 address of the pods’ bridge (cni0) against what the first CNI configuration gives it: FLANNEL_SUBNET of flannel’s subnet.env, or the gateway of host-local’s first range; and the plugin’s own message.',
    why: 'The bridge plugin gives its bridge the gateway’s address before it attaches a pod. Where the bridge has another one, prefix length included, the plugin fails with “already has an IP address different from”, unless `forceAddress` is set. Bridge and addresses outlive the kubelet, flannel and the configuration that made them.',
    consequences:
      'Every new pod of this node stays in ContainerCreating (FailedCreatePodSandBox). Pods that run already have addresses of the former network, to which no other node has a route.',
    commonCauses: [
      'The node was deleted and joined again, or reset without a reboot, and got another podCIDR; cni0 was left.',
      'flannel got another lease while cni0 was there.',
      'Another network plugin was used before, or the pod network was changed.',
      'Somebody edited the subnet in the CNI configuration.',
    ],
    mimics: [
      'podCIDR of the API server is another network, while the configuration names its own: the plugin does not look at podCIDR, and neither does this check.',
      'A bridge without an IPv4 address: the plugin gives it one with the next pod.',
      'cni0 left behind by a plugin that another one took the place of: only the bridge of the first configuration counts.',
      'k3s sets `forceAddress`: the next pod puts the address right, and only pods that run already suffer.',
    ],
    cure: 'Drain the node, delete the bridge and restart the kubelet (or k3s); the plugin makes the bridge anew. Pods with addresses of the former network have to be recreated.',
    title: (d) => `${d.bridge} of ${d.node} has ${joinWords(d.held)}; its plugin wants ${d.wanted}`,
    summary(d) {
      const state = `${d.bridge} of ${d.node} has the address ${joinWords(d.held)}, while the plugin’s configuration gives it ${d.wanted}.`
      const running = d.pods === 0 ? '' : ` ${d.pods} pods are attached to it.`
      if (d.isForced && !d.isLogged) {
        return `${state}${running} The plugin may force the address (forceAddress), so that the next pod puts it right; pods that run already keep addresses of the former network and are not reached.`
      }
      const logged = d.isLogged ? ', as its messages in the log say' : ''
      return `${state}${running} The plugin refuses every new pod on this node${logged}. Pods that run already may have addresses to which other nodes have no route.`
    },
    ruledOut: (d) => [
      'It is the first configuration by name, which is the one that the runtime takes.',
      ...(d.isForced ? [] : ['The plugin may not force the address (no forceAddress).']),
    ],
    remedy: (d) => [
      {
        text: `Drain the node.`,
        commands: [`kubectl drain ${d.node} --ignore-daemonsets --delete-emptydir-data`],
      },
      { text: `On ${d.node}, delete the bridge; it is made anew with the next pod.`, commands: commands(d) },
      {
        text: 'Take the node back, and recreate pods of it that have an address of the former network.',
        commands: [
          `kubectl uncordon ${d.node}`,
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${d.node}`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: `${d.bridge} has ${d.wanted}, and a new pod on ${d.node} starts.`,
        commands: [`ip -4 addr show dev ${shellQuote(d.bridge)}`],
      },
    ],
    reasons: {
      otherPlugin: 'The first CNI configuration uses neither the bridge plugin nor flannel’s.',
      noAddress: 'The first CNI configuration gives its bridge no address that the bundle tells.',
      unknown: 'Neither a CNI configuration nor flannel’s subnet.env was captured.',
      broken: 'The first CNI configuration cannot be read.',
    },
    notes: {
      told: (address) => `gives the bridge ${address}`,
      held: () => 'the address that it has',
      bridge: () => 'the bridge of the pods',
      log: () => 'the plugin refuses a pod',
    },
  },
  zh: {
    name: 'Pod 网桥的地址与插件的要求不一致',
    looksFor:
      '将 Pod 网桥（cni0）的 IPv4 地址，与首个 CNI 配置所要求的地址比对：flannel 的 subnet.env 中的 FLANNEL_SUBNET，或 host-local 首个范围的网关；并查找插件自身的报错。',
    why: 'bridge 插件在接入 Pod 之前会给网桥配置网关地址。如果网桥已有不同的地址（包括前缀长度不同），插件就以 “already has an IP address different from” 失败，除非设置了 `forceAddress`。网桥及其地址不会随 kubelet、flannel 或旧配置的消失而消失。',
    consequences:
      '该节点上的新 Pod 一直停在 ContainerCreating（FailedCreatePodSandBox）。已在运行的 Pod 使用旧网段的地址，其他节点没有到该网段的路由。',
    commonCauses: [
      '节点被删除后重新加入，或在没有重启机器的情况下 reset，分到了新的 podCIDR，而 cni0 残留。',
      'cni0 存在时 flannel 换了租约。',
      '以前使用过其他网络插件，或更改过 Pod 网段。',
      '有人修改了 CNI 配置中的网段。',
    ],
    mimics: [
      'API server 中的 podCIDR 是另一个网段，而 CNI 配置自带网段：插件不看 podCIDR，本检查也不看。',
      '网桥没有 IPv4 地址：插件会在下一个 Pod 启动时配置。',
      '被替换的插件遗留的 cni0：只检查首个配置所用的网桥。',
      'k3s 设置了 `forceAddress`：下一个 Pod 会纠正地址，只有已在运行的 Pod 受影响。',
    ],
    cure: '排空节点，删除网桥并重启 kubelet（或 k3s），插件会重新创建网桥。使用旧网段地址的 Pod 需要重建。',
    title: (d) => `${d.node} 的 ${d.bridge} 地址是 ${joinWords(d.held)}，而插件要求 ${d.wanted}`,
    summary(d) {
      const state = `${d.node} 的 ${d.bridge} 地址是 ${joinWords(d.held)}，而插件的配置要求 ${d.wanted}。`
      const running = d.pods === 0 ? '' : `其上接有 ${d.pods} 个 Pod。`
      if (d.isForced && !d.isLogged) {
        return `${state}${running}插件可以强制改写地址（forceAddress），下一个 Pod 启动时即会纠正；已在运行的 Pod 仍使用旧网段的地址，无法被访问。`
      }
      const logged = d.isLogged ? '，日志中有它的报错' : ''
      return `${state}${running}插件会拒绝该节点上的所有新 Pod${logged}。已在运行的 Pod 的地址可能没有任何节点有路由可达。`
    },
    ruledOut: (d) => [
      '这是按文件名排序的首个配置，运行时使用的正是它。',
      ...(d.isForced ? [] : ['插件不能强制改写地址（未设置 forceAddress）。']),
    ],
    remedy: (d) => [
      {
        text: '排空节点。',
        commands: [`kubectl drain ${d.node} --ignore-daemonsets --delete-emptydir-data`],
      },
      { text: `在 ${d.node} 上删除网桥，下一个 Pod 启动时会重新创建。`, commands: commands(d) },
      {
        text: '恢复调度，并重建仍使用旧网段地址的 Pod。',
        commands: [
          `kubectl uncordon ${d.node}`,
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${d.node}`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: `${d.bridge} 的地址是 ${d.wanted}，且 ${d.node} 上的新 Pod 能够启动。`,
        commands: [`ip -4 addr show dev ${shellQuote(d.bridge)}`],
      },
    ],
    reasons: {
      otherPlugin: '首个 CNI 配置既不使用 bridge 插件，也不使用 flannel 插件。',
      noAddress: '从采集包看不出首个 CNI 配置会给网桥配置什么地址。',
      unknown: '没有采集到 CNI 配置和 flannel 的 subnet.env。',
      broken: '首个 CNI 配置无法解析。',
    },
    notes: {
      told: (address) => `要求网桥地址为 ${address}`,
      held: () => '实际的地址',
      bridge: () => 'Pod 的网桥',
      log: () => '插件拒绝了 Pod',
    },
  },
}
