import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/arp-wrong-mac.ts'
import { checkRule, replacing, soundFiles } from '../../support/checkRule.ts'

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

const LEARNED = '192.168.50.13 dev eth0 lladdr 02:00:00:00:00:03 REACHABLE'
const SET = '192.168.50.13 dev eth0 lladdr 02:00:00:00:00:99 PERMANENT'

test.each([
  ['by a routing daemon', `${SET} extern_learn`],
  ['by a plugin that has the kernel keep it', `${SET} managed`],
  ['with VRRP’s hardware address', SET.replace('02:00:00:00:00:99', '00:00:5e:00:01:07')],
  ['where nobody is asked', SET.replace('PERMANENT', 'NOARP')],
  ['to what answers for a machine that is no node', `${SET}\n${entry('192.168.50.77', '02:00:00:00:00:99')}`],
  ['on a device of another network', SET.replace('eth0', 'cni0')],
])('an entry that was set %s', async (_, line) => {
  const files = soundFiles('host-gw', { [NEIGH]: replacing(LEARNED, line) })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('a wrong entry that was set counts where the two are known to be on one link', async () => {
  const files = soundFiles('host-gw', { [NEIGH]: replacing(LEARNED, SET) })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'set/192.168.50.13', severity: 'high', confidence: 'certain' }],
  })
  const apart = { ...files, 'node-3': { ...files['node-3'], [NEIGH]: '' } }
  expect(await checkRule(rule, apart)).toMatchObject({ state: 'clear' })
})

test('on a tunnel that somebody made, neighbours are set by hand', async () => {
  const files = soundFiles('host-gw', {
    [NEIGH]: replacing(LEARNED, SET),
    'net/ip-addr.txt': replacing(
      'link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns fab',
      'link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    vxlan id 9 dstport 4789',
    ),
  })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'clear' })
})

test('bundles that were made far apart may lie on either side of a new card', async () => {
  const files = soundFiles('host-gw', {
    [NEIGH]: replacing(LEARNED, SET),
    'meta/node.txt': (before) =>
      before.replace(
        /(started_utc|finished_utc)=(\d+)/g,
        (_, key: string, time: string) => `${key}=${Number(time) + 1200}`,
      ),
  })
  expect(await checkRule(rule, files)).toMatchObject({
    state: 'found',
    findings: [{ subject: 'set/192.168.50.13', severity: 'medium', confidence: 'possible' }],
  })
})
