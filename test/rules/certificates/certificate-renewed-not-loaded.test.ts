import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-renewed-not-loaded.ts'
import { foundIn } from '../../support/foundIn.ts'

const CASE = new URL(
  '../../../fixtures/faults/certificate-renewed-not-loaded/standby-refused/node-1/certs/etc/kubernetes/',
  import.meta.url,
).pathname
const fixture = (path: string) => readFileSync(CASE + path, 'utf8')
const CA = { 'certs/etc/kubernetes/pki/ca.crt': fixture('pki/ca.crt') }
/** Issued on 10 October 2026 at 09:30. */
const MANAGER = {
  ...CA,
  'certs/etc/kubernetes/controller-manager.conf.client.crt': fixture('controller-manager.conf.client.crt'),
}
const SERVER = { ...CA, 'certs/etc/kubernetes/pki/apiserver.crt': fixture('pki/apiserver.crt') }
const KUBELET_LOGIN = {
  ...CA,
  'certs/etc/kubernetes/pki/apiserver-kubelet-client.crt': fixture('pki/apiserver-kubelet-client.crt'),
}

/** Up for 500 days before the capture of 21 November 2026 at 00:00:45. */
const UP = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=43200000\n' }
const container = (name: string, created: string, image = 'sha256:0f1e', state = 'RUNNING') => ({
  id: 'ab'.repeat(32),
  metadata: { name },
  image: { image },
  state: `CONTAINER_${state}`,
  createdAt: `${Date.parse(created)}000000`,
})
const running = (...containers: readonly ReturnType<typeof container>[]) => ({
  ...UP,
  'runtime/crictl-ps.json': JSON.stringify({ containers }, undefined, 1),
})
const manager = (created: string, image?: string) =>
  running(container('kube-controller-manager', created, image))
const server = (image?: string) => running(container('kube-apiserver', '2025-11-05T06:00:00Z', image))
const lock = (time: string, name = 'kube-controller-manager') =>
  `${time}.000000+00:00 node-1 x[1]: error retrieving resource lock kube-system/${name}: Unauthorized\n`

const LONG_AGO = '2025-11-05T06:00:00Z'
const OF_1_30 = 'registry.k8s.io/kube-controller-manager:v1.30.4'
const OF_1_32 = 'registry.k8s.io/kube-controller-manager:v1.32.0'

/** With a line of a log. */
const said = (text: string, image?: string) =>
  foundIn(rule, { ...MANAGER, ...manager(LONG_AGO, image), 'journal/kubelet.txt': text })

/** With a refusal that names this end. */
const shown = (end: string) =>
  foundIn(rule, {
    ...MANAGER,
    ...manager(LONG_AGO, OF_1_32),
    'journal/kube-apiserver.txt': `2026-11-20T23:50:00.000000+00:00 node-1 x[1]: Unable to authenticate the request due to an error: x509: certificate has expired or is not yet valid: current time 2026-11-20T23:50:00Z is after ${end}\n`,
  })

test('what a process holds has ended a year after its start', async () => {
  const name = 'kube-controller-manager'
  expect(await foundIn(rule, { ...MANAGER, ...manager(LONG_AGO, OF_1_30) })).toEqual([
    [name, 'medium', 'likely'],
  ])
  expect(await foundIn(rule, { ...MANAGER, ...manager('2025-12-05T06:00:00Z', OF_1_30) })).toEqual([
    [name, 'low', 'possible'],
  ])
})

test('since 1.31, or of an unknown release, it may have been made for longer', async () => {
  for (const image of [OF_1_32, undefined]) {
    expect(await foundIn(rule, { ...MANAGER, ...manager(LONG_AGO, image) })).toEqual([
      ['kube-controller-manager', 'low', 'possible'],
    ])
  }
})

test('its own log makes it sure; an older line, or that of another, does not', async () => {
  const now = '2026-11-20T23:50:00'
  expect(await said(lock(now), OF_1_30)).toEqual([['kube-controller-manager', 'medium', 'certain']])
  expect(await said(lock(now), OF_1_32)).toEqual([['kube-controller-manager', 'medium', 'likely']])
  for (const line of [
    lock('2026-10-10T09:00:00'),
    lock(now, 'kube-scheduler'),
    lock('2026-11-01T09:00:00'),
  ]) {
    expect(await said(line, OF_1_32)).toEqual([['kube-controller-manager', 'low', 'possible']])
  }
})

test('an end that is in no file counts where what is held can have ended then', async () => {
  expect(await shown('2026-10-20T08:00:00Z')).toEqual([['kube-controller-manager', 'medium', 'likely']])
  expect(await shown('2026-11-18T08:00:00Z')).toEqual([['kube-controller-manager', 'low', 'possible']])
})

test('a start within ten minutes of the renewal, and a renewal within ten minutes of the capture', async () => {
  expect(await foundIn(rule, { ...MANAGER, ...manager('2026-10-10T09:21:00Z') })).toBe('clear')
  expect(await foundIn(rule, { ...MANAGER, ...manager('2026-10-10T09:19:00Z') })).toHaveLength(1)
  const early = {
    'meta/node.txt': `started_utc=${Date.UTC(2026, 9, 10, 9, 39) / 1000}\nuptime_seconds=43200000\n`,
  }
  expect(await foundIn(rule, { ...MANAGER, ...manager(LONG_AGO), ...early })).toBe('clear')
})

test('API servers read anew what they serve since 1.17, and their login to kubelets since 1.18', async () => {
  const of = (version: string) => server(`k8s.gcr.io/kube-apiserver:v${version}`)
  expect(await foundIn(rule, { ...SERVER, ...of('1.16.15') })).toEqual([
    ['kube-apiserver', 'critical', 'likely'],
  ])
  expect(await foundIn(rule, { ...SERVER, ...of('1.17.0') })).toBe('clear')
  expect(await foundIn(rule, { ...KUBELET_LOGIN, ...of('1.17.0') })).toEqual([
    ['kube-apiserver', 'medium', 'likely'],
  ])
  expect(await foundIn(rule, { ...KUBELET_LOGIN, ...of('1.18.0') })).toBe('clear')
  expect(await foundIn(rule, { ...SERVER, ...server() })).toBe('unchecked')
})

test('nothing is said without containers, with stopped ones, and of k3s', async () => {
  expect(await foundIn(rule, { ...MANAGER, ...UP })).toBe('unchecked')
  const stopped = running(container('kube-controller-manager', LONG_AGO, OF_1_30, 'EXITED'))
  expect(await foundIn(rule, { ...MANAGER, ...stopped })).toBe('unchecked')
  const k3s = {
    'certs/var/lib/rancher/k3s/server/tls/client-controller.crt': fixture(
      'controller-manager.conf.client.crt',
    ),
  }
  expect(await foundIn(rule, { ...k3s, ...manager(LONG_AGO) })).toBe('not-applicable')
})

test('a container from before the boot has been made by another clock', async () => {
  const booted = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }
  expect(await foundIn(rule, { ...MANAGER, ...manager(LONG_AGO), ...booted })).toBe('unchecked')
})
