import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/arp-duplicate-ip.ts'
import { checkRule, replacing, soundFiles } from '../../support/checkRule.ts'

const ADDR = 'net/ip-addr.txt'
/** A second card of node-1 with an address. */
const withCard = (address: string, flags = '') =>
  soundFiles('host-gw', {
    [ADDR]: replacing(
      '3: cni0:',
      `9: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP\n    link/ether 02:00:00:00:11:03 brd ff:ff:ff:ff:ff:ff\n    inet ${address} scope global${flags} eth1\n3: cni0:`,
    ),
  })

test('an address of node-2 on node-1: both bundles prove it', async () => {
  expect(await checkRule(rule, withCard('192.168.50.12/24'))).toMatchObject({
    state: 'found',
    findings: [
      {
        subject: '192.168.50.12',
        confidence: 'certain',
        nodes: ['node-1', 'node-2'],
        about: ['address:192.168.50.12'],
      },
    ],
  })
})

test('an address of its own is nobody’s else', async () => {
  expect(await checkRule(rule, withCard('192.168.50.99/24'))).toMatchObject({ state: 'clear' })
})

test('what the kernel itself found in use elsewhere is likely', async () => {
  expect(await checkRule(rule, withCard('192.168.50.99/24', ' dadfailed tentative'))).toMatchObject({
    state: 'found',
    findings: [{ subject: '192.168.50.99', confidence: 'likely' }],
  })
})

test('without the addresses of the node nothing is known', async () => {
  const files = soundFiles('host-gw', { [ADDR]: null, 'net/ip-link.txt': null })
  expect(await checkRule(rule, files)).toMatchObject({ state: 'short' })
})
