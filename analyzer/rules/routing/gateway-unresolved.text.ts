import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a gateway, no node of the case, that does not answer ARP requests or neighbour solicitations. */
export interface UnresolvedGateway {
  readonly node: string
  readonly device: string
  /** The gateway's. */
  readonly address: string
  readonly state: 'FAILED' | 'INCOMPLETE'
  /** Where the route leads; left out for a default route. */
  readonly destination?: string
  /** For so long nothing used the entry: it may be history. */
  readonly unusedSeconds?: number
  /** The listing does not tell how old the entry is, and failed ones are kept for long. */
  readonly isAgeless: boolean
}

/** What a line of evidence shows. */
export type Note = 'entry' | 'route'

const ping = ({ address, device }: UnresolvedGateway): string =>
  `ping -c 3 -I ${shellQuote(device)} ${address}`

const remedy = (d: UnresolvedGateway): readonly SaidStep[] => {
  const device = shellQuote(d.device)
  return [
    {
      text: {
        en: `Compare the gateway with that of a peer on the same network, and see whether it answers there: run this on both.`,
        zh: '与同网段其他节点的网关对照，并看它在那里是否应答：在两个节点上都运行以下命令。',
      },
      commands: [
        d.destination === undefined
          ? `ip ${d.address.includes(':') ? '-6 ' : ''}route show default`
          : `ip route show ${d.destination}`,
        `ip neigh show ${d.address}`,
      ],
    },
    {
      text: {
        en: 'Where the address is wrong, correct it in the network configuration (netplan, NetworkManager, ifcfg, DHCP): a route that is changed by hand alone is wrong again after a restart.',
        zh: '如果地址写错了，在网络配置（netplan、NetworkManager、ifcfg、DHCP）中改正：只用命令改路由，重启后又会变回来。',
      },
      commands: [],
    },
    {
      text: {
        en: `Where it is right, look at the way to it: the gateway itself, the switch port, VLAN or security group, and the link of ${d.device}. The second command shows requests that go out and whether an answer comes, while the third runs.`,
        zh: `如果地址没错，检查到网关的路径：网关本身、交换机端口、VLAN 或安全组，以及 ${d.device} 的链路。第三条命令运行时，第二条会显示发出的请求以及有没有应答。`,
      },
      commands: [
        `ip -s link show ${device}`,
        `tcpdump -eni ${device} ${d.address.includes(':') ? 'icmp6' : 'arp'}`,
        ping(d),
      ],
    },
  ]
}

/** The words of gateway-unresolved. */
export const text: RuleTexts<UnresolvedGateway, never, Note> = {
  en: {
    name: 'The gateway of a route does not answer on its link',
    looksFor:
      'Neighbour entries in state FAILED or INCOMPLETE for the gateway of a route that the node uses, the default route above all, on the interface of that route.',
    why: 'Before a node can send anything by way of a gateway, it asks on the link for the gateway’s hardware address. Without an answer everything that takes the route is dropped after about three seconds with “Host is unreachable”. The route itself looks as it should: only the neighbour table shows that nobody is there.',
    consequences:
      'By a default route: no registry, no upstream DNS, no time server, no API server of another network. Pods of the node lose the same. What lies on the node’s own networks is still reached.',
    commonCauses: [
      'The address of the gateway was typed wrong, or copied from another network.',
      'The gateway is switched off, or has got another address.',
      'A switch port, VLAN or security group between the two.',
      'DHCP or a router advertisement named a router that is no more.',
    ],
    mimics: [
      'A gateway that is a node of the case: neighbour-unresolved tells of it.',
      'A spare default route of a larger metric, or one beside another of the same metric whose gateway is not known to be silent: nothing depends on it.',
      'A gateway that was away for a while: an entry that nothing has used for five minutes counts one step less, and so does a failed one of which BusyBox’s `ip` does not tell the age.',
      'Entries that are not there: nothing was asked, which proves nothing. Entries that are shown for proxying (`proxy`) have no state.',
      'Tunnels, network plugins’ devices and dummies: only interfaces of the node’s own network count.',
      'A node that is cut off on purpose and whose default route leads nowhere: that nobody answers is true, and may be left so.',
    ],
    cure: 'Correct the address of the gateway in the network configuration, or find what keeps it from answering on that link.',
    title: (d) =>
      d.destination === undefined
        ? `${d.node} gets no answer from its default gateway ${d.address} on ${d.device}`
        : `${d.node} gets no answer from ${d.address} on ${d.device}, the gateway to ${d.destination}`,
    summary(d) {
      const requests = d.address.includes(':') ? 'neighbour solicitations' : 'ARP requests'
      const route = d.destination === undefined ? 'the default route' : `the route to ${d.destination}`
      const entry = `The neighbour entry of ${d.node} for ${d.address}, the gateway of ${route}, is ${d.state}: its ${requests} on ${d.device} are not answered.`
      if (d.unusedSeconds !== undefined) {
        return `${entry} Nothing has used the entry for ${formatCount(d.unusedSeconds)} seconds, so it may be left from a time when the gateway was away.`
      }
      if (d.isAgeless) {
        return `${entry} The listing does not tell how old the entry is, so it may be left from a time when the gateway was away.`
      }
      return `${entry} Nothing that takes this route leaves ${d.node}, be it its own or of its pods.`
    },
    ruledOut: (d) =>
      d.unusedSeconds === undefined && !d.isAgeless
        ? [
            'The route is no spare: the node looks up this one, and the entry was used within the last five minutes.',
          ]
        : [],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => [
      {
        text: 'The gateway’s entry has a hardware address, and is REACHABLE. (Whether it answers the ping itself does not matter.)',
        commands: [ping(d), `ip neigh show ${d.address} dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {},
    notes: {
      entry: () => 'asked, and not answered',
      route: () => 'the route that leads by it',
    },
  },
  zh: {
    name: '路由的网关在链路上没有应答',
    looksFor:
      '节点正在使用的路由（首先是默认路由）的网关，在该路由的接口上是否有状态为 FAILED 或 INCOMPLETE 的邻居表项。',
    why: '节点经网关发送报文之前，先要在链路上询问网关的硬件地址。得不到应答时，走该路由的一切约三秒后就以“Host is unreachable”被丢弃。路由本身看上去没有问题：只有邻居表能看出那里没有人。',
    consequences:
      '如果是默认路由：镜像仓库、上游 DNS、时间服务器、其他网段的 API server 都不通，该节点上的 Pod 也一样。节点自身网段内仍然可达。',
    commonCauses: [
      '网关地址写错，或者是从别的网段抄来的。',
      '网关已关机，或者换了地址。',
      '两者之间的交换机端口、VLAN 或安全组。',
      'DHCP 或路由器通告给出的路由器已不存在。',
    ],
    mimics: [
      '网关是本案例中的节点：由 neighbour-unresolved 报告。',
      '度量值更大的备用默认路由，或者旁边有同度量值、且不知其网关无应答的另一条：没有流量依赖它。',
      '曾经离开过一段时间的网关：五分钟内没有使用过的表项降一级计；BusyBox 的 `ip` 不显示年龄的失败表项也一样。',
      '没有表项：没有询问过，什么也说明不了。为代理而显示的表项（`proxy`）没有状态。',
      '隧道、网络插件的设备和 dummy 设备：只计节点自己网段的接口。',
      '有意隔离、默认路由不通向任何地方的节点：没有应答是事实，可以不处理。',
    ],
    cure: '在网络配置中改正网关地址，或者找出它在该链路上不应答的原因。',
    title: (d) =>
      d.destination === undefined
        ? `${d.node} 在 ${d.device} 上得不到默认网关 ${d.address} 的应答`
        : `${d.node} 在 ${d.device} 上得不到 ${d.address} 的应答，它是通往 ${d.destination} 的网关`,
    summary(d) {
      const requests = d.address.includes(':') ? '邻居请求' : ' ARP 请求'
      const route = d.destination === undefined ? '默认路由' : `到 ${d.destination} 的路由`
      const entry = `${route}的网关是 ${d.address}，${d.node} 上它的邻居表项状态为 ${d.state}：节点在 ${d.device} 上发出的${requests}没有得到应答。`
      if (d.unusedSeconds !== undefined) {
        return `${entry}该表项已有 ${formatCount(d.unusedSeconds)} 秒没有使用，可能是网关之前离开时留下的。`
      }
      if (d.isAgeless) return `${entry}输出没有显示表项的年龄，可能是网关之前离开时留下的。`
      return `${entry}走这条路由的报文都出不了 ${d.node}，无论来自节点自身还是其上的 Pod。`
    },
    ruledOut: (d) =>
      d.unusedSeconds === undefined && !d.isAgeless
        ? ['这不是备用路由：节点查到的就是这一条，而且表项在最近五分钟内使用过。']
        : [],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => [
      {
        text: '网关的表项有硬件地址，状态为 REACHABLE。（网关本身是否回应 ping 无关紧要。）',
        commands: [ping(d), `ip neigh show ${d.address} dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {},
    notes: {
      entry: () => '询问过，没有应答',
      route: () => '经过它的路由',
    },
  },
}
