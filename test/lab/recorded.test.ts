import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MACHINES, NAMESPACES, type Shelf, recordedRun, revisionOf } from '../../fixtures/lab/recorded.ts'
import { expectation, judgeRun } from '../../fixtures/lab/runScenario.ts'
import type { Scenario } from '../../fixtures/lab/scenario.ts'
import { scenarios as namespaceScenarios } from '../../fixtures/lab/scenarios/index.ts'
import { scenarios as machineScenarios } from '../../fixtures/lab/vm/scenarios/index.ts'

const TIERS: readonly (readonly [tier: string, shelf: Shelf, scenarios: readonly Scenario[]])[] = [
  ['netns', NAMESPACES, namespaceScenarios],
  ['vm', MACHINES, machineScenarios],
]

describe.each(TIERS)('recorded by npm run lab -- %s --record', (_, shelf, scenarios) => {
  test('every file is a scenario of its name, is listed, and has its bundles', () => {
    const names = scenarios.map(({ name }) => name)
    const files = readdirSync(shelf.scenarios).filter((file) => file !== 'index.ts')
    expect(names.map((name) => `${name}.ts`)).toEqual(files.toSorted())
    expect(readdirSync(shelf.bundles)).toEqual(names)
  })

  test.each(scenarios)('$name is proved by what passes before and fails after', ({ probes }) => {
    expect(probes.filter(({ before, after }) => before !== after)).not.toEqual([])
  })

  // Otherwise the bundles show what the scenario did formerly: record them anew.
  test.each(scenarios)('$name was recorded from the scenario as it stands', ({ name }) => {
    expect(recordedRun(shelf, name)?.note.revision).toBe(revisionOf(shelf, name))
  })

  test.each(scenarios)('$name gives exactly what is expected', async (scenario) => {
    const run = recordedRun(shelf, scenario.name)?.run
    expect(run && (await judgeRun(run, scenario))).toEqual(expectation(scenario))
  })
})
