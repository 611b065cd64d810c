import type { Shortfall } from './availability.ts'
import type { Citation, Evidence } from './evidence.ts'
import { type Asked, type ClusterFact, type Inputs, type NodeFact, gather, resolveFor } from './fact.ts'
import type { Language } from './language.ts'
import type { Area, Confidence, Severity, Step } from './outcome.ts'
import type { Reference, RuleTexts } from './ruleText.ts'
import type { NodeScope } from './scope.ts'
import type { CheckResult, Found, Subject } from './verdict.ts'

/** A fault, worded. */
export interface WordedFinding {
  readonly subject: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly about: readonly Subject[]
  readonly nodes: readonly string[]
  readonly title: string
  readonly summary: string
  readonly evidence: readonly Evidence[]
  readonly ruledOut: readonly string[]
  readonly remedy: readonly Step[]
  readonly verify: readonly Step[]
}

/** What became of a rule on one node, worded, before findings are linked. */
export type RuleResult =
  | { readonly state: 'found'; readonly findings: readonly WordedFinding[] }
  | { readonly state: 'clear' }
  | { readonly state: 'not-applicable' | 'unchecked'; readonly reason: string }
  | { readonly state: 'short'; readonly shortfalls: readonly Shortfall[] }

/** What `coldcase explain` and docs/rules say of a rule. */
export interface RuleExplanation {
  readonly name: string
  readonly looksFor: string
  readonly why: string
  readonly consequences: string
  readonly commonCauses: readonly string[]
  readonly mimics: readonly string[]
  readonly cure: string
}

/** A rule as the engine sees it: what it found is already put into words. */
export interface Rule {
  readonly id: string
  readonly area: Area
  readonly severity: Severity
  /** It tells an effect: what it finds has a cause that another rule may know. */
  readonly isSymptom: boolean
  readonly references: readonly Reference[]
  readonly check: (node: NodeScope, language: Language) => RuleResult
  readonly explain: (language: Language) => RuleExplanation
}

type AnyFact = NodeFact<unknown> | ClusterFact<unknown>

/** The node that a rule speaks for: its name only, since all else a rule sees is declared. */
export type JudgedNode = Pick<NodeScope, 'id'>

/**
 * A rule: facts → verdict. `needs` are always there when `check` is asked; `wants` may be undefined; nothing else reaches it.
 * A rule runs once for every node of the case. A rule that compares nodes takes facts of the case and speaks for its own node.
 */
export function defineRule<
  Data,
  Reason extends string,
  Note extends string,
  const Needs extends Asked<AnyFact>,
  const Wants extends Asked<AnyFact> = Record<never, never>,
>(definition: {
  /** A noun of the failing state. */
  readonly id: string
  readonly area: Area
  /** The usual severity; a finding may bear another. */
  readonly severity: Severity
  /** It tells an effect: where no cause is found, the report says what was looked for, and what to collect. */
  readonly isSymptom?: true
  readonly references: readonly Reference[]
  readonly needs: Needs
  readonly wants?: Wants
  readonly text: RuleTexts<Data, Reason, Note>
  readonly check: (inputs: Inputs<Needs, Wants>, node: JudgedNode) => CheckResult<Data, Reason, Note>
}): Rule {
  const { id, area, severity, needs, text } = definition
  const wants = definition.wants ?? ({} as Wants)

  const check = (node: NodeScope, language: Language): RuleResult => {
    const gathered = gather(needs, wants, (fact) => resolveFor(node, fact))
    if (!gathered.complete) return { state: 'short', shortfalls: gathered.shortfalls }
    const result = definition.check(gathered.inputs, { id: node.id })
    const findings = 'verdict' in result ? (result.verdict === 'found' ? [result] : undefined) : result
    if (findings && findings.length > 0) {
      return { state: 'found', findings: findings.map((finding) => wordFinding(finding, language)) }
    }
    if ('verdict' in result && (result.verdict === 'not-applicable' || result.verdict === 'unchecked')) {
      return { state: result.verdict, reason: text[language].reasons[result.reason] }
    }
    // A capture that was cut off, or cannot be believed, may hide what was looked for: absence is not evidence.
    if (gathered.shortfalls.length > 0) return { state: 'short', shortfalls: gathered.shortfalls }
    return { state: 'clear' }
  }

  const wordFinding = (finding: Found<Data, Note>, language: Language): WordedFinding => {
    const words = text[language]
    return {
      subject: finding.subject,
      severity: finding.severity ?? severity,
      confidence: finding.confidence,
      about: finding.about ?? [],
      nodes: finding.nodes ?? [],
      title: words.title(finding.data),
      summary: words.summary(finding.data),
      evidence: finding.evidence.map((cited) => wordCitation(cited, language)),
      ruledOut: words.ruledOut(finding.data),
      remedy: words.remedy(finding.data),
      verify: words.verify(finding.data),
    }
  }

  const wordCitation = (cited: Citation<Note> | Evidence, language: Language): Evidence => {
    const { bundle, path, line, text: words, note } = cited
    if (note === undefined) return { bundle, path, line, text: words }
    const sentence = typeof note === 'string' ? note : text[language].notes[note.key](note.value)
    return { bundle, path, line, text: words, note: sentence }
  }

  const explain = (language: Language): RuleExplanation => {
    const { name, looksFor, why, consequences, commonCauses, mimics, cure } = text[language]
    return { name, looksFor, why, consequences, commonCauses, mimics, cure }
  }

  const { isSymptom = false, references } = definition
  return { id, area, severity, isSymptom, references, check, explain }
}
