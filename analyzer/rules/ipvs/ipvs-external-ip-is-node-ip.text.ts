import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A Service that has the address. */
export interface TakingService {
  readonly namespace: string
  readonly name: string
  readonly field: 'externalIPs' | 'loadBalancer'
}

/** What was found: an address that belongs to a node, and that a Service has as well. */
export interface TakenByService {
  readonly address: string
  /** Nodes of the case whose IPVS holds it. */
  readonly takers: readonly string[]
  /** Those of them that do not own it. */
  readonly others: readonly string[]
  /** Empty where it is the API server's, and no node is known to have it. */
  readonly owners: readonly string[]
  /** An owner's bundle shows the address on its interface. */
  readonly ownerSeen: boolean
  readonly isApiServer: boolean
  /** An owner is known to run an API server. */
  readonly isControlPlane: boolean
  /** Where the API server or a log tells. */
  readonly services: readonly TakingService[]
  /** `80/TCP`; empty where IPVS was not captured. */
  readonly ports: readonly string[]
}

type Reason = 'notIpvs' | 'peersUnknown'
type Note = 'martian' | 'held' | 'route' | 'owner' | 'apiServer' | 'virtual' | 'set'

const whose = ({ owners, isApiServer }: TakenByService): string =>
  owners.length > 0
    ? `the address of ${joinWords(owners)}`
    : isApiServer
      ? 'the address of the API server'
      : 'taken'

const chineseOwner = ({ owners, isApiServer }: TakenByService): string =>
  owners.length > 0 ? ` ${owners.join('、')} 的地址` : isApiServer ? ' API server 的地址' : '已被占用的地址'

const hostPrefix = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`

const withPort = (address: string, port: string): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

const protocolFlag = (protocol: string): string => ({ UDP: '-u', SCTP: '--sctp-service' })[protocol] ?? '-t'

function releaseCommands({ address, ports }: TakenByService): string[] {
  const services = ports.map((port) => {
    const [number = '', protocol = ''] = port.split('/')
    return `ipvsadm -D ${protocolFlag(protocol)} ${withPort(address, number)}`
  })
  return [`ip addr del ${hostPrefix(address)} dev kube-ipvs0`, ...services]
}

function serviceCommands({ services, address }: TakenByService): string[] {
  if (services.length === 0) return [`kubectl get services -A -o wide | grep -F ${shellQuote(address)}`]
  return services.map(({ namespace, name, field }) => {
    const service = `-n ${shellQuote(namespace)} ${shellQuote(name)}`
    return field === 'externalIPs'
      ? `kubectl patch service ${service} --type=json -p '[{"op":"remove","path":"/spec/externalIPs"}]'`
      : `kubectl get service ${service} -o yaml`
  })
}

/** The words of ipvs-external-ip-is-node-ip. */
export const text: RuleTexts<TakenByService, Reason, Note> = {
  en: {
    name: 'A Service has the address of a node (IPVS)',
    looksFor:
      'Addresses on kube-ipvs0, `local` routes through it, IPVS virtual services and the sets of external addresses, held against the addresses of all nodes (from their interfaces, the API server’s list of nodes, and the inventory) and of the API server.',
    why: 'kube-proxy in IPVS mode puts every address of a Service on the device kube-ipvs0 of every node, so that the kernel takes packets to it for local. Where that address is the address of a node, every other node now holds it as its own: it delivers to itself what was meant for that node, and drops what comes from it as a packet that claims one of its own addresses. ARP requests are among these, so the two nodes do not even learn each other’s hardware address. strictARP (arp_ignore=1) does not help: the request is dropped before it would be answered. In iptables mode the same Service does no harm.',
    consequences:
      'One node cannot reach another with any protocol, ping included, while third nodes reach both; kubelets lose the API server and turn NotReady; pings from the wrong node are answered by itself.',
    commonCauses: [
      'A Service with spec.externalIPs set to the address of a node, to reach it “from outside”.',
      'A load balancer pool that overlaps the addresses of nodes.',
      'k3s servicelb, which gives Services node addresses, together with kube-proxy in IPVS mode.',
      'The virtual address of the API server entered as an external address.',
    ],
    mimics: [
      'kube-ipvs0 holds every ClusterIP, and external addresses that no machine has, on every node, and is itself DOWN and NOARP: that is how it works. Only addresses that some node owns count.',
      'An address of a MetalLB pool: it is no node’s own.',
      'An address that kube-vip or keepalived moves between nodes: a secondary or /32 address beside the node’s own does not count, unless the node is registered under it.',
      'Virtual services of keepalived or kube-vip, which balance the API servers, on a node that has no kube-ipvs0.',
      'Virtual services of NodePorts on the node’s own addresses: they are expected.',
      'In iptables mode, Services of k3s servicelb have node addresses and work. In IPVS mode the same state is this fault.',
    ],
    cure: 'Take the address out of the Service (spec.externalIPs, or the pool of the load balancer). kube-proxy then removes it from kube-ipvs0 of every node; where a node no longer reaches the API server, remove it there by hand first.',
    title(d) {
      if (d.others.length === 0) return `A Service has ${d.address}, ${whose(d)}`
      return `${joinWords(d.others)} hold${d.others.length === 1 ? 's' : ''} ${d.address}, ${whose(d)}, on kube-ipvs0`
    },
    summary(d) {
      const service =
        d.services.length > 0
          ? `the Service ${joinWords(d.services.map(({ namespace, name }) => `${namespace}/${name}`))}`
          : 'a Service'
      const ports = d.ports.length > 0 ? ` (${joinWords(d.ports)})` : ''
      const server =
        d.isApiServer && d.owners.length > 0
          ? ' It is also an address of the API server.'
          : d.isControlPlane
            ? ` An API server runs on ${joinWords(d.owners)}.`
            : ''
      if (d.others.length === 0) {
        return `${d.address} is ${whose(d)}, and ${service}${ports} has it as well: kube-proxy put it on kube-ipvs0 there. Packets to the Service’s ports on that address go to the pods behind it, not to the processes of the node; other ports are not touched.${server} Other nodes whose kube-proxy runs in IPVS mode get it on their kube-ipvs0 too, and cannot reach this node then.`
      }
      const takers = joinWords(d.others)
      const isOne = d.others.length === 1
      const effect =
        d.owners.length > 0
          ? `${takers} cannot reach ${joinWords(d.owners)}, with any protocol: ${isOne ? 'it delivers to itself' : 'they deliver to themselves'} what is meant for ${d.address}, and drop${isOne ? 's' : ''} what comes from there, ARP requests included.`
          : `From ${takers} the API server cannot be reached at ${d.address}: what is sent there is delivered on the node itself.`
      return `${d.address} is ${whose(d)}, and ${service}${ports} has it as well. kube-proxy in IPVS mode put it on kube-ipvs0, so that ${takers} take${isOne ? 's' : ''} it for ${isOne ? 'its' : 'their'} own. ${effect}${server}`
    },
    ruledOut: (d) => [
      'It is not one of the Service addresses that kube-ipvs0 holds by design: a node, or the API server, has it.',
      ...(d.ownerSeen
        ? [
            'It does not float between nodes: it is the owner’s first address on its interface, or registered for it.',
          ]
        : []),
    ],
    remedy: (d) => [
      {
        text:
          d.services.length === 0
            ? 'Find the Service that has the address, and take it out of spec.externalIPs or of the load balancer’s pool.'
            : 'Take the address out of the Service. kube-proxy then removes it from every node.',
        commands: serviceCommands(d),
      },
      ...(d.others.length === 0
        ? []
        : [
            {
              text: `Where a node cannot reach the API server any more, release the address by hand on ${joinWords(d.others)}. kube-proxy puts it back until the Service is changed.`,
              commands: releaseCommands(d),
            },
          ]),
      {
        text: 'Keep external addresses and load balancer pools apart from the addresses of nodes; the admission plugin DenyServiceExternalIPs refuses the field altogether.',
        commands: [],
      },
    ],
    verify(d) {
      if (d.others.length === 0) {
        const commands = ['ip addr show dev kube-ipvs0']
        return [{ text: `On ${joinWords(d.takers)}: ${d.address} is no longer listed.`, commands }]
      }
      const commands = [`ip route get ${d.address}`, `ping -c 2 ${d.address}`, `ip neigh show ${d.address}`]
      return [
        {
          text: `On ${joinWords(d.others)}: the address is no longer local, and its owner answers.`,
          commands,
        },
      ]
    },
    reasons: {
      notIpvs: 'kube-proxy does not run in IPVS mode on this node.',
      peersUnknown:
        'IPVS holds external addresses from the node’s own network, and the case does not tell the addresses of other nodes: add their bundles, or name them with --inventory.',
    },
    notes: {
      martian: () => 'the kernel dropped a packet from there: it claims one of its own addresses',
      held: () => 'the Service’s address, on kube-ipvs0',
      route: () => 'the kernel takes it for its own',
      owner: (node) => `the same address belongs to ${node}`,
      apiServer: () => 'the API server’s address',
      virtual: () => 'the Service’s port on it',
      set: () => 'kube-proxy lists it as an external address',
    },
  },
  zh: {
    name: 'Service 占用了节点的地址（IPVS）',
    looksFor:
      'kube-ipvs0 上的地址、经由它的 `local` 路由、IPVS 虚拟服务和外部地址集合，与所有节点的地址（来自接口、API server 的节点列表和 inventory）以及 API server 的地址对照。',
    why: 'IPVS 模式的 kube-proxy 把 Service 的每个地址都加到每个节点的 kube-ipvs0 设备上，使内核把发往它的报文当作本地报文。如果该地址是某个节点的地址，其他节点就都把它当成自己的：发往那个节点的报文交给了自己，来自那个节点的报文因为冒用本机地址而被丢弃。ARP 请求也在其中，所以两个节点连对方的硬件地址都学不到。strictARP（arp_ignore=1）没有帮助：请求在应答之前就被丢弃了。在 iptables 模式下，同样的 Service 没有害处。',
    consequences:
      '一个节点用任何协议（包括 ping）都到不了另一个节点，而第三个节点能到达两者；kubelet 失去 API server，节点变为 NotReady；在出错的节点上 ping 该地址，应答来自它自己。',
    commonCauses: [
      '为了“从外部访问”，把 Service 的 spec.externalIPs 设为节点地址。',
      '负载均衡的地址池与节点地址重叠。',
      'k3s servicelb 会把节点地址给 Service，同时 kube-proxy 使用 IPVS 模式。',
      '把 API server 的虚拟地址填成了外部地址。',
    ],
    mimics: [
      'kube-ipvs0 在每个节点上都有所有 ClusterIP 和没有机器使用的外部地址，并且自身为 DOWN、NOARP：这是正常的工作方式。只有属于某个节点的地址才计。',
      'MetalLB 地址池中的地址：它不属于任何节点。',
      '由 kube-vip 或 keepalived 在节点间漂移的地址：节点自身地址之外的次要地址或 /32 地址不计，除非节点以它注册。',
      '没有 kube-ipvs0 的节点上 keepalived 或 kube-vip 用于均衡 API server 的虚拟服务。',
      '节点自身地址上的 NodePort 虚拟服务：这是正常的。',
      'iptables 模式下，k3s servicelb 的 Service 带有节点地址且能正常工作；IPVS 模式下同样的状态就是本故障。',
    ],
    cure: '从 Service 中去掉该地址（spec.externalIPs 或负载均衡的地址池）。kube-proxy 随后会从每个节点的 kube-ipvs0 移除它；如果某个节点已连不上 API server，先在那里手工移除。',
    title(d) {
      if (d.others.length === 0) return `Service 占用了 ${d.address}，即${chineseOwner(d)}`
      return `${d.others.join('、')} 的 kube-ipvs0 上有 ${d.address}，即${chineseOwner(d)}`
    },
    summary(d) {
      const service =
        d.services.length > 0
          ? `Service ${d.services.map(({ namespace, name }) => `${namespace}/${name}`).join('、')}`
          : '某个 Service'
      const ports = d.ports.length > 0 ? `（${d.ports.join('、')}）` : ''
      const server =
        d.isApiServer && d.owners.length > 0
          ? '它同时也是 API server 的地址。'
          : d.isControlPlane
            ? `${d.owners.join('、')} 上运行着 API server。`
            : ''
      if (d.others.length === 0) {
        return `${d.address} 是${chineseOwner(d)}，而${service}${ports}也占用了它：kube-proxy 把它加到了该节点的 kube-ipvs0。发往该地址上 Service 端口的报文会到达其后的 Pod，而不是节点的进程；其他端口不受影响。${server}kube-proxy 以 IPVS 模式运行的其他节点也会在 kube-ipvs0 上得到它，从而无法到达该节点。`
      }
      const takers = d.others.join('、')
      const effect =
        d.owners.length > 0
          ? `${takers} 用任何协议都到不了 ${d.owners.join('、')}：发往 ${d.address} 的报文交给了自己，来自那里的报文（包括 ARP 请求）被丢弃。`
          : `从 ${takers} 无法通过 ${d.address} 到达 API server：报文交给了节点自己。`
      return `${d.address} 是${chineseOwner(d)}，而${service}${ports}也占用了它。IPVS 模式的 kube-proxy 把它加到了 kube-ipvs0，于是 ${takers} 把它当成自己的地址。${effect}${server}`
    },
    ruledOut: (d) => [
      '它不是 kube-ipvs0 本来就该有的 Service 地址：它属于某个节点或 API server。',
      ...(d.ownerSeen ? ['它不在节点间漂移：它是所属节点接口上的第一个地址，或者节点以它注册。'] : []),
    ],
    remedy: (d) => [
      {
        text:
          d.services.length === 0
            ? '找到占用该地址的 Service，把它从 spec.externalIPs 或负载均衡的地址池中去掉。'
            : '从 Service 中去掉该地址。kube-proxy 随后会从每个节点移除它。',
        commands: serviceCommands(d),
      },
      ...(d.others.length === 0
        ? []
        : [
            {
              text: `如果节点已连不上 API server，在 ${d.others.join('、')} 上手工释放该地址。在修改 Service 之前，kube-proxy 会把它加回来。`,
              commands: releaseCommands(d),
            },
          ]),
      {
        text: '让外部地址和负载均衡地址池与节点地址分开；准入插件 DenyServiceExternalIPs 可以完全禁用该字段。',
        commands: [],
      },
    ],
    verify(d) {
      if (d.others.length === 0) {
        const commands = ['ip addr show dev kube-ipvs0']
        return [{ text: `在 ${d.takers.join('、')} 上：不再列出 ${d.address}。`, commands }]
      }
      const commands = [`ip route get ${d.address}`, `ping -c 2 ${d.address}`, `ip neigh show ${d.address}`]
      return [{ text: `在 ${d.others.join('、')} 上：该地址不再是本地地址，其所属节点有应答。`, commands }]
    },
    reasons: {
      notIpvs: '该节点的 kube-proxy 不是 IPVS 模式。',
      peersUnknown:
        'IPVS 占用了节点自身网段的外部地址，而本案例没有其他节点的地址：请加入它们的采集包，或用 --inventory 指明。',
    },
    notes: {
      martian: () => '内核丢弃了来自那里的报文：它冒用了本机地址',
      held: () => 'Service 的地址，在 kube-ipvs0 上',
      route: () => '内核把它当成自己的地址',
      owner: (node) => `同一地址属于 ${node}`,
      apiServer: () => 'API server 的地址',
      virtual: () => '该地址上的 Service 端口',
      set: () => 'kube-proxy 把它列为外部地址',
    },
  },
}
