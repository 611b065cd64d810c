import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-kubelet-san-missing-node-ip.ts'
import { checkRule } from '../../support/checkRule.ts'

/** A serving certificate of k3s for 127.0.0.1 and 172.17.0.1. */
const PEM = readFileSync(
  new URL(
    '../../../fixtures/faults/certificate-kubelet-san-missing-node-ip/only-logged/node-3/certs/var/lib/rancher/k3s/agent/serving-kubelet.crt',
    import.meta.url,
  ),
  'utf8',
)
const K3S = 'certs/var/lib/rancher/k3s/agent/serving-kubelet.crt'

const named = (address: string) =>
  JSON.stringify(
    {
      kind: 'List',
      items: [
        {
          kind: 'Node',
          metadata: { name: 'node-1' },
          status: { addresses: [{ type: 'InternalIP', address }] },
        },
      ],
    },
    undefined,
    1,
  )

const judged = (address: string) =>
  checkRule(rule, { 'node-1': { [K3S]: PEM, 'kube/api/nodes.json': named(address) } })

test('k3s verifies the kubelet: an address that is not named is refused', async () => {
  expect(await judged('192.0.2.11')).toMatchObject({
    state: 'found',
    findings: [
      {
        subject: '192.0.2.11',
        confidence: 'certain',
        about: [
          'certificate:/var/lib/rancher/k3s/agent/serving-kubelet.crt',
          'address:192.0.2.11',
          'node:node-1',
        ],
      },
    ],
  })
  expect(await judged('172.17.0.1')).toMatchObject({ state: 'clear' })
})

test('a certificate that the kubelet of kubeadm made for itself is not verified', async () => {
  const files = {
    'certs/var/lib/kubelet/pki/kubelet.crt': PEM,
    'kube/api/nodes.json': named('192.0.2.11'),
  }
  expect(await checkRule(rule, { 'node-1': files })).toMatchObject({ state: 'clear' })
})

test('without the address, or without the certificate, nothing is known', async () => {
  expect(await checkRule(rule, { 'node-1': { [K3S]: PEM } })).toMatchObject({ state: 'unchecked' })
  expect(await checkRule(rule, { 'node-1': { 'kube/api/nodes.json': named('192.0.2.11') } })).toMatchObject({
    state: 'short',
  })
})
