import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import type { FirewallAuthor } from '../../facts/node/firewallAuthor.ts'
import type { Probe } from '../../facts/node/probes.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A rule or policy of the host that refuses packets of the cluster. */
export interface RejectBeforeAccept {
  readonly node: string
  readonly kind: 'rule' | 'policy'
  readonly chain: 'FORWARD' | 'INPUT'
  /** `filter`; a native one with its family: `inet firewalld`. */
  readonly table: string
  /** The chain that the kernel enters. */
  readonly baseChain: string
  /** Where the rule stands. */
  readonly inChain: string
  /** The program that changes a table of iptables, as typed; left out of native ones. */
  readonly command?: string
  /** What REJECT answers; left out of DROP. */
  readonly answer?: string
  /** Whose chains stand in the table. */
  readonly author?: FirewallAuthor
  /** Whether it refuses them hangs on what no capture shows. */
  readonly isInDoubt: boolean
  readonly packets: number
  readonly kinds: readonly Probe['kind'][]
  readonly example: {
    readonly source: string
    readonly destination: string
    readonly port: number
    readonly protocol: string
  }
  readonly podNetworks: readonly string[]
  readonly serviceNetworks: readonly string[]
}

/** Names of what is to be seen in a line of evidence. */
export type Note = 'rule' | 'policy' | 'behind'

/** The words of iptables-reject-before-accept. */
export const text: RuleTexts<RejectBeforeAccept, never, Note> = {
  en: {
    name: 'The host’s firewall refuses packets of the cluster',
    looksFor:
      'What FORWARD and INPUT of each iptables backend, and native nftables chains beside them, would do with packets that a sound node lets pass: between its pods and those of its peers, straight and by way of a Service, from peers to the kubelet, and to the port of the VXLAN device. The first rule, or the policy, that refuses one of them is told.',
    why: 'iptables takes the first rule that decides. A REJECT or DROP of the host that stands before the accepting rules of kube-proxy and the network plugin, or a policy behind rules that accept established connections only, stops every new connection on its way. A native nftables chain runs beside those of iptables: what iptables accepts it may still refuse. Programs see “No route to host”, “Connection refused” or a timeout, according to what the rule answers.',
    mimics: [
      'REJECT rules of kube-proxy for Services without endpoints and for source ranges, network policies of kube-router, Calico, Cilium and Weave, Docker’s isolation of its networks: they refuse on purpose and are passed over.',
      'A policy DROP on nodes whose plugin accepts pod traffic (flannel since 0.9.1, Calico, kube-router): the packets are walked through its chains.',
      'A policy DROP that Docker set: docker-forward-drop tells of it.',
      'A rule that stops some packets only (above a rate, of a set): told as possible, and only where it has stopped any.',
      'A node whose kubelet can be reached from some nodes and not from others: it may let the control plane in alone. Where it is known which nodes run an API server, nobody else is asked about.',
    ],
    cure: 'Accept the pod network before the rule, or take the host’s firewall off the node: k3s and RKE2 advise that. With firewalld put the pod and Service networks into the trusted zone; with ufw allow them and routed packets.',
    title: (d) => `${subjectOf(d)} on ${d.node} ${verb(d)} ${victims(d)}`,
    summary: (d) => [place(d), effect(d), origin(d)].join(' '),
    ruledOut: (d) => [
      'Rules of kube-proxy, network policies and Docker’s isolation of its networks are passed over: they refuse on purpose.',
      ...(d.kind === 'policy' ? ['No rule of the chain accepts the packet before its policy.'] : []),
    ],
    remedy: (d) => [immediate(d), ...lasting(d)],
    verify: (d) => [
      {
        text: 'The counter does not move any more while pods connect.',
        commands: [listing(d)],
      },
      ...(d.chain === 'FORWARD'
        ? [
            {
              text: 'A pod reaches a pod of another node.',
              commands: ['kubectl exec POD -- wget -qO- -T 3 http://ADDRESS-OF-ANOTHER-POD:PORT'],
            },
          ]
        : []),
    ],
    reasons: {},
    notes: {
      rule: (packets) => `refuses them; ${packets === '1' ? 'one packet' : `${packets} packets`} so far`,
      policy: (packets) => `the policy; ${packets === '1' ? 'one packet' : `${packets} packets`} so far`,
      behind: () => 'would have accepted them, but comes later',
    },
  },
}

function subjectOf({ kind, baseChain, inChain, answer }: RejectBeforeAccept): string {
  if (kind === 'policy') return `The policy of ${baseChain}`
  return `${answer === undefined ? 'A DROP' : 'A REJECT'} in ${inChain}`
}

function verb({ kind, answer, isInDoubt }: RejectBeforeAccept): string {
  const drops = kind === 'policy' || answer === undefined
  if (isInDoubt) return drops ? 'may stop' : 'may refuse'
  return drops ? 'stops' : 'refuses'
}

const VICTIMS: Readonly<Record<Probe['kind'], string>> = {
  'pod-to-pod': 'connections between pods of different nodes',
  'pod-to-service': 'connections of pods to Services',
  'api-to-kubelet': 'connections to the kubelet',
  overlay: 'the packets of the overlay network',
}

function victims({ kinds }: RejectBeforeAccept): string {
  const told = kinds.includes('pod-to-pod') ? kinds.filter((kind) => kind !== 'pod-to-service') : kinds
  return told.map((kind) => VICTIMS[kind]).join(' and ')
}

function place(d: RejectBeforeAccept): string {
  const { source, destination, port, protocol } = d.example
  const what =
    d.kind === 'policy'
      ? `the policy of ${d.baseChain} (table ${d.table}) drops`
      : `a rule of ${d.inChain} (table ${d.table}) ${d.answer === undefined ? 'drops' : `rejects with ${d.answer}`}`
  const doubt = d.isInDoubt
    ? ' Whether it takes them hangs on a condition that the captures do not show.'
    : ''
  const packets =
    d.command === undefined && d.packets === 0
      ? 'It does not count what it stops, or has stopped none so far.'
      : d.packets === 0
        ? 'It has stopped none so far.'
        : `It has stopped ${d.packets === 1 ? 'one packet' : `${formatCount(d.packets)} packets`} so far.`
  return `On ${d.node} ${what} ${victims(d)}, such as ${protocol} ${source} → ${destination} port ${port}.${doubt} ${packets}`
}

function effect({ answer }: RejectBeforeAccept): string {
  if (answer === undefined) return 'Those who connect wait until they time out.'
  return `Those who connect see “${SEEN.get(answer) ?? 'an error at once'}”.`
}

/** What connect(2) makes of an ICMP answer (net/ipv4/icmp.c, icmp_err_convert). */
const SEEN = new Map([
  ['icmp-net-unreachable', 'Network is unreachable'],
  ['icmp-host-unreachable', 'No route to host'],
  ['icmp-proto-unreachable', 'Protocol not available'],
  ['icmp-port-unreachable', 'Connection refused'],
  ['icmp-net-prohibited', 'Network is unreachable'],
  ['icmp-host-prohibited', 'No route to host'],
  ['icmp-admin-prohibited', 'No route to host'],
  ['tcp-reset', 'Connection refused'],
])

function origin({ author, kind }: RejectBeforeAccept): string {
  const what = kind === 'policy' ? 'policy' : 'rule'
  if (author === undefined)
    return `No chain of ufw, firewalld or Docker is there: the ${what} is the administrator’s, or came with the system’s image.`
  if (author === 'docker')
    return `ufw and firewalld are not there: the ${what} is the administrator’s, beside Docker’s chains.`
  return `The chains of ${author} are there: the ${what} is likely its own.`
}

function listing({ command, table, baseChain }: RejectBeforeAccept): string {
  if (command === undefined) return `nft -a list chain ${table} ${shellQuote(baseChain)}`
  const inTable = table === 'filter' ? '' : ` -t ${shellQuote(table)}`
  return `${command}${inTable} -L ${shellQuote(baseChain)} -nvx --line-numbers`
}

function immediate(d: RejectBeforeAccept): Step {
  if (d.command === undefined) return immediateInNft(d)
  const { command } = d
  if (d.chain === 'INPUT') {
    const { source, protocol, port } = d.example
    return {
      text: 'Accept the packets before the rule, from each node of the cluster (here one of them).',
      commands: [
        `${command} -I INPUT 1 -s ${shellQuote(source)} -p ${shellQuote(protocol)} --dport ${port} -j ACCEPT`,
      ],
    }
  }
  const networks = d.podNetworks.length > 0 ? d.podNetworks : [d.example.source, d.example.destination]
  return {
    text: 'Accept the pod network before the rule, on this node; this lasts until the firewall is loaded again.',
    commands: networks.flatMap((network) => [
      `${command} -I FORWARD 1 -s ${shellQuote(network)} -j ACCEPT`,
      `${command} -I FORWARD 1 -d ${shellQuote(network)} -j ACCEPT`,
    ]),
  }
}

/** What one native chain accepts still meets the others, those of iptables among them. */
function immediateInNft({ chain, table, baseChain, podNetworks, example }: RejectBeforeAccept): Step {
  const insert = `nft insert rule ${table} ${shellQuote(baseChain)}`
  if (chain === 'INPUT') {
    const { source, protocol, port } = example
    return {
      text: 'Accept the packets at the head of this chain, from each node of the cluster (here one of them).',
      commands: [
        `${insert} ip saddr ${shellQuote(source)} ${shellQuote(protocol)} dport ${port} counter accept`,
      ],
    }
  }
  const networks = podNetworks.length > 0 ? podNetworks : [example.source, example.destination]
  return {
    text: 'Accept the pod network at the head of this chain; this lasts until the firewall is loaded again.',
    commands: networks.flatMap((network) => [
      `${insert} ip saddr ${shellQuote(network)} counter accept`,
      `${insert} ip daddr ${shellQuote(network)} counter accept`,
    ]),
  }
}

function lasting({
  author,
  podNetworks,
  serviceNetworks,
  chain,
  kind,
  command,
  table,
}: RejectBeforeAccept): readonly Step[] {
  const networks = [...podNetworks, ...serviceNetworks].map((network) => shellQuote(network))
  if (author === 'firewalld') {
    return [
      {
        text: 'Put the networks of pods and Services into the trusted zone of firewalld, or take firewalld off the node.',
        commands: [
          ...networks.map((network) => `firewall-cmd --permanent --zone=trusted --add-source=${network}`),
          'firewall-cmd --reload',
        ],
      },
    ]
  }
  if (author === 'ufw') {
    return [
      {
        text: 'Let ufw allow the networks of pods and Services, and routed packets; or take ufw off the node.',
        commands: [...networks.map((network) => `ufw allow from ${network}`), 'ufw default allow routed'],
      },
    ]
  }
  if (command === undefined) {
    return [
      {
        text: 'Find out what loads the table at boot (nftables.service, a script of the image), and let it accept the pod network there.',
        commands: [
          `nft list table ${table}`,
          'grep -rn -e reject -e drop /etc/nftables.conf /etc/nftables /etc/sysconfig/nftables.conf',
        ],
      },
    ]
  }
  return [
    kind === 'policy'
      ? {
          text: 'Find out what sets the policy at boot (iptables-persistent, iptables-services, a script of the image), and change it there; until then:',
          commands: [`${command} -P ${chain} ACCEPT`],
        }
      : {
          text: 'Find out what loads the rule at boot (iptables-persistent, iptables-services, a script of the image), and take it out there.',
          commands: [
            `${command} -L ${chain} -n --line-numbers`,
            'grep -rn -e REJECT -e DROP /etc/iptables /etc/sysconfig/iptables',
          ],
        },
  ]
}
