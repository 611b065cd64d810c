import { afterAll, beforeAll, describe, test } from 'vitest'
import { type ScenarioResult, expectation, scenarioRunner } from '../../fixtures/lab/runScenario.ts'
import type { Scenario } from '../../fixtures/lab/scenario.ts'
import { type Programs, buildPrograms, whyNotHere } from '../../fixtures/lab/sandbox.ts'
import { scenarios } from '../../fixtures/lab/scenarios/index.ts'
import { LANES, lanes } from '../../fixtures/lab/lanes.ts'
import { removeWorkFolder } from '../../fixtures/lab/workFolder.ts'
import { lacksLab } from './needs.ts'

const takeLane = lanes(LANES)
/** The time spent in the queue counts. */
const LIMIT = { timeout: 3_600_000 }

describe.skipIf(lacksLab())('faults in network namespaces', () => {
  const stop = new AbortController()
  let programs: Programs
  let runScenario: (scenario: Scenario) => Promise<ScenarioResult>
  beforeAll(async () => {
    programs = await buildPrograms(stop.signal)
    runScenario = scenarioRunner(programs)
  })
  afterAll(() => {
    stop.abort()
    removeWorkFolder(programs.folder)
  })

  describe('side by side', () => {
    const shared = scenarios.filter(({ isAlone }) => isAlone !== true)
    test.concurrent.for(shared)('$name', LIMIT, async (scenario, { expect, skip }) => {
      skip(isImpossible(scenario))
      expect(await takeLane(() => runScenario(scenario))).toEqual(expectation(scenario))
    })
  })

  describe('alone', () => {
    const alone = scenarios.filter(({ isAlone }) => isAlone === true)
    test.for(alone)('$name', LIMIT, async (scenario, { expect, skip }) => {
      skip(isImpossible(scenario))
      expect(await runScenario(scenario)).toEqual(expectation(scenario))
    })
  })
})

/** Continuous integration runs what it cannot as well, and fails. */
function isImpossible(scenario: Scenario): boolean {
  return process.env['COLDCASE_STRICT'] !== '1' && whyNotHere(scenario) !== undefined
}
