import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: seen from both sides, or by one node alone. */
export type WrongMac =
  | {
      readonly kind: 'across-nodes'
      readonly address: string
      readonly mac: string
      /** The node that has the address. */
      readonly owner: string
      /** Its interface that holds the address. */
      readonly right: string
      /** Its interface whose hardware address the observers have. */
      readonly wrong: string
      readonly observers: readonly { readonly node: string; readonly device: string }[]
      readonly shareNetwork: boolean
      /** Of the wrong interface, as it takes effect; left out where it was not captured. */
      readonly arpIgnore?: number
    }
  | {
      readonly kind: 'one-node'
      readonly node: string
      readonly mac: string
      readonly addresses: readonly string[]
      /** The node that has them all, by API server or inventory. */
      readonly owner?: string
    }

type Note = 'entry' | 'mac' | 'holds' | 'arpIgnore' | 'shared'

/** The words of arp-wrong-mac. */
export const text: RuleTexts<WrongMac, never, Note> = {
  en: {
    name: 'A peer’s address leads to the wrong interface',
    looksFor:
      'Learned neighbour entries (REACHABLE, STALE, DELAY, PROBE) whose hardware address is that of another interface of the node that has the address; and, where that node sent no bundle, two of its addresses behind one hardware address.',
    why: 'By default Linux answers an ARP request for any of its addresses on every interface that hears it. Where two interfaces of a node are on one link, both answer, and the asker keeps whichever answer came last. Traffic to one address then arrives on the other interface: on a slower line, in the wrong VLAN, or where strict reverse path filtering or a firewall drops it.',
    mimics: [
      'Bonds, bridges, VLAN and macvlan devices share hardware addresses with what they stand on: devices of one link count as one.',
      'A router that answers for others (proxy ARP): only addresses inside the observer’s own network count, an interface with proxy_arp=1 and gateways do not, nor more than three addresses behind one hardware address.',
      'Virtual addresses of keepalived (VRRP’s hardware addresses), kube-vip and MetalLB: the hardware address of the current leader is right. Where nothing tells what the second address is, this is told with the least weight.',
      'Entries that were set and not learned (PERMANENT, extern_learn), as flannel and Calico do; entries that hold none (FAILED, INCOMPLETE).',
      'A remembered entry (STALE) for a network card that was replaced: a hardware address that no node has any more does not count.',
    ],
    cure: 'Let the node with two interfaces answer only for the addresses of the interface that was asked (arp_ignore=1, arp_announce=2), or better: never connect two interfaces of a node to one broadcast domain.',
    title: (d) =>
      d.kind === 'across-nodes'
        ? `${joinWords(d.observers.map(({ node }) => node))} send${d.observers.length === 1 ? 's' : ''} to ${d.address} by ${d.wrong} of ${d.owner}, which has it on ${d.right}`
        : `${joinWords(d.addresses)} have one hardware address in the table of ${d.node}`,
    summary(d) {
      if (d.kind === 'one-node') {
        const whose =
          d.owner === undefined
            ? 'At least one of them is the address of a node; the bundle does not tell whether the other is meant to be on the same interface, as that of a load balancer (MetalLB) or of a virtual server is.'
            : `Both are addresses of ${d.owner}, which sent no bundle.`
        return `${d.node} learned the hardware address ${d.mac} for ${joinWords(d.addresses)}. ${whose} If that node has them on two interfaces, it answers on one for both, and traffic to one of them arrives on the wrong interface.`
      }
      const answers =
        d.arpIgnore === undefined
          ? ''
          : d.arpIgnore === 0
            ? ' The node answers on each interface for all its addresses (arp_ignore=0).'
            : ` With arp_ignore=${d.arpIgnore} the node does not answer like that now; the entry may be older than the setting.`
      const network = d.shareNetwork ? ' Both interfaces have an address of the same network.' : ''
      return `${d.owner} has ${d.address} on ${d.right}. ${joinWords(d.observers.map(({ node }) => node))} learned ${d.mac} for it, the hardware address of ${d.wrong}. Traffic to ${d.address} therefore arrives on ${d.wrong}.${network}${answers}`
    },
    ruledOut: (d) =>
      d.kind === 'across-nodes'
        ? [
            `${d.right} and ${d.wrong} share no bond, bridge, VLAN or macvlan.`,
            ...(d.arpIgnore === undefined ? [] : [`${d.wrong} does not answer for others (proxy_arp=0).`]),
            'The address is in the observers’ own network, so no router answers for it.',
            'The entry was learned, not set, and its hardware address is none that moves between machines.',
          ]
        : ['None of the addresses is a gateway, nor known as the external address of a Service.'],
    remedy(d) {
      if (d.kind === 'one-node') {
        return [
          {
            text: `Collect a bundle from ${d.owner ?? 'the node that has the addresses'} as well: it shows on which interfaces they are.`,
            commands: ['ip -br link show', 'ip -br addr show'],
          },
        ]
      }
      return [
        {
          text: `On ${joinWords(d.observers.map(({ node }) => node))}: forget the wrong entry. It comes back until ${d.owner} is set right.`,
          commands: d.observers
            .slice(0, 1)
            .map(({ device }) => `ip neigh del ${d.address} dev ${shellQuote(device)}`),
        },
        {
          text: `On ${d.owner}: answer only for the addresses of the interface that was asked, and keep that over a reboot.`,
          commands: [
            'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
            String.raw`printf 'net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.arp_announce = 2\n' >/etc/sysctl.d/99-arp.conf`,
          ],
        },
        {
          text: `Better still: put ${d.right} and ${d.wrong} into separate VLANs, or join them in a bond.`,
          commands: [],
        },
      ]
    },
    verify(d) {
      if (d.kind === 'one-node') return []
      const device = shellQuote(d.observers[0]?.device ?? '')
      return [
        {
          text: `On ${joinWords(d.observers.map(({ node }) => node))}: one hardware address answers, that of ${d.right}.`,
          commands: [`arping -c 3 -I ${device} ${d.address}`, `ip neigh show ${d.address}`],
        },
      ]
    },
    reasons: {},
    notes: {
      entry: (wrong) => `learned: the hardware address of ${wrong}`,
      mac: (wrong) => `the hardware address of ${wrong}`,
      holds: (right) => `the address is on ${right}`,
      arpIgnore: () => 'whether it answers for addresses of other interfaces (0: yes)',
      shared: () => 'the same hardware address',
    },
  },
}
