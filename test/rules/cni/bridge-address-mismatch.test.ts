import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/bridge-address-mismatch.ts'
import { tellOfFlannel } from '../../support/flannelNodes.ts'

function conf(ipam: object, settings: object = {}): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ...settings,
    ipam: { type: 'host-local', ...ipam },
  }
  return JSON.stringify({ cniVersion: '0.4.0', name: 'cbr0', plugins: [bridge] })
}

async function tell(text: string, file = '10-bridge.conflist', others: Record<string, string> = {}) {
  const result = await tellOfFlannel(rule, [], { 'node-1': { [`cni/net.d/${file}`]: text, ...others } })
  return result?.state === 'found' ? result.findings.map(({ confidence }) => confidence) : result?.state
}

// cni0 of node-1 has 10.244.1.1/24.
test.each([
  ['the first address of the subnet', { subnet: '10.244.1.0/24' }, 'clear'],
  ['another length', { subnet: '10.244.1.0/25' }, ['certain']],
  ['another network', { ranges: [[{ subnet: '10.244.9.0/24' }]] }, ['certain']],
  ['another gateway', { subnet: '10.244.1.0/24', gateway: '10.244.1.254' }, ['certain']],
  ['the gateway by name', { subnet: '10.244.1.0/24', gateway: '10.244.1.1' }, 'clear'],
  ['the IPv4 range of two', { ranges: [[{ subnet: 'fd00::/64' }], [{ subnet: '10.244.1.0/24' }]] }, 'clear'],
])('%s', async (_, ipam, expected) => {
  expect(await tell(conf(ipam))).toEqual(expected)
})

test('a bridge that is no gateway gets no address', async () => {
  expect(await tell(conf({ subnet: '10.244.9.0/24' }, { isGateway: false }))).toBe('not-applicable')
})

test('the first file by name counts', async () => {
  const first = { 'cni/net.d/05-bridge.conflist': conf({ subnet: '10.244.1.0/24' }) }
  expect(await tell(conf({ subnet: '10.244.9.0/24' }), '10-bridge.conflist', first)).toBe('clear')
})

test('a configuration that cannot be read', async () => {
  expect(await tell('{"plugins": [')).toBe('unchecked')
})
