import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runScenario } from '../../fixtures/lab/runScenario.ts'
import { type Programs, buildPrograms, removePrograms, whyNoSandbox } from '../../fixtures/lab/sandbox.ts'
import { scenarios } from '../../fixtures/lab/scenarios/index.ts'
import { lacks } from '../support/tools.ts'
import { lanes } from '../../fixtures/lab/lanes.ts'

const TOOLS =
  'unshare ip bridge iptables-nft iptables-legacy nft conntrack ethtool openssl sysctl /usr/lib/cni/host-local'
const isStrict = process.env['COLDCASE_STRICT'] === '1'
const skips = lacks(...TOOLS.split(' ')) || (!isStrict && whyNoSandbox() !== undefined)

/** A lab waits as much as it computes, so that two fill two processors. */
const takeLane = lanes(2)

describe.skipIf(skips)('faults in network namespaces', () => {
  let programs: Programs
  beforeAll(async () => {
    programs = await buildPrograms()
  })
  afterAll(() => removePrograms(programs))

  test.concurrent.each(scenarios)('$name', { timeout: 240_000 }, async (scenario) => {
    const result = await takeLane(() => runScenario(programs, scenario))
    expect(result.probes).toEqual(result.expectedProbes)
    expect(result.findingsBefore).toEqual({})
    expect(result.outcomes).toEqual(scenario.outcomes)
  })
})
