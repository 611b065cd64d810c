import { expect, test } from 'vitest'
import { RuleMemo } from '../../analyzer/parsers/ruleMemo.ts'

function chainOf(memo: RuleMemo<{ spec: string }>, count: number): { spec: string }[] {
  const rules: { spec: string }[] = []
  for (let port = 1; port <= count; port += 1) memo.add(rules, { spec: `--dport ${port} -j ACCEPT` })
  return rules
}

test.each([1, 7, 8, 9, 500])('every rule of a chain of %i is found, in any order', (count) => {
  const memo = new RuleMemo<{ spec: string }>()
  const rules = chainOf(memo, count)
  expect(rules).toHaveLength(count)
  for (const rule of rules.toReversed()) expect(memo.find(rules, rule.spec)).toBe(rule)
  expect(memo.find(rules, '--dport 0 -j ACCEPT')).toBeUndefined()
})

test.each([1, 500])('the same words in another chain are another rule (%i rules)', (count) => {
  const memo = new RuleMemo<{ spec: string }>()
  const [first, second] = [chainOf(memo, count), chainOf(memo, count)]
  expect(memo.find(second, '--dport 1 -j ACCEPT')).toBe(second[0])
  expect(memo.find(first, '--dport 1 -j ACCEPT')).toBe(first[0])
})
