import { describe, expect, test } from 'vitest'
import {
  type ServiceInApi,
  kubeServices,
  readyEndpoints,
} from '../../../analyzer/facts/cluster/kubeServices.ts'
import { textCluster } from '../../support/textCluster.ts'

const SERVICES = JSON.stringify({
  kind: 'List',
  items: [
    { kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.10.10' } },
  ],
})

/** Two addresses behind one port: .2 is ready, .3 is not. */
const SLICES = JSON.stringify({
  kind: 'List',
  items: [
    {
      kind: 'EndpointSlice',
      metadata: { name: 'web-x', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['10.244.1.2'], conditions: { ready: true } },
        { addresses: ['10.244.1.3'], conditions: { ready: false } },
      ],
    },
  ],
})

const ENDPOINTS = JSON.stringify({
  kind: 'List',
  items: [
    {
      kind: 'Endpoints',
      metadata: { name: 'web', namespace: 'default' },
      subsets: [{ addresses: [{ ip: '10.244.1.9' }], ports: [{ name: 'http', port: 8080 }] }],
    },
  ],
})

async function web(files: Readonly<Record<string, string>>): Promise<ServiceInApi> {
  const answer = kubeServices.of(
    await textCluster({ 'node-1': { 'kube/api/services.json': SERVICES, ...files } }),
  )
  const view = answer.available ? answer.value.get('default/web') : undefined
  if (view === undefined) throw new Error('no view')
  return view
}

function ready(view: ServiceInApi, port = 'http'): readonly string[] {
  return readyEndpoints(view, port).map(({ address }) => address)
}

describe('kubeServices', () => {
  test('EndpointSlices come before Endpoints, and unready addresses get no traffic', async () => {
    const view = await web({ 'kube/api/endpointslices.json': SLICES, 'kube/api/endpoints.json': ENDPOINTS })
    expect(view.endpoints?.map(({ address }) => address)).toEqual(['10.244.1.2', '10.244.1.3'])
    expect(ready(view)).toEqual(['10.244.1.2'])
    expect(ready(view, 'metrics')).toEqual([])
  })

  test('Endpoints alone', async () => {
    expect(ready(await web({ 'kube/api/endpoints.json': ENDPOINTS }))).toEqual(['10.244.1.9'])
  })

  test('a cluster without EndpointSlices answers with an empty list', async () => {
    const empty = JSON.stringify({ kind: 'List', items: [] })
    const view = await web({ 'kube/api/endpointslices.json': empty, 'kube/api/endpoints.json': ENDPOINTS })
    expect(ready(view)).toEqual(['10.244.1.9'])
  })

  test('without either nothing is known of the endpoints', async () => {
    expect((await web({})).endpoints).toBeUndefined()
  })

  test('publishNotReadyAddresses', async () => {
    const files = {
      'kube/api/services.json': SERVICES.replace('"spec":{', '"spec":{"publishNotReadyAddresses":true,'),
      'kube/api/endpointslices.json': SLICES,
    }
    expect(ready(await web(files))).toEqual(['10.244.1.2', '10.244.1.3'])
  })
})
