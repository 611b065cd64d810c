import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: seen from both sides, or by one node alone. */
export type WrongMac =
  | {
      readonly kind: 'across-nodes'
      readonly address: string
      readonly mac: string
      /** The node that has the address. */
      readonly owner: string
      /** Its interface that holds the address. */
      readonly right: string
      /** Its interface whose hardware address the observers have. */
      readonly wrong: string
      readonly observers: readonly { readonly node: string; readonly device: string }[]
      readonly shareNetwork: boolean
      /** Of the wrong interface, as it takes effect; left out where it was not captured. */
      readonly arpIgnore?: number
    }
  | {
      readonly kind: 'one-node'
      readonly node: string
      readonly mac: string
      readonly addresses: readonly string[]
      /** The node that has them all, by API server or inventory. */
      readonly owner?: string
    }

type Note = 'entry' | 'mac' | 'holds' | 'arpIgnore' | 'shared'

/** The words of arp-wrong-mac. */
export const text: RuleTexts<WrongMac, never, Note> = {
  en: {
    name: 'A peer’s address leads to the wrong interface',
    looksFor:
      'Learned neighbour entries (REACHABLE, STALE, DELAY, PROBE) whose hardware address is that of another interface of the node that has the address; and, where that node sent no bundle, two of its addresses behind one hardware address.',
    why: 'By default Linux answers an ARP request for any of its addresses on every interface that hears it. Where two interfaces of a node are on one link, both answer, and the asker keeps whichever answer came last. Traffic to one address then arrives on the other interface: on a slower line, in the wrong VLAN, or where strict reverse path filtering or a firewall drops it.',
    consequences:
      'Traffic to one address is slow, lossy or one-way, while the other address of the same node works; counters grow on a card that should be idle.',
    commonCauses: [
      'Two network cards of one node plugged into one switch or VLAN, with the kernel’s defaults.',
      'A second virtual network card added to the port group of the first.',
    ],
    mimics: [
      'Bonds, bridges, VLAN and macvlan devices share hardware addresses with what they stand on: devices of one link count as one.',
      'A router that answers for others (proxy ARP): only addresses inside the observer’s own network count, an interface with proxy_arp=1 and gateways do not, nor more than three addresses behind one hardware address.',
      'Virtual addresses of keepalived (VRRP’s hardware addresses), kube-vip and MetalLB: the hardware address of the current leader is right. Where nothing tells what the second address is, this is told with the least weight.',
      'Entries that were set and not learned (PERMANENT, extern_learn), as flannel and Calico do; entries that hold none (FAILED, INCOMPLETE).',
      'A remembered entry (STALE) for a network card that was replaced: a hardware address that no node has any more does not count.',
    ],
    cure: 'Let the node with two interfaces answer only for the addresses of the interface that was asked (arp_ignore=1, arp_announce=2), or better: never connect two interfaces of a node to one broadcast domain.',
    title: (d) =>
      d.kind === 'across-nodes'
        ? `${joinWords(d.observers.map(({ node }) => node))} send${d.observers.length === 1 ? 's' : ''} to ${d.address} by ${d.wrong} of ${d.owner}, which has it on ${d.right}`
        : `${joinWords(d.addresses)} have one hardware address in the table of ${d.node}`,
    summary(d) {
      if (d.kind === 'one-node') {
        const whose =
          d.owner === undefined
            ? 'At least one of them is the address of a node; the bundle does not tell whether the other is meant to be on the same interface, as that of a load balancer (MetalLB) or of a virtual server is.'
            : `Both are addresses of ${d.owner}, which sent no bundle.`
        return `${d.node} learned the hardware address ${d.mac} for ${joinWords(d.addresses)}. ${whose} If that node has them on two interfaces, it answers on one for both, and traffic to one of them arrives on the wrong interface.`
      }
      const answers =
        d.arpIgnore === undefined
          ? ''
          : d.arpIgnore === 0
            ? ' The node answers on each interface for all its addresses (arp_ignore=0).'
            : ` With arp_ignore=${d.arpIgnore} the node does not answer like that now; the entry may be older than the setting.`
      const network = d.shareNetwork ? ' Both interfaces have an address of the same network.' : ''
      return `${d.owner} has ${d.address} on ${d.right}. ${joinWords(d.observers.map(({ node }) => node))} learned ${d.mac} for it, the hardware address of ${d.wrong}. Traffic to ${d.address} therefore arrives on ${d.wrong}.${network}${answers}`
    },
    ruledOut: (d) =>
      d.kind === 'across-nodes'
        ? [
            `${d.right} and ${d.wrong} share no bond, bridge, VLAN or macvlan.`,
            ...(d.arpIgnore === undefined ? [] : [`${d.wrong} does not answer for others (proxy_arp=0).`]),
            'The address is in the observers’ own network, so no router answers for it.',
            'The entry was learned, not set, and its hardware address is none that moves between machines.',
          ]
        : ['None of the addresses is a gateway, nor known as the external address of a Service.'],
    remedy(d) {
      if (d.kind === 'one-node') {
        return [
          {
            text: `Collect a bundle from ${d.owner ?? 'the node that has the addresses'} as well: it shows on which interfaces they are.`,
            commands: ['ip -br link show', 'ip -br addr show'],
          },
        ]
      }
      return [
        {
          text: `On ${joinWords(d.observers.map(({ node }) => node))}: forget the wrong entry. It comes back until ${d.owner} is set right.`,
          commands: d.observers
            .slice(0, 1)
            .map(({ device }) => `ip neigh del ${d.address} dev ${shellQuote(device)}`),
        },
        {
          text: `On ${d.owner}: answer only for the addresses of the interface that was asked, and keep that over a reboot.`,
          commands: [
            'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
            String.raw`printf 'net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n' >/etc/sysctl.d/99-arp.conf`,
          ],
        },
        {
          text: `Better still: put ${d.right} and ${d.wrong} into separate VLANs, or join them in a bond.`,
          commands: [],
        },
      ]
    },
    verify(d) {
      if (d.kind === 'one-node') return []
      const device = shellQuote(d.observers[0]?.device ?? '')
      return [
        {
          text: `On ${joinWords(d.observers.map(({ node }) => node))}: one hardware address answers, that of ${d.right}.`,
          commands: [`arping -c 3 -I ${device} ${d.address}`, `ip neigh show ${d.address}`],
        },
      ]
    },
    reasons: {},
    notes: {
      entry: (wrong) => `learned: the hardware address of ${wrong}`,
      mac: (wrong) => `the hardware address of ${wrong}`,
      holds: (right) => `the address is on ${right}`,
      arpIgnore: () => 'whether it answers for addresses of other interfaces (0: yes)',
      shared: () => 'the same hardware address',
    },
  },
  zh: {
    name: '对端地址指向了错误的接口',
    looksFor:
      '学到的邻居表项（REACHABLE、STALE、DELAY、PROBE）中，硬件地址属于地址所在节点的另一个接口；如果那个节点没有采集包，则看它的两个地址是否对应同一个硬件地址。',
    why: 'Linux 默认在任何收到 ARP 请求的接口上应答本机的任何地址。节点的两个接口在同一链路上时，两个都会应答，请求方保留最后到达的应答。于是发往一个地址的流量从另一个接口进入：线路更慢、VLAN 不对，或者被严格的反向路径过滤或防火墙丢弃。',
    consequences:
      '到其中一个地址的流量缓慢、丢包或单向不通，而同一节点的另一个地址正常；本应空闲的网卡计数器在增长。',
    commonCauses: [
      '一个节点的两块网卡接在同一交换机或 VLAN，且使用内核默认设置。',
      '第二块虚拟网卡加入了与第一块相同的端口组。',
    ],
    mimics: [
      'bond、网桥、VLAN、macvlan 与其下层设备共用硬件地址：同一链路的设备算作一个。',
      '替别人应答的路由器（proxy ARP）：只计观察者自己网段内的地址；proxy_arp=1 的接口、网关，以及一个硬件地址对应三个以上地址的情况不计。',
      'keepalived（VRRP 硬件地址）、kube-vip、MetalLB 的虚拟地址：当前主节点的硬件地址是正确的。无法判断第二个地址是什么时，以最低的把握报告。',
      '手工设置而不是学到的表项（PERMANENT、extern_learn），例如 flannel 和 Calico 的；没有硬件地址的表项（FAILED、INCOMPLETE）。',
      '指向已更换网卡的旧表项（STALE）：不再属于任何节点的硬件地址不计。',
    ],
    cure: '让有两个接口的节点只应答被询问接口自己的地址（arp_ignore=1、arp_announce=2）；更好的做法是不要把一个节点的两个接口接入同一广播域。',
    title: (d) =>
      d.kind === 'across-nodes'
        ? `${d.observers.map(({ node }) => node).join('、')} 经 ${d.owner} 的 ${d.wrong} 访问 ${d.address}，而该地址在 ${d.right} 上`
        : `${d.node} 的邻居表中 ${d.addresses.join('、')} 的硬件地址相同`,
    summary(d) {
      if (d.kind === 'one-node') {
        const whose =
          d.owner === undefined
            ? '其中至少一个是节点地址；采集包无法说明另一个是否本来就应在同一接口上，例如负载均衡（MetalLB）或虚拟服务器的地址。'
            : `两个都是 ${d.owner} 的地址，而它没有采集包。`
        return `${d.node} 为 ${d.addresses.join('、')} 学到硬件地址 ${d.mac}。${whose}如果那个节点的这些地址在两个接口上，它就是在一个接口上代答了两个地址，发往其中一个的流量会从错误的接口进入。`
      }
      const answers =
        d.arpIgnore === undefined
          ? ''
          : d.arpIgnore === 0
            ? '该节点在每个接口上应答自己的所有地址（arp_ignore=0）。'
            : `arp_ignore=${d.arpIgnore} 时该节点现在不会这样应答；表项可能早于该设置。`
      const network = d.shareNetwork ? '两个接口都有同一网段的地址。' : ''
      return `${d.owner} 的 ${d.address} 在 ${d.right} 上。${d.observers.map(({ node }) => node).join('、')} 为它学到 ${d.mac}，即 ${d.wrong} 的硬件地址。因此发往 ${d.address} 的流量从 ${d.wrong} 进入。${network}${answers}`
    },
    ruledOut: (d) =>
      d.kind === 'across-nodes'
        ? [
            `${d.right} 与 ${d.wrong} 不属于同一个 bond、网桥、VLAN 或 macvlan。`,
            ...(d.arpIgnore === undefined ? [] : [`${d.wrong} 不替别人代答（proxy_arp=0）。`]),
            '该地址在观察者自己的网段内，因此没有路由器替它应答。',
            '表项是学到的而不是设置的，其硬件地址不是会在机器间漂移的那种。',
          ]
        : ['这些地址都不是网关，也不是已知的 Service 外部地址。'],
    remedy(d) {
      if (d.kind === 'one-node') {
        return [
          {
            text: `再采集 ${d.owner ?? '拥有这些地址的节点'}：采集包会显示它们在哪些接口上。`,
            commands: ['ip -br link show', 'ip -br addr show'],
          },
        ]
      }
      return [
        {
          text: `在 ${d.observers.map(({ node }) => node).join('、')} 上删除错误的表项。在 ${d.owner} 改好之前它会再次出现。`,
          commands: d.observers
            .slice(0, 1)
            .map(({ device }) => `ip neigh del ${d.address} dev ${shellQuote(device)}`),
        },
        {
          text: `在 ${d.owner} 上：只应答被询问接口自己的地址，并在重启后保持。`,
          commands: [
            'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
            String.raw`printf 'net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n' >/etc/sysctl.d/99-arp.conf`,
          ],
        },
        { text: `更好的做法：把 ${d.right} 和 ${d.wrong} 放进不同的 VLAN，或者组成 bond。`, commands: [] },
      ]
    },
    verify(d) {
      if (d.kind === 'one-node') return []
      const device = shellQuote(d.observers[0]?.device ?? '')
      return [
        {
          text: `在 ${d.observers.map(({ node }) => node).join('、')} 上：只有一个硬件地址应答，即 ${d.right} 的。`,
          commands: [`arping -c 3 -I ${device} ${d.address}`, `ip neigh show ${d.address}`],
        },
      ]
    },
    reasons: {},
    notes: {
      entry: (wrong) => `学到的：${wrong} 的硬件地址`,
      mac: (wrong) => `${wrong} 的硬件地址`,
      holds: (right) => `该地址在 ${right} 上`,
      arpIgnore: () => '是否应答其他接口的地址（0：是）',
      shared: () => '同一个硬件地址',
    },
  },
}
