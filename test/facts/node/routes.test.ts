import { describe, expect, test } from 'vitest'
import type { RouteAnswer } from '../../../analyzer/facts/node/routeLookup.ts'
import { routes } from '../../../analyzer/facts/node/routes.ts'
import { fixture } from '../../support/fixture.ts'
import { address } from '../../support/known.ts'
import { textNode } from '../../support/textCluster.ts'

async function routesOf(files: Readonly<Record<string, string>>) {
  const answer = routes.of(await textNode(files))
  if (!answer.available) throw new Error('no routes')
  return answer.value
}

/** An answer in the words of `ip route get`: gateway, device and table (main is not named). */
function inWords(answer: RouteAnswer | undefined): string {
  if (answer === undefined) return 'Network is unreachable'
  const { route, rule, table } = answer
  const refusal = route === undefined ? rule?.action : route.type
  if (refusal === 'prohibit') return 'Permission denied'
  if (refusal === 'blackhole') return 'Invalid argument'
  const where = route?.type === 'local' ? 'local' : [route?.via, route?.device].filter(Boolean).join(' ')
  return table === 'main' || table === 'local' ? where : `${where} table ${table}`
}

/** What the kernel said (Linux 6.18): `8.8.8.8 via 198.51.100.1 dev b1 …`. */
function kernelsWords(text: string): string {
  const error = /RTNETLINK answers: (.*)/.exec(text)?.[1]
  if (error !== undefined) return error
  if (text.startsWith('local ')) return 'local'
  const [via, device, table] = ['via', 'dev', 'table'].map(
    (word) => new RegExp(` ${word} (\\S+)`).exec(text)?.[1],
  )
  const where = [via, device].filter(Boolean).join(' ')
  return table === undefined ? where : `${where} table ${table}`
}

const POLICY = {
  'net/ip-route.txt': fixture('ip-route/policy-routing.txt'),
  'net/ip-rule.txt': fixture('ip-rule/policy-routing.txt'),
}

describe('lookups of policy routing, against what the kernel answered to `ip route get`', () => {
  const asked = fixture('ip-route-get/policy-routing.txt').trimEnd().split('\n')
  test.each(asked)('%s', async (line) => {
    const [query = '', answer = ''] = line.split(' => ')
    const [to = '', from] = query.split(' ')
    const table = await routesOf(POLICY)
    const source = from === undefined ? undefined : address('198.51.100.11')
    expect(inWords(table.lookup(address(to), source))).toBe(kernelsWords(answer))
  })
})

describe('default routes', () => {
  test('of every table that a rule looks into', async () => {
    const table = await routesOf(POLICY)
    expect(table.defaults('v4').map(({ via }) => via)).toEqual([
      '198.51.100.9',
      '192.0.2.9',
      '198.51.100.1',
      '192.0.2.1',
    ])
  })

  test('not of a table that no rule leads to', async () => {
    const files = { 'net/ip-route.txt': 'default via 192.0.2.1 dev eth0 table 100\n' }
    expect((await routesOf(files)).defaults('v4')).toEqual([])
  })

  test('not one that refuses', async () => {
    const files = { 'net/ip-route.txt': 'unreachable default metric 4278198272\n' }
    expect((await routesOf(files)).defaults('v4')).toEqual([])
  })
})

test('without captured rules the three of every kernel hold, and tables go by number as well', async () => {
  const table = await routesOf({
    'net/ip-route.txt': 'local 192.0.2.7 dev eth0 table 255\n192.0.2.0/24 dev eth0\n',
  })
  expect(table.lookup(address('192.0.2.7'))?.table).toBe('local')
  expect(table.lookup(address('192.0.2.8'))?.route?.device).toBe('eth0')
  expect(table.lookup(address('198.51.100.7'))).toBeUndefined()
})

test('IPv6 is asked in its own tables', async () => {
  const table = await routesOf({
    'net/ip-route.txt': 'default via 192.0.2.1 dev eth0\n',
    'net/ip6-route.txt': '2001:db8::/32 dev eth1 metric 256\ndefault via fe80::1 dev eth1 metric 1024\n',
  })
  expect(table.lookup(address('2001:db8::7'))?.route?.via).toBeUndefined()
  expect(table.lookup(address('2001:db9::7'))?.route?.via).toBe('fe80::1')
  expect(table.defaults('v6')).toHaveLength(1)
})
