import type { RuleTexts } from '../../engine/ruleText.ts'

/** What was found: a route that takes what is for a peer and does something else with it. */
export interface RouteMismatch {
  readonly node: string
  readonly peer: string
  /** The network of its pods, or its own address. */
  readonly target: string
  readonly isPods: boolean
  /** Of the route. */
  readonly destination: string
  readonly table: string
  /** `blackhole`, `unreachable`, `prohibit`, or `local` (the node itself); left out where the route leads elsewhere. */
  readonly refusal?: string
  readonly device?: string
  readonly via?: string
  /** The node that has the gateway’s address. */
  readonly owner?: string
}

type Reason = 'strangers' | 'alone'
type Note = 'route' | 'peer' | 'owner'

/** What the node’s own processes get, and what its pods see. */
const EFFECTS: ReadonlyMap<string, readonly [en: string, zh: string]> = new Map([
  [
    'blackhole',
    [
      'its own processes get “Invalid argument”, its pods no answer at all',
      '节点自身的进程得到 “Invalid argument”，Pod 则得不到任何应答',
    ],
  ],
  ['unreachable', ['processes and pods get “No route to host”', '进程和 Pod 都得到 “No route to host”']],
  [
    'prohibit',
    [
      'its own processes get “Permission denied”, its pods “No route to host”',
      '节点自身的进程得到 “Permission denied”，Pod 得到 “No route to host”',
    ],
  ],
  [
    'local',
    [
      'the node takes the packets for its own, and its own processes answer, or it refuses the connection',
      '节点把这些报文当成发给自己的，由自己的进程应答，或者拒绝连接',
    ],
  ],
])

const whereEn = ({ device, via, owner }: RouteMismatch): string =>
  [via && `via ${via}`, owner && `(${owner})`, `by ${device ?? ''}`].filter(Boolean).join(' ')
const whereZh = ({ device, via, owner }: RouteMismatch): string =>
  [device ?? '', via && `网关 ${via}`, owner && `（${owner}）`].filter(Boolean).join(' ')

const articled = (word: string): string => `${/^[aeiou]/.test(word) ? 'An' : 'A'} ${word}`

const probe = ({ target, isPods }: RouteMismatch): string => {
  const address = target.split('/')[0] ?? ''
  return isPods && !address.includes(':') ? address.split('.').toSpliced(-1, 1, '2').join('.') : address
}

const inTable = ({ table }: RouteMismatch): string => (table === 'main' ? '' : ` table ${table}`)

/** The words of route-lookup-mismatch. */
export const text: RuleTexts<RouteMismatch, Reason, Note> = {
  en: {
    name: 'A route leads away from a peer or its pods',
    looksFor:
      'For every other node of the cluster: what the node’s policy rules and routing tables do with a packet for its address and for its pods. Found are routes for just these addresses that refuse the packet (blackhole, unreachable, prohibit), keep it on the node (local), or lead by another device or gateway.',
    why: 'The kernel takes the most specific route, whoever put it there. One that refuses, or leads into another network, wins over the default route always, and over the right one where it has the smaller metric or the longer prefix.',
    consequences:
      'Connections from this node and its pods to that peer fail, in a way that depends on the type of the route: “Invalid argument”, “Permission denied”, “No route to host”, “Connection refused”, or a time-out. Answers to that peer are lost as well.',
    commonCauses: [
      'A route that somebody added to shut an address out, or while looking for a fault.',
      'Docker or a virtual machine manager made a network that overlaps with that of the nodes or pods.',
      'A route that was left behind when a node got another pod network, or another address.',
      'A route in table local, or into the node’s own bridge, that a script made for the wrong network.',
      'A routing daemon (BIRD, FRR) that announces an aggregate, which is a blackhole until its parts are known.',
    ],
    mimics: [
      'A blackhole for the node’s own block of addresses, as Calico makes it: only networks of other nodes count.',
      'Refusing routes for more than the pods of one node (`unreachable default`, `blackhole 10.0.0.0/8`): the right routes are more specific.',
      'A node that is the router on the way to another one.',
      'A bridge that lies over all nodes, with one network for all pods, and a single address of a peer’s pods on an interface of this node.',
      'Other tunnels and plugins (WireGuard, IP in IP, Cilium), and policy rules: they have rules of their own.',
    ],
    cure: 'Delete the route, and find out who adds it. Restart the network plugin, so that it puts in its own.',
    title: (d) =>
      d.refusal === undefined
        ? `${d.node} sends what is for ${d.isPods ? `the pods of ${d.peer} (${d.target})` : `${d.peer} (${d.target})`} ${whereEn(d)}`
        : `${articled(d.refusal)} route on ${d.node} takes what is for ${d.isPods ? `the pods of ${d.peer} (${d.target})` : `${d.peer} (${d.target})`}`,
    summary(d) {
      const whose = d.isPods ? `${d.target}, the pods of ${d.peer},` : `${d.target}, which is ${d.peer},`
      if (d.refusal === undefined) {
        return `On ${d.node} a route for ${whose} leads ${whereEn(d)}. ${d.peer} is not there, so nothing from ${d.node} and its pods arrives, answers included.`
      }
      return `On ${d.node} ${whose} is taken by ${articled(d.refusal).toLowerCase()} route: ${EFFECTS.get(d.refusal)?.[0] ?? ''}. All other networks are reached.`
    },
    ruledOut: (d) => [
      'The nodes are of one cluster.',
      d.refusal === undefined
        ? 'Other nodes, or the tunnel devices of both, show the right way to these pods.'
        : 'The route is for these addresses, not for a larger network.',
    ],
    remedy: (d) => [
      {
        text: `Delete the route on ${d.node}.`,
        commands: [
          d.refusal === undefined
            ? `ip route del ${d.destination}${d.via === undefined ? '' : ` via ${d.via}`}${inTable(d)}`
            : `ip route del ${d.refusal} ${d.destination}${inTable(d)}`,
        ],
      },
      {
        text: 'Restart the network plugin, and find out who adds the route.',
        commands: [
          `grep -rs '${d.destination}' /etc/network /etc/netplan /etc/NetworkManager /etc/systemd/network`,
        ],
      },
    ],
    verify: (d) => [{ text: `The answer leads to ${d.peer}.`, commands: [`ip route get ${probe(d)}`] }],
    reasons: {
      strangers: 'Nothing in the bundles tells whether the nodes are of one cluster.',
      alone: 'No other node with pods of its own is in the case.',
    },
    notes: {
      route: () => 'this route takes the packets',
      peer: (peer) => `the pods of ${peer}`,
      owner: (device) => `where ${device} leads`,
    },
  },
  zh: {
    name: '路由使发往对端节点或其 Pod 的报文走错',
    looksFor:
      '针对集群的每个其他节点：本节点的策略路由规则和路由表如何处理发往其地址及其 Pod 的报文。找出专门针对这些地址、却拒绝报文（blackhole、unreachable、prohibit）、把报文留在本机（local）或指向其他设备、网关的路由。',
    why: '内核选用最具体的路由，不管由谁添加。拒绝报文或指向其他网络的路由总是优先于默认路由；当它的 metric 更小或前缀更长时，也优先于正确的路由。',
    consequences:
      '本节点及其 Pod 到该对端的连接失败，表现取决于路由类型：“Invalid argument”、“Permission denied”、“No route to host”、“Connection refused” 或超时。对该对端的应答同样丢失。',
    commonCauses: [
      '有人为屏蔽某个地址或在排障时添加了路由。',
      'Docker 或虚拟机管理程序创建了与节点或 Pod 网段重叠的网络。',
      '节点更换 Pod 网段或地址后遗留的路由。',
      '脚本为错误的网段在 local 表中或向本节点自己的网桥添加了路由。',
      '路由守护进程（BIRD、FRR）发布聚合路由，在明细路由到达之前它就是 blackhole。',
    ],
    mimics: [
      'Calico 为本节点自己的地址块建立的 blackhole：只检查其他节点的网段。',
      '针对更大范围的拒绝路由（`unreachable default`、`blackhole 10.0.0.0/8`）：正确的路由更具体。',
      '某个节点本来就是通往另一个节点的路由器。',
      '跨所有节点、所有 Pod 共用一个网段的网桥；以及本节点接口上恰好有对端 Pod 网段中的一个地址。',
      '其他隧道和插件（WireGuard、IP in IP、Cilium）以及策略规则：由其他规则检查。',
    ],
    cure: '删除该路由，并查明由谁添加。重启网络插件，使其写入自己的路由。',
    title: (d) =>
      d.refusal === undefined
        ? `${d.node} 把发往 ${d.peer} ${d.isPods ? '的 Pod ' : ''}（${d.target}）的报文送往 ${whereZh(d)}`
        : `${d.node} 上的 ${d.refusal} 路由拦截了发往 ${d.peer} ${d.isPods ? '的 Pod ' : ''}（${d.target}）的报文`,
    summary(d) {
      const whose = d.isPods ? `${d.peer} 的 Pod 网段 ${d.target}` : `${d.peer} 的地址 ${d.target}`
      if (d.refusal === undefined) {
        return `${d.node} 上针对${whose} 的路由指向 ${whereZh(d)}，而 ${d.peer} 并不在那里。${d.node} 及其 Pod 发出的报文（包括应答）都无法到达。`
      }
      return `在 ${d.node} 上，${whose} 被一条 ${d.refusal} 路由截走：${EFFECTS.get(d.refusal)?.[1] ?? ''}。到其他网络的通信正常。`
    },
    ruledOut: (d) => [
      '这些节点属于同一集群。',
      d.refusal === undefined
        ? '其他节点的路由，或双方的隧道设备，表明了到这些 Pod 的正确路径。'
        : '该路由专门针对这些地址，而不是更大的网络。',
    ],
    remedy: (d) => [
      {
        text: `在 ${d.node} 上删除该路由。`,
        commands: [
          d.refusal === undefined
            ? `ip route del ${d.destination}${d.via === undefined ? '' : ` via ${d.via}`}${inTable(d)}`
            : `ip route del ${d.refusal} ${d.destination}${inTable(d)}`,
        ],
      },
      {
        text: '重启网络插件，并查明由谁添加该路由。',
        commands: [
          `grep -rs '${d.destination}' /etc/network /etc/netplan /etc/NetworkManager /etc/systemd/network`,
        ],
      },
    ],
    verify: (d) => [{ text: `结果应指向 ${d.peer}。`, commands: [`ip route get ${probe(d)}`] }],
    reasons: {
      strangers: '采集包中没有任何信息说明这些节点是否属于同一集群。',
      alone: '案例中没有其他带有自己 Pod 的节点。',
    },
    notes: {
      route: () => '报文走的是这条路由',
      peer: (peer) => `${peer} 的 Pod 网段`,
      owner: (device) => `${device} 通向这里`,
    },
  },
}
