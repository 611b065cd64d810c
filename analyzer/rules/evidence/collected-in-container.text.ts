import type { RuleTexts } from '../../engine/ruleText.ts'

/** The collector saw a container's network in place of the node's. */
export interface CollectedInContainer {
  readonly node: string
  readonly devices: readonly string[]
}

type Note = 'device'

/** The words of collected-in-container. */
export const text: RuleTexts<CollectedInContainer, never, Note> = {
  en: {
    name: 'The collector ran inside a container',
    looksFor:
      'A network namespace that holds nothing but the loopback device and ends of virtual links, without a bridge, a pod link or a tunnel, and without any iptables rule.',
    why: 'A container has addresses, routes, neighbours and rules of its own. The bundle then describes that container; nothing in it speaks of the node.',
    consequences:
      'No rule can say anything of the node: what it finds, and what it does not find, is about the container.',
    commonCauses: [
      'The script was run with kubectl exec or docker exec in some pod.',
      'A debug pod without hostNetwork was used.',
    ],
    mimics: [
      'A node that is itself a container (kind, k3d): it holds the bridge and the links of its pods.',
      'A node whose pods all use the host’s network: it has a real network card.',
    ],
    cure: 'Run the collector on the node itself, or in a pod with hostNetwork, hostPID and the host’s root mounted.',
    title: ({ node }) => `The bundle of ${node} seems to be of a container, not of the node`,
    summary: ({ node, devices }) =>
      `All that the collector saw on ${node} is ${devices.join(', ')}: the inside of a container. Addresses, routes, neighbours and iptables rules of the node are not in this bundle.`,
    ruledOut: () => [
      'The namespace holds no bridge, pod link or tunnel, as a node that is itself a container would.',
    ],
    remedy: () => [
      {
        text: 'Collect on the node itself, in its own network namespace.',
        commands: ['sudo nsenter -t 1 -n sh collect.sh'],
      },
    ],
    verify: () => [{ text: 'The node’s network card is among the links.', commands: ['ip -br link'] }],
    reasons: {},
    notes: { device: () => 'one end of a virtual link; the other is outside' },
  },
  zh: {
    name: '采集脚本是在容器里运行的',
    looksFor:
      '网络命名空间里只有回环接口和虚拟链路的一端，没有网桥、Pod 链路或隧道，也没有任何 iptables 规则。',
    why: '容器有自己的地址、路由、邻居和规则。这样的采集包描述的是那个容器，与节点无关。',
    consequences: '任何规则都无法对节点下结论：发现的和没发现的都只与容器有关。',
    commonCauses: [
      '用 kubectl exec 或 docker exec 在某个 Pod 里运行了脚本。',
      '使用了没有开启 hostNetwork 的调试 Pod。',
    ],
    mimics: [
      '节点本身就是容器（kind、k3d）：其中有网桥和各 Pod 的链路。',
      '所有 Pod 都使用主机网络的节点：它有真实的网卡。',
    ],
    cure: '直接在节点上运行采集脚本，或者在开启 hostNetwork、hostPID 并挂载主机根目录的 Pod 中运行。',
    title: ({ node }) => `${node} 的采集包似乎来自容器，而不是节点`,
    summary: ({ node, devices }) =>
      `采集脚本在 ${node} 上只看到 ${devices.join('、')}：这是容器内部的视角。节点的地址、路由、邻居和 iptables 规则都不在采集包里。`,
    ruledOut: () => ['命名空间里没有网桥、Pod 链路或隧道，不像本身就是容器的节点。'],
    remedy: () => [
      {
        text: '在节点自己的网络命名空间里采集。',
        commands: ['sudo nsenter -t 1 -n sh collect.sh'],
      },
    ],
    verify: () => [{ text: '链路中有节点的网卡。', commands: ['ip -br link'] }],
    reasons: {},
    notes: { device: () => '虚拟链路的一端，另一端在外面' },
  },
}
