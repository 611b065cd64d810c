import { CopyMemo } from './copyMemo.ts'

/** Rules of a chain that are gone through to find one; a chain of more is worth the memory of a memo. */
const FEW_RULES = 8

/**
 * Finds a rule in its chain by its words, which makes 60,000 copies of a rule cost one. Most chains of a large node have two or
 * three rules: a memo over all rules of a table would cost as much again as what is kept of them.
 */
export class RuleMemo<Rule extends { readonly spec: string }> {
  /** By the rules of the chain; only of chains that hold many. */
  private readonly memos = new Map<readonly Rule[], CopyMemo<Rule>>()

  /** The rule of the chain that has these words; undefined when they are new to it. */
  find(rules: readonly Rule[], spec: string): Rule | undefined {
    if (rules.length < FEW_RULES) return rules.find((rule) => rule.spec === spec)
    return this.memoOf(rules).find(spec)
  }

  /** Puts a rule that was not found at the end of its chain; its words must have memory of their own (`detach`). */
  add(rules: Rule[], rule: Rule): void {
    if (rules.length >= FEW_RULES) this.memoOf(rules).keep(rule.spec, rule)
    rules.push(rule)
  }

  /** Forgets all chains. */
  clear(): void {
    this.memos.clear()
  }

  private memoOf(rules: readonly Rule[]): CopyMemo<Rule> {
    const known = this.memos.get(rules)
    if (known !== undefined) return known
    const memo = new CopyMemo<Rule>()
    for (const rule of rules) memo.keep(rule.spec, rule)
    this.memos.set(rules, memo)
    return memo
  }
}
