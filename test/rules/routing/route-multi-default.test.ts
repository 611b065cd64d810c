import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/route-multi-default.ts'
import { foundIn } from '../../support/foundIn.ts'
import { textNode } from '../../support/textCluster.ts'

const card = (index: number, name: string, rest = '') =>
  [
    `${index}: ${name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq ${rest}state UP group default qlen 1000`,
    `    link/ether 02:00:00:00:00:0${index} brd ff:ff:ff:ff:ff:ff`,
    `    inet 192.0.2.${index}/24 scope global ${name}`,
  ].join('\n')

const nodeOf = (routes: readonly string[], cards = [card(2, 'eth0'), card(3, 'eth1')]) => ({
  'net/ip-addr.txt': `${cards.join('\n')}\n`,
  'net/ip-route.txt': `${routes.join('\n')}\n`,
})
const found = (routes: readonly string[], cards?: string[]) => foundIn(rule, nodeOf(routes, cards))

test('a printed metric is compared with the others, and none counts as 0', async () => {
  const equal = [
    'default via 192.0.2.254 dev eth0 proto dhcp metric 100',
    'default via 192.0.2.253 dev eth1 metric 100',
  ]
  expect(await found(equal)).toEqual([['default', 'medium', 'possible']])
  expect(
    await found(['default via 192.0.2.254 dev eth0', 'default via 192.0.2.253 dev eth1 metric 0']),
  ).toEqual([['default', 'medium', 'possible']])
})

test('equal metrics behind a better one do not count', async () => {
  const routes = [
    'default via 192.0.2.1 dev eth2',
    'default via 192.0.2.254 dev eth0 metric 100',
    'default via 192.0.2.253 dev eth1 metric 100',
  ]
  expect(await found(routes, [card(2, 'eth0'), card(3, 'eth1'), card(4, 'eth2')])).toBe('clear')
})

test('members of one bond are one way', async () => {
  const cards = [card(2, 'eth0', 'master bond0 '), card(3, 'eth1', 'master bond0 '), card(4, 'bond0')]
  expect(await found(['default via 192.0.2.254 dev eth0', 'default via 192.0.2.253 dev eth1'], cards)).toBe(
    'clear',
  )
})

test.each([
  ['two gateways of one card', ['default via 192.0.2.254 dev eth0', 'default via 192.0.2.253 dev eth0']],
  ['a refusing one', ['default via 192.0.2.254 dev eth0', 'unreachable default']],
  ['BusyBox’s print of a multipath route', ['default']],
])('%s: nothing to choose from', async (_, routes) => {
  expect(await found(routes)).toBe('clear')
})

test('without a default route there is nothing to compare', async () => {
  expect(await found(['192.0.2.0/24 dev eth0 proto kernel scope link'])).toBe('not-applicable')
})

test('both languages name the card that the kernel takes', async () => {
  const node = await textNode(
    nodeOf(['default via 192.0.2.253 dev eth1', 'default via 192.0.2.254 dev eth0']),
  )
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    const [finding] = result.state === 'found' ? result.findings : []
    expect(finding?.summary).toMatch(/eth1.*eth0.*eth1/)
    expect(finding?.remedy[0]?.commands).toEqual([
      'ip route add default via 192.0.2.254 dev eth0 metric 1000',
      'ip route del default via 192.0.2.254 dev eth0',
    ])
  }
})
