import type { RuleTexts } from '../../engine/ruleText.ts'

/** What lies in the pods’ network, or where it lies. */
export type CidrOverlap =
  | { readonly kind: 'services'; readonly network: string; readonly services: string }
  | {
      readonly kind: 'inside'
      readonly node: string
      readonly network: string
      readonly what: 'address' | 'gateway' | 'nameserver'
      readonly address: string
    }
  | {
      readonly kind: 'network'
      readonly node: string
      readonly network: string
      readonly device: string
      /** The network of the device. */
      readonly taken: string
    }

type Reason = 'noNetworks'
type Note = 'cluster' | 'address' | 'gateway' | 'nameserver' | 'network' | 'services'

const WHAT = { address: 'its own address', gateway: 'its gateway', nameserver: 'its name server' } as const
const CHINESE_WHAT = { address: '自身地址', gateway: '网关', nameserver: '域名服务器' } as const

const look = (d: CidrOverlap): string =>
  d.kind === 'inside'
    ? `ip route get ${d.address}`
    : d.kind === 'network'
      ? `ip route show root ${d.network}`
      : 'ip route'

/** The words of cni-cidr-overlap-host. */
export const text: RuleTexts<CidrOverlap, Reason, Note> = {
  en: {
    name: 'The pods’ network overlaps another one',
    looksFor:
      'The networks of pods (flannel’s subnet.env, podCIDR, --cluster-cidr, the pod bridge) held against those of Services, the node’s own addresses, gateways and name servers, and the networks of its cards and of other container bridges.',
    why: 'A route to an address is chosen by the longest prefix. Where a machine or a network of the site has addresses from the pods’ range, one of the two cannot be reached from the nodes: packets for the one go to the other.',
    consequences:
      'Some pods, or some machines of the site (often the gateway, a registry or DNS), cannot be reached from some nodes, while all else works.',
    commonCauses: [
      'The default pod network of Calico (192.168.0.0/16) or flannel (10.244.0.0/16) at a site that uses the range itself.',
      'docker0, virbr0 or another bridge whose range was picked from the same block.',
      'A pod network and a Service network that were copied from two manuals.',
    ],
    mimics: [
      'A wide network of the site (10.0.0.0/8) that holds the pods’ range: routes to pods are more specific and win. Only addresses inside count.',
      'The devices of the network plugin itself (cni0, flannel.1, tunl0) are in the range by design.',
      'Plugins that give pods addresses of the site on purpose (AWS VPC, macvlan): they declare no network of their own.',
    ],
    cure: 'Give the other network another range where that is possible (Docker: bip and default-address-pools). Changing the pods’ network means a new one for every node, with most plugins a new cluster.',
    title(d) {
      if (d.kind === 'services')
        return `The networks of pods and Services overlap (${d.network}, ${d.services})`
      if (d.kind === 'inside')
        return `${d.address} of ${d.node} (${WHAT[d.what]}) lies in the pods’ network ${d.network}`
      return `${d.device} of ${d.node} takes ${d.taken} from the pods’ network ${d.network}`
    },
    summary(d) {
      if (d.kind === 'services') {
        return `Pods have addresses from ${d.network}, Services from ${d.services}. An address of both is translated by kube-proxy as a Service’s, so that the pod that has it cannot be reached.`
      }
      if (d.kind === 'inside') {
        return `${d.address}, for ${d.node} ${WHAT[d.what]}, lies in ${d.network}, which pods have addresses from. Nodes send packets for it to a pod, or masquerade and filter them as a pod’s; a pod with this address cannot be reached.`
      }
      return `${d.device} of ${d.node} has the network ${d.taken}, a part of ${d.network}, which pods have addresses from. Its route is as specific as those to the pods, or more so: from this node the pods with such addresses cannot be reached.`
    },
    ruledOut: (d) =>
      d.kind === 'network'
        ? ['It is no wider network of the site, whose route would lose against those to pods.']
        : [],
    remedy: (d) => [
      {
        text:
          d.kind === 'network'
            ? 'Give this network another range. For Docker: set bip and default-address-pools in /etc/docker/daemon.json.'
            : 'Give one of the two another range. The pods’ network cannot be changed in place with most plugins: plan a new one (Calico: a new IPPool, then migrate).',
        commands: [look(d)],
      },
    ],
    verify: (d) => [{ text: 'A pod’s address leads to the pod network alone.', commands: [look(d)] }],
    reasons: { noNetworks: 'No capture tells which networks pods have addresses from.' },
    notes: {
      cluster: (network) => `pods have addresses from ${network}`,
      address: (address) => `${address} is the node’s own`,
      gateway: (address) => `${address} is the gateway`,
      nameserver: (address) => `${address} is asked for names`,
      network: (network) => `takes ${network}`,
      services: (network) => `Services have addresses from ${network}`,
    },
  },
  zh: {
    name: 'Pod 网段与其他网段重叠',
    looksFor:
      'Pod 网段（flannel 的 subnet.env、podCIDR、--cluster-cidr、Pod 网桥）与 Service 网段、节点自身地址、网关、域名服务器，以及网卡和其他容器网桥的网段对照。',
    why: '到某个地址的路由按最长前缀选择。如果现场的机器或网段使用了 Pod 网段的地址，从节点上就有一方无法到达：发给一方的报文去了另一方。',
    consequences:
      '部分节点上到不了某些 Pod，或者现场的某些机器（常见的是网关、镜像仓库或 DNS），其余一切正常。',
    commonCauses: [
      '现场自己使用了 Calico（192.168.0.0/16）或 flannel（10.244.0.0/16）的默认 Pod 网段。',
      'docker0、virbr0 或其他网桥的网段取自同一地址块。',
      'Pod 网段与 Service 网段分别照抄了两份文档。',
    ],
    mimics: [
      '包含 Pod 网段的更大的现场网段（10.0.0.0/8）：到 Pod 的路由更具体，优先生效。只计落在其中的地址。',
      '网络插件自己的设备（cni0、flannel.1、tunl0）本来就在该网段内。',
      '有意使用现场地址的插件（AWS VPC、macvlan）：它们没有声明自己的网段。',
    ],
    cure: '尽可能给另一方换网段（Docker：bip 和 default-address-pools）。更换 Pod 网段意味着每个节点都换，多数插件需要新建集群。',
    title(d) {
      if (d.kind === 'services') return `Pod 网段与 Service 网段重叠（${d.network}、${d.services}）`
      if (d.kind === 'inside')
        return `${d.node} 的${CHINESE_WHAT[d.what]} ${d.address} 落在 Pod 网段 ${d.network} 中`
      return `${d.node} 的 ${d.device} 占用了 Pod 网段 ${d.network} 中的 ${d.taken}`
    },
    summary(d) {
      if (d.kind === 'services') {
        return `Pod 使用 ${d.network} 的地址，Service 使用 ${d.services} 的地址。两者共有的地址会被 kube-proxy 当作 Service 转换，拥有它的 Pod 无法到达。`
      }
      if (d.kind === 'inside') {
        return `${d.address} 是 ${d.node} 的${CHINESE_WHAT[d.what]}，却落在 Pod 使用的网段 ${d.network} 中。节点会把发给它的报文送往 Pod，或者当作 Pod 的报文做伪装和过滤；拥有该地址的 Pod 无法到达。`
      }
      return `${d.node} 的 ${d.device} 使用网段 ${d.taken}，属于 Pod 使用的网段 ${d.network}。它的路由与到 Pod 的路由同样具体或更具体：从该节点到不了使用这些地址的 Pod。`
    },
    ruledOut: (d) =>
      d.kind === 'network' ? ['它不是更大的现场网段，那样的路由会让位于到 Pod 的路由。'] : [],
    remedy: (d) => [
      {
        text:
          d.kind === 'network'
            ? '给该网段换一个范围。Docker：在 /etc/docker/daemon.json 中设置 bip 和 default-address-pools。'
            : '给其中一方换网段。多数插件不能原地更换 Pod 网段：请规划新的网段（Calico：新建 IPPool 后迁移）。',
        commands: [look(d)],
      },
    ],
    verify: (d) => [{ text: 'Pod 地址只通向 Pod 网络。', commands: [look(d)] }],
    reasons: { noNetworks: '采集内容看不出 Pod 使用哪些网段。' },
    notes: {
      cluster: (network) => `Pod 使用 ${network} 的地址`,
      address: (address) => `${address} 是节点自身地址`,
      gateway: (address) => `${address} 是网关`,
      nameserver: (address) => `${address} 用于解析名称`,
      network: (network) => `占用 ${network}`,
      services: (network) => `Service 使用 ${network} 的地址`,
    },
  },
}
