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
      const server = d.isApiServer && d.owners.length > 0 ? ' It is also an address of the API server.' : ''
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
}
