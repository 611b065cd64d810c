import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a node that gets no answer to its ARP requests, or neighbour solicitations, for a peer's address. */
export interface UnresolvedNeighbour {
  readonly node: string
  readonly device: string
  readonly address: string
  /** The node's own on that device. */
  readonly ownAddresses: readonly string[]
  readonly peer: string
  /** An API server runs there. */
  readonly isControlPlane: boolean
  readonly state: 'FAILED' | 'INCOMPLETE'
  /** The peer's interface that holds the address; left out where its bundle is not in the case. */
  readonly peerDevice?: string
  readonly peerState: 'up' | 'down' | 'unknown'
  /** For so long nothing used the entry: it may be history. */
  readonly unusedSeconds?: number
  /** The listing does not tell how old the entry is, and failed ones are kept for long. */
  readonly isAgeless: boolean
}

type Note = 'entry' | 'up' | 'down' | 'registered'

const asking = ({ address }: UnresolvedNeighbour): string =>
  address.includes(':') ? 'neighbour solicitations' : 'ARP requests'

/** The words of neighbour-unresolved. */
export const text: RuleTexts<UnresolvedNeighbour, never, Note> = {
  en: {
    name: 'A peer does not answer on its own link',
    looksFor:
      'Neighbour entries in state FAILED or INCOMPLETE for the address of another node, on an interface of the node’s own network, held against the state of that interface in the other node’s bundle.',
    why: 'Before a node can send anything to a peer on the same link, it asks for the peer’s hardware address. Without an answer every packet to that peer is dropped after a few seconds with “Host is unreachable”. It is an effect: the peer is down, does not see the request, or drops it, as it does when it takes the sender’s address for its own.',
    consequences:
      '“No route to host” or “Host is unreachable” after about three seconds, for everything that goes from this node to the peer, its pods and the Services with endpoints there.',
    commonCauses: [
      'The peer is switched off, or its interface is down.',
      'A Service has taken the address of one of the two nodes (IPVS).',
      'An address that two machines have.',
      'A switch, VLAN or security group between the two.',
    ],
    mimics: [
      'Addresses of pods and of machines outside the cluster: only addresses of known nodes count.',
      'A peer that was away for a while: an entry that nothing has used for five minutes counts one step less, and so does a failed one of which BusyBox’s `ip` does not tell the age.',
      'Entries that are shown for proxying (`proxy`): they have no state.',
    ],
    cure: 'Find what keeps the two apart: the link of the peer, the switch or security group between them, an address held twice, or a Service that has taken one of the two addresses.',
    title: (d) =>
      d.peerState === 'down'
        ? `${d.peer} is off the network: ${d.peerDevice ?? 'its interface'} is down, and ${d.node} gets no answer from ${d.address}`
        : `${d.node} gets no answer from ${d.peer} (${d.address}) on ${d.device}`,
    summary(d) {
      const entry = `The neighbour entry of ${d.node} for ${d.address}, the address of ${d.peer}, is ${d.state}: its ${asking(d)} on ${d.device} are not answered.`
      const server = d.isControlPlane ? ` An API server runs on ${d.peer}.` : ''
      const effect = `Nothing that ${d.node} sends to ${d.peer} gets there, pods and Services on it included.${server}`
      if (d.unusedSeconds !== undefined) {
        return `${entry} Nothing has used the entry for ${formatCount(d.unusedSeconds)} seconds, so it may be left from a time when ${d.peer} was away.`
      }
      if (d.isAgeless && d.peerState === 'up') {
        return `${entry} The listing does not tell how old the entry is, so it may be left from a time when ${d.peer} was away: its bundle shows the address on ${d.peerDevice}, which is up.`
      }
      if (d.peerState === 'unknown') {
        return `${entry} There is no bundle of ${d.peer}, so it may simply be switched off. Until it answers, nothing from ${d.node} gets there.${server}`
      }
      if (d.peerState === 'down') return `${entry} On ${d.peer} itself ${d.peerDevice} is down. ${effect}`
      return `${entry} On ${d.peer} the address is on ${d.peerDevice}, which is up. ${effect}`
    },
    ruledOut: (d) =>
      d.peerState === 'up' && d.unusedSeconds === undefined && !d.isAgeless
        ? [`${d.peer} is not switched off: its bundle shows the address on an interface with a link.`]
        : [],
    remedy(d) {
      const device = shellQuote(d.peerDevice ?? 'any')
      if (d.peerState === 'down') {
        const text = `Bring the interface up on ${d.peer}, and find out who took it down.`
        return [{ text, commands: [`ip link set ${device} up`] }]
      }
      return [
        {
          text: `See whether the request gets to ${d.peer}: run the first command there, the second on ${d.node}.`,
          commands: [
            `tcpdump -eni ${device} ${d.address.includes(':') ? 'icmp6' : 'arp'}`,
            `ping -c 3 ${d.address}`,
          ],
        },
        {
          text: `A request that arrives and is not answered is dropped by ${d.peer} itself: look there whether it holds the address of ${d.node} too, as an answer that begins with “local” says.`,
          commands: [...d.ownAddresses.map((own) => `ip route get ${own}`), 'ip -br addr show'],
        },
      ]
    },
    verify: (d) => [
      {
        text: `The entry on ${d.node} has a hardware address, and is REACHABLE.`,
        commands: [`ping -c 2 ${d.address}`, `ip neigh show ${d.address} dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {},
    notes: {
      entry: () => 'asked, and not answered',
      up: (peer) => `the interface of ${peer} is up`,
      down: (peer) => `the interface of ${peer} is down`,
      registered: (peer) => `the address belongs to ${peer}`,
    },
  },
  zh: {
    name: '对端在同一链路上没有应答',
    looksFor:
      '节点自己网段的接口上，指向另一个节点地址且状态为 FAILED 或 INCOMPLETE 的邻居表项，并与对方采集包中该接口的状态对照。',
    why: '节点向同一链路上的对端发送报文之前，先要询问对端的硬件地址。得不到应答时，发往对端的报文几秒后就以“Host is unreachable”被丢弃。这是一个结果：对端已关机、没有收到请求，或者收到后丢弃——例如它把发送者的地址当成了自己的地址。',
    consequences:
      '从本节点到该对端、其上的 Pod 以及在其上有端点的 Service，约三秒后报“No route to host”或“Host is unreachable”。',
    commonCauses: [
      '对端已关机，或者其接口已关闭。',
      '某个 Service 占用了两个节点之一的地址（IPVS）。',
      '一个地址同时在两台机器上。',
      '两者之间的交换机、VLAN 或安全组。',
    ],
    mimics: [
      'Pod 和集群外机器的地址：只计已知节点的地址。',
      '曾经离开过一段时间的对端：五分钟内没有使用过的表项降一级计；BusyBox 的 `ip` 不显示年龄的失败表项也一样。',
      '为代理而显示的表项（`proxy`）：它们没有状态。',
    ],
    cure: '找出隔开两者的原因：对端的链路、两者之间的交换机或安全组、重复的地址，或者占用了其中一个地址的 Service。',
    title: (d) =>
      d.peerState === 'down'
        ? `${d.peer} 已脱离网络：${d.peerDevice ?? '其接口'} 处于 down，${d.node} 得不到 ${d.address} 的应答`
        : `${d.node} 在 ${d.device} 上得不到 ${d.peer}（${d.address}）的应答`,
    summary(d) {
      const asked = d.address.includes(':') ? '邻居请求' : 'ARP 请求'
      const entry = `${d.node} 上指向 ${d.peer} 的地址 ${d.address} 的邻居表项状态为 ${d.state}：它在 ${d.device} 上发出的${asked}没有得到应答。`
      const server = d.isControlPlane ? `${d.peer} 上运行着 API server。` : ''
      const effect = `${d.node} 发往 ${d.peer} 的一切都无法到达，包括其上的 Pod 和 Service。${server}`
      if (d.unusedSeconds !== undefined) {
        return `${entry}该表项已有 ${formatCount(d.unusedSeconds)} 秒没有使用，可能是 ${d.peer} 之前离开时留下的。`
      }
      if (d.isAgeless && d.peerState === 'up') {
        return `${entry}输出没有显示表项的年龄，可能是 ${d.peer} 之前离开时留下的：它的采集包显示该地址在 ${d.peerDevice} 上，接口正常。`
      }
      if (d.peerState === 'unknown') {
        return `${entry}没有 ${d.peer} 的采集包，它也可能只是关机了。在它应答之前，${d.node} 发出的报文都无法到达。${server}`
      }
      if (d.peerState === 'down') return `${entry}${d.peer} 自己的 ${d.peerDevice} 处于 down。${effect}`
      return `${entry}在 ${d.peer} 上该地址位于 ${d.peerDevice}，接口正常。${effect}`
    },
    ruledOut: (d) =>
      d.peerState === 'up' && d.unusedSeconds === undefined && !d.isAgeless
        ? [`${d.peer} 没有关机：它的采集包显示该地址在有链路的接口上。`]
        : [],
    remedy(d) {
      const device = shellQuote(d.peerDevice ?? 'any')
      if (d.peerState === 'down') {
        const text = `在 ${d.peer} 上启用该接口，并查明是谁关闭了它。`
        return [{ text, commands: [`ip link set ${device} up`] }]
      }
      return [
        {
          text: `查看请求是否到达 ${d.peer}：第一条命令在那里运行，第二条在 ${d.node} 上运行。`,
          commands: [
            `tcpdump -eni ${device} ${d.address.includes(':') ? 'icmp6' : 'arp'}`,
            `ping -c 3 ${d.address}`,
          ],
        },
        {
          text: `请求到达却没有应答，说明是 ${d.peer} 自己丢弃的：查看它是否也拥有 ${d.node} 的地址——以“local”开头的结果就说明如此。`,
          commands: [...d.ownAddresses.map((own) => `ip route get ${own}`), 'ip -br addr show'],
        },
      ]
    },
    verify: (d) => [
      {
        text: `${d.node} 上的表项有硬件地址，状态为 REACHABLE。`,
        commands: [`ping -c 2 ${d.address}`, `ip neigh show ${d.address} dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {},
    notes: {
      entry: () => '询问过，没有应答',
      up: (peer) => `${peer} 的接口正常`,
      down: (peer) => `${peer} 的接口处于 down`,
      registered: (peer) => `该地址属于 ${peer}`,
    },
  },
}
