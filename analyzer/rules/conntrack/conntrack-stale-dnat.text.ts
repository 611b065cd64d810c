import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import type { ServiceRole } from '../services/serviceRole.ts'

/** UDP flows to a Service that connection tracking sends astray. */
export interface StaleFlow {
  /** `gone`: to an endpoint that the Service has no more; `untranslated`: to the Service’s address itself. */
  readonly kind: 'gone' | 'untranslated'
  /** `10.96.10.11:9000/udp`. */
  readonly address: string
  /** `namespace/name`, where it is known. */
  readonly name?: string
  readonly role: ServiceRole
  /** Where they go. */
  readonly to: string
  readonly flows: number
  /** Those of them that never got an answer. */
  readonly unanswered: number
  /** The endpoints of now. */
  readonly endpoints: readonly string[]
}

/** What tells that nobody has the address. */
type Proof = 'reservations' | 'api' | 'no-answer'

/** What was found on a node. */
export interface ConntrackStaleDnat {
  readonly node: string
  readonly flows: readonly StaleFlow[]
  readonly proofs: readonly Proof[]
}

type Reason = 'noProxy' | 'ipvs' | 'noList' | 'tooMany'

/** What there is to see in the lines. */
export type Note = StaleFlow['kind'] | Proof | 'endpoint'

const SHOWN = 3

const called = ({ name, address }: StaleFlow): string =>
  name === undefined ? address : `${name} (${address})`
const calledZh = ({ name, address }: StaleFlow): string =>
  name === undefined ? address : `${name}（${address}）`

const PROOFS: Readonly<Record<Proof, string>> = {
  reservations: 'The node whose pods have such addresses has given this one to no pod.',
  api: 'The API server knows no pod with this address.',
  'no-answer': 'The node whose pods have such addresses gets no answer for it.',
}
const PROOFS_ZH: Readonly<Record<Proof, string>> = {
  reservations: '该地址所在网段的节点没有把它分配给任何 Pod。',
  api: 'API server 中没有使用该地址的 Pod。',
  'no-answer': '该地址所在网段的节点对它得不到任何应答。',
}

function state(flow: StaleFlow): string {
  const flows = `${flow.flows} UDP flow${flow.flows === 1 ? '' : 's'} to ${called(flow)}`
  return flow.kind === 'untranslated'
    ? `${flows} ${flow.flows === 1 ? 'is' : 'are'} not translated at all and ${flow.flows === 1 ? 'goes' : 'go'} to an address that no machine has`
    : `${flows} still ${flow.flows === 1 ? 'goes' : 'go'} to ${flow.to}, though the Service now has ${joinWords(flow.endpoints)}`
}

function stateZh(flow: StaleFlow): string {
  return flow.kind === 'untranslated'
    ? `发往 ${calledZh(flow)} 的 ${flow.flows} 条 UDP 流完全没有做地址转换，目的地址没有任何主机持有`
    : `发往 ${calledZh(flow)} 的 ${flow.flows} 条 UDP 流仍被转发到 ${flow.to}，而该 Service 现在的 endpoint 是 ${joinChinese(flow.endpoints)}`
}

/** Addresses and ports are checked values. */
const commands = ({ flows }: ConntrackStaleDnat, action: string): readonly string[] => [
  ...new Set(
    flows.slice(0, SHOWN).map(({ address }) => {
      const [, host = '', port = ''] = /^\[?([^\]]+?)\]?:(\d+)\//.exec(address) ?? []
      return `conntrack ${action} -p udp --orig-dst ${host} --orig-port-dst ${port}`
    }),
  ),
]

/** The words of conntrack-stale-dnat. */
export const text: RuleTexts<ConntrackStaleDnat, Reason, Note> = {
  en: {
    name: 'Connection tracking sends UDP flows to an endpoint that is gone',
    looksFor:
      'UDP entries of the connection tracking table whose destination is an address of a Service, and whose translation leads to an address that is none of its endpoints by the node’s rules, or to none; with the addresses that pods have on the nodes.',
    why: 'The rules choose an endpoint for the first packet of a flow only; all others are translated by the entry in the table. A client that keeps its UDP port keeps the entry alive with every packet, so that it goes on to the old pod for ever. kube-proxy deletes such entries when endpoints change; some versions forget it (1.32 and later for Services that had no endpoints for a while).',
    consequences:
      'DNS, syslog, SIP or metrics clients that never change their port get no answer any more after the server’s pod was replaced, while new clients do.',
    commonCauses: [
      'A kube-proxy that does not clean up (1.32 and later: kubernetes#139628, #141371), or was not running when the endpoints changed.',
      'A client that began to send before the Service had rules: its flow is not translated at all.',
      'The program conntrack is missing in kube-proxy’s image (before 1.32).',
    ],
    mimics: [
      'Entries that are about to end: one counts only with 20 seconds or more to live, so that it was used a few seconds ago.',
      'An endpoint that is terminating and still answers: without proof that the address is nobody’s, flows with answers do not count, and none to addresses that the API still lists.',
      'TCP connections to an endpoint that was taken out live on until they are closed, by design.',
      'A Service with the traffic policy Local: the node’s own packets may use other endpoints.',
      'IPVS has a table of connections of its own; NodeLocal DNSCache takes its flows out of connection tracking.',
    ],
    cure: 'Delete the entries; the next packet gets an endpoint by the rules. Upgrade kube-proxy to a version with the fixes.',
    title(d) {
      const [first] = d.flows
      const what = d.flows.length === 1 && first ? called(first) : `${d.flows.length} addresses of Services`
      return `UDP flows on ${d.node} to ${what} go to nobody`
    },
    summary: (d) =>
      `On ${d.node} ${d.flows.slice(0, SHOWN).map(state).join('; ')}.${d.flows.length > SHOWN ? ` ${d.flows.length - SHOWN} more are like that.` : ''} ${d.proofs.map((proof) => PROOFS[proof]).join(' ')} Their clients get no answer until the entries are deleted, or they stop to send for longer than the entry’s time; clients with a new port are served.`.replaceAll(
        '  ',
        ' ',
      ),
    ruledOut: (d) => [
      'The entries are in use: each has 20 seconds or more to live.',
      ...(d.flows.some(({ kind }) => kind === 'gone')
        ? ['The address is no endpoint of the Service by any rule of the node, whatever the way to it.']
        : []),
    ],
    remedy: (d) => [
      { text: `Delete the entries on ${d.node}.`, commands: commands(d, '-D') },
      {
        text: 'Upgrade kube-proxy where it does not delete them itself; for DNS, NodeLocal DNSCache takes such flows out of connection tracking.',
        commands: ['kubectl -n kube-system get daemonset kube-proxy -o wide'],
      },
    ],
    verify: (d) => [{ text: 'New entries lead to an endpoint of now.', commands: commands(d, '-L') }],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      ipvs: 'kube-proxy works with IPVS on this node, which has a table of connections of its own.',
      noList: 'The connection tracking table could not be listed.',
      tooMany:
        'The connection tracking table holds more entries than are looked at; among those that are, none is stale.',
    },
    notes: {
      gone: () => 'translated to an address that is no endpoint any more',
      untranslated: () => 'not translated, and never answered',
      endpoint: () => 'an endpoint of now',
      reservations: (node) => `no address of this range that ${node} has given away is the old endpoint’s`,
      api: () => 'no pod in this list has the old endpoint’s address',
      'no-answer': (node) => `${node} gets no answer for it`,
    },
  },
  zh: {
    name: 'conntrack 仍把 UDP 流转发到已不存在的 endpoint',
    looksFor:
      'conntrack 表中目的为 Service 地址的 UDP 条目：其地址转换指向的地址按节点规则已不是该 Service 的 endpoint，或根本没有转换；并与各节点上 Pod 实际持有的地址核对。',
    why: '规则只为一条流的第一个报文选择 endpoint，之后的报文都按 conntrack 条目转换。客户端一直使用同一个 UDP 端口时，每个报文都会让条目续期，于是永远发往旧 Pod。endpoint 变化时 kube-proxy 会删除这类条目，但某些版本会遗漏（1.32 及以上，曾一度没有 endpoint 的 Service）。',
    consequences:
      '从不更换端口的 DNS、syslog、SIP 或监控客户端，在服务端 Pod 被替换后再也收不到应答，而新的客户端正常。',
    commonCauses: [
      'kube-proxy 没有清理（1.32 及以上：kubernetes#139628、#141371），或 endpoint 变化时它没有运行。',
      '客户端在 Service 规则写入之前就开始发送，整条流没有做地址转换。',
      'kube-proxy 镜像中缺少 conntrack 程序（1.32 之前）。',
    ],
    mimics: [
      '即将过期的条目：剩余时间不少于 20 秒（说明几秒前还在使用）才计入。',
      '正在终止但仍应答的 endpoint：没有证据表明地址已无人持有时，有应答的流不计入；API 仍列出的地址也不计入。',
      '指向已移除 endpoint 的 TCP 连接会一直保持到关闭，属正常设计。',
      '流量策略 Local 的 Service：本机报文可以使用其他 endpoint。',
      'IPVS 有自己的连接表；NodeLocal DNSCache 的流量不经过 conntrack。',
    ],
    cure: '删除这些条目，下一个报文就会按规则选择 endpoint；并升级到已修复的 kube-proxy。',
    title(d) {
      const [first] = d.flows
      const what = d.flows.length === 1 && first ? calledZh(first) : `${d.flows.length} 个 Service 地址`
      return `${d.node} 上发往 ${what} 的 UDP 流无人接收`
    },
    summary: (d) =>
      `${d.node} 上${d.flows.slice(0, SHOWN).map(stateZh).join('；')}。${d.flows.length > SHOWN ? `另有 ${d.flows.length - SHOWN} 个同样如此。` : ''}${d.proofs.map((proof) => PROOFS_ZH[proof]).join('')}除非删除条目，或客户端停止发送直到条目过期，否则这些客户端得不到应答；使用新端口的客户端正常。`,
    ruledOut: (d) => [
      '条目正在使用：剩余时间都不少于 20 秒。',
      ...(d.flows.some(({ kind }) => kind === 'gone')
        ? ['按节点上的任何规则，该地址都不是这个 Service 的 endpoint。']
        : []),
    ],
    remedy: (d) => [
      { text: `在 ${d.node} 上删除这些条目。`, commands: commands(d, '-D') },
      {
        text: '若 kube-proxy 不会自行删除则升级；对 DNS 可使用 NodeLocal DNSCache，使流量不经过 conntrack。',
        commands: ['kubectl -n kube-system get daemonset kube-proxy -o wide'],
      },
    ],
    verify: (d) => [{ text: '新条目指向当前的 endpoint。', commands: commands(d, '-L') }],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点写入任何规则：Service 由其他程序实现。',
      ipvs: '该节点的 kube-proxy 使用 IPVS，有自己的连接表。',
      noList: '无法列出 conntrack 表。',
      tooMany: 'conntrack 表的条目超过检查上限；已检查的条目中没有过期的。',
    },
    notes: {
      gone: () => '被转换到已不是 endpoint 的地址',
      untranslated: () => '没有做地址转换，且从未得到应答',
      endpoint: () => '当前的 endpoint',
      reservations: (node) => `${node} 在此网段中没有分配过旧 endpoint 的地址`,
      api: () => '列表中没有使用旧 endpoint 地址的 Pod',
      'no-answer': (node) => `${node} 对该地址得不到应答`,
    },
  },
}
