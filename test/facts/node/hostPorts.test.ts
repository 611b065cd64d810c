import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveFor } from '../../../analyzer/engine/fact.ts'
import { hostPortsOf, meetsHostPorts } from '../../../analyzer/facts/node/hostPorts.ts'
import { captured } from '../../../analyzer/sources/captured.ts'
import { textNode } from '../../support/textCluster.ts'

const REAL = readFileSync(
  new URL('../../../fixtures/outputs/iptables-save/cni-hostport.txt', import.meta.url),
  'utf8',
)

async function dumpOf(text: string) {
  const answer = resolveFor(await textNode({ 'netfilter/iptables-save.txt': text }), captured.iptablesSave)
  if (!answer.available) throw new Error('not available')
  return answer.value
}

test('the entries of a real dump', async () => {
  const dump = await dumpOf(REAL)
  expect(meetsHostPorts(dump)).toBe(true)
  expect(hostPortsOf(dump)).toMatchObject([
    {
      protocol: 'tcp',
      ports: ['8088'],
      address: '',
      sandbox: 'bb23127e2fa9c52e9350ea94a7a5b0b7e5604ca0ebbaf0f8259316122e714c39',
      chain: 'CNI-DN-d9d2ea7f15be61f1eb071',
    },
  ])
})

test('no way leads to them, or they name nobody', async () => {
  const dump = await dumpOf(REAL.replace(/^-A PREROUTING.*\n/m, '').replace(/id: \\"bb23[^"]*"/, ''))
  expect(meetsHostPorts(dump)).toBe(false)
  expect(hostPortsOf(dump)).toEqual([])
})
