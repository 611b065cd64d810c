import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/duplicate-machine-identity.ts'
import { textCluster } from '../../support/textCluster.ts'

/** A node with a card of this MAC; `address` as `ip addr` prints it, or nothing. */
const node = (boot: string, mac: string, address = '    inet 192.0.2.1/24 scope global eth0\n') => ({
  'meta/node.txt': `boot_id=${boot}\nstarted_utc=1795219245\nuptime_seconds=86400\n`,
  'net/ip-addr.txt': `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n    link/ether ${mac.includes(' ') ? mac : `${mac} brd ff:ff:ff:ff:ff:ff`}\n${address}`,
})

async function judge(first: ReturnType<typeof node>, second: ReturnType<typeof node>) {
  const { nodes } = await textCluster({ 'node-1': first, 'node-2': second })
  const [one] = nodes
  if (one === undefined) throw new Error('no node')
  return { en: rule.check(one, 'en'), zh: rule.check(one, 'zh') }
}

test('two cards with one MAC', async () => {
  const { en, zh } = await judge(node('a', '02:00:00:00:00:07'), node('b', '02:00:00:00:00:07'))
  for (const result of [en, zh]) {
    expect(result.state === 'found' && result.findings[0]?.summary).toContain('02:00:00:00:00:07')
  }
  expect(en.state === 'found' && en.findings[0]?.about).toContain('mac:02:00:00:00:00:07')
})

test('a card that was given the MAC of another machine has its own in permaddr', async () => {
  const given = '02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff permaddr 02:00:00:00:00:08'
  const { en } = await judge(node('a', given), node('b', '02:00:00:00:00:07'))
  expect(en.state === 'found' && en.findings[0]?.about).toContain('mac:02:00:00:00:00:07')
  const { en: apart } = await judge(node('a', given), node('b', '02:00:00:00:00:09'))
  expect(apart.state).toBe('clear')
})

test('the USB link to a management controller has no address of its own', async () => {
  const link = '    inet 169.254.3.1/24 scope link eth0\n'
  const { en } = await judge(node('a', '02:00:00:00:00:07', link), node('b', '02:00:00:00:00:07', link))
  expect(en.state).toBe('clear')
})

test('a MAC of VRRP is shared by design', async () => {
  const { en } = await judge(node('a', '00:00:5e:00:01:07'), node('b', '00:00:5e:00:01:07'))
  expect(en.state).toBe('clear')
})

test('one bundle has nothing to be compared with', async () => {
  const { nodes } = await textCluster({ 'node-1': node('a', '02:00:00:00:00:07') })
  expect(nodes.map((each) => rule.check(each, 'en').state)).toEqual(['not-applicable'])
})
