import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runScenario } from '../../fixtures/lab/runScenario.ts'
import { type Programs, buildPrograms, removePrograms } from '../../fixtures/lab/sandbox.ts'
import { scenarios } from '../../fixtures/lab/scenarios/index.ts'
import { lanes } from '../../fixtures/lab/lanes.ts'
import { lacksLab } from './needs.ts'

/** A lab waits as much as it computes, so that two fill two processors. */
const takeLane = lanes(2)

describe.skipIf(lacksLab())('faults in network namespaces', () => {
  const stop = new AbortController()
  let programs: Programs
  beforeAll(async () => {
    programs = await buildPrograms(stop.signal)
  })
  afterAll(() => {
    stop.abort()
    removePrograms(programs)
  })

  test.concurrent.each(scenarios)('$name', { timeout: 240_000 }, async (scenario) => {
    const result = await takeLane(() => runScenario(programs, scenario))
    expect(result.probes).toEqual(result.expectedProbes)
    expect(result.findingsBefore).toEqual({})
    expect(result.outcomes).toEqual(scenario.outcomes)
  })
})
