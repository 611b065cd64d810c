import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/duplicate-podcidr.ts'
import { type FlannelEdit, tellOfFlannel } from '../../support/flannelNodes.ts'

const SAME: FlannelEdit = ['node-2/net/ip-addr.txt', 'inet 10.244.2.1/24', 'inet 10.244.1.1/24']

test('one gateway on two bridges', async () => {
  const result = await tellOfFlannel(rule, [SAME])
  expect(result).toMatchObject({
    state: 'found',
    findings: [{ subject: '10.244.1.0/24', nodes: ['node-1', 'node-2'], confidence: 'certain' }],
  })
})

test('bundles of one boot are one node', async () => {
  const meta = { 'meta/node.txt': 'boot_id=b7167caa-38a4-433d-879d-9c3c3a8eff4d\n' }
  const result = await tellOfFlannel(rule, [SAME], { 'node-1': meta, 'node-2': meta })
  expect(result?.state).toBe('clear')
})

test('of nodes that may be of two clusters nothing is said', async () => {
  const apart: FlannelEdit[] = [1, 2].flatMap((node): FlannelEdit[] => [
    [`node-${node}/net/ip-neigh.txt`, `02:fe:00:00:00:0${3 - node}`, '02:fe:00:00:00:09'],
    [`node-${node}/net/bridge-fdb.txt`, `02:fe:00:00:00:0${3 - node}`, '02:fe:00:00:00:09'],
  ])
  expect((await tellOfFlannel(rule, [SAME, ...apart]))?.state).toBe('unchecked')
})
