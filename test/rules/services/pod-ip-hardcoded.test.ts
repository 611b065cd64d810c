import { describe, expect, test } from 'vitest'
import podIpHardcoded from '../../../analyzer/rules/services/pod-ip-hardcoded.ts'
import { checkRule } from '../../support/checkRule.ts'
import { foundIn } from '../../support/foundIn.ts'

interface PodOptions {
  readonly address?: string
  readonly phase?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly metadata?: object
  readonly node?: string
}

const pod = (
  name: string,
  { address, phase = 'Running', env = {}, args = [], metadata, node }: PodOptions,
) => ({
  metadata: { name, namespace: 'default', ...metadata },
  spec: {
    containers: [{ args, env: Object.entries(env).map(([key, value]) => ({ name: key, value })), name: 'c' }],
    nodeName: node ?? 'node-1',
  },
  status: { phase, ...(address === undefined ? {} : { podIP: address }) },
})

const list = (...items: readonly object[]) => JSON.stringify({ kind: 'List', items }, null, 1)
const services = (...addresses: readonly string[]) =>
  list(
    ...addresses.map((clusterIP, index) => ({
      metadata: { name: `s${index}`, namespace: 'default' },
      spec: { clusterIP, ports: [{ port: 80 }] },
    })),
  )

const flannel = 'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\n'
const withPods = (pods: string, more: Readonly<Record<string, string>> = {}) =>
  foundIn(podIpHardcoded, { 'cni/flannel-subnet.env': flannel, 'kube/api/pods.json': pods, ...more })

const withHosts = (text: string) =>
  foundIn(podIpHardcoded, { 'cni/flannel-subnet.env': flannel, 'net/hosts.txt': text })
const link = (prefix: string) =>
  `2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP\n    inet ${prefix} scope global eth0\n`

const register = pod('register-0', { address: '10.42.1.94' })
const gateway = pod('gateway', { address: '10.42.1.20', env: { NACOS_HOST: '10.42.1.94' } })
const gatewayOn = (name: string, node: string) =>
  pod(name, {
    node,
    env: { NACOS_HOST: '10.42.1.94' },
    metadata: {
      labels: { 'pod-template-hash': '6cd8' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'gateway-6cd8', controller: true }],
    },
  })

describe('whose the address is', () => {
  test('a pod has it', async () => {
    expect(await withPods(list(register, gateway))).toEqual([['10.42.1.94', 'medium', 'certain']])
  })

  test('no pod has it: it fails now', async () => {
    expect(await withPods(list(gateway))).toEqual([['10.42.1.94', 'high', 'certain']])
  })

  test('a pod that has ended no longer has the address in its status, and needs none', async () => {
    const ended = pod('register-0', { address: '10.42.1.94', phase: 'Succeeded' })
    expect(await withPods(list(ended, gateway))).toEqual([['10.42.1.94', 'high', 'certain']])
    const job = pod('job', { phase: 'Failed', env: { NACOS_HOST: '10.42.1.94' } })
    expect(await withPods(list(job))).toBe('clear')
  })

  test('a list of pods that breaks off does not tell that none has it', async () => {
    const cut = await checkRule(
      podIpHardcoded,
      { 'node-1': { 'cni/flannel-subnet.env': flannel, 'kube/api/pods.json': list(gateway) } },
      { 'kube/api/pods.json': 'truncated' },
    )
    expect(cut).toMatchObject({ findings: [{ severity: 'medium', confidence: 'likely' }] })
  })

  test('a pod of a network that nothing declares is known by its address', async () => {
    const files = { 'kube/api/pods.json': list(register, gateway) }
    expect(await foundIn(podIpHardcoded, files)).toEqual([['10.42.1.94', 'medium', 'certain']])
  })

  test('a Service has it, or none in a network that a configuration declares', async () => {
    const pods = list(pod('gateway', { env: { A: '10.43.0.70', B: '10.43.9.9' } }))
    const api = { 'kube/api/services.json': services('10.43.0.70', '10.43.200.1') }
    const config = { 'kube/config/etc/rancher/k3s/config.yaml': 'service-cidr: 10.43.0.0/16\n' }
    expect(await withPods(pods, api)).toEqual([['10.43.0.70', 'low', 'possible']])
    expect(await withPods(pods, { ...api, ...config })).toEqual([
      ['10.43.0.70', 'low', 'possible'],
      ['10.43.9.9', 'high', 'likely'],
    ])
  })
})

describe('where it is written', () => {
  test('in commands and URLs, once for each address', async () => {
    const pods = list(
      pod('a', { args: ['--peers=http://10.42.1.94:8848,http://10.42.1.95:8848'] }),
      pod('b', { env: { SERVER: '10.42.1.94:8848' } }),
    )
    expect(await withPods(pods)).toEqual([
      ['10.42.1.94', 'high', 'certain'],
      ['10.42.1.95', 'high', 'certain'],
    ])
  })

  test('the pods of a Deployment count as one place, on the nodes where they are', async () => {
    const pods = list(register, gatewayOn('gateway-6cd8-a', 'node-1'), gatewayOn('gateway-6cd8-b', 'node-2'))
    const result = await checkRule(podIpHardcoded, {
      'node-1': { 'cni/flannel-subnet.env': flannel, 'kube/api/pods.json': pods },
      'node-2': {},
    })
    expect(result).toMatchObject({
      findings: [
        {
          title: expect.stringContaining('is written into NACOS_HOST of Deployment default/gateway'),
          nodes: ['node-1', 'node-2'],
        },
      ],
    })
  })

  test('a pod of a node that sent no bundle is told where the list of pods came from', async () => {
    const away = pod('gateway', { env: { NACOS_HOST: '10.42.1.94' }, node: 'node-9' })
    expect(await withPods(list(register, away))).toEqual([['10.42.1.94', 'medium', 'certain']])
  })
})

describe('what is none', () => {
  test.each([
    ['its own address', pod('a', { address: '10.42.1.94', env: { PEER: '10.42.1.94' } })],
    ['what the pod is told of itself', pod('a', { env: { POD_IP: '10.42.1.94', NODE_IP: '10.42.1.95' } })],
    ['whom not to ask a proxy for', pod('a', { env: { no_proxy: '10.42.1.94' } })],
    ['networks, and addresses elsewhere', pod('a', { env: { NET: '10.42.0.0/16', DB: '10.99.1.94' } })],
    ['the bridge of the node', pod('a', { env: { UPSTREAM: '10.42.1.1' } })],
  ])('%s', async (_, own) => {
    expect(await withPods(list(own))).toBe('clear')
  })

  test('an address on a link of the node that is no wider than the pods’ network', async () => {
    expect(await withPods(list(gateway), { 'net/ip-addr.txt': link('10.42.1.5/24') })).toBe('clear')
    expect(await withPods(list(gateway), { 'net/ip-addr.txt': link('10.0.0.5/8') })).toEqual([
      ['10.42.1.94', 'high', 'certain'],
    ])
  })

  test('an external address of a Service', async () => {
    const service = {
      metadata: { name: 'lb', namespace: 'default' },
      spec: { clusterIP: '10.43.0.9', externalIPs: ['10.42.1.94'], ports: [{ port: 80 }] },
    }
    expect(await withPods(list(gateway), { 'kube/api/services.json': list(service) })).toBe('clear')
  })
})

test('without a list of pods, /etc/hosts alone tells of nothing else', async () => {
  expect(await withHosts('127.0.0.1 localhost\n10.42.1.94\n')).toBe('unchecked')
  expect(await withHosts('10.42.1.94 web\n')).toEqual([['10.42.1.94', 'medium', 'likely']])
})

test('commands quote what a bundle chooses', async () => {
  const own = pod('a;b', {
    env: { 'X$(id)': '10.42.1.94' },
    metadata: { ownerReferences: [{ kind: 'Set`id`', name: "x'y", controller: true }] },
  })
  const result = await checkRule(podIpHardcoded, {
    'node-1': { 'cni/flannel-subnet.env': flannel, 'kube/api/pods.json': list(register, own) },
  })
  expect(result).toMatchObject({
    findings: [
      {
        remedy: [{}, { commands: [String.raw`kubectl -n default edit 'set${'`id`'}/x'\''y'`] }],
      },
    ],
  })
})
