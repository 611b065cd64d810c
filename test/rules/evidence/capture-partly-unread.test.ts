import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/evidence/capture-partly-unread.ts'
import { checkRule } from '../../support/checkRule.ts'

const SOUND = '192.0.2.12 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE\n'
const files = (text: string) => ({ 'node-1': { 'net/ip-neigh.txt': text } })

test('one line that is not understood is told, with the line', async () => {
  expect(await checkRule(rule, files(`${SOUND}?? ?? ??\n`))).toMatchObject({
    state: 'found',
    findings: [
      { confidence: 'certain', evidence: [{ path: 'net/ip-neigh.txt', line: 2, text: '?? ?? ??' }] },
    ],
  })
})

test('of a capture that was stopped the last line may be half a line, two are too many', async () => {
  const cut = { 'net/ip-neigh.txt': 'truncated' }
  expect(await checkRule(rule, files(`${SOUND}?? ??\n`), cut)).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, files(`${SOUND}?? ??\n?? ??\n`), cut)).toMatchObject({ state: 'found' })
})

test('of one capture two lines are cited, the rest is counted', async () => {
  const result = await checkRule(rule, files(`${SOUND}${'?? ??\n'.repeat(7)}`))
  expect(result.state === 'found' && result.findings[0]?.evidence).toHaveLength(2)
  expect(result.state === 'found' && result.findings[0]?.summary).toContain('7')
})
