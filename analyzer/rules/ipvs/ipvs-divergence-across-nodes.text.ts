import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import {
  type Divergence,
  type DivergenceNote,
  divergenceEn,
  divergenceZh,
} from '../services/divergenceWords.ts'
import { restartProxy } from '../services/restartProxy.ts'

/** What was found: a divergence between nodes, addresses without virtual services, or virtual services whose address is not held. */
export type IpvsDivergence =
  | Divergence
  | { readonly kind: 'orphans'; readonly node: string; readonly addresses: readonly string[] }
  | { readonly kind: 'unheld'; readonly node: string; readonly addresses: readonly string[] }

type Reason = 'notIpvs' | 'alone' | 'unsettled'

/** What there is to see in the lines. */
export type Note = DivergenceNote | 'orphans' | 'unheld'

const nodesOf = (d: IpvsDivergence): readonly string[] => (d.kind === 'undecided' ? d.nodes : [d.node])

/** The words of ipvs-divergence-across-nodes. */
export const text: RuleTexts<IpvsDivergence, Reason, Note> = {
  en: {
    name: 'IPVS holds other Services or servers than other nodes do',
    looksFor:
      'The virtual services of cluster addresses and their servers, held against other nodes, the API’s endpoints and the addresses that pods have; and the addresses of kube-ipvs0 against the virtual services.',
    why: 'Every kube-proxy gets the same endpoints and should enter the same servers. A node whose table differs has stopped to follow. An address on kube-ipvs0 without a virtual service makes the kernel take the packets for the node’s own, and answer for a Service that is gone; a virtual service whose address kube-ipvs0 does not hold is passed by: its packets are routed away.',
    consequences:
      'A Service works from some nodes and not from others; connections run into addresses that no pod has.',
    commonCauses: [
      'kube-proxy on the node hangs, does not run any more, or lost its connection to the API server.',
      'Addresses removed from or added to kube-ipvs0 by hand, or by a network manager that tidies interfaces.',
      'A restart of kube-proxy in the middle of removing a Service.',
    ],
    mimics: [
      'Virtual services of node ports on the node’s own addresses: only cluster addresses count.',
      'Servers of weight 0 are on their way out and do not count.',
      'A virtual service without servers: ipvs-service-without-servers tells it.',
      'Captures made minutes apart, the traffic policy Local, topology hints, terminating endpoints: as with service-endpoint-divergence-across-nodes.',
    ],
    cure: 'Restart kube-proxy on the node that differs: it adds what is missing and removes what is too much.',
    title(d) {
      if (d.kind === 'orphans')
        return `kube-ipvs0 on ${d.node} holds ${joinWords(d.addresses)} without a virtual service`
      if (d.kind === 'unheld') return `kube-ipvs0 on ${d.node} does not hold ${joinWords(d.addresses)}`
      return divergenceEn.title(d)
    },
    summary(d) {
      const one = 'addresses' in d && d.addresses.length === 1
      if (d.kind === 'orphans') {
        return `kube-ipvs0 on ${d.node} holds ${joinWords(d.addresses)}, for which IPVS has no virtual service: what is left of ${one ? 'a Service' : 'Services'} that ${one ? 'was' : 'were'} removed. The node takes packets to ${one ? 'it' : 'them'} for its own and refuses them.`
      }
      if (d.kind === 'unheld') {
        return `IPVS on ${d.node} has virtual services for ${joinWords(d.addresses)}, ${one ? 'a cluster address' : 'cluster addresses'} that kube-ipvs0 does not hold. Packets of pods to ${one ? 'it' : 'them'} are not taken in as local and pass IPVS by: they are routed away and never answered.`
      }
      return divergenceEn.summary(d)
    },
    ruledOut: (d) =>
      d.kind === 'orphans' || d.kind === 'unheld'
        ? ['The table of IPVS and the addresses of kube-ipvs0 were captured whole.']
        : divergenceEn.ruledOut(d),
    remedy: (d) => [
      restartProxy.en(nodesOf(d)),
      ...(d.kind === 'orphans'
        ? [
            {
              text: 'Where an address stays, remove it.',
              commands: d.addresses
                .slice(0, 3)
                .map(
                  (address) => `ip addr del ${address}/${address.includes(':') ? 128 : 32} dev kube-ipvs0`,
                ),
            },
          ]
        : []),
    ],
    verify: () => [
      {
        text: 'Every address of kube-ipvs0 has a virtual service, with the servers that the API server lists.',
        commands: ['ip addr show dev kube-ipvs0', 'ipvsadm -Ln', 'kubectl get endpointslices -A'],
      },
    ],
    reasons: {
      notIpvs: 'kube-proxy does not work with IPVS on this node.',
      alone: 'There is no second node whose Services could be compared.',
      unsettled:
        'Nodes differ in the servers of Services, but their captures were made more than a minute apart, or endpoints were changing: it may be a rollout.',
    },
    notes: {
      ...divergenceEn.notes,
      orphans: () => 'held, and no virtual service has it',
      unheld: () => 'a virtual service whose address kube-ipvs0 does not hold',
    },
  },
  zh: {
    name: 'IPVS 的 Service 或后端与其他节点不一致',
    looksFor:
      '集群地址的 IPVS 虚拟服务及其后端，与其他节点、API 的 endpoint 和 Pod 实际持有的地址对比；以及 kube-ipvs0 上的地址与虚拟服务是否一一对应。',
    why: '每个节点的 kube-proxy 得到相同的 endpoint，应当写入相同的后端，不一致的节点已不再跟随变化。kube-ipvs0 上没有虚拟服务的地址会让内核把报文当作发给本机，替已经删除的 Service 作答；虚拟服务的地址不在 kube-ipvs0 上，报文则不会进入 IPVS，而是被路由走。',
    consequences: '同一个 Service 从一些节点可用、从另一些节点不可用；连接到达没有 Pod 持有的地址。',
    commonCauses: [
      '节点上的 kube-proxy 卡住、不再运行，或与 API server 断开。',
      '有人手工增删 kube-ipvs0 的地址，或网络管理程序清理了接口。',
      'kube-proxy 在删除 Service 的过程中重启。',
    ],
    mimics: [
      '节点自身地址上的 NodePort 虚拟服务：只比较集群地址。',
      '权重为 0 的后端正在退出，不计入。',
      '没有后端的虚拟服务由 ipvs-service-without-servers 报告。',
      '采集相隔数分钟、流量策略 Local、topology hints、正在终止的 endpoint：处理方式同 service-endpoint-divergence-across-nodes。',
    ],
    cure: '重启不一致节点上的 kube-proxy，它会补上缺少的、删除多余的。',
    title(d) {
      if (d.kind === 'orphans')
        return `${d.node} 的 kube-ipvs0 持有没有虚拟服务的地址 ${joinChinese(d.addresses)}`
      if (d.kind === 'unheld') return `${d.node} 的 kube-ipvs0 没有持有 ${joinChinese(d.addresses)}`
      return divergenceZh.title(d)
    },
    summary(d) {
      if (d.kind === 'orphans') {
        return `${d.node} 的 kube-ipvs0 持有 ${joinChinese(d.addresses)}，但 IPVS 中没有对应的虚拟服务：这是已删除的 Service 的残留。节点会把发往这些地址的报文当作发给本机并拒绝。`
      }
      if (d.kind === 'unheld') {
        return `${d.node} 的 IPVS 有 ${joinChinese(d.addresses)} 的虚拟服务，而 kube-ipvs0 没有持有这些集群地址。Pod 发往它们的报文不会被当作本机报文进入 IPVS，而是被路由走，得不到应答。`
      }
      return divergenceZh.summary(d)
    },
    ruledOut: (d) =>
      d.kind === 'orphans' || d.kind === 'unheld'
        ? ['IPVS 表和 kube-ipvs0 的地址均已完整采集。']
        : divergenceZh.ruledOut(d),
    remedy: (d) => [
      restartProxy.zh(nodesOf(d)),
      ...(d.kind === 'orphans'
        ? [
            {
              text: '若地址仍在，手工删除。',
              commands: d.addresses
                .slice(0, 3)
                .map(
                  (address) => `ip addr del ${address}/${address.includes(':') ? 128 : 32} dev kube-ipvs0`,
                ),
            },
          ]
        : []),
    ],
    verify: () => [
      {
        text: 'kube-ipvs0 的每个地址都有虚拟服务，后端与 API server 列出的一致。',
        commands: ['ip addr show dev kube-ipvs0', 'ipvsadm -Ln', 'kubectl get endpointslices -A'],
      },
    ],
    reasons: {
      notIpvs: '该节点的 kube-proxy 不使用 IPVS。',
      alone: '没有第二个节点的 Service 可供比较。',
      unsettled: '各节点的后端不同，但采集相隔超过一分钟或 endpoint 正在变化，可能只是滚动发布。',
    },
    notes: {
      ...divergenceZh.notes,
      orphans: () => '持有该地址，却没有虚拟服务',
      unheld: () => '虚拟服务的地址不在 kube-ipvs0 上',
    },
  },
}
