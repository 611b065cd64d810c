import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/link-mtu-mismatch.ts'
import { type Change, checkRule, soundFiles } from '../../support/checkRule.ts'

/** Sets the MTU of a device in both outputs of ip. */
function mtu(device: string, bytes: number): Readonly<Record<string, Change>> {
  const set = (before: string) =>
    before.replaceAll(new RegExp(`^(\\d+: ${device}(?:@\\w+)?: <[^>]*> mtu )\\d+`, 'gm'), `$1${bytes}`)
  return { 'net/ip-addr.txt': set, 'net/ip-link.txt': set }
}

test('VXLAN needs 50 bytes of the network below', async () => {
  expect(await checkRule(rule, soundFiles('flannel-vxlan'))).toMatchObject({ state: 'clear' })
  const result = await checkRule(rule, soundFiles('flannel-vxlan', mtu('flannel.1', 1451)))
  expect(result).toMatchObject({ state: 'found' })
  expect(result.state === 'found' && result.findings[0]).toMatchObject({
    subject: 'flannel.1',
    confidence: 'certain',
    about: ['node:node-1', 'device:node-1/flannel.1'],
  })
})

test('an overlay that is narrower on one node only is uneven', async () => {
  expect(await checkRule(rule, soundFiles('flannel-vxlan', mtu('flannel.1', 1400)))).toMatchObject({
    state: 'found',
    findings: [{ subject: 'flannel.1', confidence: 'likely', nodes: ['node-1', 'node-2', 'node-3'] }],
  })
})

const told = (bytes: number) => ({
  'cni/flannel-subnet.env': `FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=${bytes}\nFLANNEL_IPMASQ=true\n`,
})

test('pods wider than flannel told them', async () => {
  expect(await checkRule(rule, soundFiles('flannel-vxlan', told(1450)))).toMatchObject({ state: 'clear' })
  expect(await checkRule(rule, soundFiles('flannel-vxlan', told(1300)))).toMatchObject({
    state: 'found',
    findings: [{ subject: 'pods' }],
  })
})
