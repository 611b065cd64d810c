import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { DuplicateCause } from './duplicateCause.ts'

/** What was found: rules that stand more than once in one chain of one table. */
export interface DuplicateRules {
  readonly node: string
  /** All rules of the node, copies among them. */
  readonly ruleCount: number
  /** Rules that are repeated. */
  readonly repeatedRules: number
  /** Copies beyond the first ones. */
  readonly surplus: number
  readonly most: { readonly table: string; readonly chain: string; readonly copies: number }
  /** Of the peers whose dumps are whole, smallest first. */
  readonly peerCounts: readonly number[]
  /** Far more rules than its peers. */
  readonly isOutlier: boolean
  /** The program that printed the dump, as typed: `iptables-save`. */
  readonly saveCommand: string
  readonly cause: DuplicateCause
}

/** Names of what is to be seen in a line of evidence. */
export type Note = 'copies' | 'version' | 'cause' | 'peer'

/** The words of iptables-duplicate-rules. */
export const text: RuleTexts<DuplicateRules, never, Note> = {
  en: {
    name: 'One iptables rule is repeated many times',
    looksFor:
      'Rules that stand more than once in one chain of one table of an iptables dump, word for word but for counters and spelling, and the number of rules of the node beside its peers’.',
    why: 'A packet is held against every copy, and every sync of kube-proxy, kubelet, flannel or kube-router reads or writes them all: load in ksoftirqd, slow connections, syncs that take minutes, iptables commands that hang. The copies come from a program that looks for its rule, is told that it is not there, and adds it again: iptables-nft 1.8.0 to 1.8.2 does not find rules whose comment is not the last match; releases on both sides of 1.8.7 misread each other’s networks; two programs may write one rule in different words.',
    consequences:
      'ksoftirqd is busy, connections through the node are slow, kube-proxy’s syncs take minutes, and iptables commands hang; it grows worse over weeks.',
    commonCauses: [
      'iptables-nft 1.8.0 to 1.8.2 on the host (Debian 10, RHEL 8.0 to 8.2).',
      'Two releases of iptables-nft on both sides of 1.8.7, such as an old host’s and k3s’s own.',
      'kube-router 2.1.0 to 2.1.2, whose image has iptables 1.8.10.',
      'A script that appends a rule without looking whether it is there.',
    ],
    mimics: [
      'Jumps that differ in source or destination: they are different rules.',
      'The two rules of each KUBE-SEP chain, and KUBE-POD-FW jumps that stand once in each of KUBE-ROUTER-INPUT, FORWARD and OUTPUT: chains are counted apart.',
      'A listing of `iptables -L`, which leaves out interfaces so that different rules look alike: only dumps are counted.',
      'Two dumps of one backend, by two programs: one of them is counted.',
      'Rules printed by an iptables too old to show their ports: in such a table only hundreds of copies count.',
      'DOCKER-USER, where administrators’ scripts and old releases of Docker repeat a RETURN: it counts from 1,000 copies.',
    ],
    cure: 'Take the copies out on a drained node, or restart it. Then remove the reason: iptables 1.8.8 or later on the host (not 1.8.10, not 1.8.11 without its fix), or legacy; with k3s --prefer-bundled-bin; kube-router 2.1.3 or later.',
    title: (d) =>
      `${formatCount(d.surplus)} ${d.surplus === 1 ? 'copy' : 'copies'} of ${rulesInWords(d.repeatedRules)} among the ${formatCount(d.ruleCount)} of ${d.node}`,
    summary: (d) => [...numbers(d), effect(d), REASONS[d.cause.mechanism](d)].join(' '),
    ruledOut: (d) => [
      'Only rules alike in every word but their counters, in one chain of one table of one backend, are counted as copies.',
      ...(d.peerCounts.length > 0 && !d.isOutlier && d.ruleCount > 2_000
        ? ['The number of rules alone is not out of line with its peers’.']
        : []),
    ],
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => [
      {
        text: 'Ten minutes later each rule still stands once, and the number of rules has not grown.',
        commands: [
          `${d.saveCommand} | grep -c '^-A'`,
          `${d.saveCommand} | grep '^-A' | sort | uniq -c | sort -rn | head`,
        ],
      },
    ],
    reasons: {},
    notes: {
      copies: (copies) => `${copies} copies`,
      version: (version) => `printed by iptables ${version}`,
      cause: () => 'speaks for the reason given',
      peer: (count) => `a peer’s dump: ${count} rules`,
    },
  },
  zh: {
    name: '同一条 iptables 规则重复了很多次',
    looksFor:
      'iptables 转储中，同一个表的同一条链里除计数器和写法外逐字相同的规则，以及该节点的规则总数与其他节点的比较。',
    why: '每个报文都要与每一份副本比较，kube-proxy、kubelet、flannel、kube-router 的每次同步都要读写全部规则：ksoftirqd 负载高、连接变慢、同步要几分钟、iptables 命令卡住。副本来自这样的程序：它查询自己的规则，得到“不存在”的回答，于是又加一条。iptables-nft 1.8.0 至 1.8.2 找不到注释不在最后的规则；1.8.7 前后两侧的版本会误读对方的网段；两个程序也可能用不同的写法写同一条规则。',
    consequences:
      'ksoftirqd 繁忙，经过该节点的连接缓慢，kube-proxy 同步要几分钟，iptables 命令卡住；几周内逐渐恶化。',
    commonCauses: [
      '主机上的 iptables-nft 1.8.0 至 1.8.2（Debian 10、RHEL 8.0 至 8.2）。',
      '1.8.7 前后两侧的两个 iptables-nft 版本并用，例如旧主机的和 k3s 自带的。',
      'kube-router 2.1.0 至 2.1.2，其镜像带有 iptables 1.8.10。',
      '不检查是否存在就追加规则的脚本。',
    ],
    mimics: [
      '源或目的不同的跳转：是不同的规则。',
      '每条 KUBE-SEP 链的两条规则，以及在 KUBE-ROUTER-INPUT、FORWARD、OUTPUT 中各出现一次的 KUBE-POD-FW 跳转：各链分别计数。',
      '`iptables -L` 的列表省略了接口，不同的规则看起来一样：只统计转储。',
      '两个程序对同一后端的两份转储：只统计其中一份。',
      '由旧到不显示端口的 iptables 打印的规则：这样的表只有几百份副本才计。',
      'DOCKER-USER 中管理员脚本和旧版 Docker 会重复 RETURN：从 1,000 份起才计。',
    ],
    cure: '在驱逐 Pod 后的节点上去掉副本，或者重启节点。然后消除原因：主机使用 iptables 1.8.8 以上（不要 1.8.10，也不要没有修复的 1.8.11）或 legacy；k3s 使用 --prefer-bundled-bin；kube-router 2.1.3 以上。',
    title: (d) =>
      `${d.node} 的 ${formatCount(d.ruleCount)} 条 iptables 规则中有 ${formatCount(d.surplus)} 份副本（来自 ${formatCount(d.repeatedRules)} 条规则）`,
    summary: (d) => [...chineseNumbers(d), chineseEffect(d), CHINESE_REASONS[d.cause.mechanism](d)].join(''),
    ruledOut: (d) => [
      '只有同一后端、同一个表、同一条链里除计数器外逐字相同的规则才算副本。',
      ...(d.peerCounts.length > 0 && !d.isOutlier && d.ruleCount > 2_000
        ? ['单看规则总数，与其他节点相比并不异常。']
        : []),
    ],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => [
      {
        text: '十分钟后每条规则仍只有一份，规则总数没有增长。',
        commands: [
          `${d.saveCommand} | grep -c '^-A'`,
          `${d.saveCommand} | grep '^-A' | sort | uniq -c | sort -rn | head`,
        ],
      },
    ],
    reasons: {},
    notes: {
      copies: (copies) => `${copies} 份`,
      version: (version) => `由 iptables ${version} 打印`,
      cause: () => '支持所给出的原因',
      peer: (count) => `其他节点的转储：${count} 条规则`,
    },
  },
}

function rulesInWords(count: number): string {
  return count === 1 ? 'one iptables rule' : `${formatCount(count)} iptables rules`
}

function numbers({ node, ruleCount, most, repeatedRules, peerCounts }: DuplicateRules): string[] {
  const smallest = peerCounts[0]
  const largest = peerCounts.at(-1)
  const peers =
    smallest === undefined || largest === undefined
      ? ''
      : smallest === largest
        ? `; its ${peerCounts.length === 1 ? 'peer holds' : 'peers hold'} ${formatCount(largest)}`
        : `; its peers hold ${formatCount(smallest)} to ${formatCount(largest)}`
  const repeated =
    repeatedRules === 1
      ? `One rule of ${most.chain} (table ${most.table}) stands there ${formatCount(most.copies)} times.`
      : `${formatCount(repeatedRules)} of them are repeated, one of ${most.chain} (table ${most.table}) ${formatCount(most.copies)} times.`
  return [`${node} holds ${formatCount(ruleCount)} iptables rules${peers}.`, repeated]
}

function effect({ most }: DuplicateRules): string {
  if (most.copies >= 1_000)
    return 'Packets are held against every copy: ksoftirqd is busy, connections are slow, and iptables commands on the node hang.'
  if (most.copies >= 10)
    return 'Something adds the same rule again and again; every sync makes packets and later syncs slower.'
  return 'That costs next to nothing as long as the number does not grow.'
}

const REASONS: Readonly<Record<DuplicateCause['mechanism'], (d: DuplicateRules) => string>> = {
  'check-fails': ({ cause: { confidence, versions } }) =>
    `${confidence === 'certain' ? 'The reason' : 'The likely reason'}: iptables-nft ${versions.join(' and ')} answers “does not exist” when it is asked for a rule whose comment is not its last match, so that kubelet and kube-router add it at every sync.`,
  'versions-mixed': ({ cause: { confidence, versions } }) =>
    `${confidence === 'certain' ? 'The reason' : 'The likely reason'}: two releases of iptables-nft on both sides of 1.8.7 ${versions.length > 1 ? `(${versions.join(' and ')}) ` : ''}write to one table; each reads the other’s networks as single addresses, does not find its rule and adds it again.`,
  'musl-1.8.10': () =>
    'The likely reason: iptables 1.8.10 in the Alpine image of kube-router 2.1.0 to 2.1.2, which at times does not find its own rules; this is reported, and was not reproduced.',
  'two-writers': ({ cause: { confidence } }) =>
    confidence === 'certain'
      ? 'The copies are spelled in two ways: two programs write the same rule.'
      : 'Two copies are what two programs leave, or someone who entered a rule twice.',
  unknown: () =>
    'The captures do not tell why. What would: `iptables -V` on the host and in every container that writes rules (kube-proxy, flannel, kube-router), and whether the number grows within ten minutes.',
}

function remedyOf(d: DuplicateRules): readonly SaidStep[] {
  return [...cleanUp(d), ...CURES[d.cause.mechanism], ...back(d)]
}

function cleanUp({ node, most, saveCommand }: DuplicateRules): SaidStep[] {
  const restore = saveCommand.replace(/save$/, 'restore')
  const dedup = `${saveCommand} | awk '/^\\*/{delete s} /^[*:#C]/||!s[$0]++' | ${restore}`
  if (most.copies < 10) {
    return [
      {
        text: {
          en: 'See whether the number grows; two counts ten minutes apart tell.',
          zh: '查看数量是否增长：相隔十分钟统计两次即可。',
        },
        commands: [`${saveCommand} | grep '^-A' | sort | uniq -c | sort -rn | head`],
      },
    ]
  }
  return [
    {
      text: {
        en: 'Move the pods away: while rules are replaced, connections through the node may break.',
        zh: '把 Pod 移走：替换规则期间，经过该节点的连接可能中断。',
      },
      commands: [`kubectl drain ${shellQuote(node)} --ignore-daemonsets --delete-emptydir-data`],
    },
    {
      text: {
        en: 'Take the copies out, on the node, with the same iptables that wrote the rules: this replaces every table. A restart of the node, or k3s-killall.sh, does the same.',
        zh: '在节点上用写入规则的同一个 iptables 去掉副本：这会替换所有的表。重启节点或 k3s-killall.sh 效果相同。',
      },
      commands: [`${saveCommand} >/root/iptables-before.txt`, dedup],
    },
  ]
}

const UPGRADE: SaidStep = {
  text: {
    en: 'Bring the host to iptables 1.8.8 or later, but not to 1.8.10, nor to 1.8.11 without the fix of its check for interface names; or let it use legacy, and restart it.',
    zh: '把主机的 iptables 升级到 1.8.8 以上，但不要 1.8.10，也不要没有修复接口名检查的 1.8.11；或者改用 legacy 并重启。',
  },
  commands: [
    'iptables -V',
    'update-alternatives --set iptables /usr/sbin/iptables-legacy',
    'update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy',
  ],
}

const BUNDLED: SaidStep = {
  text: {
    en: 'With k3s (v1.23.15, v1.24.9, v1.25.5, v1.26.0 or later) its own iptables can be used in place of the host’s: add this to its configuration and restart it.',
    zh: 'k3s（v1.23.15、v1.24.9、v1.25.5、v1.26.0 以上）可以用自带的 iptables 代替主机的：在配置中加入下面一行并重启。',
  },
  commands: [`echo 'prefer-bundled-bin: true' >>/etc/rancher/k3s/config.yaml`, 'systemctl restart k3s'],
}

const ONE_RELEASE: SaidStep = {
  text: {
    en: 'Let one release of iptables write all rules: 1.8.8 or later on the host and in every image, or the bundled one alone.',
    zh: '让所有规则都由同一版本的 iptables 写入：主机和每个镜像都用 1.8.8 以上，或者只用自带的版本。',
  },
  commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
}

const CURES: Readonly<Record<DuplicateCause['mechanism'], readonly SaidStep[]>> = {
  'check-fails': [UPGRADE, BUNDLED],
  'versions-mixed': [ONE_RELEASE, BUNDLED],
  'musl-1.8.10': [
    {
      text: {
        en: 'Bring kube-router to 2.1.3 or later, whose image has another iptables.',
        zh: '把 kube-router 升级到 2.1.3 以上，其镜像使用另一个 iptables。',
      },
      commands: [],
    },
  ],
  'two-writers': [],
  unknown: [UPGRADE, ONE_RELEASE],
}

function back({ node, most }: DuplicateRules): SaidStep[] {
  if (most.copies < 10) return []
  return [
    {
      text: { en: 'Let pods come back.', zh: '恢复调度 Pod。' },
      commands: [`kubectl uncordon ${shellQuote(node)}`],
    },
  ]
}

function chineseNumbers({ node, ruleCount, most, repeatedRules, peerCounts }: DuplicateRules): string[] {
  const smallest = peerCounts[0]
  const largest = peerCounts.at(-1)
  const peers =
    smallest === undefined || largest === undefined
      ? ''
      : smallest === largest
        ? `；其他节点为 ${formatCount(largest)} 条`
        : `；其他节点为 ${formatCount(smallest)} 至 ${formatCount(largest)} 条`
  const repeated =
    repeatedRules === 1
      ? `${most.chain}（${most.table} 表）中有一条规则出现了 ${formatCount(most.copies)} 次。`
      : `其中 ${formatCount(repeatedRules)} 条重复，${most.chain}（${most.table} 表）中的一条出现了 ${formatCount(most.copies)} 次。`
  return [`${node} 有 ${formatCount(ruleCount)} 条 iptables 规则${peers}。`, repeated]
}

function chineseEffect({ most }: DuplicateRules): string {
  if (most.copies >= 1_000)
    return '报文要与每一份副本比较：ksoftirqd 繁忙，连接缓慢，节点上的 iptables 命令会卡住。'
  if (most.copies >= 10) return '有程序在反复添加同一条规则；每次同步都会让报文处理和之后的同步更慢。'
  return '只要数量不增长，几乎没有影响。'
}

const CHINESE_REASONS: Readonly<Record<DuplicateCause['mechanism'], (d: DuplicateRules) => string>> = {
  'check-fails': ({ cause: { confidence, versions } }) =>
    `${confidence === 'certain' ? '原因' : '很可能的原因'}：iptables-nft ${versions.join('、')} 在查询注释不在最后的规则时回答“不存在”，于是 kubelet 和 kube-router 每次同步都再添加一条。`,
  'versions-mixed': ({ cause: { confidence, versions } }) =>
    `${confidence === 'certain' ? '原因' : '很可能的原因'}：1.8.7 前后两侧的两个 iptables-nft 版本${versions.length > 1 ? `（${versions.join('、')}）` : ''}写同一个表；各自把对方的网段读成单个地址，找不到自己的规则，于是再添加一条。`,
  'musl-1.8.10': () =>
    '很可能的原因：kube-router 2.1.0 至 2.1.2 的 Alpine 镜像中的 iptables 1.8.10 有时找不到自己的规则；这是他人报告的，未能重现。',
  'two-writers': ({ cause: { confidence } }) =>
    confidence === 'certain'
      ? '副本有两种写法：两个程序在写同一条规则。'
      : '两份副本可能来自两个程序，或者有人把规则输入了两次。',
  unknown: () =>
    '采集内容看不出原因。可以查看：主机和每个写规则的容器（kube-proxy、flannel、kube-router）中的 `iptables -V`，以及规则数在十分钟内是否增长。',
}
