import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
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
    remedy: (d) => [...cleanUp(d), ...CURES[d.cause.mechanism], ...back(d)],
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

function cleanUp({ node, most, saveCommand }: DuplicateRules): Step[] {
  const restore = saveCommand.replace(/save$/, 'restore')
  const dedup = `${saveCommand} | awk '/^\\*/{delete s} /^[*:#C]/||!s[$0]++' | ${restore}`
  if (most.copies < 10) {
    return [
      {
        text: 'See whether the number grows; two counts ten minutes apart tell.',
        commands: [`${saveCommand} | grep '^-A' | sort | uniq -c | sort -rn | head`],
      },
    ]
  }
  return [
    {
      text: 'Move the pods away: while rules are replaced, connections through the node may break.',
      commands: [`kubectl drain ${shellQuote(node)} --ignore-daemonsets --delete-emptydir-data`],
    },
    {
      text: 'Take the copies out, on the node, with the same iptables that wrote the rules: this replaces every table. A restart of the node, or k3s-killall.sh, does the same.',
      commands: [`${saveCommand} >/root/iptables-before.txt`, dedup],
    },
  ]
}

const UPGRADE: Step = {
  text: 'Bring the host to iptables 1.8.8 or later, but not to 1.8.10, nor to 1.8.11 without the fix of its check for interface names; or let it use legacy, and restart it.',
  commands: [
    'iptables -V',
    'update-alternatives --set iptables /usr/sbin/iptables-legacy',
    'update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy',
  ],
}

const BUNDLED: Step = {
  text: 'With k3s (v1.23.15, v1.24.9, v1.25.5, v1.26.0 or later) its own iptables can be used in place of the host’s: add this to its configuration and restart it.',
  commands: [`echo 'prefer-bundled-bin: true' >>/etc/rancher/k3s/config.yaml`, 'systemctl restart k3s'],
}

const ONE_RELEASE: Step = {
  text: 'Let one release of iptables write all rules: 1.8.8 or later on the host and in every image, or the bundled one alone.',
  commands: ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V'],
}

const CURES: Readonly<Record<DuplicateCause['mechanism'], readonly Step[]>> = {
  'check-fails': [UPGRADE, BUNDLED],
  'versions-mixed': [ONE_RELEASE, BUNDLED],
  'musl-1.8.10': [
    { text: 'Bring kube-router to 2.1.3 or later, whose image has another iptables.', commands: [] },
  ],
  'two-writers': [],
  unknown: [UPGRADE, ONE_RELEASE],
}

function back({ node, most }: DuplicateRules): Step[] {
  if (most.copies < 10) return []
  return [{ text: 'Let pods come back.', commands: [`kubectl uncordon ${shellQuote(node)}`] }]
}
