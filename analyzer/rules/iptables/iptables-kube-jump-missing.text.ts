import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** A chain of the kernel and the chain of kube-proxy that it should lead to. */
export interface MissingJump {
  readonly from: string
  readonly to: string
}

/** What was flushed: jumps to the chains of kube-proxy, or these chains. */
export type LostRules = {
  readonly node: string
  /** As typed. */
  readonly command: string
} & (
  | { readonly kind: 'jumps'; readonly jumps: readonly MissingJump[] }
  | { readonly kind: 'empty'; readonly chains: readonly string[] }
)

type Reason = 'noKubeProxy' | 'nftables' | 'replaced'

/** What there is to see in the lines. */
export type Note = 'base' | 'chain' | 'empty' | 'leads' | 'unreached'

const inWords = ({ from, to }: MissingJump): string => `${from} → ${to}`

/** The chains that no longer do what they should. */
const places = (d: LostRules): readonly string[] =>
  d.kind === 'jumps' ? d.jumps.map(({ from }) => from) : d.chains

const MASQUERADING =
  'the masquerading of Services’ traffic (NodePorts, a pod that reaches itself by its Service)'
const LOST = new Map([
  ['PREROUTING', 'connections of pods and of others to Services'],
  ['OUTPUT', 'connections of the node itself to Services'],
  ['POSTROUTING', MASQUERADING],
  ['KUBE-SERVICES', 'connections of pods, of others and of the node itself to Services'],
  ['KUBE-POSTROUTING', MASQUERADING],
  ['KUBE-MARK-MASQ', MASQUERADING],
])
const MASQUERADING_IN_CHINESE = 'Service 流量的 SNAT（NodePort、Pod 经由自己的 Service 访问自己）'
const LOST_IN_CHINESE = new Map([
  ['PREROUTING', 'Pod 和外部对 Service 的访问'],
  ['OUTPUT', '本节点自身对 Service 的访问'],
  ['POSTROUTING', MASQUERADING_IN_CHINESE],
  ['KUBE-SERVICES', 'Pod、外部以及本节点自身对 Service 的访问'],
  ['KUBE-POSTROUTING', MASQUERADING_IN_CHINESE],
  ['KUBE-MARK-MASQ', MASQUERADING_IN_CHINESE],
])

const lost = (d: LostRules, words: ReadonlyMap<string, string>): readonly string[] => [
  ...new Set(places(d).map((chain) => words.get(chain) ?? chain)),
]

const listCommands = (d: LostRules): string[] => places(d).map((chain) => `${d.command} -t nat -S ${chain}`)

const restartCommands = [
  'kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=NODE',
  'systemctl restart k3s',
]

/** The words of iptables-kube-jump-missing. */
export const text: RuleTexts<LostRules, Reason, Note> = {
  en: {
    name: 'The chains of kube-proxy are not reached, or empty',
    looksFor:
      'Chains KUBE-SERVICES and KUBE-POSTROUTING of table nat that have rules, while PREROUTING, OUTPUT or POSTROUTING has no jump to them. KUBE-SERVICES without a rule beside chains of Services (KUBE-SVC-…, KUBE-EXT-…), KUBE-POSTROUTING without a rule, or KUBE-MARK-MASQ without one where rules lead to it.',
    why: 'kube-proxy’s own chains are only reached by jumps from the chains that the kernel enters. A program that flushes those chains, or loads a whole table anew, takes the jumps away and leaves the rest in place; one that flushes a chain in between does the same to what lies behind it. kube-proxy looks after its canary chains, which are still there; it puts the jumps back with its next full sync, which since 1.28 may be an hour away. Its own chains it fills with every sync, that is when a Service or an endpoint changes.',
    consequences:
      'Without the jump from PREROUTING or OUTPUT, or with KUBE-SERVICES empty, every Service address times out, is refused or unreachable. Without that from POSTROUTING, or with KUBE-POSTROUTING or KUBE-MARK-MASQ empty, answers go past the node: NodePorts of pods on other nodes and hairpin connections hang.',
    commonCauses: [
      'iptables -F on a chain or table by a script or an administrator.',
      'A reload of firewalld, ufw or iptables-services, which replaces what was there.',
      'A dump that was restored without Kubernetes’ rules.',
    ],
    mimics: [
      'Chains that an earlier mode of kube-proxy left behind: nodes in nftables mode, or with Cilium in its place, are passed over; so is an empty KUBE-SERVICES in IPVS mode, or where Calico with eBPF or another program can serve the Services. The clean-up of kube-proxy removes KUBE-SERVICES, KUBE-POSTROUTING and the chains of Services together.',
      'A cluster without NodePorts, where KUBE-NODEPORTS is rightly empty: it is not looked at.',
      'Chains left in one backend of iptables while the other has chains and jumps: see iptables-backends-mixed.',
      'A dump of a table that cannot be believed: not checked. In one that breaks off no chain is taken for empty.',
    ],
    cure: 'Restart kube-proxy (with k3s and RKE2 the service), which writes the jumps and the rules anew; pods with a hostPort must be recreated. Then keep whatever flushed the chain from doing so again.',
    title: (d) =>
      d.kind === 'jumps'
        ? `${joinWords(d.jumps.map(inWords))} is missing on ${d.node}`
        : `${joinWords(d.chains)} ${d.chains.length === 1 ? 'is' : 'are'} empty on ${d.node}`,
    summary: (d) =>
      d.kind === 'jumps'
        ? `On ${d.node} kube-proxy’s chains have their rules, but table nat has no jump ${joinWords(d.jumps.map(inWords))}. ${d.jumps.length === 1 ? 'This breaks' : 'These break'} ${joinWords(lost(d, LOST))}.`
        : `On ${d.node} the ${d.chains.length === 1 ? 'chain' : 'chains'} ${joinWords(d.chains)} of table nat ${d.chains.length === 1 ? 'has' : 'have'} no rule, though kube-proxy always writes some there: something flushed ${d.chains.length === 1 ? 'it' : 'them'}. This breaks ${joinWords(lost(d, LOST))}.`,
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
    verify: (d) => [{ text: 'The rules are there again.', commands: listCommands(d) }],
    reasons: {
      noKubeProxy: 'No dump has a chain KUBE-SERVICES with rules, or one that lost them.',
      nftables: 'kube-proxy works in nftables mode.',
      replaced: 'Another program can serve the Services of this node: its devices are there.',
    },
    notes: {
      base: (to) => `no rule of this chain leads to ${to}`,
      chain: (from) => `has rules, and is not reached from ${from}`,
      empty: () => 'no rule of this chain follows',
      leads: (chain) => `leads to ${chain}, which is empty`,
      unreached: () => 'the chain of a Service, with rules, to which nothing leads from KUBE-SERVICES',
    },
  },
  zh: {
    name: 'kube-proxy 的链无法到达，或被清空',
    looksFor:
      'nat 表中有规则的 KUBE-SERVICES、KUBE-POSTROUTING 链，而 PREROUTING、OUTPUT 或 POSTROUTING 中没有跳转到它们的规则；Service 链（KUBE-SVC-…、KUBE-EXT-…）还在，KUBE-SERVICES 却没有规则；KUBE-POSTROUTING 没有规则；有规则跳转到 KUBE-MARK-MASQ，而它没有规则。',
    why: 'kube-proxy 自己的链只能由内核入口链中的跳转规则到达。如果有程序清空了入口链，或整表重新加载，跳转就没了，其余的链却原样留着；清空中间的某条链，它后面的链同样无法到达。kube-proxy 只监视它的 canary 链，而 canary 链还在；跳转要等下一次完整同步才会补上，1.28 起可能要等一个小时。它自己的链则在每次同步时重新写入，即有 Service 或 endpoint 变化时。',
    consequences:
      '缺少 PREROUTING 或 OUTPUT 的跳转，或 KUBE-SERVICES 为空时，所有 Service 地址都会超时、被拒绝或不可达。缺少 POSTROUTING 的跳转，或 KUBE-POSTROUTING、KUBE-MARK-MASQ 为空时，回包会绕过本节点：访问位于其他节点上的 NodePort 后端、以及 hairpin 连接都会卡住。',
    commonCauses: [
      '脚本或管理员对某条链或整张表执行了 iptables -F。',
      '重新加载 firewalld、ufw 或 iptables-services，覆盖了原有规则。',
      '恢复了一份不含 Kubernetes 规则的 dump。',
    ],
    mimics: [
      'kube-proxy 以前的模式遗留的链：nftables 模式的节点、由 Cilium 取代 kube-proxy 的节点会跳过；IPVS 模式下，或有 Calico eBPF 等程序可以实现 Service 时，空的 KUBE-SERVICES 也不报。kube-proxy 自己的清理会把 KUBE-SERVICES、KUBE-POSTROUTING 和 Service 链一并删除。',
      '没有 NodePort 的集群中 KUBE-NODEPORTS 本来就是空的：不检查这条链。',
      '只在 iptables 的一个后端中遗留的链，而另一个后端的链和跳转齐全：见 iptables-backends-mixed。',
      '不可信的 dump 表：不作检查。没有写完的 dump 中，不把任何链当作空链。',
    ],
    cure: '重启 kube-proxy（k3s 和 RKE2 则重启对应服务），它会重新写入跳转和规则；使用 hostPort 的 Pod 需要重建。然后阻止清空链的那个程序再次执行。',
    title: (d) =>
      d.kind === 'jumps'
        ? `${d.node} 上缺少跳转 ${joinChinese(d.jumps.map(inWords))}`
        : `${d.node} 上的 ${joinChinese(d.chains)} 链是空的`,
    summary: (d) =>
      d.kind === 'jumps'
        ? `${d.node} 上 kube-proxy 的链规则齐全，但 nat 表中没有跳转 ${joinChinese(d.jumps.map(inWords))}。受影响的是：${joinChinese(lost(d, LOST_IN_CHINESE))}。`
        : `${d.node} 的 nat 表中，${joinChinese(d.chains)} 链没有任何规则，而 kube-proxy 总会在其中写入规则：有程序清空了它。受影响的是：${joinChinese(lost(d, LOST_IN_CHINESE))}。`,
    ruledOut: () => ['该节点不是 nftables 模式，也没有由 Cilium 取代 kube-proxy。', 'dump 完整包含这张表。'],
    remedy: () => [
      { text: '重启该节点上的 kube-proxy（k3s 则重启服务本身）。', commands: restartCommands },
      {
        text: '找出是谁清空了链：重新加载的防火墙或脚本。',
        commands: ['journalctl -b -u firewalld -u ufw -u iptables -u nftables --no-pager | tail -50'],
      },
    ],
    verify: (d) => [{ text: '规则已恢复。', commands: listCommands(d) }],
    reasons: {
      noKubeProxy: '没有任何 dump 含有带规则的、或规则被清空的 KUBE-SERVICES 链。',
      nftables: 'kube-proxy 工作在 nftables 模式。',
      replaced: '该节点有其他可以实现 Service 的程序：其网络设备存在。',
    },
    notes: {
      base: (to) => `该链中没有跳转到 ${to} 的规则`,
      chain: (from) => `有规则，但从 ${from} 到不了`,
      empty: () => '这条链没有规则',
      leads: (chain) => `跳转到空的 ${chain}`,
      unreached: () => 'Service 的链，有规则，但 KUBE-SERVICES 中没有规则通向它',
    },
  },
}
