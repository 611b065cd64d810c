import type { RuleText } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** A cluster address that a node holds otherwise than its peers. */
export interface DivergingService {
  /** `10.96.10.10:80/tcp`. */
  readonly address: string
  /** `namespace/name`, where it is known. */
  readonly name?: string
  /** The node has other endpoints, has none, or does not know the address. */
  readonly state: 'other' | 'none' | 'absent'
  /** `10.244.3.77:9000`: endpoints that this node has and its peer has not. */
  readonly extra: readonly string[]
  readonly missing: readonly string[]
}

/** Nodes that hold an address alike. */
interface Side {
  readonly nodes: readonly string[]
  readonly endpoints: readonly string[]
}

/** What tells that it is this node that is wrong. */
type Reason = 'endpoints' | 'majority' | 'reservations' | 'api' | 'no-answer'

/** What was found: a node that is wrong, or nodes that differ, of which nothing tells who is right. */
export type Divergence =
  | {
      readonly kind: 'proven'
      readonly node: string
      readonly services: readonly DivergingService[]
      /** Further addresses that differ, with less to prove it. */
      readonly more: number
      readonly proofs: readonly Reason[]
      readonly peers: readonly string[]
    }
  | {
      readonly kind: 'undecided'
      readonly nodes: readonly string[]
      readonly services: readonly (DivergingService & { readonly groups: readonly Side[] })[]
    }

/** What there is to see in the lines. */
export type DivergenceNote =
  'address' | 'refuses' | 'endpoint' | 'endpoints' | 'reservations' | 'api' | 'no-answer'

type Words = Pick<RuleText<Divergence, never, DivergenceNote>, 'title' | 'summary' | 'ruledOut' | 'notes'>

const called = ({ name, address }: DivergingService): string =>
  name === undefined ? address : `${name} (${address})`
const calledZh = ({ name, address }: DivergingService): string =>
  name === undefined ? address : `${name}（${address}）`

const PROOFS: Readonly<Record<Reason, string>> = {
  endpoints: 'The API server lists the endpoints as its peers have them.',
  majority: 'Most nodes agree with each other against it.',
  reservations: 'The node whose pods have such addresses has given this one to no pod.',
  api: 'The API server knows no pod with this address.',
  'no-answer': 'The node whose pods have such addresses gets no answer for this one.',
}

const PROOFS_ZH: Readonly<Record<Reason, string>> = {
  endpoints: 'API server 列出的 endpoint 与其他节点一致。',
  majority: '多数节点彼此一致，只有它不同。',
  reservations: '该地址所在网段的节点没有把它分配给任何 Pod。',
  api: 'API server 中没有使用该地址的 Pod。',
  'no-answer': '该地址所在网段的节点对它得不到任何应答。',
}

function state(service: DivergingService): string {
  switch (service.state) {
    case 'absent':
      return `does not know ${called(service)}`
    case 'none':
      return `has no endpoint for ${called(service)}, which has ${joinWords(service.missing)}`
    case 'other': {
      const extra =
        service.extra.length > 0 ? `sends packets for ${called(service)} to ${joinWords(service.extra)}` : ''
      const lacks = service.missing.length > 0 ? `lacks ${joinWords(service.missing)}` : ''
      if (extra === '') return `${lacks} for ${called(service)}`
      return lacks === '' ? `${extra} too` : `${extra} and ${lacks}`
    }
  }
}

function stateZh(service: DivergingService): string {
  switch (service.state) {
    case 'absent':
      return `没有 ${calledZh(service)} 的任何配置`
    case 'none':
      return `对 ${calledZh(service)} 没有 endpoint，而其他节点有 ${joinChinese(service.missing)}`
    case 'other': {
      const extra =
        service.extra.length > 0 ? `把 ${calledZh(service)} 的流量转发到 ${joinChinese(service.extra)}` : ''
      const lacks = service.missing.length > 0 ? `缺少 ${joinChinese(service.missing)}` : ''
      if (extra === '') return `对 ${calledZh(service)} ${lacks}`
      return lacks === '' ? extra : `${extra}，并且${lacks}`
    }
  }
}

const side = ({ nodes, endpoints }: Side): string =>
  `${joinWords(nodes)} ${nodes.length === 1 ? 'has' : 'have'} ${endpoints.length === 0 ? 'none' : joinWords(endpoints)}`
const sideZh = ({ nodes, endpoints }: Side): string =>
  `${joinChinese(nodes)} 为${endpoints.length === 0 ? '无' : ` ${joinChinese(endpoints)}`}`

const SHOWN = 3

/** The words of divergences in English, whichever mode the proxy works in. */
export const divergenceEn: Words = {
  title(d) {
    const [first] = d.services
    const what = d.services.length === 1 && first ? called(first) : `${d.services.length} Services`
    return d.kind === 'proven'
      ? `${d.node} holds other endpoints for ${what} than its peers`
      : `${joinWords(d.nodes)} hold different endpoints for ${what}`
  },
  summary(d) {
    if (d.kind === 'undecided') {
      const sides = d.services
        .slice(0, SHOWN)
        .map((service) => `${called(service)}: ${service.groups.map(side).join('; ')}.`)
      return `The nodes do not agree on the endpoints of ${d.services.length === 1 ? 'a Service' : `${d.services.length} Services`}. ${sides.join(' ')} Nothing in the bundles tells which is right: zones with endpoints of their own (topology hints) would look the same. If one is stale, connections from there go to a pod that is gone.`
    }
    const more =
      d.services.length > SHOWN ? ` ${d.services.length - SHOWN} more Services differ likewise.` : ''
    const lesser = d.more > 0 ? ` ${d.more} further addresses differ, with less to prove it.` : ''
    return `${d.node} ${d.services.slice(0, SHOWN).map(state).join('; it ')}. ${d.proofs.map((proof) => PROOFS[proof]).join(' ')} ${meaning(d.services, d.node)}${more}${lesser}`
  },
  ruledOut: (d) =>
    d.kind === 'proven'
      ? [
          'The captures that are compared were made at about the same time, or the endpoints had not changed for longer than that.',
          'No traffic policy Local, and as far as the API tells no topology hints: nodes should have the same endpoints.',
          'Endpoints that are not ready or are terminating do not count.',
        ]
      : ['The captures that are compared were made within a minute.'],
  notes: {
    address: (node) => `${node} knows the address`,
    refuses: (node) => `${node} refuses the address`,
    endpoint: (node) => `an endpoint by ${node}`,
    endpoints: () => 'the endpoints as the API server lists them',
    reservations: (node) => `no address of this range that ${node} has given away is the endpoint’s`,
    api: () => 'no pod in this list has the endpoint’s address',
    'no-answer': (node) => `${node} gets no answer for it`,
  },
}

function meaning(services: readonly DivergingService[], node: string): string {
  if (services.some(({ state: each }) => each !== 'other')) {
    return `Connections from ${node} and its pods to it fail, while they work from other nodes.`
  }
  return services.some(({ extra }) => extra.length > 0)
    ? `Some or all connections from ${node} and its pods end at an address where nobody answers, while they work from other nodes.`
    : `Connections from ${node} and its pods do not reach all endpoints.`
}

/** The words of divergences in Chinese. */
export const divergenceZh: Words = {
  title(d) {
    const [first] = d.services
    const what = d.services.length === 1 && first ? calledZh(first) : `${d.services.length} 个 Service`
    return d.kind === 'proven'
      ? `${d.node} 上 ${what} 的 endpoint 与其他节点不一致`
      : `${joinChinese(d.nodes)} 上 ${what} 的 endpoint 互不一致`
  },
  summary(d) {
    if (d.kind === 'undecided') {
      const sides = d.services
        .slice(0, SHOWN)
        .map((service) => `${calledZh(service)}：${service.groups.map(sideZh).join('；')}。`)
      return `各节点对 ${d.services.length} 个 Service 的 endpoint 看法不同。${sides.join('')}采集包中没有证据表明谁正确：按可用区分配 endpoint（topology hints）也会这样。如果其中一个是过期的，从那里发出的连接会到达已经不存在的 Pod。`
    }
    const more = d.services.length > SHOWN ? `另有 ${d.services.length - SHOWN} 个 Service 同样不一致。` : ''
    const lesser = d.more > 0 ? `还有 ${d.more} 个地址不一致，但证据较弱。` : ''
    return `${d.node} ${d.services.slice(0, SHOWN).map(stateZh).join('；')}。${d.proofs.map((proof) => PROOFS_ZH[proof]).join('')}${meaningZh(d.services, d.node)}${more}${lesser}`
  },
  ruledOut: (d) =>
    d.kind === 'proven'
      ? [
          '被比较的采集时间接近，或 endpoint 在更长时间内没有变化。',
          '不涉及流量策略 Local；就 API 所示也没有 topology hints：各节点的 endpoint 应当相同。',
          '未就绪或正在终止的 endpoint 没有计入。',
        ]
      : ['被比较的采集相隔不超过一分钟。'],
  notes: {
    address: (node) => `${node} 上的 Service 地址`,
    refuses: (node) => `${node} 拒绝该地址`,
    endpoint: (node) => `${node} 上的 endpoint`,
    endpoints: () => 'API server 列出的 endpoint',
    reservations: (node) => `${node} 在此网段中没有分配过该 endpoint 的地址`,
    api: () => '列表中没有使用该地址的 Pod',
    'no-answer': (node) => `${node} 对该地址得不到应答`,
  },
}

function meaningZh(services: readonly DivergingService[], node: string): string {
  if (services.some(({ state: each }) => each !== 'other')) {
    return `从 ${node} 及其 Pod 访问会失败，而从其他节点访问正常。`
  }
  return services.some(({ extra }) => extra.length > 0)
    ? `从 ${node} 及其 Pod 发出的部分或全部连接会到达无人应答的地址，而从其他节点访问正常。`
    : `从 ${node} 及其 Pod 发出的连接到不了全部 endpoint。`
}
