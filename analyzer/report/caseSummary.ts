import type { BundleInfo } from '../bundle/bundle.ts'
import type { Language } from '../engine/language.ts'
import { type Finding, type Outcome, SEVERITIES, type Severity, type Silent } from '../engine/outcome.ts'
import { withoutNode } from '../engine/words.ts'
import { type ExplainedFinding, explainFindings } from './explainedFindings.ts'
import { type Matrix, buildMatrix } from './matrix.ts'
import type { Report } from './report.ts'
import { type ReportWords, reportWords } from './words.ts'

/** Checks that could not be made, all for one reason. */
export interface UncheckedGroup {
  /** Names no node that `nodes` names. */
  readonly reason: string
  /** The rule itself failed: a defect of coldcase. */
  readonly broken: boolean
  /** Rule ids, each once. */
  readonly rules: readonly string[]
  readonly nodes: readonly string[]
  /** Rules × nodes. */
  readonly checks: number
}

/** What a reader wants to know of one bundle before anything else. */
export interface NodeSummary {
  readonly bundle: BundleInfo
  /** Findings that concern it. */
  readonly findings: number
  /** Of these. */
  readonly worst: Severity | undefined
  readonly unchecked: number
}

/** What all renderers say alike. */
export interface CaseSummary {
  /** The verdict, one sentence without a full stop. */
  readonly headline: string
  /** Root causes that matter, with what they explain. */
  readonly causes: readonly ExplainedFinding[]
  /** Root causes that are low or info and explain nothing worse. */
  readonly minor: readonly ExplainedFinding[]
  readonly nodes: readonly NodeSummary[]
  readonly unchecked: readonly UncheckedGroup[]
  /** Bundles that are not as the collector left them, or have another problem. */
  readonly damaged: readonly BundleInfo[]
  readonly counts: {
    readonly findings: number
    readonly clear: number
    readonly notApplicable: number
    readonly unchecked: number
    readonly broken: number
  }
  readonly matrix: Matrix
}

/** Orders what was found and what was not into what a reader asks for; the outcomes may come in any order. */
export function summarizeCase({ bundles, outcomes, language }: Report): CaseSummary {
  const explained = explainFindings(outcomes.filter(isFinding))
  const counts = {
    findings: outcomes.filter(isFinding).length,
    clear: outcomes.filter(({ state }) => state === 'clear').length,
    notApplicable: outcomes.filter(({ state }) => state === 'not-applicable').length,
    unchecked: outcomes.filter(({ state }) => state === 'unchecked').length,
    broken: outcomes.filter(({ state }) => state === 'broken').length,
  }
  const causes = explained.filter(({ minor }) => !minor)
  const minor = explained.filter((it) => it.minor)
  return {
    headline: headline({ bundles, causes, minor, counts }, reportWords(language)),
    causes,
    minor,
    nodes: bundles.map((bundle) => summarizeNode(bundle, outcomes)),
    unchecked: groupUnchecked(outcomes, language),
    damaged: bundles.filter(({ complete, problems }) => !complete || problems.length > 0),
    counts,
    matrix: buildMatrix(bundles, explained, outcomes),
  }
}

function isFinding(outcome: Outcome): outcome is Finding {
  return outcome.state === 'found'
}

interface Verdict extends Pick<CaseSummary, 'causes' | 'minor' | 'counts'> {
  readonly bundles: readonly BundleInfo[]
}

function headline({ bundles, causes, minor, counts }: Verdict, words: ReportWords): string {
  const say = words.headline
  if (bundles.length === 0) return say.noBundle
  if (causes.length > 0) {
    const effects = causes.reduce((sum, cause) => sum + cause.effects.length, 0)
    const where = words.namedNodes(touchedNodes(bundles, causes))
    if (effects === 0) return say.faults(causes.length, where)
    return say.causes(causes.length, causes.length + effects, where)
  }
  // Absence is not evidence: where no check came out, nothing is said to be sound.
  if (minor.length === 0 && counts.clear === 0) return say.nothingChecked(bundles.length)
  const verdict =
    minor.length > 0 ? say.nothingUrgent(bundles.length, minor.length) : say.nothingWrong(bundles.length)
  const unchecked = counts.unchecked + counts.broken
  return unchecked === 0 ? verdict : say.unchecked(verdict, unchecked)
}

/** In the order of the bundles; nodes that sent no bundle come last. */
function touchedNodes(bundles: readonly BundleInfo[], causes: readonly ExplainedFinding[]): string[] {
  const touched = new Set<string>()
  for (const { finding, effects } of causes) {
    for (const { nodes } of [finding, ...effects.map((effect) => effect.finding)])
      for (const node of nodes) touched.add(node)
  }
  const known = bundles.map(({ id }) => id).filter((id) => touched.has(id))
  return [...known, ...[...touched].filter((node) => !known.includes(node)).toSorted()]
}

function summarizeNode(bundle: BundleInfo, outcomes: readonly Outcome[]): NodeSummary {
  const own = outcomes.filter(({ nodes }) => nodes.includes(bundle.id))
  const severities = own.filter(isFinding).map(({ severity }) => severity)
  return {
    bundle,
    findings: severities.length,
    worst: SEVERITIES.find((severity) => severities.includes(severity)),
    unchecked: own.filter(({ state }) => state === 'unchecked' || state === 'broken').length,
  }
}

function groupUnchecked(outcomes: readonly Outcome[], language: Language): readonly UncheckedGroup[] {
  const groups = new Map<string, OpenGroup>()
  for (const outcome of outcomes) {
    if (outcome.state !== 'unchecked' && outcome.state !== 'broken') continue
    const broken = outcome.state === 'broken'
    const reason = sharedReason(outcome, language)
    const key = `${outcome.state} ${reason}`
    const group = groups.get(key) ?? { reason, broken, rules: new Set(), nodes: new Set(), checks: 0 }
    group.rules.add(outcome.rule)
    for (const node of outcome.nodes) group.nodes.add(node)
    group.checks += 1
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ reason, broken, rules, nodes, checks }) => ({
      reason,
      broken,
      rules: [...rules],
      nodes: [...nodes],
      checks,
    }))
    .toSorted((a, b) => Number(b.broken) - Number(a.broken) || b.checks - a.checks)
}

/** Without the node, nodes that lack the same thing share a group. */
function sharedReason({ reason, nodes }: Silent, language: Language): string {
  const [node, ...others] = nodes
  return node === undefined || others.length > 0 ? reason : withoutNode(reason, node, language)
}

interface OpenGroup {
  readonly reason: string
  readonly broken: boolean
  readonly rules: Set<string>
  readonly nodes: Set<string>
  checks: number
}
