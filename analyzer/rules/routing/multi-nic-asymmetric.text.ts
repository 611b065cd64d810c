import type { Language } from '../../engine/language.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { sysctlKey } from '../../text/sysctlKey.ts'

/** What was found: a node that is known by the address of one card and answers by another one. */
export interface AnswersByAnotherCard {
  readonly node: string
  readonly address: string
  readonly card: string
  /** Cards by which answers leave. */
  readonly others: readonly string[]
  readonly peers: readonly { readonly node: string; readonly source: string }[]
  /** The gateway of the first answer. */
  readonly via?: string
  /** The card’s network, where peers are in it and yet are answered by the other card. */
  readonly network?: string
  /** Some peers are answered by the default route. */
  readonly isByDefault: boolean
  /** Networks or peers to which the other card has a route of its own, which no default route outdoes. */
  readonly routed: readonly string[]
  /** The card’s reverse path filter is strict: what comes in by it so is dropped. */
  readonly isStrict: boolean
  /** Packets that the filter dropped since boot, over all cards. */
  readonly dropped?: number
  /** The address of the other card that flannel announces for the node. */
  readonly flannel?: string
}

type Reason = 'oneCard' | 'noAddress' | 'tableShort'
type Note = 'known' | 'forth' | 'back' | 'filter' | 'dropped' | 'flannel'

const sample = ({ peers }: AnswersByAnotherCard): string => peers[0]?.source ?? ''
const filterKey = ({ card }: AnswersByAnotherCard): string =>
  shellQuote(`${sysctlKey(`net/ipv4/conf/${card}/rp_filter`)}=2`)

const byRoutes = (d: AnswersByAnotherCard): SaidStep => {
  if (d.network !== undefined)
    return {
      text: {
        en: `Have answers from ${d.address} to ${d.network} leave by ${d.card}: take the route to it by the other card away, or add a table for that address. Keep it in the network configuration.`,
        zh: `让源地址为 ${d.address}、发往 ${d.network} 的应答从 ${d.card} 发出：删除经另一块网卡到该网段的路由，或为该地址建立单独的路由表，并写入网络配置。`,
      },
      commands: [
        `ip route add ${d.network} dev ${shellQuote(d.card)} src ${d.address} table 100`,
        `ip rule add pref 32001 from ${d.address} lookup 100`,
      ],
    }
  return {
    text:
      d.routed.length === 0
        ? {
            en: `Have answers from ${d.address} leave by ${d.card}: a route to the peers’ networks by its gateway, or a table for that address (with the gateway of ${d.card} in place of the capitals). Keep it in the network configuration.`,
            zh: `让源地址为 ${d.address} 的应答从 ${d.card} 发出：为对端网段添加经该网卡网关的路由，或为该地址建立单独的路由表（把大写字母换成 ${d.card} 的网关），并写入网络配置。`,
          }
        : {
            en: `Have answers from ${d.address} leave by ${d.card}: a table for that address (with the gateway of ${d.card} in place of the capitals), which is asked before the main table, as that has a route to ${joinWords(d.routed)} by the other card. Keep it in the network configuration.`,
            zh: `让源地址为 ${d.address} 的应答从 ${d.card} 发出：为该地址建立单独的路由表（把大写字母换成 ${d.card} 的网关）；主路由表中有经另一块网卡到 ${joinChinese(d.routed)} 的路由，所以规则必须排在主路由表之前。写入网络配置。`,
          },
    commands: [
      `ip route add default via GATEWAY dev ${shellQuote(d.card)} table 100`,
      ...d.routed.map((network) => `ip rule add pref 31999 from ${d.address} to ${network} lookup 100`),
      ...(d.isByDefault
        ? [
            'ip rule add pref 32000 lookup main suppress_prefixlength 0',
            `ip rule add pref 32001 from ${d.address} lookup 100`,
          ]
        : []),
    ],
  }
}

const byAddress = (d: AnswersByAnotherCard): SaidStep => ({
  text: {
    en: `Or let the cluster know the node by the address of ${joinWords(d.others)}, if the peers reach that one: k3s and rke2 \`node-ip\`, k3s \`flannel-iface\`, kubelet --node-ip; certificates must name it.`,
    zh: `或者，如果对端能到达 ${joinChinese(d.others)} 的地址，就让集群使用该地址：k3s 和 rke2 的 \`node-ip\`、k3s 的 \`flannel-iface\`、kubelet 的 --node-ip；证书也必须包含它。`,
  },
  commands: [],
})

const loosen = (d: AnswersByAnotherCard): SaidStep => ({
  text: {
    en: `Where both ways are meant: let the filter of ${d.card} be loose.`,
    zh: `如果两条路径都是有意为之，把 ${d.card} 的过滤设为宽松模式。`,
  },
  commands: [`sysctl -w ${filterKey(d)}`, `echo ${filterKey(d)} >/etc/sysctl.d/99-rp-filter.conf`],
})

const remedy = (language: Language, d: AnswersByAnotherCard) =>
  stepsIn(language, [byRoutes(d), byAddress(d), ...(d.isStrict ? [loosen(d)] : [])])

const verify = (language: Language, d: AnswersByAnotherCard) =>
  stepsIn(language, [
    {
      text: { en: `The answer leaves by ${d.card}.`, zh: `应答从 ${d.card} 发出。` },
      commands: [`ip route get ${sample(d)} from ${d.address}`],
    },
  ])

/** The words of multi-nic-asymmetric. */
export const text: RuleTexts<AnswersByAnotherCard, Reason, Note> = {
  en: {
    name: 'The node answers its peers by another card',
    looksFor:
      'For every node with several cards: by which card it answers what the other nodes send to the address that the cluster knows it by (its InternalIP, or node-ip of k3s), by its routes and policy rules; and by which address flannel announces it.',
    why: 'The cluster knows the node by the address of one card, and its default route leads by another one. What peers of other networks send comes in by the first, and the answers leave by the second, with the address of the first as source: its gateway, a cloud’s network, or a firewall that sees half of the connection drops them, and the strict reverse path filter drops the requests themselves. flannel takes the card of the default route, too, unless it is told another one.',
    consequences:
      'Some peers reach the node and others do not, or only in one direction; connections from the node work, while those to it time out: logs and exec, the API server, node ports. tcpdump shows requests on one card and answers on the other.',
    commonCauses: [
      'One card for the cluster’s own network and one for the way out, with the default route by the latter.',
      'The InternalIP was chosen, or set (--node-ip), on the card that has no default route, and nodes were added in other networks.',
      'Two cards in one network.',
    ],
    mimics: [
      'Peers in the network of the card: answers leave by it, wherever the default route leads.',
      'A policy rule for the card’s own address (`from ADDRESS lookup TABLE`): it is asked.',
      'A bond, bridge or VLAN and its members are one card; a multipath route that may take the card, too.',
      'Addresses that no card has (on loopback, a floating one, one that a cloud translates).',
      'Packets on one link that the strict filter drops are told by sysctl-rp-filter-cni alone.',
    ],
    cure: 'Let answers leave by the card that has the node’s address, by routes or a rule for that address, or let the cluster know the node by the other card.',
    title: (d) =>
      `${d.node} is known by ${d.address} of ${d.card} and answers ${joinWords(d.peers.map(({ node }) => node))} by ${joinWords(d.others)}`,
    summary(d) {
      const peers = joinWords(d.peers.map(({ node, source }) => `${node} (${source})`))
      const way = `The cluster knows ${d.node} by ${d.address}, the address of ${d.card}. What it answers to ${peers} leaves by ${joinWords(d.others)}${d.via === undefined ? '' : ` (gateway ${d.via})`}.`
      const flannel =
        d.flannel === undefined
          ? ''
          : ` flannel announces ${d.flannel}, the address of the other card: pods’ packets go by it.`
      if (!d.isStrict)
        return `${way} A router or firewall that sees one direction alone may drop it.${flannel}`
      const count =
        d.dropped === undefined
          ? ''
          : d.dropped > 0
            ? ` The filter has dropped ${formatCount(d.dropped)} packets since boot.`
            : ' It has dropped none since boot: nobody has sent that way yet.'
      return `${way} The reverse path filter of ${d.card} is strict: the kernel drops the requests.${count}${flannel}`
    },
    ruledOut: () => [
      'The nodes are of one cluster, and the routes of both were captured.',
      'No policy rule leads what has this source by its own card, and the cards share no bond, bridge or VLAN.',
    ],
    remedy: (d) => remedy('en', d),
    verify: (d) => verify('en', d),
    reasons: {
      oneCard: 'The node has one card.',
      noAddress: 'Nothing tells by which address the cluster knows the node.',
      tableShort: 'The routing table was not captured whole: a route by the card may be in the missing part.',
    },
    notes: {
      known: (address) => `the cluster knows the node by ${address}`,
      forth: (peer) => `${peer} sends this way`,
      back: () => 'answers leave this way',
      filter: (device) => `the reverse path filter that counts for ${device}`,
      dropped: (count) => `IPReversePathFilter: ${formatCount(Number(count))} since boot`,
      flannel: (address) => `flannel has others reach the node by ${address}`,
    },
  },
  zh: {
    name: '节点从另一块网卡应答对端',
    looksFor:
      '对每个有多块网卡的节点：按其路由和策略路由规则，其他节点发往集群所知地址（InternalIP 或 k3s 的 node-ip）的报文，会从哪块网卡应答；以及 flannel 为它公布的是哪个地址。',
    why: '集群用一块网卡的地址认识该节点，而节点的默认路由走另一块网卡。其他网段的对端发来的报文从前者进入，应答却带着前者的源地址从后者发出：后者的网关、云网络或只看到一半连接的防火墙会把它丢弃，严格的 rp_filter 则直接丢弃请求。没有指定时，flannel 也采用默认路由所在的网卡。',
    consequences:
      '有的对端能访问该节点，有的不能，或者只通一个方向；从节点发起的连接正常，而访问节点的连接超时：logs 和 exec、API server、NodePort。抓包能看到请求在一块网卡上，应答在另一块网卡上。',
    commonCauses: [
      '一块网卡用于集群内部网络，另一块用于出口，默认路由走后者。',
      'InternalIP 被选定或指定（--node-ip）在没有默认路由的网卡上，之后又加入了其他网段的节点。',
      '两块网卡在同一网段。',
    ],
    mimics: [
      '对端就在该网卡的网段内：无论默认路由走哪里，应答都从该网卡发出。',
      '针对该网卡地址的策略路由规则（`from ADDRESS lookup TABLE`）：已计算在内。',
      'bond、网桥、VLAN 与其成员视为同一块网卡；也可能走该网卡的多路径路由。',
      '不在任何网卡上的地址（loopback 上的、浮动的、由云转换的）。',
      '同一链路上被严格过滤丢弃的报文，只由 sysctl-rp-filter-cni 报告。',
    ],
    cure: '用路由或针对该地址的规则，让应答从拥有节点地址的网卡发出；或者让集群使用另一块网卡的地址。',
    title: (d) =>
      `集群所知的 ${d.node} 地址是 ${d.card} 的 ${d.address}，它却从 ${joinChinese(d.others)} 应答 ${joinChinese(d.peers.map(({ node }) => node))}`,
    summary(d) {
      const peers = joinChinese(d.peers.map(({ node, source }) => `${node}（${source}）`))
      const way = `集群所知的 ${d.node} 地址是 ${d.card} 的 ${d.address}。它对 ${peers} 的应答从 ${joinChinese(d.others)}${d.via === undefined ? ' ' : `（网关 ${d.via}）`}发出。`
      const flannel =
        d.flannel === undefined ? '' : `flannel 公布的是另一块网卡的地址 ${d.flannel}：Pod 的报文走那里。`
      if (!d.isStrict) return `${way}只看到一个方向的路由器或防火墙可能会丢弃它。${flannel}`
      const count =
        d.dropped === undefined
          ? ''
          : d.dropped > 0
            ? `开机以来过滤已丢弃 ${formatCount(d.dropped)} 个报文。`
            : '开机以来尚未因此丢弃报文：还没有流量走这条路径。'
      return `${way}${d.card} 的 rp_filter 为严格模式，内核会丢弃请求。${count}${flannel}`
    },
    ruledOut: () => [
      '这些节点属于同一集群，双方的路由都已采集。',
      '没有让该源地址从自己网卡发出的策略路由规则，这些网卡也不属于同一个 bond、网桥或 VLAN。',
    ],
    remedy: (d) => remedy('zh', d),
    verify: (d) => verify('zh', d),
    reasons: {
      oneCard: '该节点只有一块网卡。',
      noAddress: '没有任何信息说明集群所知的节点地址。',
      tableShort: '路由表采集不完整：走该网卡的路由可能在缺失的部分里。',
    },
    notes: {
      known: (address) => `集群所知的节点地址是 ${address}`,
      forth: (peer) => `${peer} 由此发送`,
      back: () => '应答由此发出',
      filter: (device) => `${device} 上实际生效的反向路径过滤`,
      dropped: (count) => `IPReversePathFilter：开机以来 ${formatCount(Number(count))}`,
      flannel: (address) => `flannel 让其他节点通过 ${address} 访问该节点`,
    },
  },
}
