import { expect, test } from 'vitest'
import { resolveFor } from '../../../analyzer/engine/fact.ts'
import { writtenAddresses } from '../../../analyzer/facts/cluster/writtenAddresses.ts'
import { textNode } from '../../support/textCluster.ts'

async function placesOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const answer = resolveFor(await textNode(files), writtenAddresses)
  if (!answer.available) throw new Error('not available')
  return [...answer.value].flatMap(([address, places]) =>
    places.map(({ in: where, owner, name, nodes }) =>
      [address, where, owner.kind, owner.name, name, ...nodes].join(' ').trim(),
    ),
  )
}

const pod = (name: string, nodeName: string) => ({
  metadata: {
    name,
    namespace: 'n',
    labels: { 'pod-template-hash': '6cd8' },
    ownerReferences: [{ kind: 'ReplicaSet', name: 'web-6cd8', controller: true }],
  },
  spec: {
    nodeName,
    containers: [{ name: 'c', args: ['--db=10.0.0.7'], env: [{ name: 'DB', value: '10.0.0.7' }] }],
  },
  status: { phase: 'Running' },
})

test('variables and commands of pods, by the workload that makes them', async () => {
  const items = [pod('web-6cd8-a', 'node-1'), pod('web-6cd8-b', 'node-1.example.internal')]
  expect(await placesOf({ 'kube/api/pods.json': JSON.stringify({ items }) })).toEqual([
    '10.0.0.7 command Deployment web  node-1',
    '10.0.0.7 variable Deployment web DB node-1',
  ])
})

test('lines of /etc/hosts that name an IPv4 address', async () => {
  const hosts =
    '127.0.0.1 localhost\n::1 localhost\n10.0.0.7\tdb db.example.internal # by hand\n#10.0.0.8 old\n10.0.0.9\n'
  expect(await placesOf({ 'net/hosts.txt': hosts })).toEqual([
    '127.0.0.1 hosts Node node-1 localhost node-1',
    '10.0.0.7 hosts Node node-1 db db.example.internal node-1',
  ])
})

test('nothing was captured', async () => {
  expect(await placesOf({})).toEqual([])
})
