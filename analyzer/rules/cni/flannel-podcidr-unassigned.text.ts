import type { RuleTexts } from '../../engine/ruleText.ts'

/** What was found: a node that flannel has no network for. */
export interface PodCidrUnassigned {
  readonly node: string
  /** flannel says so. */
  readonly isLogged: boolean
  /** The API server’s answer shows that there is none. */
  readonly isKnown: boolean
  /** How many nodes have one. */
  readonly others: number
  /** The controller manager says that none is left. */
  readonly isExhausted: boolean
}

type Reason = 'unknown' | 'noFlannel'
type Note = 'log' | 'node' | 'other' | 'exhausted'

const SHOW = ['kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDR:.spec.podCIDR']
const FLAGS = [
  'grep -E "cluster-cidr|allocate-node-cidrs|node-cidr-mask" /etc/kubernetes/manifests/kube-controller-manager.yaml',
]

/** The words of flannel-podcidr-unassigned. */
export const text: RuleTexts<PodCidrUnassigned, Reason, Note> = {
  en: {
    name: 'The node has no podCIDR for flannel',
    looksFor:
      'The node’s podCIDR in the API server where flannel is in use, flannel’s message “pod cidr not assigned”, and the controller manager’s that no CIDR is left.',
    why: 'With Kubernetes as its store flannel takes the network of a node from spec.podCIDR, which kube-controller-manager assigns from the cluster’s network, one part for each node. Without it flannel stops and tries again.',
    consequences:
      'flannel does not start on the node, subnet.env is not written, and new pods stay in ContainerCreating. The node may be NotReady for want of a network.',
    commonCauses: [
      'kubeadm init without --pod-network-cidr: the controller manager assigns nothing.',
      'The cluster’s network is used up: a /16 has 256 parts of /24, and deleted nodes give theirs back.',
      'The node was added by hand, or joined while the controller manager was down.',
    ],
    mimics: [
      'flannel with etcd as its store, Calico, Cilium and plugins with addresses of their own do without podCIDR.',
      'A node that joined a moment ago: the message stops as soon as the network is assigned, and then does not count.',
    ],
    cure: 'Give kube-controller-manager --allocate-node-cidrs=true and a --cluster-cidr that is large enough and equals flannel’s Network; then delete the node object and let the kubelet register again.',
    title: (d) => `flannel has no network for the pods of ${d.node}: no podCIDR is assigned`,
    summary(d) {
      const state = d.isKnown
        ? `The API server has no podCIDR for ${d.node}`
        : `flannel says that ${d.node} has no podCIDR`
      const others = d.isKnown && d.others > 0 ? `, while ${d.others} other nodes have one` : ''
      const left = d.isExhausted ? ' The controller manager says that no CIDR is left.' : ''
      return `${state}${others}. Without it flannel does not start there, and no pod gets an address.${left}`
    },
    ruledOut: (d) => (d.isKnown ? ['flannel takes the networks from the API server here.'] : []),
    remedy: (d) => [
      {
        text: 'See which nodes have a network, and what the controller manager was told.',
        commands: [...SHOW, ...FLAGS],
      },
      {
        text: `With --allocate-node-cidrs=true and a network that is large enough, have ${d.node} register again.`,
        commands: [`kubectl delete node ${d.node}`, 'systemctl restart kubelet'],
      },
    ],
    verify: () => [
      {
        text: 'The node has a podCIDR, and flannel is running there.',
        commands: [...SHOW, 'kubectl -n kube-flannel get pods -o wide'],
      },
    ],
    reasons: {
      unknown: 'The API server’s nodes were not captured, and no captured log has flannel’s message.',
      noFlannel: 'Nothing tells of a flannel that takes networks from the API server.',
    },
    notes: {
      log: () => 'flannel has no network',
      node: () => 'no podCIDR is assigned',
      other: () => 'another node has one',
      exhausted: () => 'no CIDR is left',
    },
  },
  zh: {
    name: '节点没有供 flannel 使用的 podCIDR',
    looksFor:
      '使用 flannel 时节点在 API server 中的 podCIDR，flannel 的 “pod cidr not assigned” 报错，以及 controller manager 关于 CIDR 已用尽的报错。',
    why: 'flannel 以 Kubernetes 为存储时，从 spec.podCIDR 取得节点的网段，它由 kube-controller-manager 从集群网段中为每个节点划分。没有它 flannel 就退出并重试。',
    consequences:
      '该节点上的 flannel 无法启动，subnet.env 没有写入，新 Pod 停在 ContainerCreating。节点可能因没有网络而 NotReady。',
    commonCauses: [
      'kubeadm init 时没有指定 --pod-network-cidr，controller manager 不做分配。',
      '集群网段已用尽：一个 /16 只有 256 个 /24。',
      '节点由人工添加，或加入时 controller manager 不在运行。',
    ],
    mimics: [
      '以 etcd 为存储的 flannel、Calico、Cilium 以及自带地址的插件不需要 podCIDR。',
      '刚刚加入的节点：网段一旦分配报错即停止，此后不再计入。',
    ],
    cure: '为 kube-controller-manager 设置 --allocate-node-cidrs=true，并指定足够大且与 flannel 的 Network 一致的 --cluster-cidr；然后删除 Node 对象，让 kubelet 重新注册。',
    title: (d) => `flannel 没有 ${d.node} 的 Pod 网段：podCIDR 未分配`,
    summary(d) {
      const state = d.isKnown ? `API server 中 ${d.node} 没有 podCIDR` : `flannel 报告 ${d.node} 没有 podCIDR`
      const others = d.isKnown && d.others > 0 ? `，而另外 ${d.others} 个节点有` : ''
      const left = d.isExhausted ? 'controller manager 报告已没有可分配的 CIDR。' : ''
      return `${state}${others}。因此 flannel 无法在该节点启动，Pod 得不到地址。${left}`
    },
    ruledOut: (d) => (d.isKnown ? ['这里的 flannel 从 API server 取得网段。'] : []),
    remedy: (d) => [
      { text: '查看哪些节点有网段，以及 controller manager 的参数。', commands: [...SHOW, ...FLAGS] },
      {
        text: `在设置了 --allocate-node-cidrs=true 且网段足够大之后，让 ${d.node} 重新注册。`,
        commands: [`kubectl delete node ${d.node}`, 'systemctl restart kubelet'],
      },
    ],
    verify: () => [
      {
        text: '节点有 podCIDR，且 flannel 在其上运行。',
        commands: [...SHOW, 'kubectl -n kube-flannel get pods -o wide'],
      },
    ],
    reasons: {
      unknown: '没有采集到 API server 的节点列表，已采集的日志中也没有 flannel 的相关报错。',
      noFlannel: '没有迹象表明有从 API server 取得网段的 flannel。',
    },
    notes: {
      log: () => 'flannel 没有网段',
      node: () => '未分配 podCIDR',
      other: () => '另一个节点有 podCIDR',
      exhausted: () => '已没有可分配的 CIDR',
    },
  },
}
