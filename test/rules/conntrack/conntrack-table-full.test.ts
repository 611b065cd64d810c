import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/conntrack/conntrack-table-full.ts'
import { checkRule } from '../../support/checkRule.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'
const counts = (count: number, max = 1000) => `count=${count}\nmax=${max}\nbuckets=${max}\n`
const DROP =
  '2026-11-21T00:20:00.000000+00:00 node-1 kernel: nf_conntrack: nf_conntrack: table full, dropping packet\n'

const judged = (text: string, journal = '') =>
  checkRule(rule, {
    'node-1': { 'meta/node.txt': META, 'conntrack/counts.txt': text, 'journal/kernel.txt': journal },
  })

test('nine tenths are nearly full, the maximum is full', async () => {
  expect(await judged(counts(899))).toMatchObject({ state: 'clear' })
  expect(await judged(counts(900))).toMatchObject({
    state: 'found',
    findings: [{ severity: 'high', confidence: 'likely' }],
  })
  expect(await judged(counts(1000))).toMatchObject({
    state: 'found',
    findings: [{ severity: 'critical', confidence: 'certain' }],
  })
})

test('what the kernel logged today is certain, also when the table has room again', async () => {
  expect(await judged(counts(10), DROP)).toMatchObject({
    state: 'found',
    findings: [{ severity: 'high', confidence: 'certain' }],
  })
})

test('a log of last week counts one step less', async () => {
  expect(await judged(counts(10), DROP.replace('11-21', '11-14'))).toMatchObject({
    state: 'found',
    findings: [{ confidence: 'likely' }],
  })
})

test('without the module there is no table, without the capture no word', async () => {
  expect(await judged('')).toMatchObject({ state: 'not-applicable' })
  expect(await checkRule(rule, { 'node-1': { 'meta/node.txt': META } })).toMatchObject({ state: 'short' })
})
