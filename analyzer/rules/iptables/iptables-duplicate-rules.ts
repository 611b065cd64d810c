import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { clear, found } from '../../engine/verdict.ts'
import { type RuleCount, ruleCounts } from '../../facts/cluster/ruleCounts.ts'
import { duplicateHints } from '../../facts/node/duplicateHints.ts'
import { iptablesPrograms } from '../../facts/node/iptablesPrograms.ts'
import type { IptablesDump } from '../../facts/node/iptablesReadings.ts'
import { type RepeatedRule, repeatedRules } from '../../facts/node/repeatedRules.ts'
import { formatCount } from '../../text/formatCount.ts'
import { duplicateCause } from './duplicateCause.ts'
import { type Note, text } from './iptables-duplicate-rules.text.ts'

/** Thresholds of a leak: a packet passes every copy, and each sync of kube-proxy or kube-router reads and writes them all. */
const MANY_RULES = 20_000
const MANY_COPIES = 1_000
const LEAK = 10
/** Two copies alone are as often an administrator's slip as two programs. */
const BEYOND_TWO = 3
const SHOWN = 5

/** One rule repeated many times in one chain: something adds it again and again (k3s#3117, kubernetes#82361, #76431). */
export default defineRule({
  id: 'iptables-duplicate-rules',
  area: 'iptables',
  severity: 'high',
  references: [
    {
      title: 'k3s-io/k3s#3117: high load due to growing iptables rules',
      url: 'https://github.com/k3s-io/k3s/issues/3117',
    },
    {
      title: 'kubernetes/kubernetes#82361: duplicated KUBE-FIREWALL rules with iptables 1.8.1 and 1.8.2',
      url: 'https://github.com/kubernetes/kubernetes/issues/82361',
    },
    { title: 'k3s documentation, Known Issues: iptables', url: 'https://docs.k3s.io/known-issues' },
    { title: 'iptables commit ccf154d7, first released in 1.8.3' },
  ],
  needs: { repeated: repeatedRules, programs: iptablesPrograms },
  // Taken from each node so that a log that is cut short, which only tells the reason, does not put the rules in doubt.
  wants: { counts: ruleCounts, hints: eachNode(duplicateHints) },
  text,
  check({ repeated, programs, counts, hints }, node) {
    const rules = repeated.filter(({ chain, copies }) => chain !== 'DOCKER-USER' || copies > MANY_COPIES)
    const [most] = rules
    if (most === undefined) return clear()
    const own = counts?.find((count) => count.node === node.id)
    const told = hints?.find((hint) => hint.node.id === node.id)?.value
    const cause = duplicateCause({
      rules,
      programs,
      nftRuleset: told?.nftRuleset,
      missingRuleLines: told?.missingRuleLines ?? [],
      routerImages: told?.routerImages ?? [],
    })
    const shown = rules.slice(0, SHOWN)
    const ruleCount = own?.count ?? most.dump.capture.value.ruleCount
    return found(
      {
        node: node.id,
        ruleCount,
        repeatedRules: rules.length,
        surplus: rules.reduce((sum, { copies }) => sum + copies - 1, 0),
        most: { chain: most.chain, table: most.table, copies: most.copies },
        peerCounts: own?.peerCounts ?? [],
        isOutlier: own?.isOutlier === true,
        saveCommand: saveCommandOf(most.dump),
        cause,
      },
      {
        subject: 'rules',
        severity: severityOf(most.copies, ruleCount),
        confidence: confidenceOf(most.copies),
        evidence: [
          ...shown.map(({ origin, copies }) => withNote(origin, 'copies', formatCount(copies))),
          ...versionLine(most),
          ...cause.shownBy
            .filter((line) => !isSameLine(line, most.dump.versionOrigin))
            .slice(0, 2)
            .map((line) => withNote(line, 'cause')),
          ...peerLine(own, counts ?? []),
        ],
        about: [
          `node:${node.id}` as const,
          ...shown.map(({ table, chain }) => `chain:${table}/${chain}` as const),
        ],
      },
    )
  },
})

/** A rule that stands there a few times, or twice, hardly costs anything; it tells of two programs that do not know of each other. */
function severityOf(copies: number, ruleCount: number): Severity {
  if (copies > MANY_COPIES || (copies >= LEAK && ruleCount > MANY_RULES)) return 'critical'
  if (copies >= LEAK) return 'high'
  return copies >= BEYOND_TWO ? 'medium' : 'low'
}

function confidenceOf(copies: number): Confidence {
  if (copies >= LEAK) return 'certain'
  return copies >= BEYOND_TWO ? 'likely' : 'possible'
}

/** The program whose dump it is, as typed; the bundled one from where the collector found it. */
function saveCommandOf({ role, capture }: IptablesDump): string {
  if (role === 'legacy') return 'iptables-legacy-save'
  if (role === 'nft') return 'iptables-nft-save'
  if (role === 'default') return 'iptables-save'
  const [path] = /^\/[\w./-]{1,200}\/iptables-save(?= |$)/.exec(capture.command ?? '') ?? []
  return path ?? '/var/lib/rancher/k3s/data/current/bin/aux/iptables-save'
}

function versionLine({ dump }: RepeatedRule): Citation<Note>[] {
  if (dump.versionOrigin === undefined || dump.version === undefined) return []
  return [withNote(dump.versionOrigin, 'version', dump.version)]
}

/** The head of the dump of the peer with the most rules. */
function peerLine(own: RuleCount | undefined, all: readonly RuleCount[]): Citation<Note>[] {
  const peers = all.filter(({ node, isWhole }) => node !== own?.node && isWhole)
  const [largest] = peers.toSorted((a, b) => b.count - a.count)
  return largest === undefined ? [] : [withNote(largest.origin, 'peer', formatCount(largest.count))]
}

function isSameLine(a: Evidence, b: Evidence | undefined): boolean {
  return a.bundle === b?.bundle && a.path === b.path && a.line === b.line
}
