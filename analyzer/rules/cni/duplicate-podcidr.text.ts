import type { RuleTexts } from '../../engine/ruleText.ts'
import type { PodNetworkClaim } from '../../facts/cluster/sharedPodNetworks.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found: one network for the pods of several nodes. */
export interface DuplicatePodCidr {
  readonly network: string
  readonly nodes: readonly string[]
  /** By what they claim it. */
  readonly claim: PodNetworkClaim
}

type Reason = 'strangers'
type Note = 'holder'

const CLAIMS: Readonly<Record<PodNetworkClaim, readonly [en: string, zh: string]>> = {
  flannel: ['flannel’s subnet.env says so on each of them', '各节点 flannel 的 subnet.env 都如此记录'],
  bridge: ['the bridge of their pods has the same address', '各节点 Pod 网桥的地址相同'],
  podCidr: ['the API server has it as podCIDR of each of them', 'API server 中各节点的 podCIDR 相同或重叠'],
}

const commands = ['kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDR:.spec.podCIDR']
const reset = ['ip link delete cni0', 'rm -rf /var/lib/cni/networks/cbr0', 'reboot']

/** The words of duplicate-podcidr. */
export const text: RuleTexts<DuplicatePodCidr, Reason, Note> = {
  en: {
    name: 'Two nodes have one pod network',
    looksFor:
      'The same network for the pods of several nodes of one cluster: FLANNEL_SUBNET in flannel’s subnet.env, the address of the pod bridge (cni0, cbr0), and podCIDR in the API server, each held against its like.',
    why: 'Every node hands out the addresses of its network by itself. Where two have the same one, pods of both get the same addresses; and since the other nodes can have one route for it, they reach the pods of one of the two.',
    consequences:
      'Pods on one of the nodes are not reached from others, or a pod of the wrong node answers. Endpoints of Services contain an address twice. On the nodes themselves everything looks right.',
    commonCauses: [
      'A node was restored from an image or snapshot of another one, with /run or the CNI state in it.',
      'A node was deleted and its podCIDR given to a new one, while the old node went on running.',
      'subnet.env was written by hand, or kept by a flannel that could not reach the API server.',
      'A CNI configuration with a fixed subnet was copied to all nodes.',
    ],
    mimics: [
      'podCIDR of one node that equals the network which another one really uses: a plugin with ranges of its own does not look at podCIDR.',
      'Weave’s bridge and flat networks, where one network spans all nodes by design: their bridges have different addresses.',
      'docker0 and other bridges that pods do not use, which have the same address on every node.',
      'Two bundles of one node, and nodes of different clusters.',
    ],
    cure: 'Let one of the two go: drain it, delete it, clear its CNI state, and let it join again, so that it gets a network of its own.',
    title: (d) => `${joinWords(d.nodes)} have one network for their pods, ${d.network}`,
    summary: (d) =>
      `The pods of ${joinWords(d.nodes)} get their addresses from ${d.network}: ${CLAIMS[d.claim][0]}. Pods on them can have the same addresses, and other nodes reach those of one of them alone.`,
    ruledOut: () => ['The nodes are of one cluster, and are not one node that was collected twice.'],
    remedy: (d) => [
      { text: 'See which of them the network was given to.', commands },
      {
        text: `Drain the other one, delete it from the cluster, clear what its plugin left (on the node), and let it join again. Candidates: ${joinWords(d.nodes)}.`,
        commands: [
          'kubectl drain NODE --ignore-daemonsets --delete-emptydir-data',
          'kubectl delete node NODE',
          ...reset,
        ],
      },
    ],
    verify: () => [
      {
        text: 'Each node has a network of its own, and cni0 an address in it.',
        commands: [...commands, 'ip -4 addr show dev cni0'],
      },
    ],
    reasons: {
      strangers:
        'Another node of the case has the same pod network, and nothing tells whether the two are of one cluster.',
    },
    notes: { holder: (node) => `of ${node}` },
  },
  zh: {
    name: '两个节点使用同一个 Pod 网段',
    looksFor:
      '同一集群的多个节点使用相同的 Pod 网段：flannel subnet.env 中的 FLANNEL_SUBNET、Pod 网桥（cni0、cbr0）的地址、API server 中的 podCIDR，只在同类之间比对。',
    why: '每个节点独立分配自己网段中的地址。两个节点网段相同时，双方的 Pod 会得到相同的地址；而其他节点对该网段只能有一条路由，因此只能访问到其中一个节点的 Pod。',
    consequences:
      '其中一个节点的 Pod 无法从其他节点访问，或者由错误节点上的 Pod 应答。Service 的 endpoints 中会出现重复地址。而在这些节点自身看来一切正常。',
    commonCauses: [
      '节点由另一节点的镜像或快照恢复，其中带有 /run 或 CNI 状态。',
      '节点被删除后其 podCIDR 分给了新节点，而旧节点仍在运行。',
      'subnet.env 由人工写入，或 flannel 无法访问 API server 而沿用旧文件。',
      '把带有固定网段的 CNI 配置复制到了所有节点。',
    ],
    mimics: [
      '某节点的 podCIDR 恰好等于另一节点实际使用的网段：自带地址范围的插件不看 podCIDR。',
      'Weave 网桥和扁平网络按设计全体节点共用一个网段：各网桥的地址不同。',
      'docker0 等与 Pod 无关的网桥，在每个节点上地址都相同。',
      '同一节点采集了两次，或节点属于不同集群。',
    ],
    cure: '让其中一个节点退出：排空、删除、清理其 CNI 状态后重新加入，使其获得自己的网段。',
    title: (d) => `${joinWords(d.nodes)} 的 Pod 使用同一个网段 ${d.network}`,
    summary: (d) =>
      `${joinWords(d.nodes)} 的 Pod 都从 ${d.network} 获取地址：${CLAIMS[d.claim][1]}。这些节点上的 Pod 可能地址相同，而其他节点只能访问到其中一个节点的 Pod。`,
    ruledOut: () => ['这些节点属于同一集群，且不是同一节点的两次采集。'],
    remedy: (d) => [
      { text: '查看该网段分配给了哪个节点。', commands },
      {
        text: `排空另一个节点，将其从集群删除，在节点上清理插件残留后重新加入。候选：${joinWords(d.nodes)}。`,
        commands: [
          'kubectl drain NODE --ignore-daemonsets --delete-emptydir-data',
          'kubectl delete node NODE',
          ...reset,
        ],
      },
    ],
    verify: () => [
      {
        text: '每个节点都有自己的网段，且 cni0 的地址在该网段内。',
        commands: [...commands, 'ip -4 addr show dev cni0'],
      },
    ],
    reasons: {
      strangers: '案例中另一个节点使用相同的 Pod 网段，但没有任何信息说明两者是否属于同一集群。',
    },
    notes: { holder: (node) => `${node} 的网段` },
  },
}
