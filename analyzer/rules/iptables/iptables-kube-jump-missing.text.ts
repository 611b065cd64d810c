import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** A chain of the kernel and the chain of kube-proxy that it should lead to. */
export interface MissingJump {
  readonly from: string
  readonly to: string
}

/** Jumps that are gone. */
export interface MissingJumps {
  readonly node: string
  readonly jumps: readonly MissingJump[]
  /** As typed. */
  readonly command: string
}

type Reason = 'noKubeProxy' | 'nftables' | 'cilium'
type Note = 'base' | 'chain'

const inWords = ({ from, to }: MissingJump): string => `${from} → ${to}`

const LOST = new Map([
  ['PREROUTING', 'connections of pods and of others to Services'],
  ['OUTPUT', 'connections of the node itself to Services'],
  [
    'POSTROUTING',
    'the masquerading of Services’ traffic (NodePorts, a pod that reaches itself by its Service)',
  ],
])
const LOST_IN_CHINESE = new Map([
  ['PREROUTING', 'Pod 和外部对 Service 的访问'],
  ['OUTPUT', '本节点自身对 Service 的访问'],
  ['POSTROUTING', 'Service 流量的 SNAT（NodePort、Pod 经由自己的 Service 访问自己）'],
])

const listCommands = ({ command, jumps }: MissingJumps): string[] =>
  jumps.map(({ from }) => `${command} -t nat -S ${from}`)

const restartCommands = [
  'kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=NODE',
  'systemctl restart k3s',
]

/** The words of iptables-kube-jump-missing. */
export const text: RuleTexts<MissingJumps, Reason, Note> = {
  en: {
    name: 'No packet comes to the chains of kube-proxy',
    looksFor:
      'Chains KUBE-SERVICES and KUBE-POSTROUTING of table nat that have rules, while PREROUTING, OUTPUT or POSTROUTING has no jump to them.',
    why: 'kube-proxy’s own chains are only reached by jumps from the chains that the kernel enters. A program that flushes those chains, or loads a whole table anew, takes the jumps away and leaves the rest in place. kube-proxy looks after its canary chains, which are still there; it puts the jumps back with its next full sync, which since 1.28 may be an hour away.',
    consequences:
      'Without the jump from PREROUTING or OUTPUT every Service address times out or is refused. Without that from POSTROUTING answers go past the node: NodePorts of pods on other nodes and hairpin connections hang.',
    commonCauses: [
      'iptables -F on a chain or table by a script or an administrator.',
      'A reload of firewalld, ufw or iptables-services, which replaces what was there.',
      'A dump that was restored without Kubernetes’ rules.',
    ],
    mimics: [
      'Chains that an earlier mode of kube-proxy left behind: nodes in nftables mode, or with Cilium in its place, are passed over.',
      'Chains left in one backend of iptables while the other has chains and jumps: see iptables-backends-mixed.',
      'A dump of a table that cannot be believed: not checked.',
    ],
    cure: 'Restart kube-proxy (with k3s and RKE2 the service), which writes the jumps anew; pods with a hostPort must be recreated. Then keep whatever flushed the chain from doing so again.',
    title: ({ node, jumps }) => `${joinWords(jumps.map(inWords))} is missing on ${node}`,
    summary: ({ node, jumps }) =>
      `On ${node} kube-proxy’s chains have their rules, but table nat has no jump ${joinWords(jumps.map(inWords))}. ${jumps.length === 1 ? 'This breaks' : 'These break'} ${joinWords([...new Set(jumps.map(({ from }) => LOST.get(from) ?? from))])}.`,
    ruledOut: () => [
      'The node is not in nftables mode, and Cilium does not stand in for kube-proxy.',
      'The dump shows the whole table.',
    ],
    remedy: () => [
      { text: 'Restart kube-proxy on the node (with k3s the service itself).', commands: restartCommands },
      {
        text: 'Find what flushed the chain: a firewall that was loaded anew, a script.',
        commands: ['journalctl -b -u firewalld -u ufw -u iptables -u nftables --no-pager | tail -50'],
      },
    ],
    verify: (d) => [{ text: 'The jump is there again.', commands: listCommands(d) }],
    reasons: {
      noKubeProxy: 'No dump has a chain KUBE-SERVICES with rules.',
      nftables: 'kube-proxy works in nftables mode.',
      cilium: 'Cilium takes the place of kube-proxy.',
    },
    notes: {
      base: (to) => `no rule of this chain leads to ${to}`,
      chain: (from) => `has rules, and is not reached from ${from}`,
    },
  },
  zh: {
    name: '没有数据包能走到 kube-proxy 的链',
    looksFor:
      'nat 表中有规则的 KUBE-SERVICES、KUBE-POSTROUTING 链，而 PREROUTING、OUTPUT 或 POSTROUTING 中没有跳转到它们的规则。',
    why: 'kube-proxy 自己的链只能由内核入口链中的跳转规则到达。如果有程序清空了入口链，或整表重新加载，跳转就没了，其余的链却原样留着。kube-proxy 只监视它的 canary 链，而 canary 链还在；跳转要等下一次完整同步才会补上，1.28 起可能要等一个小时。',
    consequences:
      '缺少 PREROUTING 或 OUTPUT 的跳转时，所有 Service 地址都会超时或被拒绝。缺少 POSTROUTING 的跳转时，回包会绕过本节点：访问位于其他节点上的 NodePort 后端、以及 hairpin 连接都会卡住。',
    commonCauses: [
      '脚本或管理员对某条链或整张表执行了 iptables -F。',
      '重新加载 firewalld、ufw 或 iptables-services，覆盖了原有规则。',
      '恢复了一份不含 Kubernetes 规则的 dump。',
    ],
    mimics: [
      'kube-proxy 以前的模式遗留的链：nftables 模式的节点、由 Cilium 取代 kube-proxy 的节点会跳过。',
      '只在 iptables 的一个后端中遗留的链，而另一个后端的链和跳转齐全：见 iptables-backends-mixed。',
      '不可信的 dump 表：不作检查。',
    ],
    cure: '重启 kube-proxy（k3s 和 RKE2 则重启对应服务），它会重新写入跳转；使用 hostPort 的 Pod 需要重建。然后阻止清空链的那个程序再次执行。',
    title: ({ node, jumps }) => `${node} 上缺少跳转 ${joinChinese(jumps.map(inWords))}`,
    summary: ({ node, jumps }) =>
      `${node} 上 kube-proxy 的链规则齐全，但 nat 表中没有跳转 ${joinChinese(jumps.map(inWords))}。受影响的是：${joinChinese([...new Set(jumps.map(({ from }) => LOST_IN_CHINESE.get(from) ?? from))])}。`,
    ruledOut: () => ['该节点不是 nftables 模式，也没有由 Cilium 取代 kube-proxy。', 'dump 完整包含这张表。'],
    remedy: () => [
      { text: '重启该节点上的 kube-proxy（k3s 则重启服务本身）。', commands: restartCommands },
      {
        text: '找出是谁清空了链：重新加载的防火墙或脚本。',
        commands: ['journalctl -b -u firewalld -u ufw -u iptables -u nftables --no-pager | tail -50'],
      },
    ],
    verify: (d) => [{ text: '跳转已恢复。', commands: listCommands(d) }],
    reasons: {
      noKubeProxy: '没有任何 dump 含有带规则的 KUBE-SERVICES 链。',
      nftables: 'kube-proxy 工作在 nftables 模式。',
      cilium: '由 Cilium 取代了 kube-proxy。',
    },
    notes: {
      base: (to) => `该链中没有跳转到 ${to} 的规则`,
      chain: (from) => `有规则，但从 ${from} 到不了`,
    },
  },
}
