import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/route-no-default.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const ROUTES = 'net/ip-route.txt'
const withoutDefault = (before: string) => before.replaceAll(/^default .*\n/gm, '')

test('without a default route, and with Services that lie beyond', async () => {
  const result = await checkRule(rule, soundFiles('host-gw', { [ROUTES]: withoutDefault }))
  expect(result).toMatchObject({ state: 'found', findings: [{ confidence: 'likely' }] })
  expect(result.state === 'found' && result.findings[0]?.about).toEqual(['node:node-1', 'network:0.0.0.0/0'])
})

test('a route to the network of the Services is all that such a node needs', async () => {
  const files = soundFiles('host-gw', {
    [ROUTES]: (before) =>
      `${withoutDefault(before)}10.96.0.0/12 via 192.168.50.1 dev eth0\n10.0.0.0/8 via 192.168.50.1 dev eth0\n`,
  })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('a table that was cut off, or is empty, may have had the route', async () => {
  const cut = soundFiles('host-gw', { [ROUTES]: withoutDefault })
  expect(await checkRule(rule, cut, { [ROUTES]: 'truncated' })).toMatchObject({ state: 'unchecked' })
  expect(await checkRule(rule, soundFiles('host-gw', { [ROUTES]: '' }))).toMatchObject({ state: 'unchecked' })
  expect(await checkRule(rule, soundFiles('host-gw', { [ROUTES]: null }))).toMatchObject({ state: 'short' })
})
