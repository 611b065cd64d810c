import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { TupleEntry } from './peerTuple.ts'

/** A peer, and what the entries for it would say. */
interface MissedPeer {
  readonly node: string
  readonly network: string
  readonly address: string
  /** Of its VXLAN device. */
  readonly tunnelAddress?: string
  readonly mac?: string
}

/** What was found. */
export type PeerTupleMissing =
  | {
      /** Entries for peers whose bundles are there. */
      readonly kind: 'peers'
      readonly node: string
      readonly entry: TupleEntry
      readonly peers: readonly MissedPeer[]
      /** The node’s VXLAN device; left out where the pods are reached by way of the peers’ own addresses. */
      readonly device?: string
      /** Where the forwarding entry leads instead. */
      readonly destination?: string
      readonly isFarApart: boolean
    }
  | {
      /** Entries that do not go together; of the peer nothing else is known. */
      readonly kind: 'half'
      readonly node: string
      readonly entry: TupleEntry
      readonly device: string
      readonly address: string
    }

type Reason = 'otherPlugin' | 'noNetwork' | 'noTables' | 'strangers' | 'alone'
type Note = 'listing' | 'taken' | 'peer' | 'device' | 'destination' | 'half'

const ENTRIES: Readonly<Record<TupleEntry, string>> = {
  route: 'route',
  neighbour: 'neighbour entry',
  forwarding: 'forwarding (FDB) entry',
  destination: 'right forwarding (FDB) entry',
}

const ENTRIES_ZH: Readonly<Record<TupleEntry, string>> = {
  route: '路由',
  neighbour: '邻居条目（neigh）',
  forwarding: '转发条目（FDB）',
  destination: '正确的转发条目（FDB）',
}

const nodesOf = (peers: readonly MissedPeer[]): string => joinWords(peers.map(({ node }) => node))
const networksOf = (peers: readonly MissedPeer[]): string => joinWords(peers.map(({ network }) => network))

/** The three commands by which flannel itself would put the entries in. */
function repairs(d: PeerTupleMissing): readonly string[] {
  if (d.kind === 'half') return []
  return d.peers.slice(0, 3).flatMap(({ network, address, tunnelAddress, mac }) => {
    if (d.device === undefined || tunnelAddress === undefined || mac === undefined)
      return [`ip route replace ${network} via ${address}`]
    const device = shellQuote(d.device)
    return [
      `bridge fdb replace ${mac} dev ${device} dst ${address} self permanent`,
      `ip neigh replace ${tunnelAddress} lladdr ${mac} dev ${device} nud permanent`,
      `ip route replace ${network} via ${tunnelAddress} dev ${device} onlink`,
    ]
  })
}

function checks(d: PeerTupleMissing): readonly string[] {
  if (d.kind === 'half') {
    const device = shellQuote(d.device)
    return [`ip route show dev ${device}`, `ip neigh show dev ${device}`, `bridge fdb show dev ${device}`]
  }
  const [peer] = d.peers
  const route = `ip route get ${peer?.tunnelAddress ?? peer?.network.split('/')[0] ?? ''}`
  if (d.device === undefined) return [route]
  const device = shellQuote(d.device)
  return [route, `ip neigh show dev ${device}`, `bridge fdb show dev ${device}`]
}

/** The words of flannel-peer-tuple-missing. */
export const text: RuleTexts<PeerTupleMissing, Reason, Note> = {
  en: {
    name: 'An entry for the pods of a peer is missing',
    looksFor:
      'For every other node of the case: the route to its pods, and with flannel’s VXLAN devices also the neighbour entry of its device and the forwarding (FDB) entry that leads to its address. Without a bundle of the peer the three are held against each other.',
    why: 'With flannel’s VXLAN backend nothing is learned from traffic. A packet for a pod elsewhere needs a route into flannel.1, the hardware address of the peer’s flannel.1, and the address of the node to which frames for that hardware address go. flanneld puts in all three when it hears of a peer. With host-gw and similar plugins the route alone does the work.',
    consequences:
      'Pods of this node do not reach those of that peer and cannot answer them; all other nodes work. Services fail in part: as often as the pod they choose is on that peer. Without the route packets take the default route and are lost there.',
    commonCauses: [
      'flannel.1 or the interface below it went down and came up again: the kernel drops its routes then, and most releases of flannel put them back only when they are restarted.',
      'flanneld is not running on this node, or cannot reach the API server, since before the peer joined.',
      'A network manager or a script removed routes that it had not made.',
      'The peer changed its address, or was set up anew.',
    ],
    mimics: [
      'A peer that joined after this node was captured, or was removed before: bundles that are more than ten minutes apart count less, those a day apart not at all, and neither do nodes that the API server does not list.',
      'directRouting: peers on the same network are reached by a route over the NIC, without neighbour and forwarding entries.',
      'Other ways to the pods (WireGuard, IPsec, Calico, Cilium, a cloud’s route table): a route counts as missing only where both nodes have a VXLAN device of flannel with one identifier, or where another node reaches the same pods by way of the peer’s own address.',
      'Forwarding entries left behind by former peers.',
      'Nodes of different clusters in one case: nothing is concluded without a sign that they are of one.',
    ],
    cure: 'Restart flannel on the node (k3s and rke2: the node’s own service): it puts in the entries of all peers anew. Then find out what took them away.',
    title(d) {
      if (d.kind === 'half')
        return `${d.node} lacks the ${ENTRIES[d.entry]} for a peer behind ${d.device} (${d.address})`
      if (d.entry === 'destination')
        return `${d.node} sends the tunnel packets for ${nodesOf(d.peers)} to ${d.destination ?? ''}, which is not its address`
      return `${d.node} has no ${ENTRIES[d.entry]} for the pods of ${nodesOf(d.peers)}`
    },
    summary(d) {
      if (d.kind === 'half') {
        return `The entries of ${d.device} on ${d.node} do not go together: for the peer ${d.address} there is no ${ENTRIES[d.entry]}, while others are there. Its pods are not reached from ${d.node}.`
      }
      const effect = `Nothing from ${d.node} and its pods reaches the pods in ${networksOf(d.peers)}, answers included.`
      const doubt = d.isFarApart
        ? ' The bundles were taken more than ten minutes apart, so that the two nodes may not have known each other at the time.'
        : ''
      if (d.entry === 'destination') {
        return `The forwarding entry of ${d.device ?? ''} on ${d.node} for ${nodesOf(d.peers)} leads to ${d.destination ?? ''}; the peer has ${d.peers[0]?.address ?? ''}. ${effect}${doubt}`
      }
      const device = d.device === undefined ? '' : ` behind ${d.device}`
      return `${d.node} has no ${ENTRIES[d.entry]} for ${networksOf(d.peers)}${device}, the pods of ${nodesOf(d.peers)}. ${effect}${doubt}`
    },
    ruledOut(d) {
      if (d.kind === 'half') return ['The listings of routes, neighbours and forwarding entries are whole.']
      return [
        'The nodes are of one cluster.',
        d.device === undefined
          ? 'Another node reaches these pods by way of the peer’s own address: it is nodes that route here, not the network.'
          : `The peer’s VXLAN device is up, and of the same tunnel as ${d.device}.`,
      ]
    },
    remedy: (d) => [
      {
        text: `Restart flannel on ${d.node}: delete its flannel pod, or restart k3s there.`,
        commands: [
          `kubectl -n kube-flannel delete pod -l app=flannel --field-selector spec.nodeName=${d.node}`,
          'systemctl restart k3s || systemctl restart k3s-agent',
        ],
      },
      ...(repairs(d).length === 0
        ? []
        : [{ text: `By hand, on ${d.node}, until then:`, commands: repairs(d) }]),
      {
        text: 'Find out what took the entry away: a link that went down, a network manager, a flanneld that lost the API server.',
        commands: [
          'journalctl -k --no-pager | grep -E "flannel|Link is"',
          'systemctl status NetworkManager systemd-networkd',
        ],
      },
    ],
    verify: (d) => [
      { text: `The entries are there on ${d.node}, and a pod behind it answers.`, commands: checks(d) },
    ],
    reasons: {
      otherPlugin: 'Another plugin (Calico, Cilium, Antrea, OVN) carries the packets of the node’s pods.',
      noNetwork: 'The node has no pod bridge and no VXLAN device of flannel.',
      noTables: 'Neighbours or forwarding entries of the node were not captured as a whole.',
      strangers: 'Nothing in the bundles tells whether the nodes are of one cluster.',
      alone: 'No other node with pods of its own is in the case.',
    },
    notes: {
      listing: () => 'it is not in here',
      taken: () => 'this one takes the packets instead',
      peer: (peer) => `the pods of ${peer}`,
      device: (peer) => `the tunnel device of ${peer}`,
      destination: (peer) => `not an address of ${peer}`,
      half: () => 'one part of the entries',
    },
  },
  zh: {
    name: '缺少到对端节点 Pod 的条目',
    looksFor:
      '针对案例中的每个其他节点：到其 Pod 网段的路由；使用 flannel VXLAN 设备时，还包括对端设备的邻居条目，以及指向对端节点地址的转发（FDB）条目。没有对端的采集包时，则检查这三类条目彼此是否匹配。',
    why: 'flannel 的 VXLAN 后端不会从流量中学习。发往其他节点 Pod 的报文需要三样东西：进入 flannel.1 的路由、对端 flannel.1 的 MAC 地址、以及该 MAC 对应的节点地址。flanneld 得知对端后会一并写入。host-gw 等插件只依赖路由。',
    consequences:
      '本节点的 Pod 访问不到该对端的 Pod，也无法应答它们；与其他节点的通信正常。Service 时好时坏：选中该节点上的 Pod 时失败。缺少路由时，报文会走默认路由并在那里丢失。',
    commonCauses: [
      'flannel.1 或其下层网卡曾经 down 再 up：内核此时会删除相关路由，而多数版本的 flannel 只在重启后才补回。',
      '在对端加入之前，本节点的 flanneld 就已停止运行，或无法访问 API server。',
      '网络管理程序或脚本删除了并非由它创建的路由。',
      '对端更换了地址，或被重新安装。',
    ],
    mimics: [
      '对端在本节点采集之后才加入，或在此之前已移除：采集时间相差十分钟以上的降低可信度，相差一天以上的不作判断，API server 未列出的节点也不作判断。',
      'directRouting：同网段的对端通过网卡上的路由直达，没有邻居和转发条目。',
      '其他到达 Pod 的方式（WireGuard、IPsec、Calico、Cilium、云路由表）：只有当两个节点都有同一 VNI 的 flannel VXLAN 设备，或其他节点经由对端自身地址到达同一 Pod 网段时，才认为缺少路由。',
      '以前的节点遗留的转发条目。',
      '同一案例中混有不同集群的节点：没有迹象表明属于同一集群时不下结论。',
    ],
    cure: '重启该节点上的 flannel（k3s、rke2 则重启节点自身的服务）：它会重新写入所有对端的条目。然后查明条目是被什么删除的。',
    title(d) {
      if (d.kind === 'half') return `${d.node} 缺少 ${d.device} 对端 ${d.address} 的${ENTRIES_ZH[d.entry]}`
      if (d.entry === 'destination')
        return `${d.node} 把发往 ${nodesOf(d.peers)} 的隧道报文送到 ${d.destination ?? ''}，而这不是它的地址`
      return `${d.node} 没有到 ${nodesOf(d.peers)} 的 Pod 的${ENTRIES_ZH[d.entry]}`
    },
    summary(d) {
      if (d.kind === 'half') {
        return `${d.node} 上 ${d.device} 的条目不成套：对端 ${d.address} 缺少${ENTRIES_ZH[d.entry]}，而其他条目存在。从 ${d.node} 访问不到它的 Pod。`
      }
      const effect = `${d.node} 及其 Pod 发往 ${networksOf(d.peers)} 的报文（包括应答）都无法到达。`
      const doubt = d.isFarApart ? '两个采集包相隔超过十分钟，当时两个节点可能尚未互相知晓。' : ''
      if (d.entry === 'destination') {
        return `${d.node} 上 ${d.device ?? ''} 对应 ${nodesOf(d.peers)} 的转发条目指向 ${d.destination ?? ''}，而对端的地址是 ${d.peers[0]?.address ?? ''}。${effect}${doubt}`
      }
      const device = d.device === undefined ? '' : `（经 ${d.device}）`
      return `${d.node} 没有到 ${networksOf(d.peers)}${device}的${ENTRIES_ZH[d.entry]}，该网段属于 ${nodesOf(d.peers)} 的 Pod。${effect}${doubt}`
    },
    ruledOut(d) {
      if (d.kind === 'half') return ['路由、邻居和转发条目的采集都是完整的。']
      return [
        '这些节点属于同一集群。',
        d.device === undefined
          ? '其他节点经由对端自身的地址到达这些 Pod：这里由节点负责路由，而不是底层网络。'
          : `对端的 VXLAN 设备已启用，并与 ${d.device} 属于同一隧道。`,
      ]
    },
    remedy: (d) => [
      {
        text: `在 ${d.node} 上重启 flannel：删除该节点的 flannel Pod，或重启 k3s。`,
        commands: [
          `kubectl -n kube-flannel delete pod -l app=flannel --field-selector spec.nodeName=${d.node}`,
          'systemctl restart k3s || systemctl restart k3s-agent',
        ],
      },
      ...(repairs(d).length === 0
        ? []
        : [{ text: `在此之前可在 ${d.node} 上手工补上：`, commands: repairs(d) }]),
      {
        text: '查明条目是被什么删除的：链路中断、网络管理程序，或 flanneld 与 API server 失去联系。',
        commands: [
          'journalctl -k --no-pager | grep -E "flannel|Link is"',
          'systemctl status NetworkManager systemd-networkd',
        ],
      },
    ],
    verify: (d) => [{ text: `${d.node} 上条目齐全，对端的 Pod 有应答。`, commands: checks(d) }],
    reasons: {
      otherPlugin: '该节点的 Pod 流量由其他插件（Calico、Cilium、Antrea、OVN）承载。',
      noNetwork: '该节点没有 Pod 网桥，也没有 flannel 的 VXLAN 设备。',
      noTables: '该节点的邻居表或转发表没有完整采集。',
      strangers: '采集包中没有任何信息说明这些节点是否属于同一集群。',
      alone: '案例中没有其他带有自己 Pod 的节点。',
    },
    notes: {
      listing: () => '其中没有该条目',
      taken: () => '报文改走这一条',
      peer: (peer) => `${peer} 的 Pod 网段`,
      device: (peer) => `${peer} 的隧道设备`,
      destination: (peer) => `不是 ${peer} 的地址`,
      half: () => '成套条目中的一部分',
    },
  },
}
