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

/** What ping may send in one piece: the MTU without IPv4 and ICMP headers. */
const pingSize = (mtuBytes: number): number => mtuBytes - 28

/** The words of link-mtu-mismatch. */
export const text: RuleTexts<MtuMismatch, never, Note> = {
  en: {
    name: 'Links disagree on the largest packet',
    looksFor:
      'Overlay devices (VXLAN, Geneve, IP in IP, WireGuard) whose MTU leaves no room for their headers on the interface below; interfaces of one network, or devices of one overlay, with different MTUs; pods with a larger MTU than flannel’s subnet.env tells.',
    why: 'A packet that is larger than a link on its way takes is dropped. Within one link nobody sends the message that would make the sender use smaller ones, so that connections open, small requests and pings work, and whatever fills a packet hangs: TLS handshakes, image pulls, large answers.',
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
}
