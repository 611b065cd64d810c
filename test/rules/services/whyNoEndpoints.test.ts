import { describe, expect, test } from 'vitest'
import { kubeApi } from '../../../analyzer/facts/cluster/kubeApi.ts'
import { kubeServices } from '../../../analyzer/facts/cluster/kubeServices.ts'
import { type WhyNoEndpoints, whyNoEndpoints } from '../../../analyzer/rules/services/whyNoEndpoints.ts'
import { serviceRole } from '../../../analyzer/rules/services/serviceRole.ts'
import { textCluster } from '../../support/textCluster.ts'

interface PodText {
  readonly labels?: object
  readonly phase?: string
  readonly ready?: boolean
  readonly waiting?: string
  readonly portName?: string
  readonly deleted?: boolean
}

/** A pod as `kubectl get pods -o json` prints it, cut down to what matters here. */
function pod({ labels = { app: 'web' }, phase = 'Running', ready = false, ...rest }: PodText): object {
  const { waiting, portName, deleted } = rest
  return {
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      labels,
      ...(deleted === true && { deletionTimestamp: '2026-11-21T00:00:00Z' }),
    },
    spec: {
      nodeName: 'node-2',
      containers: [{ name: 'c', ports: [{ name: portName ?? 'http', containerPort: 8080 }] }],
    },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        { name: 'c', ready, state: waiting === undefined ? {} : { waiting: { reason: waiting } } },
      ],
    },
  }
}

function list(items: readonly object[]): string {
  return JSON.stringify({ kind: 'List', items })
}

async function why(spec: object, pods: readonly object[] | undefined): Promise<WhyNoEndpoints> {
  const service = { kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec }
  const cluster = await textCluster({
    'node-1': {
      'kube/api/services.json': list([service]),
      ...(pods && { 'kube/api/pods.json': list(pods) }),
    },
  })
  const services = kubeServices.of(cluster)
  const podList = kubeApi.pods.of(cluster)
  if (!services.available) throw new Error('no services')
  const view = services.value.get('default/web')
  return whyNoEndpoints(view, podList.available ? podList.value : undefined).why
}

const SPEC = { clusterIP: '10.96.10.13', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }

describe('whyNoEndpoints', () => {
  test('no pod bears the labels', async () => {
    expect(await why(SPEC, [pod({ labels: { app: 'shop' } })])).toEqual({
      kind: 'no-pod',
      selector: 'app=web',
    })
  })

  test('pods that are finished or being deleted do not count', async () => {
    const pods = [pod({ phase: 'Succeeded' }), pod({ ready: true, deleted: true })]
    expect((await why(SPEC, pods)).kind).toBe('no-pod')
  })

  test('a container waits', async () => {
    expect(await why(SPEC, [pod({ waiting: 'CrashLoopBackOff' })])).toEqual({
      kind: 'not-ready',
      selector: 'app=web',
      pods: [{ name: 'web-1', nodeName: 'node-2', state: 'CrashLoopBackOff' }],
    })
  })

  test('the readiness probe fails', async () => {
    expect(await why(SPEC, [pod({})])).toMatchObject({ pods: [{ state: 'Running, but not ready' }] })
  })

  test('the targetPort is a name that no container has', async () => {
    const reason = await why(SPEC, [pod({ ready: true, portName: 'web' })])
    expect(reason).toEqual({ kind: 'port-name', selector: 'app=web', targetPort: 'http' })
  })

  test('ready pods match: the endpoints are not written yet', async () => {
    expect((await why(SPEC, [pod({ ready: true })])).kind).toBe('unpublished')
  })

  test('no selector', async () => {
    expect((await why({ ...SPEC, selector: {} }, [])).kind).toBe('no-selector')
  })

  test('pods were not captured', async () => {
    expect((await why(SPEC, undefined)).kind).toBe('not-captured')
  })
})

test.each([
  ['kube-system/kube-dns', undefined, 'dns'],
  ['kube-system/rke2-coredns-rke2-coredns', undefined, 'dns'],
  ['dns/resolver', 'kube-dns', 'dns'],
  ['default/kubernetes', undefined, 'api'],
  ['cert-manager/cert-manager-webhook', undefined, 'webhook'],
  ['default/kube-dns', undefined, 'workload'],
])('%s with label %s is %s', (service, label, role) => {
  expect(serviceRole(service, label)).toBe(role)
})
