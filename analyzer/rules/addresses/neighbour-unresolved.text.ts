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
      const effect = `Nothing that ${d.node} sends to ${d.peer} gets there, pods and Services on it included.`
      if (d.unusedSeconds !== undefined) {
        return `${entry} Nothing has used the entry for ${formatCount(d.unusedSeconds)} seconds, so it may be left from a time when ${d.peer} was away.`
      }
      if (d.isAgeless && d.peerState === 'up') {
        return `${entry} The listing does not tell how old the entry is, so it may be left from a time when ${d.peer} was away: its bundle shows the address on ${d.peerDevice}, which is up.`
      }
      if (d.peerState === 'unknown') {
        return `${entry} There is no bundle of ${d.peer}, so it may simply be switched off. Until it answers, nothing from ${d.node} gets there.`
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
}
