import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/flannel-podcidr-unassigned.ts'
import { tellOfFlannel } from '../../support/flannelNodes.ts'

const line = (node: string) =>
  `2026-11-20T23:45:00.000000+00:00 node-1 k3s[8]: E1120 flannel.go:78] failed to acquire lease: node "${node}" pod cidr not assigned\n`

async function tell(log: string) {
  return await tellOfFlannel(rule, [], { 'node-1': { 'journal/k3s.txt': log } })
}

test('a log line alone is no certainty', async () => {
  expect(await tell(line('node-1'))).toMatchObject({ state: 'found', findings: [{ confidence: 'likely' }] })
})

test('a log without such a line proves nothing', async () => {
  expect((await tell('2026-11-20T23:45:00.000000+00:00 node-1 k3s[8]: started\n'))?.state).toBe('unchecked')
})
