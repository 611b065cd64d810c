import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Load balancer addresses that a node answers for. */
export interface StrictArpOff {
  readonly node: string
  readonly addresses: readonly string[]
  /** The interface in whose network they lie. */
  readonly device: string
  /** Nodes know one of them by different hardware addresses. */
  readonly isSplit: boolean
}

type Reason = 'notIpvs' | 'noSpeaker'

/** What there is to see in the lines. */
export type Note = 'held' | 'setting' | 'speaker' | 'answer'

const VALUES = ['sysctl -w net.ipv4.conf.all.arp_ignore=1', 'sysctl -w net.ipv4.conf.all.arp_announce=2']
const CONFIGURE = [
  'kubectl -n kube-system edit configmap kube-proxy',
  'kubectl -n kube-system rollout restart daemonset kube-proxy',
]
/** Addresses are checked values. */
const probes = ({ addresses, device }: StrictArpOff): readonly string[] =>
  addresses.slice(0, 2).map((address) => `arping -c 3 -I ${device} ${address}`)

/** The words of ipvs-strictarp-false-with-l2-lb. */
export const text: RuleTexts<StrictArpOff, Reason, Note> = {
  en: {
    name: 'Every node answers ARP for a load balancer address: strictARP is off',
    looksFor:
      'Load balancer addresses on kube-ipvs0 that lie in the network of a node’s interface, with arp_ignore 0 there, while MetalLB or kube-vip is at work; and neighbours that know such an address by different hardware addresses.',
    why: 'In layer 2 mode one node at a time answers ARP for a load balancer address. In IPVS mode kube-proxy puts that address on kube-ipvs0 of every node, and with arp_ignore 0 the kernel answers ARP for any address it holds, on any interface. All nodes answer, and chance decides which answer a client believes. strictARP makes kube-proxy set arp_ignore 1 and arp_announce 2.',
    consequences:
      'Connections break whenever the client’s entry changes to another node; with externalTrafficPolicy Local, those that land on a node without a pod time out.',
    commonCauses: ['MetalLB or kube-vip was installed, and ipvs.strictARP left at its default, false.'],
    mimics: [
      'Load balancer addresses outside the networks of the nodes’ interfaces (BGP, a cloud’s load balancer): nobody asks for them by ARP here.',
      'External addresses, and no speaker or kube-vip about: another machine may hold the address.',
      'arp_ignore set by hand: the larger of the value of all and of the interface counts.',
    ],
    cure: 'Set ipvs.strictARP: true in kube-proxy’s configuration (k3s and rke2: kube-proxy-arg: ipvs-strict-arp=true) and restart it.',
    title: (d) => `${d.node} answers ARP for ${joinWords(d.addresses)}, whichever node should`,
    summary: (d) =>
      `kube-ipvs0 on ${d.node} holds ${joinWords(d.addresses)} in the network of ${d.device}, and arp_ignore is 0 there: the node answers ARP for ${d.addresses.length === 1 ? 'it' : 'them'} beside the one that MetalLB or kube-vip chose. ${d.isSplit ? 'Nodes already know one of them by different hardware addresses.' : 'Clients believe whoever answers first or last.'}`,
    ruledOut: () => [
      'The address lies in the network of an interface of the node, so that it is asked for by ARP.',
    ],
    remedy: () => [
      { text: 'Let kube-proxy make the settings: ipvs.strictARP: true.', commands: CONFIGURE },
      { text: 'Until then, set them by hand on every node.', commands: VALUES },
    ],
    verify: (d) => [
      {
        text: 'One hardware address answers, asked from another machine.',
        commands: ['sysctl net.ipv4.conf.all.arp_ignore', ...probes(d)],
      },
    ],
    reasons: {
      notIpvs: 'kube-proxy does not work with IPVS on this node.',
      noSpeaker:
        'Neither MetalLB’s speaker nor kube-vip is known to run: who announces the load balancer addresses is not known.',
    },
    notes: {
      held: () => 'on kube-ipvs0: local to this node',
      setting: () => 'answers ARP for any address it holds',
      speaker: () => 'announces load balancer addresses',
      answer: (node) => `who answers, by ${node}`,
    },
  },
  zh: {
    name: '所有节点都应答负载均衡地址的 ARP：未启用 strictARP',
    looksFor:
      'kube-ipvs0 上位于节点网卡网段内的负载均衡地址，且该网卡 arp_ignore 为 0，同时 MetalLB 或 kube-vip 在运行；以及各节点的邻居表中同一地址对应不同的 MAC。',
    why: '二层模式下，同一时刻只应有一个节点应答负载均衡地址的 ARP。而 IPVS 模式下 kube-proxy 会把该地址加到每个节点的 kube-ipvs0，arp_ignore 为 0 时内核会在任意网卡上应答自己持有的任何地址。于是所有节点都应答，客户端相信谁全凭运气。strictARP 会让 kube-proxy 设置 arp_ignore=1、arp_announce=2。',
    consequences:
      '客户端的 ARP 条目一旦换到另一个节点，连接就会中断；externalTrafficPolicy 为 Local 时，落到没有 Pod 的节点上的连接会超时。',
    commonCauses: ['安装了 MetalLB 或 kube-vip，而 ipvs.strictARP 仍是默认的 false。'],
    mimics: [
      '负载均衡地址不在节点网卡网段内（BGP、云负载均衡）：不会有人通过 ARP 询问。',
      '外部地址，且没有 speaker 或 kube-vip：地址可能由其他机器持有。',
      '手工设置了 arp_ignore：取 all 与网卡两者中较大的值。',
    ],
    cure: '在 kube-proxy 配置中设置 ipvs.strictARP: true（k3s、rke2 为 kube-proxy-arg: ipvs-strict-arp=true）并重启。',
    title: (d) => `${d.node} 会应答 ${joinChinese(d.addresses)} 的 ARP，无论该由哪个节点应答`,
    summary: (d) =>
      `${d.node} 的 kube-ipvs0 持有 ${d.device} 网段内的 ${joinChinese(d.addresses)}，而该网卡 arp_ignore 为 0：除 MetalLB 或 kube-vip 选定的节点外，它也会应答 ARP。${d.isSplit ? '各节点的邻居表中，同一地址已对应不同的 MAC。' : '客户端会相信最先或最后的应答。'}`,
    ruledOut: () => ['地址位于节点网卡的网段内，会通过 ARP 询问。'],
    remedy: () => [
      { text: '让 kube-proxy 来设置：ipvs.strictARP: true。', commands: CONFIGURE },
      { text: '在此之前，在每个节点上手工设置。', commands: VALUES },
    ],
    verify: (d) => [
      {
        text: '从其他机器询问，只有一个 MAC 应答。',
        commands: ['sysctl net.ipv4.conf.all.arp_ignore', ...probes(d)],
      },
    ],
    reasons: {
      notIpvs: '该节点的 kube-proxy 不使用 IPVS。',
      noSpeaker: '没有发现 MetalLB 的 speaker 或 kube-vip：不知道由谁通告负载均衡地址。',
    },
    notes: {
      held: () => '在 kube-ipvs0 上，成为本机地址',
      setting: () => '会应答自己持有的任何地址的 ARP',
      speaker: () => '通告负载均衡地址',
      answer: (node) => `${node} 看到的应答者`,
    },
  },
}
