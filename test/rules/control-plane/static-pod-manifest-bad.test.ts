import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/control-plane/static-pod-manifest-bad.ts'
import { textNode } from '../../support/textCluster.ts'

const FOLDER = 'kube/config/etc/kubernetes/manifests'

function pod(name: string, namespace = 'kube-system'): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`
}

async function subjects(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode(files), 'en')
  return result.state === 'found'
    ? result.findings.map(({ subject, confidence }) => `${subject} ${confidence}`)
    : result.state
}

test('one pod in two files, in one namespace', async () => {
  const files = { [`${FOLDER}/a.yaml`]: pod('etcd'), [`${FOLDER}/b.yaml`]: pod('etcd') }
  expect(await subjects(files)).toEqual(['kube-system/etcd likely'])
  expect(await subjects({ ...files, [`${FOLDER}/b.yaml`]: pod('etcd', 'other') })).toBe('clear')
  const hidden = { [`${FOLDER}/a.yaml`]: pod('etcd'), [`${FOLDER}/.a.yaml`]: pod('etcd') }
  expect(await subjects(hidden)).toBe('clear')
})

test('what is no pod is not compared, and no manifest is no business', async () => {
  const config = pod('etcd').replace('Pod', 'List')
  expect(await subjects({ [`${FOLDER}/a.yaml`]: config, [`${FOLDER}/b.yaml`]: config })).toBe('clear')
  expect(await subjects({})).toBe('not-applicable')
})
