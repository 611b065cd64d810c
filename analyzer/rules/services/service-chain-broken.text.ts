import type { RuleTexts } from '../../engine/ruleText.ts'
import type { BrokenLink } from '../../facts/node/proxiedService.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { restartProxy } from './restartProxy.ts'
import type { ServiceRole } from './serviceRole.ts'

/** A chain at which packets of Services are lost, or go astray. */
export interface BrokenChain {
  readonly kind: BrokenLink['kind']
  readonly chain: string
  /** `namespace/name`; left out where nothing tells. */
  readonly service?: string
  readonly role: ServiceRole
  /** `10.96.10.10:80/tcp`. */
  readonly addresses: readonly string[]
}

/** What was found on a node. */
export interface ServiceChainBroken {
  readonly node: string
  readonly mode: 'iptables' | 'nftables' | 'ipvs' | 'none'
  readonly broken: readonly BrokenChain[]
}

type Reason = 'noProxy' | 'ipvs' | 'olderIptables'

/** What there is to see in the lines. */
export type Note = 'leads' | 'missing' | 'empty' | 'noDestination' | 'uneven' | 'lost'

const called = ({ service, addresses }: BrokenChain): string =>
  service === undefined ? joinWords(addresses) : `${service} (${joinWords(addresses)})`
const calledZh = ({ service, addresses }: BrokenChain): string =>
  service === undefined ? joinChinese(addresses) : `${service}（${joinChinese(addresses)}）`

const names = ({ broken }: ServiceChainBroken): readonly string[] => [
  ...new Set(broken.map((each) => each.service ?? joinWords(each.addresses))),
]
const leadsNowhere = ({ broken }: ServiceChainBroken): boolean =>
  broken.some(({ kind }) => kind !== 'uneven-shares')

function state(each: BrokenChain): string {
  switch (each.kind) {
    case 'missing-chain':
      return `Packets to ${called(each)} are sent to the chain ${each.chain}, which does not exist.`
    case 'empty-chain':
      return `The chain ${each.chain} of ${called(each)} is empty: packets pass it untouched and keep an address that nobody has.`
    case 'no-destination':
      return `The endpoint’s chain ${each.chain} of ${called(each)} gives no destination: its share of the connections is lost.`
    case 'uneven-shares':
      return `The probabilities in the chain ${each.chain} of ${called(each)} give some endpoints more connections than others.`
    case 'lost-share':
      return `The last rule in the chain ${each.chain} of ${called(each)} takes only a part of what is left: the rest of the connections gets no endpoint and is lost.`
    case 'unreadable':
      return `The destination in ${each.chain} cannot be read.`
  }
}

function stateZh(each: BrokenChain): string {
  switch (each.kind) {
    case 'missing-chain':
      return `发往 ${calledZh(each)} 的报文被送到不存在的链 ${each.chain}。`
    case 'empty-chain':
      return `${calledZh(each)} 的链 ${each.chain} 是空的：报文原样通过，目的地址仍是没有任何主机持有的 Service 地址。`
    case 'no-destination':
      return `${calledZh(each)} 的 endpoint 链 ${each.chain} 中没有 DNAT 目标：分到它的连接全部丢失。`
    case 'uneven-shares':
      return `${calledZh(each)} 的链 ${each.chain} 中概率不正确，有的 endpoint 分到的连接比其他的多。`
    case 'lost-share':
      return `${calledZh(each)} 的链 ${each.chain} 中最后一条规则只接收剩余连接的一部分：其余连接没有 endpoint 可用而丢失。`
    case 'unreadable':
      return `链 ${each.chain} 中的目标无法读取。`
  }
}

function listChain({ mode, broken }: ServiceChainBroken): readonly string[] {
  return broken
    .slice(0, 3)
    .map(({ chain }) =>
      mode === 'nftables'
        ? `nft list table ip kube-proxy | grep -A8 -F ${shellQuote(`chain ${chain}`)}`
        : `iptables-save -t nat | grep -F ${shellQuote(chain)}`,
    )
}

/** The words of service-chain-broken. */
export const text: RuleTexts<ServiceChainBroken, Reason, Note> = {
  en: {
    name: 'A Service’s chain of rules is broken',
    looksFor:
      'Every way from a Service’s address to its endpoints in kube-proxy’s rules: KUBE-SERVICES and KUBE-NODEPORTS → KUBE-SVC, SVL, XLB, EXT, FW → KUBE-SEP → DNAT in iptables, the maps and chains of the tables kube-proxy in nftables. Jumps to chains that are missing or empty, endpoints without a destination, and probabilities that do not give each endpoint its share.',
    why: 'Each Service has a chain, and each of its endpoints another, at whose end the destination is rewritten to a pod. Where one link is missing the packet keeps the Service’s address, which no machine has: it follows the default route out of the cluster and is never answered.',
    consequences:
      'Connections to the Service from this node and its pods time out, all of them or one in so many, while the same Service works from other nodes.',
    commonCauses: [
      'Somebody flushed or deleted chains by hand, or with a firewall’s script.',
      'An iptables-restore that was interrupted, or a restore of a saved, older state.',
      'Two programs that write the nat table at the same time, through two versions of iptables.',
    ],
    mimics: [
      'A dump by an iptables older than the one that wrote the rules prints destinations as “--random --persistent” or “[unsupported revision]”: the dump is at fault, and nothing is concluded from it.',
      'A dump that breaks off declares chains whose rules it does not show: nothing is concluded either.',
      'The traffic policy Local: the chain of local endpoints (KUBE-SVL, KUBE-XLB) may be empty, and KUBE-EXT may hold only the rules for the node’s own packets.',
      'Session affinity: the rules with “-m recent” stand in front of the shares and do not count.',
      'Empty chains to which nothing leads: kube-proxy leaves them in large clusters, and for a second in nftables mode.',
    ],
    cure: 'Restart kube-proxy on the node: it writes all chains anew. Then find out who changed them.',
    title: (d) =>
      leadsNowhere(d)
        ? `The rules of ${d.node} for ${joinWords(names(d))} lead nowhere`
        : `The rules of ${d.node} for ${joinWords(names(d))} share connections unevenly`,
    summary: (d) =>
      `${d.broken.slice(0, 4).map(state).join(' ')}${d.broken.length > 4 ? ` ${d.broken.length - 4} more chains are broken.` : ''} ${leadsNowhere(d) ? `Connections from ${d.node} and its pods that come this way time out; other nodes are not affected.` : 'Connections are answered, but the load is not spread as it should be.'}`,
    ruledOut: (d) => [
      `The ${d.mode === 'nftables' ? 'listing' : 'dump'} is whole, and printed by a program that can read all of it.`,
      'No chain of a traffic policy Local counts, which may be empty on purpose.',
    ],
    remedy: (d) => [restartProxy.en([d.node])],
    verify: (d) => [{ text: 'The chain is there and ends in a destination.', commands: listChain(d) }],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      ipvs: 'kube-proxy works with IPVS on this node and makes no chains for Services.',
      olderIptables:
        'The dump was printed by an iptables older than the one that wrote the rules: destinations cannot be read in it.',
    },
    notes: {
      leads: () => 'leads to the chain',
      missing: () => 'leads to a chain that does not exist',
      empty: () => 'no rule follows in this chain',
      noDestination: () => 'the chain’s last line: no destination',
      uneven: () => 'not the share that this place should have',
      lost: () => 'the last endpoint must take all that is left',
    },
  },
  zh: {
    name: 'Service 的转发规则链断裂',
    looksFor:
      '在 kube-proxy 的规则中逐条追踪从 Service 地址到 endpoint 的路径：iptables 模式为 KUBE-SERVICES、KUBE-NODEPORTS → KUBE-SVC/SVL/XLB/EXT/FW → KUBE-SEP → DNAT，nftables 模式为 kube-proxy 表中的 map 和链。检查是否跳转到不存在或为空的链、endpoint 链是否缺少目标地址、概率是否让每个 endpoint 都得到应有的份额。',
    why: '每个 Service 有一条链，每个 endpoint 也有一条链，最后在那里把目的地址改写为 Pod 地址。任何一环缺失，报文就保留 Service 地址；没有主机持有这个地址，报文会沿默认路由离开集群，永远得不到应答。',
    consequences: '从该节点及其 Pod 访问这个 Service 会全部或按比例超时，而从其他节点访问正常。',
    commonCauses: [
      '有人手工或通过防火墙脚本清空、删除了链。',
      'iptables-restore 中途被打断，或恢复了一份旧的规则备份。',
      '两个程序用不同版本的 iptables 同时改写 nat 表。',
    ],
    mimics: [
      '由比写入者更旧的 iptables 导出的规则会把目标打印成“--random --persistent”或“[unsupported revision]”：问题在导出，不据此下结论。',
      '被截断的导出只声明了链、没有规则：同样不下结论。',
      '流量策略 Local：本地 endpoint 的链（KUBE-SVL、KUBE-XLB）可以为空，KUBE-EXT 可以只含本机流量的规则。',
      '会话保持：带“-m recent”的规则排在概率规则之前，不计入份额。',
      '没有任何规则跳转到的空链：大集群中 kube-proxy 会保留它们，nftables 模式下也会短暂存在。',
    ],
    cure: '重启该节点上的 kube-proxy，它会重新写入所有链；然后查清是谁改动了规则。',
    title: (d) =>
      leadsNowhere(d)
        ? `${d.node} 上 ${joinChinese(names(d))} 的转发规则没有去处`
        : `${d.node} 上 ${joinChinese(names(d))} 的连接分配不均`,
    summary: (d) =>
      `${d.broken.slice(0, 4).map(stateZh).join('')}${d.broken.length > 4 ? `另有 ${d.broken.length - 4} 条链断裂。` : ''}${leadsNowhere(d) ? `从 ${d.node} 及其 Pod 发出、经过这些链的连接会超时；其他节点不受影响。` : '连接能得到应答，但负载没有按预期分摊。'}`,
    ruledOut: () => ['导出完整，且导出程序能读懂全部规则。', '流量策略 Local 的链可以为空，没有计入。'],
    remedy: (d) => [restartProxy.zh([d.node])],
    verify: (d) => [{ text: '链存在，且以目标地址结尾。', commands: listChain(d) }],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点写入任何规则：Service 由其他程序实现。',
      ipvs: '该节点的 kube-proxy 使用 IPVS，不为 Service 建链。',
      olderIptables: '规则由更新版本的 iptables 写入，导出所用的版本过旧，无法读出目标地址。',
    },
    notes: {
      leads: () => '跳转到该链',
      missing: () => '跳转到不存在的链',
      empty: () => '该链中没有任何规则',
      noDestination: () => '链的最后一行：没有目标地址',
      uneven: () => '不是该位置应有的概率',
      lost: () => '最后一个 endpoint 应接收全部剩余连接',
    },
  },
}
