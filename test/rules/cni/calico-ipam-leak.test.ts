import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/calico-ipam-leak.ts'
import { checkRule } from '../../support/checkRule.ts'
import { foundIn } from '../../support/foundIn.ts'

const BLOCK = 'blackhole 10.245.1.128/26 proto bird \n'
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const pods = (count: number) =>
  numbers(count)
    .map((number) => `10.245.1.${129 + number} dev cali5c0de${String(number).padStart(6, '0')} scope link \n`)
    .join('')

const refused = (day = '2026-11-20') => ({
  'journal/kubelet.txt': `${day}T23:50:00.000000+0000 node-1 kubelet[812]: plugin type="calico" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses\n`,
})

const judged = (routes: string, more: Record<string, string> = {}) =>
  foundIn(rule, { 'net/ip-route.txt': routes, ...more })

test('a pod without an address and a block that seems free tell of a leak', async () => {
  expect(await judged(BLOCK + pods(3), refused())).toEqual([['blocks', 'high', 'likely']])
  expect(await judged(BLOCK + pods(3), refused('2026-11-15'))).toEqual([['blocks', 'high', 'possible']])
})

test('up to five addresses may be those of pods that come or go', async () => {
  expect(await judged(BLOCK + pods(58), refused())).toEqual([['blocks', 'high', 'likely']])
  expect(await judged(BLOCK + pods(59), refused())).toBe('clear')
})

test('the tunnel device of the node has an address too', async () => {
  const tunnel = 'local 10.245.1.128 dev tunl0 table local proto kernel scope host src 10.245.1.128 \n'
  expect(await judged(BLOCK + pods(58) + tunnel, refused())).toBe('clear')
})

test('as long as no pod misses an address, nothing is known of what the datastore holds', async () => {
  expect(await judged(BLOCK + pods(3))).toBe('unchecked')
  expect(await judged(BLOCK + pods(60))).toBe('clear')
})

test('without a block of its own the node tells nothing', async () => {
  expect(await judged('10.245.1.130 dev cali5c0de000001 scope link \n', refused())).toBe('unchecked')
  expect(await judged('default via 192.168.50.200 dev eth0 \n')).toBe('not-applicable')
})

test('a pod of another node may have an address of the block', async () => {
  const files = {
    'node-1': {
      'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n',
      'net/ip-route.txt': BLOCK + pods(58),
      ...refused(),
    },
    'node-2': { 'net/ip-route.txt': '10.245.1.190 dev cali5c0de0000ff scope link \n' },
  }
  expect((await checkRule(rule, files)).state).toBe('clear')
})

test('routes that were cut off may lack pods', async () => {
  const files = { 'node-1': { 'net/ip-route.txt': BLOCK + pods(3), ...refused() } }
  expect((await checkRule(rule, files, { 'net/ip-route.txt': 'truncated' })).state).toBe('short')
})
