import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/route-lookup-mismatch.ts'
import { tellOfFlannel } from '../../support/flannelNodes.ts'

const RIGHT = '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'

async function tell(route: string) {
  const result = await tellOfFlannel(rule, [['node-1/net/ip-route.txt', RIGHT, route]])
  return result?.state === 'found' ? result.findings : []
}

test.each([
  ['blackhole 10.244.2.0/24', '“Invalid argument”'],
  ['prohibit 10.244.2.0/24', '“Permission denied”'],
  ['unreachable 10.244.2.0/24', '“No route to host”'],
])('%s: processes get %s', async (route, words) => {
  const [finding] = await tell(route)
  expect(finding?.summary).toContain(words)
  expect(finding?.remedy[0]?.commands).toEqual([`ip route del ${route}`])
})

test('a route in table local keeps the packets on the node', async () => {
  const [finding] = await tell(`${RIGHT}\nlocal 10.244.2.0/24 dev lo table local scope host`)
  expect(finding).toMatchObject({ subject: '10.244.2.0/24', confidence: 'certain' })
  expect(finding?.summary).toContain('takes the packets for its own')
  expect(finding?.remedy[0]?.commands).toEqual(['ip route del local 10.244.2.0/24 table local'])
})

test('a route into the bridge of the node’s own pods', async () => {
  const [finding] = await tell('10.244.2.0/24 dev cni0 scope link')
  expect(finding).toMatchObject({ subject: '10.244.2.0/24', confidence: 'likely' })
  expect(finding?.title).toContain('by cni0')
})

test('the right route behind one with a smaller metric', async () => {
  const [finding] = await tell(`10.244.2.0/24 via 192.168.50.1 dev eth0\n${RIGHT} metric 100`)
  expect(finding).toMatchObject({ subject: '10.244.2.0/24', confidence: 'likely' })
})

test.each([
  ['nothing but the default route, which another rule tells', ''],
  ['a refusal of more than the pods of one node', 'unreachable 10.244.0.0/16'],
  ['one address of the peer’s pods', `${RIGHT}\nlocal 10.244.2.2 dev lo table local scope host`],
  ['a refusal with a larger metric', `${RIGHT}\nblackhole 10.244.2.0/24 metric 500`],
])('%s', async (_, route) => {
  expect(await tell(route)).toEqual([])
})
