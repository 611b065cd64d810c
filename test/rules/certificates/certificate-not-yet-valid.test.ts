import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-not-yet-valid.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

/** The leaf certificates of the base begin at 2026-11-21 00:26:20 UTC, its authorities earlier the same minute or later. */
const START_SECONDS = Date.UTC(2026, 10, 21, 0, 26, 20) / 1000
const at = (seconds: number, journal = '') =>
  soundFiles('kubernetes-1.20', {
    'meta/node.txt': `started_utc=${seconds}\nuptime_seconds=86400\n`,
    'journal/kubelet.txt': journal,
  })

test('a clock that lags an hour behind makes new certificates invalid', async () => {
  expect(await checkRule(rule, at(START_SECONDS - 3600))).toMatchObject({
    state: 'found',
    findings: [{ subject: '', severity: 'critical', confidence: 'certain' }],
  })
  expect(await checkRule(rule, at(START_SECONDS + 3600))).toMatchObject({ state: 'clear' })
})

const line = (relation: string) =>
  `E1121 01:20:30.000000   25505 reflector.go:138] Failed to watch: x509: certificate has expired or is not yet valid: current time 2026-11-21T01:20:30Z is ${relation} 2026-11-20T10:00:00Z\n`

test('a log that names an end and not a beginning is another rule’s', async () => {
  expect(await checkRule(rule, at(START_SECONDS + 3600, line('after')))).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, at(START_SECONDS + 3600, line('before')))).toMatchObject({
    state: 'found',
    findings: [{ subject: 'logged', confidence: 'possible' }],
  })
})

test('without certificates and without a log nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': {} })).toMatchObject({ state: 'unchecked' })
})
