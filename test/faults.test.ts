import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FIXTURES, type FaultCase, faultNodes, inShort, judge, soundNodes } from './support/faultCase.ts'

/** Outcomes of a sound base, exactly: fixtures/nodes/<base>/outcomes.json. */
function soundOutcomes(base: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(FIXTURES, 'nodes', base, 'outcomes.json'), 'utf8'))
}

const bases = readdirSync(join(FIXTURES, 'nodes'), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
)

describe('sound nodes', () => {
  test.each(bases.map(({ name }) => name))('%s', async (base) => {
    const { outcomes } = await judge(soundNodes(base))
    expect(inShort(outcomes)).toEqual(soundOutcomes(base))
  })
})

const rules = readdirSync(join(FIXTURES, 'faults'))
const cases = rules.flatMap((rule) =>
  readdirSync(join(FIXTURES, 'faults', rule)).map((name) => join(rule, name)),
)

describe('faults and near misses', () => {
  test.each(cases)('%s', async (name) => {
    const folder = join(FIXTURES, 'faults', name)
    expect(existsSync(join(folder, 'case.json')), 'a case says what it is in case.json').toBe(true)
    const fault: FaultCase = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
    const { outcomes } = await judge(faultNodes(folder, fault), fault.inventory)
    expect(difference(soundOutcomes(fault.base), inShort(outcomes), fault.nodes)).toEqual(fault.outcomes)
  })
})

/** What became otherwise; an outcome of the base that is no more is `gone`, unless its node was left out. */
function difference(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  nodes: readonly string[] | undefined,
): Record<string, string> {
  const changed = Object.entries(after).filter(([id, outcome]) => before[id] !== outcome)
  const gone = Object.keys(before)
    .filter(
      (id) => !(id in after) && (nodes === undefined || nodes.some((node) => id.split(':')[1] === node)),
    )
    .map((id): [string, string] => [id, 'gone'])
  return Object.fromEntries([...changed, ...gone])
}
