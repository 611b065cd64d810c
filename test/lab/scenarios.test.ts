import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scenarios } from '../../fixtures/lab/scenarios/index.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/lab/scenarios', import.meta.url))

test('every file is a scenario of its name, and every scenario is listed', () => {
  const files = readdirSync(FOLDER).filter((file) => file !== 'index.ts')
  expect(scenarios.map(({ name }) => `${name}.ts`)).toEqual(files.toSorted())
})

test.each(scenarios)('$name is proved by what passes before and fails after', ({ probes }) => {
  expect(probes.filter(({ before, after }) => before !== after)).not.toEqual([])
})
