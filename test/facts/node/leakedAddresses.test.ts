import { expect, test } from 'vitest'
import { ipamPools } from '../../../analyzer/facts/node/ipamPools.ts'
import { leakedAddresses } from '../../../analyzer/facts/node/leakedAddresses.ts'
import { textNode } from '../../support/textCluster.ts'

const CONF = 'cni/net.d/10-bridge.conflist'
const PODS = 'runtime/crictl-pods.json'
const DOCKER = 'runtime/docker-ps.txt'

const bridge = (ipam: string) =>
  `{"name":"cbr0","cniVersion":"0.4.0","plugins":[{"type":"bridge","bridge":"cni0","ipam":{"type":"host-local",${ipam}}}]}`

const id = (number: number) => number.toString(16).padStart(64, '0')

/** Reservations of 10.42.1.<from> to 10.42.1.<to>, each with the id of its number. */
function reserved(from: number, to: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let host = from; host <= to; host += 1) files[`cni/ipam/cbr0/10.42.1.${host}`] = `${id(host)}\r\neth0`
  return files
}

const sandboxes = (numbers: readonly number[]) =>
  JSON.stringify({
    items: numbers.map((number) => ({ id: id(number), metadata: { name: 'web' }, state: 'SANDBOX_READY' })),
  })

const pod = (name: string, status: object) => ({
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'node-1' },
  status,
})

const kube = (items: readonly object[]) => JSON.stringify({ kind: 'List', items }, undefined, 1)

const nodes = kube([
  {
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { addresses: [{ address: '192.0.2.1', type: 'InternalIP' }] },
  },
])

async function leaks(files: Readonly<Record<string, string>>) {
  const answer = leakedAddresses.of(await textNode(files))
  if (!answer.available)
    return answer.shortfalls.map(({ code, what }) => `${code} ${typeof what === 'string' ? what : what.en}`)
  return answer.value.map(({ proof, count, orphans, pool }) => ({
    proof,
    count,
    orphans: orphans.map(({ address }) => address),
    fill: `${pool.reservations.length}/${pool.capacity}`,
  }))
}

test('a whole /24 with five pods: 248 leaked', async () => {
  const files = {
    [CONF]: bridge('"ranges":[[{"subnet":"10.42.1.0/24"}]]'),
    ...reserved(2, 254),
    [PODS]: sandboxes([2, 3, 4, 5, 6]),
  }
  const [leak] = await leaks(files)
  expect(leak).toMatchObject({ proof: 'sandboxes', count: 248, fill: '253/253' })
})

test('the gateway set aside by hand is not counted', async () => {
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/24"'),
    ...reserved(1, 4),
    [PODS]: sandboxes([2, 3, 4]),
  }
  expect(await leaks(files)).toEqual([{ proof: 'sandboxes', count: 0, orphans: [], fill: '3/253' }])
})

test('a file that was never written to its end is taken for good', async () => {
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/24"'),
    ...reserved(2, 2),
    'cni/ipam/cbr0/10.42.1.9': '',
    [PODS]: sandboxes([2]),
  }
  expect(await leaks(files)).toMatchObject([{ count: 1, orphans: ['10.42.1.9'] }])
})

test('pods that are starting may have an address and no sandbox yet', async () => {
  const starting = ['a', 'b', 'c'].map((name) => pod(name, { phase: 'Pending' }))
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/24"'),
    ...reserved(2, 6),
    [PODS]: sandboxes([2]),
    'kube/api/nodes.json': nodes,
    'kube/api/pods.json': kube([...starting, pod('d', { phase: 'Running', podIP: '10.42.1.2' })]),
  }
  expect(await leaks(files)).toMatchObject([{ count: 1, orphans: expect.any(Array) }])
})

test('pods that wait because the pool is full do not hide what leaked', async () => {
  const waiting = Array.from({ length: 40 }, (_, index) => pod(`web-${index}`, { phase: 'Pending' }))
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/28"'),
    ...reserved(2, 14),
    [PODS]: sandboxes([2, 3]),
    'kube/api/nodes.json': nodes,
    'kube/api/pods.json': kube(waiting),
  }
  // Eleven orphans, of which three at most may be of pods that are being made.
  expect(await leaks(files)).toMatchObject([{ count: 8, fill: '13/13' }])
})

test('Docker’s list without --no-trunc has the first twelve digits of an id', async () => {
  const row = (number: number, name: string) =>
    `${id(number).slice(0, 12)}   pause:3.6   "/pause"   2 hours ago   Up 2 hours             ${name}`
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/24"'),
    'cni/ipam/cbr0/10.42.1.2': `${'ab'.repeat(32)}\r\neth0`,
    [DOCKER]: [
      'CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES',
      row(7, 'k8s_POD_a_default_u_0'),
    ]
      .join('\n')
      .replace(id(7).slice(0, 12), 'abababababab'),
    [PODS]: sandboxes([]),
  }
  expect(await leaks(files)).toMatchObject([{ proof: 'sandboxes', count: 0 }])
})

test('a Docker without pods beside containerd says nothing of pods', async () => {
  const files = {
    [CONF]: bridge('"subnet":"10.42.1.0/24"'),
    ...reserved(2, 4),
    [DOCKER]: 'CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n',
  }
  expect(await leaks(files)).toEqual(['not-captured any list of the pods on this node'])
})

test('flannel’s subnet comes before the API server’s podCIDR where they overlap', async () => {
  const files = {
    [CONF]: '{"name":"cbr0","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]}',
    'cni/flannel-subnet.env': 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/25\n',
    ...reserved(2, 3),
    'kube/api/nodes.json': nodes.replace('"status"', '"spec": {"podCIDR": "10.42.1.0/24"}, "status"'),
  }
  const answer = ipamPools.of(await textNode(files))
  expect(answer.available && answer.value.map(({ subnet, capacity }) => [subnet, capacity])).toEqual([
    ['10.42.1.0/25', 125],
  ])
})

test('two ranges of one set are one pool, two sets are two', async () => {
  const ranges =
    '"ranges":[[{"subnet":"10.42.1.0/28"},{"subnet":"10.42.1.16/28"}],[{"subnet":"fd00:42::/120"}]]'
  const answer = ipamPools.of(await textNode({ [CONF]: bridge(ranges), ...reserved(2, 14) }))
  expect(
    answer.available &&
      answer.value.map(({ subnet, capacity, reservations }) => [subnet, capacity, reservations.length]),
  ).toEqual([
    ['10.42.1.0/28, 10.42.1.16/28', 26, 13],
    ['fd00:42::/120', 254, 0],
  ])
})
