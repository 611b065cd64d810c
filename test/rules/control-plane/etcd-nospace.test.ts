import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/etcd-nospace.ts'
import { textNode } from '../../support/textCluster.ts'

async function outcome(files: Readonly<Record<string, string>>): Promise<string> {
  const result = rule.check(await textNode(files), 'zh')
  return result.state === 'found' ? `found ${result.findings[0]?.severity}` : result.state
}

const status = (bytes: number): string =>
  `[{"Endpoint":"https://127.0.0.1:2379","Status":{"version":"3.5.9","dbSize":${bytes},"leader":5}}]\n`

test('nine tenths of the quota, by default of 2 GiB', async () => {
  expect(await outcome({ 'etcd/endpoint-status.json': status(0.89 * 2 ** 31) })).toBe('clear')
  expect(await outcome({ 'etcd/endpoint-status.json': status(0.91 * 2 ** 31) })).toBe('found high')
})

test('the quota of the process’s own command counts', async () => {
  const command = 'spec:\n  containers:\n  - command: [etcd, --quota-backend-bytes=4294967296]\n'
  const manifest = 'kube/config/etc/kubernetes/manifests/etcd.yaml'
  const size = { 'etcd/endpoint-status.json': status(0.95 * 2 ** 31) }
  expect(await outcome({ ...size, [manifest]: command })).toBe('clear')
})

test('neither a status nor a log: unchecked', async () => {
  expect(await outcome({})).toBe('unchecked')
})
