import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: an address on two nodes, two answers for one address, or what a node saw itself. */
export type DuplicateAddress =
  | {
      readonly kind: 'two-nodes'
      readonly address: string
      readonly holders: readonly { readonly node: string; readonly device: string }[]
    }
  | {
      readonly kind: 'two-answers'
      readonly address: string
      /** The node that has it, by its own bundle. */
      readonly owner?: string
      /** Where the first witness learned it. */
      readonly device: string
      /** Who learned which hardware address. */
      readonly answers: readonly { readonly node: string; readonly mac: string }[]
    }
  | {
      readonly kind: 'seen-by-node'
      readonly address: string
      readonly node: string
      readonly device: string
      /** Of the other machine, where the log names it. */
      readonly mac?: string
      /** The kernel does not use the address (IPv6 duplicate address detection). */
      readonly refused: boolean
    }

type Note = 'holder' | 'witness' | 'owner' | 'log' | 'dadFailed'

const deviceOf = (d: DuplicateAddress): string =>
  shellQuote(d.kind === 'two-nodes' ? (d.holders[0]?.device ?? '') : d.device)

/** The words of arp-duplicate-ip. */
export const text: RuleTexts<DuplicateAddress, never, Note> = {
  en: {
    name: 'An address is on two machines',
    looksFor:
      'One address on network interfaces of two nodes; fresh neighbour entries that name, for a node’s address, a machine which does not have it; conflicts that the kernel, systemd-networkd or NetworkManager reported.',
    why: 'Two machines answer for one address. Each peer keeps the answer that came last, so that connections reach one machine at one time and the other at another, and break in between. Where one of them is a node, its kubelet, its pods and every Service with an endpoint there are hit.',
    consequences:
      'Connections to the address break at random, and work again: ssh asks for a new host key, kubelet and API server lose each other, pods on the node are reached now and then.',
    commonCauses: [
      'A cloned virtual machine with a static address.',
      'A static address inside the range of a DHCP server.',
      'An address that was given to a load balancer or a keepalived instance while a machine still had it.',
    ],
    mimics: [
      'Addresses that move between nodes (keepalived, kube-vip): a secondary or /32 address, or one with VRRP’s hardware address, does not count.',
      'Addresses that every node has by design: kube-ipvs0, docker0, cni0, virbr0, any bridge that leads to containers and guests alone (nerdctl, Docker networks with a name), node-local DNS on a dummy device, anycast addresses on loopback, link-local ones, and 10.0.2.15 behind a hypervisor’s NAT.',
      'Two interfaces of one node answering for one address: that is arp-wrong-mac.',
      'A node that answers for others (proxy_arp=1); a router that does, as in Azure, where one hardware address answers for the gateway and all nodes; a remembered entry (STALE) for a card that was replaced.',
      'Two bundles of one node: the same boot_id.',
    ],
    cure: 'Give one of the two machines another address, at its source: static configuration, DHCP reservation, or the image it was cloned from.',
    title(d) {
      if (d.kind === 'two-nodes') return `${d.address} is on ${joinWords(d.holders.map(({ node }) => node))}`
      if (d.kind === 'seen-by-node') return `Another machine has ${d.address}, the address of ${d.node}`
      return d.owner === undefined
        ? `${d.answers.length} machines answer for ${d.address}`
        : `Another machine answers for ${d.address}, the address of ${d.owner}`
    },
    summary(d) {
      const effect =
        'Peers send to whichever answered last: connections reach one machine or the other, and break when that changes.'
      if (d.kind === 'two-nodes') {
        const where = d.holders.map(({ node, device }) => `on ${device} of ${node}`)
        return `${d.address} is configured ${joinWords(where)}, and these interfaces have a link. ${effect}`
      }
      if (d.kind === 'seen-by-node') {
        const other = d.mac === undefined ? 'another machine' : `a machine with the hardware address ${d.mac}`
        return d.refused
          ? `${d.node} has ${d.address} on ${d.device}, and its kernel found it in use by ${other}: it does not use the address.`
          : `${d.node} has ${d.address} on ${d.device}, and reported that ${other} has it too. ${effect}`
      }
      const learned = joinWords(d.answers.map(({ node, mac }) => `${node} learned ${mac}`))
      return d.owner === undefined
        ? `For ${d.address}, ${learned}; both entries were confirmed within half a minute before the capture. ${effect} If one machine with two interfaces has both hardware addresses, it is its interfaces that answer for each other.`
        : `${d.owner} has ${d.address}, but ${learned} for it, which is none of its hardware addresses; the entry was confirmed within half a minute before the capture. ${effect}`
    },
    ruledOut(d) {
      if (d.kind === 'seen-by-node') return []
      if (d.kind === 'two-answers')
        return ['The address does not move between nodes, and none of those that answer proxies for others.']
      return [
        'The address does not move between nodes: it is the first one of its interface.',
        'The interfaces are on Ethernet and have a link: no loopback, dummy or tunnel devices.',
      ]
    },
    remedy: (d) => [
      {
        text: 'See who answers, from a third machine on the link: more than one hardware address is the proof.',
        commands: [`arping -c 4 -I ${deviceOf(d)} ${d.address}`],
      },
      {
        text:
          d.kind === 'two-nodes'
            ? 'Take the address off the node that should not have it, there and in what configures it (netplan, NetworkManager, ifcfg, cloud-init, DHCP).'
            : 'Find that machine by its hardware address in the switch or the hypervisor, and give it another address.',
        commands:
          d.kind === 'two-nodes'
            ? [`ip -br addr show | grep -F ${d.address}`, 'cat /etc/machine-id']
            : [`ip neigh show ${d.address}`],
      },
    ],
    verify: (d) => [
      {
        text: 'Duplicate address detection finds nobody else (exit status 0), run on the machine that keeps the address.',
        commands: [`arping -D -c 3 -I ${deviceOf(d)} ${d.address}`],
      },
    ],
    reasons: {},
    notes: {
      holder: (node) => `on ${node}`,
      witness: (mac) => `confirmed: ${mac} answers`,
      owner: (node) => `the address is on ${node}`,
      log: () => 'a conflict was reported',
      dadFailed: () => 'the kernel found it in use elsewhere',
    },
  },
  zh: {
    name: '一个地址同时在两台机器上',
    looksFor:
      '同一地址配置在两个节点的网络接口上；新近确认的邻居表项把某节点的地址指向并不拥有它的机器；内核、systemd-networkd 或 NetworkManager 报告的地址冲突。',
    why: '两台机器都应答同一个地址。每个对端保留最后到达的应答，于是连接时而到达这台、时而到达那台，并在切换时中断。如果其中一台是节点，它的 kubelet、Pod 以及在其上有端点的每个 Service 都会受影响。',
    consequences:
      '到该地址的连接随机中断又恢复：ssh 提示主机密钥变化，kubelet 与 API server 相互失联，节点上的 Pod 时通时不通。',
    commonCauses: [
      '克隆的虚拟机带着静态地址。',
      '静态地址落在 DHCP 服务器的分配范围内。',
      '地址仍在某台机器上时又分配给了负载均衡器或 keepalived。',
    ],
    mimics: [
      '在节点间漂移的地址（keepalived、kube-vip）：次要地址或 /32 地址，以及使用 VRRP 硬件地址的地址不计。',
      '设计上每个节点都有的地址：kube-ipvs0、docker0、cni0、virbr0、只通向容器和虚拟机的网桥（nerdctl、自定义 Docker 网络）、dummy 设备上的 NodeLocal DNS、回环上的 anycast 地址、链路本地地址，以及虚拟化 NAT 后面的 10.0.2.15。',
      '同一节点的两个接口应答同一地址：那是 arp-wrong-mac。',
      '替别人应答的节点（proxy_arp=1）或路由器，例如 Azure 中一个硬件地址应答网关和所有节点；指向已更换网卡的旧表项（STALE）。',
      '同一节点的两个采集包：boot_id 相同。',
    ],
    cure: '从源头给两台机器之一换一个地址：静态配置、DHCP 保留，或者它克隆自的镜像。',
    title(d) {
      if (d.kind === 'two-nodes')
        return `${d.address} 同时在 ${d.holders.map(({ node }) => node).join('、')} 上`
      if (d.kind === 'seen-by-node') return `另一台机器占用了 ${d.node} 的地址 ${d.address}`
      return d.owner === undefined
        ? `有 ${d.answers.length} 台机器应答 ${d.address}`
        : `另一台机器应答了 ${d.owner} 的地址 ${d.address}`
    },
    summary(d) {
      const effect = '对端把报文发给最后应答的那台：连接到达其中一台，切换时中断。'
      if (d.kind === 'two-nodes') {
        const where = d.holders.map(({ node, device }) => `${node} 的 ${device}`)
        return `${d.address} 配置在 ${where.join('、')} 上，这些接口都有链路。${effect}`
      }
      if (d.kind === 'seen-by-node') {
        const other = d.mac === undefined ? '另一台机器' : `硬件地址为 ${d.mac} 的机器`
        return d.refused
          ? `${d.node} 的 ${d.device} 上有 ${d.address}，内核发现它正被${other}使用，因此不使用该地址。`
          : `${d.node} 的 ${d.device} 上有 ${d.address}，并报告${other}也有该地址。${effect}`
      }
      const learned = d.answers.map(({ node, mac }) => `${node} 学到 ${mac}`).join('，')
      return d.owner === undefined
        ? `对 ${d.address}，${learned}；两条表项都在采集前半分钟内得到确认。${effect}如果一台机器的两个接口分别拥有这两个硬件地址，那就是它的接口在互相代答。`
        : `${d.owner} 拥有 ${d.address}，但 ${learned}，而这不是它的任何一个硬件地址；表项在采集前半分钟内得到确认。${effect}`
    },
    ruledOut(d) {
      if (d.kind === 'seen-by-node') return []
      if (d.kind === 'two-answers') return ['该地址不在节点间漂移，应答者也都不替别人代答。']
      return [
        '该地址不在节点间漂移：它是其接口的第一个地址。',
        '这些接口是以太网接口且有链路：不是回环、dummy 或隧道设备。',
      ]
    },
    remedy: (d) => [
      {
        text: '在链路上的第三台机器上查看谁在应答：出现多个硬件地址就是证据。',
        commands: [`arping -c 4 -I ${deviceOf(d)} ${d.address}`],
      },
      {
        text:
          d.kind === 'two-nodes'
            ? '从不该有该地址的节点上移除它，包括其配置来源（netplan、NetworkManager、ifcfg、cloud-init、DHCP）。'
            : '在交换机或虚拟化平台上按硬件地址找到那台机器，给它换一个地址。',
        commands:
          d.kind === 'two-nodes'
            ? [`ip -br addr show | grep -F ${d.address}`, 'cat /etc/machine-id']
            : [`ip neigh show ${d.address}`],
      },
    ],
    verify: (d) => [
      {
        text: '在保留该地址的机器上运行重复地址检测，没有发现其他机器（退出码 0）。',
        commands: [`arping -D -c 3 -I ${deviceOf(d)} ${d.address}`],
      },
    ],
    reasons: {},
    notes: {
      holder: (node) => `在 ${node} 上`,
      witness: (mac) => `已确认：${mac} 在应答`,
      owner: (node) => `该地址在 ${node} 上`,
      log: () => '报告了冲突',
      dadFailed: () => '内核发现它已在别处使用',
    },
  },
}
