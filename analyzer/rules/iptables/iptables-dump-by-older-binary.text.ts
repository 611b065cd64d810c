import type { RuleTexts } from '../../engine/ruleText.ts'

/** Tables that a dump does not show as the kernel holds them. */
export interface OlderReader {
  readonly node: string
  readonly misread: readonly {
    readonly path: string
    readonly table: string
    readonly why: 'unsupported-revision' | 'match-lost' | 'prefix-lost' | 'native-rule'
    /** Release of the program that printed it; '' where it is not known. */
    readonly version: string
  }[]
  /** The newest release on the node, where it is another one. */
  readonly newest?: string
}

type Note = OlderReader['misread'][number]['why'] | 'version' | 'newer'

/** The words of iptables-dump-by-older-binary. */
export const text: RuleTexts<OlderReader, never, Note> = {
  en: {
    name: 'The iptables dump was made by a program that cannot read all rules',
    looksFor:
      'Signs that a dump shows less than there is: “[unsupported revision]”, rules of Kubernetes without the mark or port that they always have, networks of flannel or of Services printed as single addresses, each only where the program that printed it is of a release that does so; and rules that are for all packets in the dump and for some in nft.',
    why: 'Two releases of iptables-nft changed how rules are kept: what 1.8.7 writes of a network, 1.8.6 and older print as one address; what 1.8.8 writes of marks and ports, 1.8.7 and older leave out. Of a native nftables rule in a table of iptables every release may leave out the condition. The kernel does the right thing; the dump says otherwise. A dump that shows “drop everything” would be taken for a fault that is not there.',
    mimics: [
      'Rules that really lost their match, since an older program saved and restored them: where nft shows them bare as well, the dump is believed.',
      'An old release alone: without a sign of rules that it cannot read its dump is believed.',
    ],
    cure: 'One release of iptables on the node and in every image that writes rules; until then, a dump by the newest of them, and nft list ruleset.',
    title: ({ node, misread }) =>
      `${tablesInWords(misread)} of ${node} ${misread.length === 1 ? 'was' : 'were'} printed by an iptables that cannot read ${misread.length === 1 ? 'it' : 'them'}`,
    summary: ({ misread, newest }) =>
      [
        ...misread.map(sentence),
        newest === undefined ? '' : `The node has iptables ${newest} as well.`,
        misread.length === 1
          ? 'Checks that need this table were not made.'
          : 'Checks that need these tables were not made.',
      ]
        .filter((words) => words !== '')
        .join(' '),
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Collect again with nft on the node, which reads what every release writes.',
        commands: ['nft -a list ruleset'],
      },
      {
        text: 'Bring the host’s iptables to the release of those who write rules (1.8.8 or later, not 1.8.10); with k3s, --prefer-bundled-bin makes it use its own.',
        commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
      },
    ],
    verify: () => [
      {
        text: 'The rule of kubelet bears its mark in the dump.',
        commands: ['iptables-save -t filter | grep -e KUBE-FIREWALL'],
      },
    ],
    reasons: {},
    notes: {
      'unsupported-revision': () => 'a part that this release cannot read',
      'match-lost': () => 'Kubernetes never writes this rule without a condition',
      'prefix-lost': () => 'the whole network stands here as its first address',
      'native-rule': () => 'nft shows no rule for all packets in this chain',
      version: (version) => `printed by iptables ${version}`,
      newer: (version) => `iptables ${version} is there too`,
    },
  },
}

function tablesInWords(misread: OlderReader['misread']): string {
  const names = misread.map(({ table }) => table).join(' and ')
  return misread.length === 1 ? `Table ${names}` : `Tables ${names}`
}

function sentence({ path, table, why, version }: OlderReader['misread'][number]): string {
  const printed = `${path} (iptables ${version === '' ? 'of unknown release' : version})`
  switch (why) {
    case 'unsupported-revision':
      return `${printed} shows parts of table ${table} as “[unsupported revision]”.`
    case 'match-lost':
      return `${printed} shows rules of table ${table} without their marks and ports.`
    case 'native-rule':
      return `${printed} shows a native nftables rule of table ${table} without its condition.`
    case 'prefix-lost':
      return `${printed} shows networks in table ${table} as single addresses.`
  }
}
