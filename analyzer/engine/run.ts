import { messageOf } from '../text/messageOf.ts'
import { type CauseLink, linkCauses } from './causes.ts'
import type { Rule, WordedFinding } from './defineRule.ts'
import type { Language } from './language.ts'
import { CONFIDENCES, type Finding, type Outcome, SEVERITIES } from './outcome.ts'
import type { ClusterScope, NodeScope } from './scope.ts'
import type { Subject } from './verdict.ts'
import { suspectsOf } from './suspects.ts'
import { wordBroken, wordShortfalls } from './words.ts'

interface Unlinked {
  readonly finding: Finding
  readonly about: readonly Subject[]
}

/**
 * Asks every rule of every node and links what they found. Findings come first, root causes before effects, by severity, then
 * confidence; a symptom that nothing explains says what was looked for; the rest follows in the order of the rules. A rule that throws is `broken` on that node and costs the others nothing.
 */
export function run(
  cluster: ClusterScope,
  rules: readonly Rule[],
  causes: readonly CauseLink[],
  language: Language,
): readonly Outcome[] {
  const unlinked = new Map<string, Unlinked>()
  const others: Exclude<Outcome, Finding>[] = []
  for (const rule of rules) {
    for (const node of cluster.nodes) {
      const result = attempt(rule, node, language)
      if (result.state !== 'found') {
        others.push(result)
        continue
      }
      for (const found of result.findings) {
        const entry = unlinkedFinding(rule, node, found)
        // Nodes that see one fault alike, such as an address held twice, tell it once.
        if (!unlinked.has(entry.finding.id)) unlinked.set(entry.finding.id, entry)
      }
    }
  }
  const symptoms = new Set(rules.filter(({ isSymptom }) => isSymptom).map(({ id }) => id))
  const withSuspects = (finding: Finding): Finding =>
    symptoms.has(finding.rule) && finding.causedBy.length === 0
      ? { ...finding, suspects: suspectsOf(finding, others, rules, causes, language) }
      : finding
  const findings = linked([...unlinked.values()], causes).map(withSuspects)
  return [...findings.toSorted(byImportance), ...others]
}

type Attempt =
  Exclude<Outcome, Finding> | { readonly state: 'found'; readonly findings: readonly WordedFinding[] }

function attempt(rule: Rule, node: NodeScope, language: Language): Attempt {
  const head = { rule: rule.id, id: `${rule.id}:${node.id}`, area: rule.area, nodes: [node.id] }
  try {
    const result = rule.check(node, language)
    switch (result.state) {
      case 'found':
        return result
      case 'clear':
        return { ...head, state: 'clear' }
      case 'short':
        return { ...head, state: 'unchecked', reason: wordShortfalls(result.shortfalls, language) }
      default:
        return { ...head, state: result.state, reason: result.reason }
    }
  } catch (error) {
    return {
      ...head,
      state: 'broken',
      reason: wordBroken(messageOf(error), language),
    }
  }
}

function unlinkedFinding(rule: Rule, node: NodeScope, found: WordedFinding): Unlinked {
  const nodes = [...new Set([node.id, ...found.nodes])].toSorted()
  const { subject, about, nodes: _, ...worded } = found
  const id = [rule.id, nodes.join('+'), subject].filter((part) => part !== '').join(':')
  const finding: Finding = {
    rule: rule.id,
    id,
    area: rule.area,
    nodes,
    state: 'found',
    ...worded,
    explains: [],
    causedBy: [],
  }
  return { finding, about }
}

function linked(entries: readonly Unlinked[], causes: readonly CauseLink[]): readonly Finding[] {
  const links = linkCauses(
    entries.map(({ finding, about }) => ({ id: finding.id, rule: finding.rule, about })),
    causes,
  )
  return entries.map(({ finding }) => ({
    ...finding,
    explains: links.explains.get(finding.id) ?? [],
    causedBy: links.causedBy.get(finding.id) ?? [],
  }))
}

/** Effects last, then by severity; what is a cause before what is only a symptom; then by confidence and id. */
function byImportance(a: Finding, b: Finding): number {
  return (
    Number(a.causedBy.length > 0) - Number(b.causedBy.length > 0) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    Number(a.suspects !== undefined) - Number(b.suspects !== undefined) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence) ||
    (a.id < b.id ? -1 : 1)
  )
}
