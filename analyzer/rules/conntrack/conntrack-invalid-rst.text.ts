import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: invalid packets that nothing drops. */
export interface InvalidReset {
  readonly node: string
  /** Packets since boot. */
  readonly invalid: number
}

type Reason = 'noChain' | 'noCounter'
type Note = 'invalid' | 'chain' | 'liberal'

const COMMANDS = {
  drop: ['iptables -I FORWARD -m conntrack --ctstate INVALID -j DROP'],
  liberal: [
    'sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1',
    'echo net.netfilter.nf_conntrack_tcp_be_liberal=1 >/etc/sysctl.d/99-conntrack-liberal.conf',
  ],
  verify: ['iptables -vnL FORWARD | grep INVALID', 'conntrack -S'],
}

/** The words of conntrack-invalid-rst. */
export const text: RuleTexts<InvalidReset, Reason, Note> = {
  en: {
    name: 'Invalid packets reach clients untranslated, who answer with a reset',
    looksFor:
      'A KUBE-FORWARD chain without `--ctstate INVALID -j DROP`, net.netfilter.nf_conntrack_tcp_be_liberal=0, and many packets that `conntrack -S` calls invalid.',
    why: 'Connection tracking calls a packet invalid that lies outside of the TCP window it knows, and does not translate it. An answer of a pod then reaches the client with the pod’s address in place of the Service’s; the client knows no such connection and sends a reset, which ends the real one.',
    consequences:
      'Long transfers through a Service end now and then with “connection reset by peer”, mostly under load or packet loss.',
    commonCauses: [
      'kube-proxy of before 1.15, which has no such rule.',
      'Something that removed the rule, such as a firewall that was reloaded.',
    ],
    mimics: [
      'nf_conntrack_tcp_be_liberal=1: out-of-window packets are not invalid, and kube-proxy since 1.29 leaves the rule out.',
      'Some invalid packets happen on any node: late packets of connections that are over.',
    ],
    cure: 'Update kube-proxy, or set nf_conntrack_tcp_be_liberal to 1.',
    title: (d) =>
      `Nothing on ${d.node} drops invalid packets, of which it has seen ${formatCount(d.invalid)}`,
    summary: (d) =>
      `Connection tracking of ${d.node} has called ${formatCount(d.invalid)} packets invalid since boot. KUBE-FORWARD has no rule that drops such packets, and nf_conntrack_tcp_be_liberal is 0: answers of pods that are among them reach clients untranslated, who reset the connection. Whether they are late packets of old connections the bundle does not tell.`,
    ruledOut: () => [
      'The whole chain KUBE-FORWARD was read.',
      'Connection tracking is strict about TCP windows.',
    ],
    remedy: () => [
      { text: 'Let out-of-window packets be translated, and keep it so.', commands: COMMANDS.liberal },
      { text: 'Or drop invalid packets until kube-proxy is updated.', commands: COMMANDS.drop },
    ],
    verify: () => [
      { text: 'The rule counts packets, and connections are no longer reset.', commands: COMMANDS.verify },
    ],
    reasons: {
      noChain: 'kube-proxy has no chain KUBE-FORWARD on this node.',
      noCounter: 'The captures do not show the counter of invalid packets, or the setting.',
    },
    notes: {
      invalid: () => 'packets called invalid by this processor',
      liberal: () => 'out-of-window packets are invalid',
      chain: () => 'a rule of the chain; none drops invalid packets',
    },
  },
  zh: {
    name: 'INVALID 报文未经转换到达客户端，引发 RST',
    looksFor:
      'KUBE-FORWARD 链中没有 `--ctstate INVALID -j DROP`，net.netfilter.nf_conntrack_tcp_be_liberal=0，且 `conntrack -S` 中 invalid 计数较大。',
    why: 'conntrack 会把超出已知 TCP 窗口的报文判为 INVALID，并且不做地址转换。Pod 的应答因此带着 Pod 地址而不是 Service 地址到达客户端，客户端没有这样的连接，于是发出 RST，真正的连接被中断。',
    consequences: '经过 Service 的大流量传输偶尔报 “connection reset by peer”，多在高负载或丢包时出现。',
    commonCauses: ['1.15 之前的 kube-proxy 没有这条规则。', '防火墙重新加载等操作删除了这条规则。'],
    mimics: [
      'nf_conntrack_tcp_be_liberal=1 时窗口外的报文不算 INVALID，kube-proxy 1.29 起也会省去这条规则。',
      '任何节点都会有少量 INVALID 报文：已结束连接的迟到报文。',
    ],
    cure: '升级 kube-proxy，或把 nf_conntrack_tcp_be_liberal 设为 1。',
    title: (d) => `${d.node} 没有丢弃 INVALID 报文的规则，已出现 ${formatCount(d.invalid)} 个`,
    summary: (d) =>
      `${d.node} 的 conntrack 开机以来把 ${formatCount(d.invalid)} 个报文判为 INVALID。KUBE-FORWARD 中没有丢弃它们的规则，且 nf_conntrack_tcp_be_liberal 为 0：其中 Pod 的应答会未经转换到达客户端，客户端随即重置连接。采集包无法判断它们是否只是旧连接的迟到报文。`,
    ruledOut: () => ['已完整读取 KUBE-FORWARD 链。', 'conntrack 对 TCP 窗口采用严格检查。'],
    remedy: () => [
      { text: '让窗口外的报文照常转换，并持久化。', commands: COMMANDS.liberal },
      { text: '或在升级 kube-proxy 之前先丢弃 INVALID 报文。', commands: COMMANDS.drop },
    ],
    verify: () => [{ text: '规则计数增长，连接不再被重置。', commands: COMMANDS.verify }],
    reasons: {
      noChain: '该节点上 kube-proxy 没有 KUBE-FORWARD 链。',
      noCounter: '采集内容中没有 INVALID 计数或该内核参数。',
    },
    notes: {
      invalid: () => '该 CPU 判为 INVALID 的报文',
      liberal: () => '窗口外的报文被判为 INVALID',
      chain: () => '链中的规则；没有一条丢弃 INVALID 报文',
    },
  },
}
