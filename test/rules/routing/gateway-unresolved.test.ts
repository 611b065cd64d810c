import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/gateway-unresolved.ts'
import { type Change, checkRule, soundFiles } from '../../support/checkRule.ts'

const DEFAULT = 'default via 192.168.50.200 dev eth0'
const SILENT = '192.168.50.250 dev eth0 used 4/64/1 probes 6 FAILED'

/** Node-1 of a sound base with these neighbour entries, and these routes in the place of its default route. */
const judged = (neighbours: string, routes = DEFAULT, changes: Readonly<Record<string, Change>> = {}) =>
  checkRule(
    rule,
    soundFiles('host-gw', {
      'net/ip-neigh.txt': (before) => `${before}\n${neighbours}\n`,
      'net/ip-route.txt': (before) => before.replace(DEFAULT, routes),
      ...changes,
    }),
  )

const found = (subject: string, severity: string, confidence: string) => ({
  state: 'found',
  findings: [{ subject, severity, confidence }],
})

test.each([
  ['asked lately', 'used 4/64/1 probes 6 FAILED', 'high', 'likely'],
  ['asked at this moment', 'used 0/0/0 probes 2 INCOMPLETE', 'high', 'likely'],
  ['not used for an hour', 'used 3600/3700/3590 probes 6 FAILED', 'medium', 'possible'],
  ['without an age', 'used 0/0/0 probes 6 FAILED', 'medium', 'possible'],
])('the default gateway, %s', async (_, entry, severity, confidence) => {
  expect(await judged(`192.168.50.200 dev eth0 ${entry}`)).toMatchObject(
    found('192.168.50.200', severity, confidence),
  )
})

test('the better of two default routes, one way of several, and one that a policy rule asks for', async () => {
  const high = found('192.168.50.250', 'high', 'likely')
  const better = `default via 192.168.50.250 dev eth0 metric 100\n${DEFAULT} metric 200`
  expect(await judged(SILENT, better)).toMatchObject(high)
  const ways = `default \n\tnexthop via 192.168.50.200 dev eth0 weight 1 \n\tnexthop via 192.168.50.250 dev eth0 weight 1 `
  expect(await judged(SILENT, ways)).toMatchObject(high)
  const policy = {
    'net/ip-rule.txt':
      '0: from all lookup local\n100: from 192.168.50.11 lookup 7\n32766: from all lookup main\n',
  }
  const ofTable = `${DEFAULT}\ndefault via 192.168.50.250 dev eth0 table 7`
  expect(await judged(SILENT, ofTable, policy)).toMatchObject(high)
  expect(await judged(SILENT, ofTable)).toMatchObject({ state: 'clear' })
})

test('both of two equal default routes', async () => {
  const both = `default via 192.168.50.250 dev eth0\n${DEFAULT}`
  expect(await judged(SILENT, both)).toMatchObject({ state: 'clear' })
  const two = `${SILENT}\n192.168.50.200 dev eth0 used 4/64/1 probes 6 FAILED`
  expect(await judged(two, both)).toMatchObject(found('192.168.50.250', 'high', 'likely'))
})

test('a route to one network', async () => {
  const routes = `${DEFAULT}\n198.51.100.0/24 via 192.168.50.250 dev eth0`
  expect(await judged(SILENT, routes)).toMatchObject(found('192.168.50.250', 'medium', 'likely'))
})

test('a router of IPv6 beside a default route of IPv4', async () => {
  const entry = 'fe80::1 dev eth0 used 4/64/1 probes 6 FAILED'
  const routes = {
    'net/ip6-route.txt': 'default via fe80::1 dev eth0 proto ra metric 1024 expires 1700sec pref medium\n',
  }
  expect(await judged(entry, DEFAULT, routes)).toMatchObject(found('fe80::1%eth0', 'medium', 'likely'))
})

test.each([
  ['a machine that no route leads by', SILENT, DEFAULT],
  ['an entry of another device', '192.168.50.200 dev eth1 used 4/64/1 probes 6 FAILED', DEFAULT],
  ['an entry for proxying', '192.168.50.200 dev eth0 proxy', DEFAULT],
  ['a gateway that was never asked', '', 'default via 192.168.50.250 dev eth0'],
  ['a spare', SILENT, `${DEFAULT}\ndefault via 192.168.50.250 dev eth0 metric 9`],
  ['a route without a gateway', SILENT, 'default dev eth0 scope link'],
  ['a route of a dead link', SILENT, `${DEFAULT}\n198.51.100.0/24 via 192.168.50.250 dev eth0 dead linkdown`],
])('%s proves nothing', async (_, neighbours, routes) => {
  expect(await judged(neighbours, routes)).toMatchObject({ state: 'clear' })
})

test('without the neighbour table nothing is known', async () => {
  expect(await judged('', DEFAULT, { 'net/ip-neigh.txt': null })).toMatchObject({ state: 'short' })
})
