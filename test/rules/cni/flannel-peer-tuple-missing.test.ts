import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/flannel-peer-tuple-missing.ts'
import { type FlannelEdit, tellOfFlannel } from '../../support/flannelNodes.ts'

const NO_NEIGHBOUR: FlannelEdit = ['node-1/net/ip-neigh.txt', '02:fe:00:00:00:02 PERMANENT', 'FAILED']
const DESTINATION = 'dst 192.168.50.12'

async function findings(...edits: readonly FlannelEdit[]) {
  const result = await tellOfFlannel(rule, edits)
  return result?.state === 'found' ? result.findings : []
}

test('an entry that failed is none', async () => {
  const [finding] = await findings(NO_NEIGHBOUR)
  expect(finding).toMatchObject({ subject: 'neighbour/10.244.2.0/24', confidence: 'certain' })
  expect(finding?.remedy[1]?.commands).toContain(
    'ip neigh replace 10.244.2.0 lladdr 02:fe:00:00:00:02 dev flannel.1 nud permanent',
  )
})

test.each([
  ['another address of the same network', '192.168.50.99', 1],
  ['a public address, which a cloud may translate', '203.0.113.12', 0],
])('a destination that is %s', async (_, address, count) => {
  const found = await findings(['node-1/net/bridge-fdb.txt', DESTINATION, `dst ${address}`])
  expect(found).toHaveLength(count)
})

test('a device that floods what it has no entry for', async () => {
  const entry = '02:fe:00:00:00:02 dev flannel.1 dst 192.168.50.12 self permanent'
  const flood = '00:00:00:00:00:00 dev flannel.1 dst 192.168.50.12 self permanent'
  expect(await findings(['node-1/net/bridge-fdb.txt', entry, flood])).toEqual([])
})

test('a device that fills its tables on demand (flannel before 0.9)', async () => {
  const onDemand: FlannelEdit = ['node-1/net/ip-addr.txt', 'nolearning', 'nolearning l2miss l3miss']
  expect(await findings(NO_NEIGHBOUR, onDemand)).toEqual([])
})

test('of one tunnel are devices of one identifier', async () => {
  const route: FlannelEdit = [
    'node-1/net/ip-route.txt',
    '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink\n',
    '',
  ]
  const [finding] = await findings(route)
  expect(finding?.subject).toBe('route/10.244.2.0/24')
  // What is left is held against each other: a neighbour and a forwarding entry without a route.
  const [half] = await findings(route, ['node-2/net/ip-addr.txt', 'vxlan id 1', 'vxlan id 7'])
  expect(half).toBeUndefined()
})

test('forwarding entries alone, as they are left when the device was down', async () => {
  const [finding] = await findings(
    ['node-1/net/ip-route.txt', '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink\n', ''],
    NO_NEIGHBOUR,
    ['node-2/net/ip-addr.txt', 'flannel.1', 'vxlan.other'],
    ['node-2/net/ip-addr.txt', 'cni0', 'docker0'],
  )
  expect(finding).toMatchObject({ subject: 'neighbour/192.168.50.12', confidence: 'likely' })
})
