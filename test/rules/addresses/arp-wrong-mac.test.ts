import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/arp-wrong-mac.ts'
import { checkRule, soundFiles } from '../../support/checkRule.ts'

const NEIGH = 'net/ip-neigh.txt'
const entry = (address: string, mac: string) =>
  `${address} dev eth0 lladdr ${mac} ref 1 used 3/3/3 probes 1 REACHABLE\n`

test('one hardware address for two strangers is a stranger with two addresses', async () => {
  const mac = '02:00:00:00:99:01'
  const files = soundFiles('host-gw', {
    [NEIGH]: (before) => before + entry('192.168.50.31', mac) + entry('192.168.50.32', mac),
  })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('where the API server knows one of them as a node’s, it may be ARP flux and rarely is', async () => {
  const mac = '02:00:00:00:99:01'
  const node = {
    kind: 'Node',
    metadata: { name: 'node-9' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.50.31' }] },
  }
  const files = soundFiles('host-gw', {
    [NEIGH]: (before) => before + entry('192.168.50.31', mac) + entry('192.168.50.32', mac),
    'kube/api/nodes.json': JSON.stringify({ kind: 'List', items: [node] }, undefined, 1),
  })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: mac, severity: 'low', confidence: 'possible' }],
  })
})

test('two unknown machines with a card each are two machines', async () => {
  const files = soundFiles('host-gw', {
    [NEIGH]: (before) =>
      before + entry('192.168.50.31', '02:00:00:00:99:01') + entry('192.168.50.32', '02:00:00:00:99:02'),
  })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('a neighbour table that was cut off may hide the wrong entry', async () => {
  expect(await checkRule(rule, soundFiles('host-gw'), { [NEIGH]: 'truncated' })).toMatchObject({
    state: 'short',
    shortfalls: [{ code: 'truncated', what: NEIGH }],
  })
})
