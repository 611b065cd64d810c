import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: seen from both sides, by one node alone, or in what somebody set. */
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
  | {
      readonly kind: 'set'
      readonly node: string
      readonly device: string
      readonly address: string
      readonly mac: string
      /** The node that has the address. */
      readonly owner: string
      /** Its interface, and the hardware address of that; left out where the inventory alone knows the node. */
      readonly right?: string
      readonly actual?: string
      /** Another node that has the hardware address. */
      readonly bearer?: string
      readonly isFarApart: boolean
    }

type Note = 'entry' | 'mac' | 'holds' | 'arpIgnore' | 'shared' | 'set' | 'link'

/** The words of arp-wrong-mac. */
export const text: RuleTexts<WrongMac, never, Note> = {
  en: {
    name: 'A peer’s address leads to the wrong interface',
    looksFor:
      'Learned neighbour entries (REACHABLE, STALE, DELAY, PROBE) whose hardware address is that of another interface of the node that has the address; and, where that node sent no bundle, two of its addresses behind one hardware address. Entries that were set by hand (PERMANENT) for an address of a node, with a hardware address that none of its interfaces has.',
    why: 'By default Linux answers an ARP request for any of its addresses on every interface that hears it. Where two interfaces of a node are on one link, both answer, and the asker keeps whichever answer came last. Traffic to one address then arrives on the other interface: on a slower line, in the wrong VLAN, or where strict reverse path filtering or a firewall drops it. An entry that was set by hand is never asked for again: once the card is another one, what is sent there reaches nobody.',
    consequences:
      'Traffic to one address is slow, lossy or one-way, while the other address of the same node works; counters grow on a card that should be idle. Behind a wrong entry that was set, one node does not reach another one, nor its pods, while all others do.',
    commonCauses: [
      'Two network cards of one node plugged into one switch or VLAN, with the kernel’s defaults.',
      'A second virtual network card added to the port group of the first.',
      'A permanent entry (a script against ARP spoofing, an old Cilium) that outlived the network card of the peer.',
    ],
    mimics: [
      'Bonds, bridges, VLAN and macvlan devices share hardware addresses with what they stand on: devices of one link count as one.',
      'A router that answers for others (proxy ARP): only addresses inside the observer’s own network count, an interface with proxy_arp=1 and gateways do not, nor more than three addresses behind one hardware address.',
      'Virtual addresses of keepalived (VRRP’s hardware addresses), kube-vip and MetalLB: the hardware address of the current leader is right. Where nothing tells what the second address is, this is told with the least weight.',
      'Entries that network plugins and routing daemons set (extern_learn, managed; PERMANENT on flannel.1 and other tunnels); a permanent entry for another interface of the right node, for an address that moves, or with the hardware address of a router or of a gateway that stands for several machines; entries that hold none (FAILED, INCOMPLETE).',
      'A remembered entry (STALE) for a network card that was replaced: a hardware address that no node has any more does not count.',
    ],
    cure: 'Let the node with two interfaces answer only for the addresses of the interface that was asked (arp_ignore=1, arp_announce=2), or better: never connect two interfaces of a node to one broadcast domain. Delete entries that were set by hand.',
    title(d) {
      if (d.kind === 'set')
        return `${d.node} has a permanent entry for ${d.address} with a hardware address that is not ${d.owner}’s`
      return d.kind === 'across-nodes'
        ? `${joinWords(d.observers.map(({ node }) => node))} send${d.observers.length === 1 ? 's' : ''} to ${d.address} by ${d.wrong} of ${d.owner}, which has it on ${d.right}`
        : `${joinWords(d.addresses)} have one hardware address in the table of ${d.node}`
    },
    summary(d) {
      if (d.kind === 'set') {
        const has =
          d.right === undefined
            ? `The inventory names other hardware addresses for ${d.owner}; a card may have been replaced since.`
            : `${d.owner} has the address on ${d.right}, whose hardware address is ${d.actual ?? ''}.`
        const whose =
          d.bearer === undefined
            ? 'No node of the case has the one that was set: what is sent there reaches nobody.'
            : `The one that was set is ${d.bearer}’s: what is for ${d.owner} arrives there.`
        const apart = d.isFarApart ? ' The bundles were made more than ten minutes apart.' : ''
        return `On ${d.node} somebody set ${d.mac} for ${d.address} on ${d.device} (PERMANENT): the kernel never asks again. ${has} ${whose}${apart}`
      }
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
    ruledOut(d) {
      if (d.kind === 'set')
        return [
          'The device is no tunnel, whose entries a network plugin sets, and the entry bears no mark of a routing daemon.',
          'The hardware address is none of a router, none that moves between machines, and set for this node alone.',
        ]
      return d.kind === 'across-nodes'
        ? [
            `${d.right} and ${d.wrong} share no bond, bridge, VLAN or macvlan.`,
            ...(d.arpIgnore === undefined ? [] : [`${d.wrong} does not answer for others (proxy_arp=0).`]),
            'The address is in the observers’ own network, so no router answers for it.',
            'The entry was learned, not set, and its hardware address is none that moves between machines.',
          ]
        : ['None of the addresses is a gateway, nor known as the external address of a Service.']
    },
    remedy(d) {
      if (d.kind === 'set') {
        return [
          {
            text: `On ${d.node}: delete the entry. The kernel then asks who has the address.`,
            commands: [`ip neigh del ${d.address} dev ${shellQuote(d.device)}`],
          },
          {
            text: 'Find out what sets it, or it comes back with the next start.',
            commands: [
              'grep -rsE "ip (-[46] )?neigh|arp -s" /etc /usr/local/bin /usr/local/sbin; ls /etc/ethers',
            ],
          },
        ]
      }
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
      if (d.kind === 'set') {
        return [
          {
            text: `On ${d.node}: the entry is learned (REACHABLE), with the hardware address of ${d.owner}.`,
            commands: [`ping -c 1 ${d.address}`, `ip neigh show ${d.address}`],
          },
        ]
      }
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
      set: () => 'set by hand: it does not change by itself',
      link: () => 'one of the two learned the other’s hardware address: they are on one link',
    },
  },
  zh: {
    name: '对端地址指向了错误的接口',
    looksFor:
      '学到的邻居表项（REACHABLE、STALE、DELAY、PROBE）中，硬件地址属于地址所在节点的另一个接口；如果那个节点没有采集包，则看它的两个地址是否对应同一个硬件地址。还有为节点地址手工设置的表项（PERMANENT），其硬件地址不属于该节点的任何接口。',
    why: 'Linux 默认在任何收到 ARP 请求的接口上应答本机的任何地址。节点的两个接口在同一链路上时，两个都会应答，请求方保留最后到达的应答。于是发往一个地址的流量从另一个接口进入：线路更慢、VLAN 不对，或者被严格的反向路径过滤或防火墙丢弃。手工设置的表项不会再被询问：网卡更换之后，发往它的报文谁也收不到。',
    consequences:
      '到其中一个地址的流量缓慢、丢包或单向不通，而同一节点的另一个地址正常；本应空闲的网卡计数器在增长。手工设置的表项有误时，一个节点访问不到另一个节点及其 Pod，而其他节点都正常。',
    commonCauses: [
      '一个节点的两块网卡接在同一交换机或 VLAN，且使用内核默认设置。',
      '第二块虚拟网卡加入了与第一块相同的端口组。',
      '永久表项（防 ARP 欺骗的脚本、旧版 Cilium）在对端更换网卡之后仍然保留。',
    ],
    mimics: [
      'bond、网桥、VLAN、macvlan 与其下层设备共用硬件地址：同一链路的设备算作一个。',
      '替别人应答的路由器（proxy ARP）：只计观察者自己网段内的地址；proxy_arp=1 的接口、网关，以及一个硬件地址对应三个以上地址的情况不计。',
      'keepalived（VRRP 硬件地址）、kube-vip、MetalLB 的虚拟地址：当前主节点的硬件地址是正确的。无法判断第二个地址是什么时，以最低的把握报告。',
      '网络插件和路由守护进程设置的表项（extern_learn、managed；flannel.1 等隧道设备上的 PERMANENT）；指向正确节点另一接口的永久表项；会漂移的地址；硬件地址属于路由器，或属于代表多台机器的网关；没有硬件地址的表项（FAILED、INCOMPLETE）。',
      '指向已更换网卡的旧表项（STALE）：不再属于任何节点的硬件地址不计。',
    ],
    cure: '让有两个接口的节点只应答被询问接口自己的地址（arp_ignore=1、arp_announce=2）；更好的做法是不要把一个节点的两个接口接入同一广播域。手工设置的表项应当删除。',
    title(d) {
      if (d.kind === 'set') return `${d.node} 上 ${d.address} 的永久表项，硬件地址不是 ${d.owner} 的`
      return d.kind === 'across-nodes'
        ? `${d.observers.map(({ node }) => node).join('、')} 经 ${d.owner} 的 ${d.wrong} 访问 ${d.address}，而该地址在 ${d.right} 上`
        : `${d.node} 的邻居表中 ${d.addresses.join('、')} 的硬件地址相同`
    },
    summary(d) {
      if (d.kind === 'set') {
        const has =
          d.right === undefined
            ? `清单中 ${d.owner} 的硬件地址与此不同；也可能是网卡后来更换过。`
            : `${d.owner} 的该地址在 ${d.right} 上，其硬件地址是 ${d.actual ?? ''}。`
        const whose =
          d.bearer === undefined
            ? '采集到的节点都没有所设的硬件地址：发往它的报文谁也收不到。'
            : `所设的硬件地址是 ${d.bearer} 的：发给 ${d.owner} 的报文到了那里。`
        const apart = d.isFarApart ? '采集包相隔超过十分钟。' : ''
        return `${d.node} 上有人在 ${d.device} 上为 ${d.address} 设置了 ${d.mac}（PERMANENT），内核不会再询问。${has}${whose}${apart}`
      }
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
    ruledOut(d) {
      if (d.kind === 'set')
        return [
          '该设备不是由网络插件设置表项的隧道，表项也没有路由守护进程的标记。',
          '该硬件地址不属于路由器，不会在机器间漂移，也只设给了这一个节点。',
        ]
      return d.kind === 'across-nodes'
        ? [
            `${d.right} 与 ${d.wrong} 不属于同一个 bond、网桥、VLAN 或 macvlan。`,
            ...(d.arpIgnore === undefined ? [] : [`${d.wrong} 不替别人代答（proxy_arp=0）。`]),
            '该地址在观察者自己的网段内，因此没有路由器替它应答。',
            '表项是学到的而不是设置的，其硬件地址不是会在机器间漂移的那种。',
          ]
        : ['这些地址都不是网关，也不是已知的 Service 外部地址。']
    },
    remedy(d) {
      if (d.kind === 'set') {
        return [
          {
            text: `在 ${d.node} 上删除该表项，内核随即会重新询问地址在谁那里。`,
            commands: [`ip neigh del ${d.address} dev ${shellQuote(d.device)}`],
          },
          {
            text: '查明是什么设置了它，否则下次启动时还会出现。',
            commands: [
              'grep -rsE "ip (-[46] )?neigh|arp -s" /etc /usr/local/bin /usr/local/sbin; ls /etc/ethers',
            ],
          },
        ]
      }
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
      if (d.kind === 'set') {
        return [
          {
            text: `在 ${d.node} 上：表项是学到的（REACHABLE），硬件地址是 ${d.owner} 的。`,
            commands: [`ping -c 1 ${d.address}`, `ip neigh show ${d.address}`],
          },
        ]
      }
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
      set: () => '手工设置的，不会自行改变',
      link: () => '一方学到了另一方的硬件地址：两者在同一链路上',
    },
  },
}
