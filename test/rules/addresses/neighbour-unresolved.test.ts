import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/neighbour-unresolved.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const NEIGH = 'net/ip-neigh.txt'
const judged = (entry: string) =>
  checkRule(
    rule,
    soundFiles('host-gw', {
      [NEIGH]: (before) => `${before.replaceAll(/^192\.168\.50\.13 .*\n/gm, '')}${entry}\n`,
    }),
  )

test('a peer whose interface is up and that does not answer', async () => {
  expect(await judged('192.168.50.13 dev eth0 used 12/71/9 probes 6 FAILED')).toMatchObject({
    state: 'found',
    findings: [{ subject: '192.168.50.13', severity: 'high', confidence: 'certain', nodes: ['node-3'] }],
  })
})

test('an entry that nothing has used for long may be left over', async () => {
  expect(await judged('192.168.50.13 dev eth0 used 3600/3700/3590 probes 6 FAILED')).toMatchObject({
    state: 'found',
    findings: [{ severity: 'medium', confidence: 'possible' }],
  })
})

test.each([
  ['an address of no node', '192.168.50.77 dev eth0 used 12/71/9 probes 6 FAILED'],
  ['a pod', '10.244.3.2 dev cni0 used 12/71/9 probes 6 FAILED'],
  ['an entry that answers', '192.168.50.13 dev eth0 lladdr 02:00:00:00:50:13 used 1/1/1 probes 1 REACHABLE'],
])('%s is none of its concern', async (_, entry) => {
  expect(await judged(entry)).toMatchObject({ state: 'clear' })
})

test('without the neighbour table nothing is known', async () => {
  expect(await checkRule(rule, soundFiles('host-gw', { [NEIGH]: null }))).toMatchObject({ state: 'short' })
})
