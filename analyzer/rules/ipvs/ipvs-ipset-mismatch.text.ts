import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { restartProxy } from '../services/restartProxy.ts'

/** What was found: addresses that are in no set, or a set that takes no more. */
export type IpsetMismatch =
  | { readonly kind: 'missing'; readonly node: string; readonly addresses: readonly string[] }
  | { readonly kind: 'full'; readonly node: string; readonly set: string; readonly maximum: number }

type Reason = 'notIpvs' | 'noSets'

/** What there is to see in the lines. */
export type Note = 'served' | 'set' | 'full'

/** The words of ipvs-ipset-mismatch. */
export const text: RuleTexts<IpsetMismatch, Reason, Note> = {
  en: {
    name: 'kube-proxy’s IP sets do not hold what IPVS serves',
    looksFor:
      'Virtual services on addresses of kube-ipvs0 that stand in none of the sets KUBE-CLUSTER-IP, KUBE-EXTERNAL-IP and KUBE-LOAD-BALANCER, and sets of kube-proxy that hold as many members as they may.',
    why: 'In IPVS mode a few iptables rules match these sets and mark the packets that need masquerading: from the node itself, from outside the cluster, to external addresses. An address that is in no set is served by IPVS, but its packets are not masqueraded: answers go back past the node and are dropped by the client.',
    consequences:
      'The Service works from pods and times out from the node itself or from outside, or its clients’ answers come from a pod’s address.',
    commonCauses: [
      'A set that is full (65,536 members): the kernel logs “Set KUBE-CLUSTER-IP is full, maxelem 65536 reached”.',
      'An ipset that is too old for kube-proxy, or fails, while IPVS is programmed all the same.',
      'Sets that were flushed by hand, or by a firewall’s restart.',
    ],
    mimics: [
      'Node ports: they stand in sets of ports, and are bound to the node’s own addresses.',
      'IPv6 addresses: their sets bear other names and are not compared.',
      'Members of the sets that IPVS does not serve do no harm and are not told.',
    ],
    cure: 'Restart kube-proxy on the node, which fills its sets anew. A full set needs fewer Services on this mode, or the nftables mode.',
    title: (d) =>
      d.kind === 'full'
        ? `The set ${d.set} on ${d.node} is full`
        : `${joinWords(d.addresses)} ${d.addresses.length === 1 ? 'is' : 'are'} in no set of kube-proxy on ${d.node}`,
    summary: (d) =>
      d.kind === 'full'
        ? `The set ${d.set} on ${d.node} holds ${formatCount(d.maximum)} members, as many as it may. Services that come now are served by IPVS without being in the set, so that their packets are not masqueraded.`
        : `IPVS on ${d.node} serves ${joinWords(d.addresses)}, and none of kube-proxy’s sets holds ${d.addresses.length === 1 ? 'it' : 'them'}. Packets from the node itself and from outside are not masqueraded: such connections time out, while those of pods work.`,
    ruledOut: () => ['The sets were captured whole; node ports and IPv6 addresses do not count.'],
    remedy: (d) => [restartProxy.en([d.node])],
    verify: (d) => [
      {
        text: 'The sets hold every address that IPVS serves.',
        commands: [
          d.kind === 'full' ? `ipset list -terse ${d.set}` : 'ipset list KUBE-CLUSTER-IP',
          'ipvsadm -Ln',
        ],
      },
    ],
    reasons: {
      notIpvs: 'kube-proxy does not work with IPVS on this node.',
      noSets: 'The sets of the node were not captured whole, or KUBE-CLUSTER-IP is not among them.',
    },
    notes: {
      served: () => 'served by IPVS, in no set',
      set: () => 'the set that should hold cluster addresses',
      full: () => 'holds as many members as its maxelem',
    },
  },
  zh: {
    name: 'kube-proxy 的 ipset 与 IPVS 不一致',
    looksFor:
      'kube-ipvs0 地址上的虚拟服务是否出现在 KUBE-CLUSTER-IP、KUBE-EXTERNAL-IP、KUBE-LOAD-BALANCER 等集合中，以及 kube-proxy 的集合是否已满。',
    why: 'IPVS 模式下，少量 iptables 规则匹配这些集合，为需要 SNAT 的报文打标记：来自节点自身、来自集群外、发往外部地址的流量。不在任何集合中的地址仍由 IPVS 转发，但报文不做 SNAT，应答绕过节点返回，被客户端丢弃。',
    consequences: '从 Pod 访问 Service 正常，从节点自身或集群外访问超时，或客户端收到来自 Pod 地址的应答。',
    commonCauses: [
      '集合已满（65,536 个成员）：内核日志 “Set KUBE-CLUSTER-IP is full, maxelem 65536 reached”。',
      'ipset 版本过旧或执行失败，而 IPVS 照常写入。',
      '集合被手工或防火墙重启清空。',
    ],
    mimics: [
      'NodePort 使用端口集合，绑定在节点自身地址上。',
      'IPv6 地址的集合名称不同，不参与比较。',
      '集合中有而 IPVS 没有的成员没有危害，不报。',
    ],
    cure: '重启该节点上的 kube-proxy，它会重新填充集合；集合已满则需要减少 Service 或改用 nftables 模式。',
    title: (d) =>
      d.kind === 'full'
        ? `${d.node} 上的集合 ${d.set} 已满`
        : `${d.node} 上 ${joinChinese(d.addresses)} 不在 kube-proxy 的任何集合中`,
    summary: (d) =>
      d.kind === 'full'
        ? `${d.node} 上的集合 ${d.set} 已有 ${formatCount(d.maximum)} 个成员，达到上限。之后新增的 Service 由 IPVS 转发却不在集合中，报文不会做 SNAT。`
        : `${d.node} 的 IPVS 为 ${joinChinese(d.addresses)} 提供服务，但 kube-proxy 的集合中没有它们。来自节点自身和集群外的报文不会做 SNAT，这些连接会超时，而 Pod 的访问正常。`,
    ruledOut: () => ['集合已完整采集；NodePort 和 IPv6 地址没有计入。'],
    remedy: (d) => [restartProxy.zh([d.node])],
    verify: (d) => [
      {
        text: '集合包含 IPVS 提供服务的所有地址。',
        commands: [
          d.kind === 'full' ? `ipset list -terse ${d.set}` : 'ipset list KUBE-CLUSTER-IP',
          'ipvsadm -Ln',
        ],
      },
    ],
    reasons: {
      notIpvs: '该节点的 kube-proxy 不使用 IPVS。',
      noSets: '节点的 ipset 没有完整采集，或其中没有 KUBE-CLUSTER-IP。',
    },
    notes: {
      served: () => '由 IPVS 提供服务，却不在任何集合中',
      set: () => '应当包含集群地址的集合',
      full: () => '成员数已达 maxelem',
    },
  },
}
