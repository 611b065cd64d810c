import { expect, test } from 'vitest'
import { goDurationSeconds } from '../../analyzer/text/goDuration.ts'

test.each([
  ['8m0.640985013s', 480.640985013],
  ['502.906µs', 0.000502906],
  ['1h2m3s', 3723],
  ['61.15ms', 0.06115],
])('%s', (text, seconds) => {
  expect(goDurationSeconds(text)).toBeCloseTo(seconds, 9)
})

test.each(['', '12', 's', '1h2m3s4ms', '-1s'])('%s is none', (text) => {
  expect(goDurationSeconds(text)).toBeUndefined()
})
