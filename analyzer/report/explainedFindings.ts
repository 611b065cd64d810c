import { CONFIDENCES, type Finding, SEVERITIES } from '../engine/outcome.ts'

/** A finding with the number by which the report speaks of it: `2`, or `2.1` for an effect of 2. */
export interface NumberedFinding {
  readonly label: string
  readonly finding: Finding
}

/** A root cause and what it explains. */
export interface ExplainedFinding extends NumberedFinding {
  /** What it explains, over any number of links; an effect of two causes belongs to the first. */
  readonly effects: readonly NumberedFinding[]
  /** What it explains too, and an earlier cause already tells. */
  readonly shared: readonly NumberedFinding[]
  /** Low or info, like everything that it explains. */
  readonly minor: boolean
}

/**
 * Folds effects under their root causes; causes that matter first, then by severity and confidence. Links to findings that
 * are not in the report are passed over, and findings that explain each other in a circle still appear.
 */
export function explainFindings(findings: readonly Finding[]): readonly ExplainedFinding[] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]))
  const effectsOf = directEffects(findings, byId)
  const isEffect = new Set([...effectsOf.values()].flat())
  const roots = findings.filter(({ id }) => !isEffect.has(id))
  const reached = new Set(roots.flatMap(({ id }) => [id, ...reachable(id, effectsOf)]))
  for (const finding of findings) {
    if (reached.has(finding.id)) continue
    roots.push(finding)
    for (const id of [finding.id, ...reachable(finding.id, effectsOf)]) reached.add(id)
  }
  const trees = roots.map((finding) => {
    const effects = reachable(finding.id, effectsOf).flatMap((id) => byId.get(id) ?? [])
    return { finding, effects, minor: [finding, ...effects].every(isMinor) }
  })
  trees.sort((a, b) => Number(a.minor) - Number(b.minor) || byImportance(a.finding, b.finding))
  return numbered(trees)
}

function directEffects(
  findings: readonly Finding[],
  byId: ReadonlyMap<string, Finding>,
): Map<string, string[]> {
  const effects = new Map<string, string[]>()
  const link = (cause: string, effect: string) => {
    if (cause === effect || !byId.has(cause) || !byId.has(effect)) return
    const known = effects.get(cause) ?? []
    if (!known.includes(effect)) effects.set(cause, [...known, effect])
  }
  for (const { id, explains, causedBy } of findings) {
    for (const effect of explains) link(id, effect)
    for (const cause of causedBy) link(cause, id)
  }
  return effects
}

/** Ids of all that a finding explains, itself left out, nearest first. */
function reachable(from: string, effectsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([from])
  for (const id of seen) for (const effect of effectsOf.get(id) ?? []) seen.add(effect)
  seen.delete(from)
  return [...seen]
}

function isMinor({ severity }: Finding): boolean {
  return severity === 'low' || severity === 'info'
}

function byImportance(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence)
  )
}

interface Tree {
  readonly finding: Finding
  readonly effects: readonly Finding[]
  readonly minor: boolean
}

function numbered(trees: readonly Tree[]): readonly ExplainedFinding[] {
  const told = new Map<string, NumberedFinding>()
  return trees.map(({ finding, effects, minor }, index) => {
    const label = String(index + 1)
    told.set(finding.id, { label, finding })
    const own: NumberedFinding[] = []
    const shared: NumberedFinding[] = []
    for (const effect of effects) {
      const earlier = told.get(effect.id)
      if (earlier) {
        shared.push(earlier)
        continue
      }
      const entry = { label: `${label}.${own.length + 1}`, finding: effect }
      told.set(effect.id, entry)
      own.push(entry)
    }
    return { label, finding, effects: own, shared, minor }
  })
}
