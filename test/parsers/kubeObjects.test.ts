import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kubeEndpointSlices } from '../../analyzer/parsers/kubeEndpointSlices.ts'
import { kubeEndpoints } from '../../analyzer/parsers/kubeEndpoints.ts'
import { kubeEvents } from '../../analyzer/parsers/kubeEvents.ts'
import { kubeNodes } from '../../analyzer/parsers/kubeNodes.ts'
import { kubePods } from '../../analyzer/parsers/kubePods.ts'
import { kubeServices } from '../../analyzer/parsers/kubeServices.ts'
import { type TextParser, parseText } from '../../analyzer/parsers/parser.ts'

const captured = (resource: string) =>
  readFileSync(new URL(`../../fixtures/outputs/kube-${resource}/v1.20.json`, import.meta.url), 'utf8')

function read<T>(parser: TextParser<T>, text: string): T {
  const { value, unread } = parseText(parser, text)
  expect(unread).toEqual([])
  return value
}

const list = (...items: readonly unknown[]) => JSON.stringify({ apiVersion: 'v1', items, kind: 'List' })

test('nodes of a real cluster', () => {
  const nodes = read(kubeNodes, captured('nodes'))
  expect(nodes.map(({ name, internalAddresses }) => [name, ...internalAddresses])).toEqual([
    ['node-1', '192.168.50.11'],
    ['node-2', '192.168.50.12'],
    ['node-3', '192.168.50.13'],
  ])
  expect(nodes[0]).toMatchObject({
    podCidrs: [{ address: '10.244.2.0', length: 24 }],
    kubeletVersion: 'v1.20.2',
    containerRuntimeVersion: 'containerd://1.6.20',
    unschedulable: false,
    line: { text: '                "name": "node-1",' },
  })
  const ready = nodes[0]?.conditions.find(({ type }) => type === 'Ready')
  expect(ready).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
    lastHeartbeatMs: Date.UTC(2026, 10, 21, 0, 26, 43),
  })
})

test('a node cites the very line of its name', () => {
  const text = captured('nodes')
  for (const { line } of read(kubeNodes, text)) expect(text.split('\n')[line.number - 1]).toBe(line.text)
})

test('of annotations those of flannel, Calico and k3s are kept', () => {
  const annotations = {
    'flannel.alpha.coreos.com/public-ip': '192.0.2.7',
    'projectcalico.org/IPv4Address': '192.0.2.7/24',
    'k3s.io/node-args': '["agent"]',
    'node.alpha.kubernetes.io/ttl': '0',
  }
  const labels = { 'topology.kubernetes.io/zone': 'a' }
  const spec = {
    taints: [{ key: 'k', effect: 'NoSchedule' }],
    unschedulable: true,
    podCIDRs: ['10.42.0.0/24', '2001:db8::/64'],
  }
  const [node] = read(kubeNodes, list({ metadata: { name: 'n', annotations, labels }, spec }))
  expect([...(node?.annotations.keys() ?? [])]).toEqual([
    'flannel.alpha.coreos.com/public-ip',
    'projectcalico.org/IPv4Address',
    'k3s.io/node-args',
  ])
  expect(node).toMatchObject({
    zone: 'a',
    unschedulable: true,
    taints: [{ key: 'k', value: '', effect: 'NoSchedule' }],
  })
  expect(node?.podCidrs).toHaveLength(2)
})

test.each([
  // Labels of kubeadm 1.33, kubeadm 1.20, RKE, and of a worker.
  ['node-role.kubernetes.io/control-plane', '', true],
  ['node-role.kubernetes.io/master', 'true', true],
  ['node-role.kubernetes.io/controlplane', 'true', true],
  ['node-role.kubernetes.io/worker', '', false],
])('a node with the label %s=%j: its control plane is %s', (label, value, isControlPlane) => {
  const [node] = read(kubeNodes, list({ metadata: { name: 'n', labels: { [label]: value } } }))
  expect(node?.isControlPlane).toBe(isControlPlane)
})

test('pods of a real cluster', () => {
  const [pod] = read(kubePods, captured('pods'))
  expect(pod).toMatchObject({
    namespace: 'default',
    name: 'web-6cd8775747-24cxk',
    nodeName: 'node-1',
    podAddresses: ['10.244.1.2'],
    hostAddress: '192.168.50.11',
    hostNetwork: false,
    phase: 'Running',
    ready: true,
    deletionMs: undefined,
    containers: [
      { name: 'web', ready: true, restarts: 0, ports: [{ protocol: 'TCP', containerPort: 8080 }] },
    ],
  })
  expect(pod?.labels.get('app')).toBe('web')
})

test('a pod that waits, is being deleted, and has an address in its environment', () => {
  const pod = {
    metadata: { name: 'p', namespace: 'n', deletionTimestamp: '2026-11-21T00:27:14Z' },
    spec: {
      containers: [
        {
          name: 'c',
          env: [
            { name: 'DB', value: '10.0.0.7' },
            { name: 'N', valueFrom: {} },
          ],
        },
      ],
    },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'c', restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  }
  expect(read(kubePods, list(pod))[0]).toMatchObject({
    ready: false,
    nodeName: undefined,
    deletionMs: Date.UTC(2026, 10, 21, 0, 27, 14),
    containers: [
      {
        restarts: 7,
        waitingReason: 'CrashLoopBackOff',
        literals: [{ variable: 'DB', text: '10.0.0.7', addresses: ['10.0.0.7'] }],
      },
    ],
  })
})

test('who made a pod, and which address is kept for it', () => {
  const pod = {
    metadata: {
      name: 'p',
      annotations: {
        'cni.projectcalico.org/ipAddrs': '["10.0.0.7"]',
        'cni.projectcalico.org/podIP': '10.0.0.8/32',
      },
      ownerReferences: [
        { kind: 'Other', name: 'o' },
        { kind: 'StatefulSet', name: 's', controller: true },
      ],
    },
  }
  expect(read(kubePods, JSON.stringify({ items: [pod, { metadata: { name: 'q' } }] }))).toMatchObject([
    { controller: { kind: 'StatefulSet', name: 's' }, fixedAddresses: ['10.0.0.7'] },
    { controller: undefined, fixedAddresses: [] },
  ])
})

test('services of a real cluster', () => {
  const services = read(kubeServices, captured('services'))
  expect(services.find(({ name }) => name === 'web')).toMatchObject({
    namespace: 'default',
    type: 'NodePort',
    clusterAddresses: ['10.106.235.36'],
    headless: false,
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }],
    selector: new Map([['app', 'web']]),
    externalTrafficPolicy: 'Cluster',
    sessionAffinity: 'None',
  })
  expect(services.find(({ name }) => name === 'kubernetes')?.selector.size).toBe(0)
})

test('a headless service, an external name and a load balancer', () => {
  const [headless, named, balanced] = read(
    kubeServices,
    list(
      {
        metadata: { name: 'a' },
        spec: { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 53, targetPort: 'dns' }] },
      },
      { metadata: { name: 'b' }, spec: { type: 'ExternalName', externalName: 'example.org' } },
      {
        metadata: { name: 'c' },
        spec: {
          type: 'LoadBalancer',
          clusterIP: '10.96.0.9',
          externalIPs: ['192.0.2.7'],
          ports: [{ port: 80 }],
        },
        status: { loadBalancer: { ingress: [{ ip: '2001:DB8::1' }, { hostname: 'example.org' }] } },
      },
    ),
  )
  expect(headless).toMatchObject({ headless: true, clusterAddresses: [], ports: [{ targetPort: 'dns' }] })
  expect(named).toMatchObject({ headless: false, clusterAddresses: [], ports: [] })
  expect(balanced).toMatchObject({
    externalAddresses: ['192.0.2.7'],
    loadBalancerAddresses: ['2001:db8::1'],
    // "If this is not specified, the value of the 'port' field is used" (API reference).
    ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
  })
})

test('Endpoints and EndpointSlices of one real service agree', () => {
  const endpoints = read(kubeEndpoints, captured('endpoints')).find(({ service }) => service === 'web')
  const slice = read(kubeEndpointSlices, captured('endpointslices')).find(({ service }) => service === 'web')
  const told = endpoints?.subsets[0]?.addresses.map(
    ({ address, nodeName, pod }) => `${address} ${nodeName} ${pod?.name}`,
  )
  expect(told).toHaveLength(6)
  expect(told?.[0]).toBe('10.244.1.2 node-1 web-6cd8775747-24cxk')
  expect(
    slice?.addresses.map(({ address, nodeName, pod }) => `${address} ${nodeName} ${pod?.name}`).toSorted(),
  ).toEqual(told)
  expect(endpoints?.subsets[0]?.ports).toEqual([{ name: 'http', protocol: 'TCP', port: 8080 }])
  expect(slice?.ports).toEqual(endpoints?.subsets[0]?.ports)
})

test('endpoints that are not ready, and zone hints', () => {
  const subsets = [{ notReadyAddresses: [{ ip: '10.0.0.1' }], ports: [{ port: 53, protocol: 'UDP' }] }]
  expect(read(kubeEndpoints, list({ metadata: { name: 'a' }, subsets }))[0]?.subsets[0]).toEqual({
    addresses: [
      {
        address: '10.0.0.1',
        ready: false,
        serving: false,
        terminating: false,
        nodeName: undefined,
        hintedZones: [],
        pod: undefined,
      },
    ],
    ports: [{ name: '', protocol: 'UDP', port: 53 }],
  })
  const entries = [
    {
      addresses: ['10.0.0.1'],
      conditions: { ready: false },
      nodeName: 'n',
      hints: { forZones: [{ name: 'z' }] },
    },
    { addresses: ['10.0.0.2'], conditions: {} },
  ]
  const [slice] = read(kubeEndpointSlices, list({ metadata: { name: 'a' }, endpoints: entries }))
  expect(slice?.addresses).toMatchObject([
    { ready: false, nodeName: 'n', hintedZones: ['z'] },
    { ready: true },
  ])
})

test('events of a real cluster, and of the newer API', () => {
  expect(read(kubeEvents, captured('events'))[0]).toMatchObject({
    type: 'Normal',
    reason: 'Starting',
    message: 'Starting kubelet.',
    objectKind: 'Node',
    objectName: 'node-1',
    count: 1,
    lastMs: Date.UTC(2026, 10, 21, 0, 26, 35),
    sourceHost: 'node-1',
  })
  const newer = {
    metadata: { name: 'e', namespace: 'n' },
    regarding: { kind: 'Pod', name: 'p' },
    note: 'said',
    eventTime: '2026-11-21T00:26:35.123456Z',
    series: { count: 9, lastObservedTime: '2026-11-21T00:28:00.000000Z' },
  }
  expect(read(kubeEvents, list(newer))[0]).toMatchObject({
    message: 'said',
    objectName: 'p',
    count: 9,
    firstMs: Date.UTC(2026, 10, 21, 0, 26, 35) + 123.456,
    lastMs: Date.UTC(2026, 10, 21, 0, 28),
  })
})
