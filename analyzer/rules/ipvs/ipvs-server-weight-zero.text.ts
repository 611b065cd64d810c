import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { restartProxy } from '../services/restartProxy.ts'
import type { ServiceRole } from '../services/serviceRole.ts'

/** A virtual service with servers of weight 0. */
export interface IdleService {
  /** `10.96.10.13:80/tcp`. */
  readonly address: string
  /** `namespace/name`, where it is known. */
  readonly name?: string
  readonly role: ServiceRole
  /** Those of weight 0 that should get connections: `10.244.1.2:8080`. */
  readonly servers: readonly string[]
  /** How many servers it has in all. */
  readonly of: number
  /** No server is left. */
  readonly isAll: boolean
}

/** What was found on a node. */
export interface IpvsServerWeightZero {
  readonly node: string
  readonly services: readonly IdleService[]
  readonly proofs: readonly ('api' | 'peer')[]
}

type Reason = 'notIpvs'

/** What there is to see in the lines. */
export type Note = 'service' | 'server' | 'api' | 'peer'

const SHOWN = 3

const called = ({ name, address }: IdleService): string =>
  name === undefined ? address : `${name} (${address})`
const calledZh = ({ name, address }: IdleService): string =>
  name === undefined ? address : `${name}（${address}）`
const isOutage = ({ services }: IpvsServerWeightZero): boolean => services.some(({ isAll }) => isAll)

const state = (service: IdleService): string =>
  service.isAll
    ? `every server of ${called(service)} has weight 0`
    : `${joinWords(service.servers)} of the ${service.of} servers of ${called(service)} ${service.servers.length === 1 ? 'has' : 'have'} weight 0`
const stateZh = (service: IdleService): string =>
  service.isAll
    ? `${calledZh(service)} 的所有服务器权重都是 0`
    : `${calledZh(service)} 的 ${service.of} 个服务器中 ${joinChinese(service.servers)} 权重为 0`

/** Addresses are checked values. */
function removals({ services }: IpvsServerWeightZero): readonly string[] {
  return services.slice(0, SHOWN).flatMap(({ address, servers }) => {
    const [endpoint = '', protocol] = address.split('/')
    const flag = protocol === 'udp' ? '-u' : '-t'
    return servers.slice(0, 2).map((server) => `ipvsadm -d ${flag} ${endpoint} -r ${server}`)
  })
}

function listings({ services }: IpvsServerWeightZero): readonly string[] {
  return services.slice(0, SHOWN).map(({ address }) => {
    const [endpoint = '', protocol] = address.split('/')
    return `ipvsadm -Ln ${protocol === 'udp' ? '-u' : '-t'} ${endpoint}`
  })
}

/** The words of ipvs-server-weight-zero. */
export const text: RuleTexts<IpvsServerWeightZero, Reason, Note> = {
  en: {
    name: 'IPVS servers get no connections: their weight is 0',
    looksFor:
      'Servers of weight 0 behind cluster addresses in the node’s IPVS table, held against the ready endpoints of the API and the tables of other nodes.',
    why: 'When an endpoint ends, kube-proxy gives its server weight 0 and removes it once its connections are closed. The kernel gives no new connections to a server of weight 0. When the same address comes back as an endpoint while kube-proxy restarts or forgets, the weight stays 0: the endpoint is ready and gets nothing. With no other server left, every new connection is refused.',
    consequences:
      'Connections to the Service from this node are refused, or its load falls on fewer pods, while the pods are ready and other nodes reach them.',
    commonCauses: [
      'A restart of kube-proxy in the middle of a graceful termination (kubernetes#92019).',
      'A pod that came back with the address it had, before its old connections had ended (StatefulSets, hostNetwork pods).',
      'ipvsadm -e by hand, to take a server out, and never undone.',
    ],
    mimics: [
      'A rollout: the servers of the old pods keep weight 0 until their connections end, up to the TCP timeout of 900 seconds. While other servers have a weight, and the API does not list the old ones as ready, nothing is told.',
      'A workload that is scaled to zero: where the API server lists no ready endpoint nothing is told; without its answer all servers of weight 0 are “possible” at most.',
      'Addresses of node ports and outside: they have the same servers, and are not counted again.',
    ],
    cure: 'Restart kube-proxy on the node; where that does not help, delete the server with ipvsadm -d: kube-proxy adds it anew.',
    title(d) {
      const [first] = d.services
      const what = d.services.length === 1 && first ? called(first) : `${d.services.length} Services`
      return isOutage(d)
        ? `IPVS on ${d.node} gives no connections to any server of ${what}`
        : `IPVS on ${d.node} leaves out ready servers of ${what}`
    },
    summary(d) {
      const states = d.services.slice(0, SHOWN).map(state).join('; ')
      const more =
        d.services.length > SHOWN ? ` ${d.services.length - SHOWN} more Services are like that.` : ''
      const told =
        d.proofs.length === 0
          ? 'Nothing in the bundles tells whether there should be any: a workload that was just scaled to zero looks the same.'
          : d.proofs
              .map((by) =>
                by === 'api'
                  ? 'The API server lists them as ready.'
                  : 'Another node sends connections to the same servers.',
              )
              .join(' ')
      const effect = isOutage(d)
        ? 'The kernel refuses every new connection.'
        : 'The other servers bear the whole load.'
      return `On ${d.node} ${states}. ${told} ${effect}${more}`
    },
    ruledOut: (d) =>
      d.proofs.length === 0
        ? []
        : [
            'The servers are not on their way out: a witness of the same time has them in use, or the API lists them as ready and not terminating.',
          ],
    remedy: (d) => [
      restartProxy.en([d.node]),
      {
        text: 'Where the weight stays 0, delete the server; kube-proxy adds it with its next sync.',
        commands: removals(d),
      },
    ],
    verify: (d) => [{ text: 'The weight is 1.', commands: listings(d) }],
    reasons: { notIpvs: 'kube-proxy does not work with IPVS on this node.' },
    notes: {
      service: () => 'the virtual service',
      server: () => 'weight 0: no new connections',
      api: () => 'the API server lists the endpoint as ready',
      peer: (node) => `${node} sends new connections to it`,
    },
  },
  zh: {
    name: 'IPVS 后端权重为 0，不再接收新连接',
    looksFor:
      '节点 IPVS 表中集群地址下权重为 0 的 real server，与 API 中就绪的 endpoint 以及其他节点的 IPVS 表对比。',
    why: 'endpoint 终止时 kube-proxy 把对应 real server 的权重设为 0，等连接全部关闭后再删除；内核不会把新连接分给权重为 0 的后端。如果 kube-proxy 恰好重启或遗漏，同一地址重新成为 endpoint 时权重仍是 0：endpoint 已就绪却得不到任何连接。若没有其他后端，所有新连接都会被拒绝。',
    consequences: '从该节点访问 Service 被拒绝，或负载集中到少数 Pod；而 Pod 本身就绪，从其他节点访问正常。',
    commonCauses: [
      'kube-proxy 在优雅终止过程中重启（kubernetes#92019）。',
      'Pod 在旧连接结束之前以相同地址重新出现（StatefulSet、hostNetwork Pod）。',
      '有人用 ipvsadm -e 手工摘除后端后没有恢复。',
    ],
    mimics: [
      '滚动发布：旧 Pod 的后端在连接结束前权重为 0，最长可达 TCP 超时 900 秒。只要还有其他后端、且 API 没有把旧地址列为就绪，就不报。',
      '工作负载缩容到 0：API 没有就绪 endpoint 时不报；没有 API 数据时，全部权重为 0 最多只报“可能”。',
      'NodePort 和外部地址使用同样的后端，不重复计算。',
    ],
    cure: '重启该节点上的 kube-proxy；若无效，用 ipvsadm -d 删除该后端，kube-proxy 会重新添加。',
    title(d) {
      const [first] = d.services
      const what = d.services.length === 1 && first ? calledZh(first) : `${d.services.length} 个 Service`
      return isOutage(d)
        ? `${d.node} 的 IPVS 不再向 ${what} 的任何后端分配连接`
        : `${d.node} 的 IPVS 没有使用 ${what} 的部分就绪后端`
    },
    summary(d) {
      const states = d.services.slice(0, SHOWN).map(stateZh).join('；')
      const more = d.services.length > SHOWN ? `另有 ${d.services.length - SHOWN} 个 Service 同样如此。` : ''
      const told =
        d.proofs.length === 0
          ? '采集包中没有证据表明它们应当可用：刚刚缩容到 0 的工作负载也是这样。'
          : d.proofs
              .map((by) =>
                by === 'api' ? 'API server 将它们列为就绪。' : '另一个节点正在向同样的后端分配连接。',
              )
              .join('')
      const effect = isOutage(d) ? '内核会拒绝所有新连接。' : '全部负载由其余后端承担。'
      return `${d.node} 上 ${states}。${told}${effect}${more}`
    },
    ruledOut: (d) =>
      d.proofs.length === 0
        ? []
        : ['这些后端并非正在退出：同一时间有其他节点在使用它们，或 API 将其列为就绪且未终止。'],
    remedy: (d) => [
      restartProxy.zh([d.node]),
      { text: '若权重仍为 0，删除该后端，kube-proxy 会在下次同步时重新添加。', commands: removals(d) },
    ],
    verify: (d) => [{ text: '权重恢复为 1。', commands: listings(d) }],
    reasons: { notIpvs: '该节点的 kube-proxy 不使用 IPVS。' },
    notes: {
      service: () => '虚拟服务',
      server: () => '权重为 0：不接收新连接',
      api: () => 'API server 将该 endpoint 列为就绪',
      peer: (node) => `${node} 正在向它分配新连接`,
    },
  },
}
