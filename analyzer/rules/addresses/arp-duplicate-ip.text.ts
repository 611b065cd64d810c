import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: an address on two nodes, two answers for one address, or what a node saw itself. */
export type DuplicateAddress =
  | {
      readonly kind: 'two-nodes'
      readonly address: string
      readonly holders: readonly { readonly node: string; readonly device: string }[]
    }
  | {
      readonly kind: 'two-answers'
      readonly address: string
      /** The node that has it, by its own bundle. */
      readonly owner?: string
      /** Where the first witness learned it. */
      readonly device: string
      /** Who learned which hardware address. */
      readonly answers: readonly { readonly node: string; readonly mac: string }[]
    }
  | {
      readonly kind: 'seen-by-node'
      readonly address: string
      readonly node: string
      readonly device: string
      /** Of the other machine, where the log names it. */
      readonly mac?: string
      /** The kernel does not use the address (IPv6 duplicate address detection). */
      readonly refused: boolean
    }

type Note = 'holder' | 'witness' | 'owner' | 'log' | 'dadFailed'

const deviceOf = (d: DuplicateAddress): string =>
  shellQuote(d.kind === 'two-nodes' ? (d.holders[0]?.device ?? '') : d.device)

/** The words of arp-duplicate-ip. */
export const text: RuleTexts<DuplicateAddress, never, Note> = {
  en: {
    name: 'An address is on two machines',
    looksFor:
      'One address on network interfaces of two nodes; fresh neighbour entries that name, for a node’s address, a machine which does not have it; conflicts that the kernel, systemd-networkd or NetworkManager reported.',
    why: 'Two machines answer for one address. Each peer keeps the answer that came last, so that connections reach one machine at one time and the other at another, and break in between. Where one of them is a node, its kubelet, its pods and every Service with an endpoint there are hit.',
    mimics: [
      'Addresses that move between nodes (keepalived, kube-vip): a secondary or /32 address, or one with VRRP’s hardware address, does not count.',
      'Addresses that every node has by design: kube-ipvs0, docker0, cni0, virbr0, any bridge that leads to containers and guests alone (nerdctl, Docker networks with a name), node-local DNS on a dummy device, anycast addresses on loopback, link-local ones, and 10.0.2.15 behind a hypervisor’s NAT.',
      'Two interfaces of one node answering for one address: that is arp-wrong-mac.',
      'A node that answers for others (proxy_arp=1); a router that does, as in Azure, where one hardware address answers for the gateway and all nodes; a remembered entry (STALE) for a card that was replaced.',
      'Two bundles of one node: the same boot_id.',
    ],
    cure: 'Give one of the two machines another address, at its source: static configuration, DHCP reservation, or the image it was cloned from.',
    title(d) {
      if (d.kind === 'two-nodes') return `${d.address} is on ${joinWords(d.holders.map(({ node }) => node))}`
      if (d.kind === 'seen-by-node') return `Another machine has ${d.address}, the address of ${d.node}`
      return d.owner === undefined
        ? `${d.answers.length} machines answer for ${d.address}`
        : `Another machine answers for ${d.address}, the address of ${d.owner}`
    },
    summary(d) {
      const effect =
        'Peers send to whichever answered last: connections reach one machine or the other, and break when that changes.'
      if (d.kind === 'two-nodes') {
        const where = d.holders.map(({ node, device }) => `on ${device} of ${node}`)
        return `${d.address} is configured ${joinWords(where)}, and these interfaces have a link. ${effect}`
      }
      if (d.kind === 'seen-by-node') {
        const other = d.mac === undefined ? 'another machine' : `a machine with the hardware address ${d.mac}`
        return d.refused
          ? `${d.node} has ${d.address} on ${d.device}, and its kernel found it in use by ${other}: it does not use the address.`
          : `${d.node} has ${d.address} on ${d.device}, and reported that ${other} has it too. ${effect}`
      }
      const learned = joinWords(d.answers.map(({ node, mac }) => `${node} learned ${mac}`))
      return d.owner === undefined
        ? `For ${d.address}, ${learned}; both entries were confirmed within half a minute before the capture. ${effect} If one machine with two interfaces has both hardware addresses, it is its interfaces that answer for each other.`
        : `${d.owner} has ${d.address}, but ${learned} for it, which is none of its hardware addresses; the entry was confirmed within half a minute before the capture. ${effect}`
    },
    ruledOut(d) {
      if (d.kind === 'seen-by-node') return []
      if (d.kind === 'two-answers')
        return ['The address does not move between nodes, and none of those that answer proxies for others.']
      return [
        'The address does not move between nodes: it is the first one of its interface.',
        'The interfaces are on Ethernet and have a link: no loopback, dummy or tunnel devices.',
      ]
    },
    remedy: (d) => [
      {
        text: 'See who answers, from a third machine on the link: more than one hardware address is the proof.',
        commands: [`arping -c 4 -I ${deviceOf(d)} ${d.address}`],
      },
      {
        text:
          d.kind === 'two-nodes'
            ? 'Take the address off the node that should not have it, there and in what configures it (netplan, NetworkManager, ifcfg, cloud-init, DHCP).'
            : 'Find that machine by its hardware address in the switch or the hypervisor, and give it another address.',
        commands:
          d.kind === 'two-nodes'
            ? [`ip -br addr show | grep -F ${d.address}`, 'cat /etc/machine-id']
            : [`ip neigh show ${d.address}`],
      },
    ],
    verify: (d) => [
      {
        text: 'Duplicate address detection finds nobody else (exit status 0), run on the machine that keeps the address.',
        commands: [`arping -D -c 3 -I ${deviceOf(d)} ${d.address}`],
      },
    ],
    reasons: {},
    notes: {
      holder: (node) => `on ${node}`,
      witness: (mac) => `confirmed: ${mac} answers`,
      owner: (node) => `the address is on ${node}`,
      log: () => 'a conflict was reported',
      dadFailed: () => 'the kernel found it in use elsewhere',
    },
  },
}
