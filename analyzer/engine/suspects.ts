import type { CauseLink } from './causes.ts'
import type { Rule } from './defineRule.ts'
import type { Language } from './language.ts'
import type { Finding, Outcome, Suspect } from './outcome.ts'

/**
 * What could lie behind a symptom that no finding explains: the rules that the table names as its causes, with what became of
 * each on the nodes of the symptom. Those that could not look come first, since they say what to collect next. A rule that does
 * not apply there, or that found something else there, is no suspect.
 */
export function suspectsOf(
  symptom: Finding,
  silent: readonly Exclude<Outcome, Finding>[],
  rules: readonly Rule[],
  causes: readonly CauseLink[],
  language: Language,
): readonly Suspect[] {
  const named = new Set(causes.filter(({ effect }) => effect === symptom.rule).map(({ cause }) => cause))
  const suspects = rules
    .filter(({ id }) => named.has(id))
    .flatMap((rule): Suspect[] => {
      const here = silent.filter(({ rule: id, nodes }) => {
        return id === rule.id && nodes.some((node) => symptom.nodes.includes(node))
      })
      const { name } = rule.explain(language)
      const missing = here.find(({ state }) => state === 'unchecked' || state === 'broken')
      if (missing !== undefined && missing.state !== 'clear') {
        return [{ rule: rule.id, name, state: 'unchecked', reason: missing.reason }]
      }
      return here.some(({ state }) => state === 'clear') ? [{ rule: rule.id, name, state: 'clear' }] : []
    })
  return suspects.toSorted((a, b) => Number(a.state === 'clear') - Number(b.state === 'clear'))
}
