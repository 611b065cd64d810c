import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** The MTU of a device. */
export interface MtuOf {
  readonly node: string
  readonly device: string
  readonly mtuBytes: number
}

/** What was found. */
export type MtuMismatch =
  | {
      /** An overlay that is wider than its underlay allows. */
      readonly kind: 'overlay'
      readonly node: string
      readonly overlay: MtuOf
      readonly underlay: MtuOf
      readonly overheadBytes: number
    }
  | {
      /** Members of one network, or of one overlay, with different MTUs. */
      readonly kind: 'uneven'
      /** Left out for an overlay. */
      readonly network?: string
      readonly members: readonly MtuOf[]
    }
  | {
      /** Pods with a larger MTU than flannel told. */
      readonly kind: 'pods'
      readonly node: string
      readonly told: number
      readonly wider: readonly MtuOf[]
    }

type Note = 'mtu' | 'flannel'

const least = (members: readonly MtuOf[]): number => Math.min(...members.map(({ mtuBytes }) => mtuBytes))
const most = (members: readonly MtuOf[]): number => Math.max(...members.map(({ mtuBytes }) => mtuBytes))

/** `1,500 on node-1 and node-3, 1,450 on node-2`: each value with the nodes that have it, the largest first. */
function spread(members: readonly MtuOf[]): string {
  const values = [...new Set(members.map(({ mtuBytes }) => mtuBytes))].toSorted((a, b) => b - a)
  const parts = values.map((value) => {
    const having = members.filter(({ mtuBytes }) => mtuBytes === value)
    return `${value} on ${joinWords(having.map(({ node, device }) => `${node} (${device})`))}`
  })
  return joinWords(parts)
}

function chineseSpread(members: readonly MtuOf[]): string {
  const values = [...new Set(members.map(({ mtuBytes }) => mtuBytes))].toSorted((a, b) => b - a)
  const parts = values.map((value) => {
    const having = members.filter(({ mtuBytes }) => mtuBytes === value)
    return `${having.map(({ node, device }) => `${node}（${device}）`).join('、')} 为 ${value}`
  })
  return parts.join('，')
}

/** What ping may send in one piece: the MTU without IPv4 and ICMP headers. */
const pingSize = (mtuBytes: number): number => mtuBytes - 28

/** The words of link-mtu-mismatch. */
export const text: RuleTexts<MtuMismatch, never, Note> = {
  en: {
    name: 'Links disagree on the largest packet',
    looksFor:
      'Overlay devices (VXLAN, Geneve, IP in IP, WireGuard) whose MTU leaves no room for their headers on the interface below; interfaces of one network, or devices of one overlay, with different MTUs; pods with a larger MTU than flannel’s subnet.env tells.',
    why: 'A packet that is larger than a link on its way takes is dropped. Within one link nobody sends the message that would make the sender use smaller ones, so that connections open, small requests and pings work, and whatever fills a packet hangs: TLS handshakes, image pulls, large answers.',
    consequences:
      'Ping and small requests work; TLS handshakes, image pulls, kubectl logs and large answers hang, between some pairs of nodes or pods only.',
    commonCauses: [
      'The overlay’s MTU was set by hand, or copied from another site.',
      'One node’s card has jumbo frames, its peers’ have not.',
      'The network card’s MTU was changed after the network plugin had started.',
      'A tunnel under the overlay (VPN, GRE) that takes room of its own.',
    ],
    mimics: [
      'A wide underlay (9,000) below a narrow overlay (1,450) wastes room and breaks nothing.',
      'tunl0 is there as soon as its module is loaded: without routes it does not count.',
      'docker0 and other bridges that pods do not use do not count, nor do the containers on them.',
      'Devices to which Cilium, Weave or Open vSwitch hand each packet with its own destination (`external` in `ip -d link`) have 1,500 or 65,000 bytes as they are made: what bounds the packets is elsewhere.',
      'Cloud interfaces of 9,001 or 1,460 bytes are fine, as long as all nodes of the network have them alike.',
    ],
    cure: 'Give all nodes of a network one MTU, set the overlay below it (VXLAN: 50 bytes less over IPv4, 70 over IPv6; IP in IP 20; WireGuard 60 or 80), restart the network plugin and recreate the pods: a running pod keeps the MTU it began with.',
    title(d) {
      if (d.kind === 'overlay') {
        return `${d.overlay.device} of ${d.node} is ${d.overlay.mtuBytes - d.underlay.mtuBytes + d.overheadBytes} bytes too wide for ${d.underlay.device}`
      }
      if (d.kind === 'pods')
        return `Pods of ${d.node} send up to ${most(d.wider)} bytes, flannel takes ${d.told}`
      const where =
        d.network === undefined ? `The overlay ${d.members[0]?.device ?? ''}` : `The network ${d.network}`
      return `${where} has MTUs of ${least(d.members)} to ${most(d.members)} bytes`
    },
    summary(d) {
      const effect =
        'Full-size packets are dropped without a message to the sender: connections open and then hang, while pings and small requests work.'
      if (d.kind === 'overlay') {
        return `${d.overlay.device} of ${d.node} takes packets of ${d.overlay.mtuBytes} bytes and adds ${d.overheadBytes}; ${d.underlay.device} below it takes ${d.underlay.mtuBytes}. ${effect}`
      }
      if (d.kind === 'pods') {
        return `On ${d.node} flannel’s subnet.env says ${d.told} bytes, but ${joinWords(d.wider.map(({ device, mtuBytes }) => `${device} has ${mtuBytes}`))}. Packets between pods of different nodes that are larger than ${d.told} bytes depend on path MTU discovery, which filters and NAT often break; then connections hang.`
      }
      const what = d.network === undefined ? 'One overlay' : `The network ${d.network}`
      return `${what} has an MTU of ${spread(d.members)}. A node with the larger one sends packets that one with the smaller may not take. ${effect}`
    },
    ruledOut(d) {
      if (d.kind === 'overlay') return ['The overlay is up and in use.']
      return d.kind === 'uneven' ? ['All these interfaces are up.'] : []
    },
    remedy(d) {
      if (d.kind === 'uneven' && d.network !== undefined) {
        const wide = d.members.filter(({ mtuBytes }) => mtuBytes !== least(d.members))
        return [
          {
            text: `Give the interfaces one MTU: ${least(d.members)} bytes is safe, to be set on ${joinWords([...new Set(wide.map(({ node }) => node))])}; a larger one only where switches and all members take it.`,
            commands: [
              ...new Set(
                wide.map(({ device }) => `ip link set ${shellQuote(device)} mtu ${least(d.members)}`),
              ),
            ],
          },
          {
            text: 'Keep it in the network configuration, restart the network plugin (flannel and Calico derive the overlay’s MTU when they start), and recreate the pods.',
            commands: [],
          },
        ]
      }
      const mtu =
        d.kind === 'overlay'
          ? d.underlay.mtuBytes - d.overheadBytes
          : d.kind === 'pods'
            ? d.told
            : least(d.members)
      return [
        {
          text: `Set the MTU of pods and overlay to ${mtu} in the configuration of the network plugin, and restart it${d.kind === 'overlay' ? `; on ${d.node}, until then:` : '.'}`,
          commands: d.kind === 'overlay' ? [`ip link set ${shellQuote(d.overlay.device)} mtu ${mtu}`] : [],
        },
        { text: 'Recreate the pods: a running pod keeps the MTU it began with.', commands: [] },
      ]
    },
    verify(d) {
      const mtu =
        d.kind === 'overlay'
          ? d.underlay.mtuBytes - d.overheadBytes
          : d.kind === 'pods'
            ? d.told
            : least(d.members)
      const where =
        d.kind === 'uneven' && d.network !== undefined
          ? 'From node to node'
          : 'From pod to pod, on different nodes'
      return [
        {
          text: `${where}: a packet of ${mtu} bytes passes in one piece (with the peer’s address in place of PEER).`,
          commands: [`ping -c 3 -M do -s ${pingSize(mtu)} PEER`],
        },
      ]
    },
    reasons: {},
    notes: {
      mtu: (bytes) => `takes packets of up to ${bytes} bytes`,
      flannel: () => 'what flannel tells its plugin',
    },
  },
  zh: {
    name: '链路的 MTU 不一致',
    looksFor:
      '叠加网络设备（VXLAN、Geneve、IPIP、WireGuard）的 MTU 没有给下层接口上的封装头留出空间；同一网段的接口或同一叠加网络的设备 MTU 不同；Pod 的 MTU 大于 flannel 的 subnet.env 给出的值。',
    why: '大于途中某段链路 MTU 的报文会被丢弃。在同一链路内没有人发送让发送方改用小报文的消息，于是连接能建立，小请求和 ping 正常，而一旦填满报文就会卡住：TLS 握手、拉取镜像、较大的响应。',
    consequences:
      'ping 和小请求正常；TLS 握手、拉取镜像、kubectl logs 和较大的响应卡住，而且只发生在某些节点或 Pod 之间。',
    commonCauses: [
      '叠加网络的 MTU 是手工设置的，或者从其他环境照搬。',
      '某个节点的网卡启用了巨帧，而其他节点没有。',
      '网络插件启动之后又改了网卡的 MTU。',
      '叠加网络之下还有占用空间的隧道（VPN、GRE）。',
    ],
    mimics: [
      '宽的底层网络（9,000）上跑窄的叠加网络（1,450）只是浪费，不会出错。',
      '模块一加载就会出现 tunl0：没有路由指向它就不计。',
      'Pod 不使用的 docker0 等网桥及其上的容器不计。',
      'Cilium、Weave、Open vSwitch 逐包指定目的地的设备（`ip -d link` 中的 `external`）创建时就是 1,500 或 65,000 字节：限制报文大小的地方不在这里。',
      '云上网卡的 9,001 或 1,460 字节是正常的，只要同一网段的所有节点一致。',
    ],
    cure: '同一网段的所有节点使用同一 MTU，叠加网络的 MTU 要小于它（VXLAN：IPv4 上少 50 字节，IPv6 上少 70；IPIP 少 20；WireGuard 少 60 或 80），重启网络插件并重建 Pod：运行中的 Pod 保留创建时的 MTU。',
    title(d) {
      if (d.kind === 'overlay') {
        return `${d.node} 的 ${d.overlay.device} 比 ${d.underlay.device} 能承载的宽 ${d.overlay.mtuBytes - d.underlay.mtuBytes + d.overheadBytes} 字节`
      }
      if (d.kind === 'pods')
        return `${d.node} 的 Pod 最大发送 ${most(d.wider)} 字节，而 flannel 只能承载 ${d.told}`
      const where = d.network === undefined ? `叠加网络 ${d.members[0]?.device ?? ''}` : `网段 ${d.network}`
      return `${where} 的 MTU 从 ${least(d.members)} 到 ${most(d.members)} 字节不等`
    },
    summary(d) {
      const effect = '满长的报文被丢弃，发送方收不到任何消息：连接建立后卡住，而 ping 和小请求正常。'
      if (d.kind === 'overlay') {
        return `${d.node} 的 ${d.overlay.device} 接受 ${d.overlay.mtuBytes} 字节的报文并再加 ${d.overheadBytes} 字节；其下的 ${d.underlay.device} 只接受 ${d.underlay.mtuBytes} 字节。${effect}`
      }
      if (d.kind === 'pods') {
        return `${d.node} 上 flannel 的 subnet.env 给出 ${d.told} 字节，但 ${d.wider.map(({ device, mtuBytes }) => `${device} 为 ${mtuBytes}`).join('、')}。跨节点的 Pod 之间大于 ${d.told} 字节的报文要依靠路径 MTU 发现，而它常被过滤和 NAT 破坏；那时连接就会卡住。`
      }
      const what = d.network === undefined ? '同一叠加网络' : `网段 ${d.network}`
      return `${what}的 MTU 为：${chineseSpread(d.members)}。MTU 较大的节点发出的报文，MTU 较小的节点可能收不下。${effect}`
    },
    ruledOut(d) {
      if (d.kind === 'overlay') return ['该叠加网络已启用并在使用。']
      return d.kind === 'uneven' ? ['这些接口都处于 up。'] : []
    },
    remedy(d) {
      if (d.kind === 'uneven' && d.network !== undefined) {
        const wide = d.members.filter(({ mtuBytes }) => mtuBytes !== least(d.members))
        return [
          {
            text: `让这些接口使用同一 MTU：${least(d.members)} 字节是安全的，需要在 ${[...new Set(wide.map(({ node }) => node))].join('、')} 上设置；只有交换机和所有成员都支持时才用更大的值。`,
            commands: [
              ...new Set(
                wide.map(({ device }) => `ip link set ${shellQuote(device)} mtu ${least(d.members)}`),
              ),
            ],
          },
          {
            text: '写入网络配置，重启网络插件（flannel 和 Calico 启动时推算叠加网络的 MTU），并重建 Pod。',
            commands: [],
          },
        ]
      }
      const mtu =
        d.kind === 'overlay'
          ? d.underlay.mtuBytes - d.overheadBytes
          : d.kind === 'pods'
            ? d.told
            : least(d.members)
      return [
        {
          text: `在网络插件的配置中把 Pod 和叠加网络的 MTU 设为 ${mtu} 并重启插件${d.kind === 'overlay' ? `；在此之前可在 ${d.node} 上执行：` : '。'}`,
          commands: d.kind === 'overlay' ? [`ip link set ${shellQuote(d.overlay.device)} mtu ${mtu}`] : [],
        },
        { text: '重建 Pod：运行中的 Pod 保留创建时的 MTU。', commands: [] },
      ]
    },
    verify(d) {
      const mtu =
        d.kind === 'overlay'
          ? d.underlay.mtuBytes - d.overheadBytes
          : d.kind === 'pods'
            ? d.told
            : least(d.members)
      const where = d.kind === 'uneven' && d.network !== undefined ? '节点到节点' : '不同节点上的 Pod 之间'
      return [
        {
          text: `${where}：${mtu} 字节的报文可以不分片通过（把 PEER 换成对端地址）。`,
          commands: [`ping -c 3 -M do -s ${pingSize(mtu)} PEER`],
        },
      ]
    },
    reasons: {},
    notes: { mtu: (bytes) => `接受最大 ${bytes} 字节的报文`, flannel: () => 'flannel 告知其插件的值' },
  },
}
