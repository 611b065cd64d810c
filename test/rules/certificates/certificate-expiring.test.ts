import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-expiring.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

/** The leaf certificates of the base end at 2027-11-21 00:26:20 UTC. */
const END_SECONDS = Date.UTC(2027, 10, 21, 0, 26, 20) / 1000
const DAY_SECONDS = 86_400

/** The base, taken so many days before the end. */
const before = (days: number) =>
  soundFiles('kubernetes-1.20', {
    'meta/node.txt': `started_utc=${END_SECONDS - days * DAY_SECONDS}\nuptime_seconds=${DAY_SECONDS}\n`,
  })

test('thirty days are left: it is told; thirty-one: not yet', async () => {
  expect(await checkRule(rule, before(31))).toMatchObject({ state: 'clear' })
  const result = await checkRule(rule, before(29))
  expect(result).toMatchObject({ state: 'found', findings: [{ severity: 'medium', confidence: 'certain' }] })
  expect(result.state === 'found' && result.findings[0]?.about).toContain(
    'certificate:/etc/kubernetes/pki/apiserver.crt',
  )
})

test('what has ended is another rule’s', async () => {
  expect(await checkRule(rule, before(-1))).toMatchObject({ state: 'clear' })
})

test('without certificates nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': { 'meta/node.txt': 'started_utc=1795220878\n' } })).toMatchObject({
    state: 'short',
  })
})
