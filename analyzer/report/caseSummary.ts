import type { BundleInfo } from '../bundle/bundle.ts'
import { type Finding, type Outcome, SEVERITIES, type Severity } from '../engine/outcome.ts'
import { type ExplainedFinding, explainFindings } from './explainedFindings.ts'
import { type Matrix, buildMatrix } from './matrix.ts'
import type { Report } from './report.ts'
import { counted, namedNodes } from './words.ts'

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
export function summarizeCase({ bundles, outcomes }: Report): CaseSummary {
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
    headline: headline(bundles, causes, minor, counts.clear, counts.unchecked + counts.broken),
    causes,
    minor,
    nodes: bundles.map((bundle) => summarizeNode(bundle, outcomes)),
    unchecked: groupUnchecked(outcomes),
    damaged: bundles.filter(({ complete, problems }) => !complete || problems.length > 0),
    counts,
    matrix: buildMatrix(bundles, explained, outcomes),
  }
}

function isFinding(outcome: Outcome): outcome is Finding {
  return outcome.state === 'found'
}

function headline(
  bundles: readonly BundleInfo[],
  causes: readonly ExplainedFinding[],
  minor: readonly ExplainedFinding[],
  clear: number,
  unchecked: number,
): string {
  if (bundles.length === 0) return 'No bundle could be read'
  if (causes.length > 0) {
    const effects = causes.reduce((sum, cause) => sum + cause.effects.length, 0)
    const where = namedNodes(touchedNodes(bundles, causes))
    if (effects === 0) return `${counted(causes.length, 'fault')} on ${where}`
    const verb = causes.length === 1 ? 'explains' : 'explain'
    return `${counted(causes.length, 'cause')} ${verb} ${counted(causes.length + effects, 'finding')} on ${where}`
  }
  const nodes = counted(bundles.length, 'node')
  // Absence is not evidence: where no check came out, nothing is said to be sound.
  if (minor.length === 0 && clear === 0) return `Nothing could be checked on ${nodes}`
  const verdict =
    minor.length > 0
      ? `Nothing urgent was found on ${nodes}, ${counted(minor.length, 'minor finding')}`
      : `Nothing wrong was found on ${nodes}`
  if (unchecked === 0) return verdict
  return `${verdict}; ${counted(unchecked, 'check')} could not be made`
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

function groupUnchecked(outcomes: readonly Outcome[]): readonly UncheckedGroup[] {
  const groups = new Map<string, OpenGroup>()
  for (const outcome of outcomes) {
    if (outcome.state !== 'unchecked' && outcome.state !== 'broken') continue
    const broken = outcome.state === 'broken'
    const reason = withoutNode(outcome.reason, outcome.nodes)
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

interface OpenGroup {
  readonly reason: string
  readonly broken: boolean
  readonly rules: Set<string>
  readonly nodes: Set<string>
  checks: number
}

/** The engine words a shortfall as `what on node: why`; without the node, nodes that lack the same thing share a group. */
function withoutNode(reason: string, nodes: readonly string[]): string {
  const [node] = nodes
  return node === undefined || nodes.length > 1 ? reason : reason.replaceAll(` on ${node}:`, ':')
}
