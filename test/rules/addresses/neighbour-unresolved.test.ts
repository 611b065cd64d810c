import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/neighbour-unresolved.ts'
import {
  type UnresolvedNeighbour,
  text,
} from '../../../analyzer/rules/addresses/neighbour-unresolved.text.ts'
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

test('that an API server runs on the peer is said, of an entry that is not left over', () => {
  const entry: UnresolvedNeighbour = {
    node: 'node-1',
    device: 'eth0',
    address: '192.0.2.13',
    ownAddresses: ['192.0.2.11'],
    peer: 'node-3',
    isControlPlane: true,
    state: 'FAILED',
    peerState: 'unknown',
    isAgeless: false,
  }
  expect(text.en.summary(entry)).toContain('An API server runs on node-3.')
  expect(text.zh.summary(entry)).toContain('node-3 上运行着 API server。')
  const others = [
    { ...entry, isControlPlane: false },
    { ...entry, unusedSeconds: 3600 },
  ]
  for (const other of others) expect(text.en.summary(other)).not.toContain('API server')
})
