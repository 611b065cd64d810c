import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ServiceRole } from '../services/serviceRole.ts'
import type { ServerProof } from './serverProof.ts'

/** A virtual service without servers. */
export interface BareService {
  /** `10.96.10.13:80/tcp`. */
  readonly address: string
  /** `namespace/name`, where it is known. */
  readonly name?: string
  readonly role: ServiceRole
}

/** What a node lacks. */
export interface IpvsServiceWithoutServers {
  readonly node: string
  readonly services: readonly BareService[]
  /** What tells that they should have servers; empty where nothing does. */
  readonly proofs: readonly ServerProof['by'][]
  /** Cluster addresses that IPVS serves on the node in all. */
  readonly inside: number
  /** More addresses without servers, of which nothing tells whether they should have any. */
  readonly unproven: readonly string[]
}

type Reason = 'notIpvs'

/** What there is to see in the lines. */
export type Note = 'bare' | 'log' | 'api' | 'elsewhere' | 'kernel'

const TOLD: Readonly<Record<ServerProof['by'], string>> = {
  log: 'kube-proxy logged that it could not read the servers back from the kernel (parseIP Error): so do versions 1.18.0 to 1.18.2 on kernels before 3.18, and they then add none.',
  api: 'The API server lists ready endpoints all the same.',
  node: 'Another node has servers for the same address.',
  kernel: 'The kernel logged that clients asked and no destination was available.',
}

const CHINESE_TOLD: Readonly<Record<ServerProof['by'], string>> = {
  log: 'kube-proxy 的日志说明它无法从内核读回后端（parseIP Error）：1.18.0 至 1.18.2 在早于 3.18 的内核上就是如此，因而一个后端也没有写入。',
  api: 'API server 却列出了就绪端点。',
  node: '另一个节点上同一地址有后端。',
  kernel: '内核日志说明有客户端请求而没有可用的后端。',
}

const called = ({ name, address }: BareService): string =>
  name === undefined ? address : `${name} (${address})`

/** The words of ipvs-service-without-servers. */
export const text: RuleTexts<IpvsServiceWithoutServers, Reason, Note> = {
  en: {
    name: 'IPVS services have no servers',
    looksFor:
      'Cluster addresses in the node’s IPVS table that no server follows, held against the API’s ready endpoints, the tables of other nodes, kube-proxy’s log and the kernel’s.',
    why: 'In IPVS mode kube-proxy enters each Service as a virtual service and its endpoints as servers. A virtual service without servers still takes the packets, and the kernel refuses every connection: the Service is down for this node and its pods, while the pods behind it are sound.',
    consequences:
      'Connections to the Service from this node and its pods are refused at once; other nodes reach it. Where it is DNS, no name resolves on this node.',
    commonCauses: [
      'kube-proxy 1.18.0 to 1.18.2 on a kernel before 3.18 (CentOS 7).',
      'kube-proxy that lost its watch of EndpointSlices, or whose sync fails.',
      'The workload is scaled to zero: then nothing is wrong with IPVS.',
    ],
    mimics: [
      'A Service whose pods are scaled to zero, or not ready: where the API server lists no ready endpoint the rule is silent, and service-no-endpoints tells it.',
      'A node port, external or load balancer address with externalTrafficPolicy Local on a node without a pod of it, and the many addresses that a node port is bound to (127.0.0.1, bridges): only cluster addresses count.',
      'internalTrafficPolicy Local: told by the API; without it, a node that has another node’s pods as servers shows that the policy is not followed.',
      'A listing that was cut (ipvsadm | head): the kernel’s own list, /proc/net/ip_vs, is asked too.',
      'A headless Service: it has no virtual service.',
    ],
    cure: 'Restart kube-proxy on the node. Where its log shows parseIP errors, upgrade it to 1.18.3 or later, or the kernel to 3.18 or later.',
    title: (d) =>
      d.services.length === 1
        ? `IPVS on ${d.node} has no server for ${d.services.map(called).join('')}`
        : `IPVS on ${d.node} has no servers for ${d.services.length} of ${d.inside} cluster addresses`,
    summary(d) {
      const one = d.services.length === 1
      const what = `On ${d.node} the virtual service${one ? '' : 's'} ${joinWords(d.services.map(called))} ${one ? 'has' : 'have'} no server.`
      const told =
        d.proofs.length > 0
          ? d.proofs.map((by) => TOLD[by]).join(' ')
          : 'Nothing in the bundles tells whether there should be one: without the API’s EndpointSlices a workload that is scaled to zero looks the same.'
      const more =
        d.unproven.length === 0
          ? ''
          : ` ${joinWords(d.unproven)} ${d.unproven.length === 1 ? 'has' : 'have'} none either; nothing tells whether there should be one.`
      return `${what} ${told} ${meaning(d)}${more}`
    },
    ruledOut: (d) => [
      'No node port or outer address is counted, which may be without servers on a node by policy.',
      ...(d.proofs.includes('api')
        ? ['The workload is not scaled to zero: the API server lists ready endpoints.']
        : []),
    ],
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => [
      {
        text: 'A line with -> follows each virtual service.',
        commands: d.services.slice(0, 3).map(({ address }) => listCommand(address)),
      },
    ],
    reasons: { notIpvs: 'kube-proxy does not work with IPVS on this node.' },
    notes: {
      bare: () => 'a virtual service, and no server follows',
      log: () => 'kube-proxy fails to give it servers',
      api: (ready) => `the API server lists ${ready} ready`,
      elsewhere: (node) => `${node} has servers for the same address`,
      kernel: () => 'a client asked in vain',
    },
  },
  zh: {
    name: 'IPVS 服务没有后端',
    looksFor:
      '节点 IPVS 表中后面没有后端的集群地址，与 API 的就绪端点、其他节点的表、kube-proxy 日志和内核日志对照。',
    why: 'IPVS 模式的 kube-proxy 把每个 Service 写成虚拟服务，把端点写成后端。没有后端的虚拟服务仍会接收报文，而内核拒绝每个连接：对该节点及其 Pod 来说 Service 不可用，而其后的 Pod 是正常的。',
    consequences:
      '该节点及其 Pod 到该 Service 的连接立即被拒绝，其他节点能到达；如果是 DNS，该节点上无法解析任何名称。',
    commonCauses: [
      '内核早于 3.18（CentOS 7）上的 kube-proxy 1.18.0 至 1.18.2。',
      'kube-proxy 丢失了对 EndpointSlice 的 watch，或同步失败。',
      '工作负载缩容为零：这时 IPVS 没有问题。',
    ],
    mimics: [
      'Pod 缩容为零或未就绪的 Service：API server 没有列出就绪端点时本规则不报告，由 service-no-endpoints 说明。',
      'externalTrafficPolicy 为 Local 的 NodePort、外部或负载均衡地址在没有其 Pod 的节点上，以及 NodePort 绑定的许多地址（127.0.0.1、网桥）：只计集群地址。',
      'internalTrafficPolicy Local：由 API 说明；没有 API 时，某节点把其他节点的 Pod 当后端就说明没有采用该策略。',
      '被截断的列表（ipvsadm | head）：同时查看内核自己的列表 /proc/net/ip_vs。',
      'headless Service：它没有虚拟服务。',
    ],
    cure: '在该节点上重启 kube-proxy。如果日志有 parseIP 错误，把它升级到 1.18.3 以上，或把内核升级到 3.18 以上。',
    title: (d) =>
      d.services.length === 1
        ? `${d.node} 的 IPVS 没有 ${d.services.map(called).join('')} 的后端`
        : `${d.node} 的 IPVS 有 ${d.services.length} / ${d.inside} 个集群地址没有后端`,
    summary(d) {
      const what = `${d.node} 上的虚拟服务 ${d.services.map(called).join('、')} 没有后端。`
      const told =
        d.proofs.length > 0
          ? d.proofs.map((by) => CHINESE_TOLD[by]).join('')
          : '采集包无法说明是否应该有后端：没有 API 的 EndpointSlice，缩容为零的工作负载看起来也一样。'
      const more =
        d.unproven.length === 0 ? '' : `${d.unproven.join('、')} 也没有后端，但无法判断是否应该有。`
      return `${what}${told}${chineseMeaning(d)}${more}`
    },
    ruledOut: (d) => [
      '没有计入 NodePort 或外部地址，它们可能因策略在某个节点上没有后端。',
      ...(d.proofs.includes('api') ? ['工作负载没有缩容为零：API server 列出了就绪端点。'] : []),
    ],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => [
      {
        text: '每个虚拟服务后面都有以 -> 开头的行。',
        commands: d.services.slice(0, 3).map(({ address }) => listCommand(address)),
      },
    ],
    reasons: { notIpvs: '该节点的 kube-proxy 不使用 IPVS。' },
    notes: {
      bare: () => '虚拟服务，后面没有后端',
      log: () => 'kube-proxy 未能写入后端',
      api: (ready) => `API server 列出 ${ready} 个就绪端点`,
      elsewhere: (node) => `${node} 上同一地址有后端`,
      kernel: () => '有客户端请求，但没有可用的后端',
    },
  },
}

function meaning({ node, services }: IpvsServiceWithoutServers): string {
  if (services.some(({ role }) => role === 'dns')) {
    return `Connections to them from ${node} and its pods are refused; DNS is among them, so that names do not resolve.`
  }
  if (services.some(({ role }) => role === 'api')) {
    return `Connections to them from ${node} and its pods are refused; the API server’s address is among them, so that controllers and agents in pods fail.`
  }
  return `Connections to ${services.length === 1 ? 'it' : 'them'} from ${node} and its pods are refused.`
}

/** The address is checked and the protocol one of three. */
function listCommand(address: string): string {
  const [endpoint = '', protocol] = address.split('/')
  return `ipvsadm -Ln ${protocol === 'udp' ? '-u' : '-t'} ${shellQuote(endpoint)}`
}

function restart(node: string): string {
  return `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`
}

function remedyOf(d: IpvsServiceWithoutServers): readonly SaidStep[] {
  if (d.proofs.includes('log')) {
    return [
      {
        text: {
          en: 'Until the upgrade, let kube-proxy work with iptables: set mode to "iptables" in its configuration and restart it.',
          zh: '升级之前，让 kube-proxy 使用 iptables：把配置中的 mode 设为 "iptables" 并重启。',
        },
        commands: ['kubectl -n kube-system edit configmap kube-proxy', restart(d.node)],
      },
      {
        text: {
          en: 'Upgrade kube-proxy to 1.18.3 or later, or the node’s kernel to 3.18 or later (CentOS 7 has 3.10).',
          zh: '把 kube-proxy 升级到 1.18.3 以上，或把节点内核升级到 3.18 以上（CentOS 7 为 3.10）。',
        },
        commands: ['kubectl -n kube-system get daemonset kube-proxy -o wide', 'uname -r'],
      },
    ]
  }
  const ask: SaidStep = {
    text: {
      en: 'See whether the Services have ready endpoints; with none, the workload is the cause and not IPVS.',
      zh: '查看这些 Service 是否有就绪端点；没有的话，原因在工作负载而不是 IPVS。',
    },
    commands: ['kubectl get endpointslices -A'],
  }
  const again: SaidStep = {
    text: {
      en: 'Restart kube-proxy on the node, so that it enters all servers anew, and look in its log for failed syncs.',
      zh: '在该节点上重启 kube-proxy，使其重新写入所有后端，并在其日志中查找失败的同步。',
    },
    commands: [
      restart(d.node),
      'kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=200 | grep -i fail',
    ],
  }
  return d.proofs.length > 0 ? [again] : [ask, again]
}

function chineseMeaning({ node, services }: IpvsServiceWithoutServers): string {
  const refused = `${node} 及其 Pod 到它们的连接会被拒绝`
  if (services.some(({ role }) => role === 'dns')) return `${refused}；其中包括 DNS，因此无法解析名称。`
  if (services.some(({ role }) => role === 'api')) {
    return `${refused}；其中包括 API server 的地址，因此 Pod 中的控制器和代理会失败。`
  }
  return `${refused}。`
}
