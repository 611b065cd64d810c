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
    consequences:
      'Nothing happens to traffic: the kernel does the right thing. Checks that need the misread table are not made.',
    commonCauses: [
      'The host’s iptables is older than that of kube-proxy, flannel or kube-router’s image.',
      'k3s and rke2 use the iptables they bring along, the collector that of the host.',
    ],
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
  zh: {
    name: 'iptables 转储由读不懂全部规则的程序生成',
    looksFor:
      '转储显示不全的迹象：“[unsupported revision]”；Kubernetes 规则缺少一贯带有的 mark 或端口；flannel 或 Service 的网段被打印成单个地址——每一项都只在生成转储的版本确实会如此时才算；以及在转储里匹配所有报文、在 nft 里只匹配部分报文的规则。',
    why: '有两个版本的 iptables-nft 改变了规则的保存方式：1.8.7 写入的网段，1.8.6 及更早版本会打印成一个地址；1.8.8 写入的 mark 和端口，1.8.7 及更早版本会漏掉。对于 iptables 表里的原生 nftables 规则，任何版本都可能漏掉条件。内核的行为是正确的，只是转储写得不对。显示“丢弃一切”的转储会被误认为并不存在的故障。',
    consequences: '流量不受影响：内核的行为是正确的。需要被误读的表的检查不会进行。',
    commonCauses: [
      '主机的 iptables 比 kube-proxy、flannel 或 kube-router 镜像里的旧。',
      'k3s、rke2 使用自带的 iptables，而采集脚本使用主机的。',
    ],
    mimics: [
      '规则确实丢失了匹配条件，因为旧程序保存后又恢复了它们：如果 nft 也显示为无条件，就相信转储。',
      '仅仅是版本旧：没有读不懂规则的迹象时，相信其转储。',
    ],
    cure: '让节点和所有写规则的镜像使用同一版本的 iptables；在此之前，用其中最新的版本转储，并采集 nft list ruleset。',
    title: ({ node, misread }) =>
      `${node} 的 ${misread.map(({ table }) => table).join('、')} 表由读不懂它的 iptables 打印`,
    summary: ({ misread, newest }) =>
      [
        ...misread.map(chineseSentence),
        newest === undefined ? '' : `节点上还有 iptables ${newest}。`,
        '需要这些表的检查没有进行。',
      ].join(''),
    ruledOut: () => [],
    remedy: () => [
      {
        text: '在节点上装好 nft 后重新采集，它能读懂各版本写入的规则。',
        commands: ['nft -a list ruleset'],
      },
      {
        text: '把主机的 iptables 升级到与写规则者相同的版本（1.8.8 或更新，但不要 1.8.10）；k3s 可用 --prefer-bundled-bin 使用自带的版本。',
        commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
      },
    ],
    verify: () => [
      {
        text: '转储中 kubelet 的规则带有 mark。',
        commands: ['iptables-save -t filter | grep -e KUBE-FIREWALL'],
      },
    ],
    reasons: {},
    notes: {
      'unsupported-revision': () => '该版本读不懂的部分',
      'match-lost': () => 'Kubernetes 从不写没有条件的这条规则',
      'prefix-lost': () => '这里整个网段显示成了它的第一个地址',
      'native-rule': () => 'nft 在这条链里没有匹配所有报文的规则',
      version: (version) => `由 iptables ${version} 打印`,
      newer: (version) => `节点上还有 iptables ${version}`,
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

function chineseSentence({ path, table, why, version }: OlderReader['misread'][number]): string {
  const printed = `${path}（iptables ${version === '' ? '版本不明' : version}）`
  switch (why) {
    case 'unsupported-revision':
      return `${printed}把 ${table} 表的部分内容显示为“[unsupported revision]”。`
    case 'match-lost':
      return `${printed}显示的 ${table} 表规则缺少 mark 和端口。`
    case 'native-rule':
      return `${printed}显示的 ${table} 表原生 nftables 规则缺少条件。`
    case 'prefix-lost':
      return `${printed}把 ${table} 表中的网段显示成单个地址。`
  }
}
