import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/k3s-config-contradiction.ts'
import { checkRule } from '../../support/checkRule.ts'

const unit = (name: string, command: string) => ({
  [`kube/config/etc/systemd/system/${name}.service`]: `[Service]\nExecStart=/usr/local/bin/${command}\n`,
})
const server = (flags = '') => unit('k3s', `k3s server ${flags}`)
const agent = (flags = '') => unit('k3s-agent', `k3s agent ${flags}`)
const config = (text: string) => ({ 'kube/config/etc/rancher/k3s/config.yaml': text })
/** Lines at these times of a day, and when they were captured. */
const log = (unit: string, ...lines: readonly (readonly [time: string, message: string])[]) => ({
  'meta/node.txt': 'started_utc=1795220880\nfinished_utc=1795220886\ntimezone=UTC\n',
  [`journal/${unit}.txt`]: lines
    .map(([time, message]) => `2026-11-21T${time}.000000+0000 node-1 k3s[1]: level=info msg="${message}"\n`)
    .join(''),
})
const STARTED = 'Starting k3s v1.28.5+k3s1 (5b2d1271)'
const RUNS = log('k3s', ['00:20:00', STARTED])
const unknown = (option: string) => `Unknown flag --${option} found in config.yaml, skipping\\n`

async function judged(...files: Readonly<Record<string, string>>[]) {
  const result = await checkRule(rule, { 'node-1': Object.assign({}, ...files) })
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => `${subject} ${severity} ${confidence}`)
}

test('skipped keys are those of the last start that stand in the file still', async () => {
  const skipped = log(
    'k3s',
    ['00:10:00', unknown('a')],
    ['00:10:00', STARTED],
    ['00:20:00', unknown('b')],
    ['00:20:00', STARTED],
  )
  const result = await checkRule(rule, { 'node-1': { ...server(), ...skipped, ...config('a: 1\nb: 2\n') } })
  expect(result.state === 'found' && result.findings.map(({ title }) => title)).toEqual([
    'k3s on node-1 skips what it does not know in config.yaml: b',
  ])
  expect(await judged(server(), skipped, config('a: 1\n'))).toBe('clear')
  expect(await judged(server(), skipped)).toEqual(['skipped medium likely'])
})

test('an option that an agent does not know: certain where it is set, and over where the log goes on', async () => {
  const end = ['00:10:00', 'flag provided but not defined: -disable'] as const
  expect(await judged(agent('--disable traefik'), log('k3s-agent', end))).toEqual(['undefined high certain'])
  expect(await judged(agent(), log('k3s-agent', end))).toEqual(['undefined high possible'])
  expect(await judged(agent(), log('k3s-agent', end, end, end))).toEqual(['undefined high likely'])
  expect(await judged(agent(), log('k3s-agent', end, ['00:25:00', 'Running kubelet']))).toBe('clear')
  expect(await judged(agent(), log('kubelet', end))).toBe('unchecked')
})

test('options that exclude each other, and the reset that is refused for it, are told once', async () => {
  const words =
    'Error: cannot perform cluster-reset while server URL is set - remove server from configuration'
  expect(
    await judged(server('--cluster-reset --server https://10.0.0.1:6443'), log('k3s', ['00:26:00', words])),
  ).toEqual(['refused high certain'])
  const wanted = 'invalid flag use; --server is required with --disable-etcd'
  expect(await judged(log('k3s', ['00:26:00', wanted]))).toEqual(['refused high possible'])
})

test('a reset that stays set, without a log too', async () => {
  expect(await judged(server(), config('cluster-reset: true\n'))).toEqual(['reset high likely'])
  expect(await judged(server('--cluster-reset=false'), RUNS)).toBe('clear')
})

test('single values of unit and file; lists, variables and secrets are none', async () => {
  expect(await judged(server('--node-name a --debug'), config('node-name: b\n'), RUNS)).toEqual([
    'overridden low certain',
  ])
  expect(await judged(agent('--selinux'), config('selinux: false\n'))).toEqual(['overridden low certain'])
  expect(await judged(server('--selinux'), config('selinux: true\n'), RUNS)).toBe('clear')
  expect(await judged(server('--node-name ${HOST}'), config('node-name: b\n'), RUNS)).toBe('clear')
  expect(await judged(server('--token a --tls-san a'), config('token: b\ntls-san: b\n'), RUNS)).toBe('clear')
})

test('cluster-init beside what makes it idle, of k3s only', async () => {
  const both = '--cluster-init --server https://10.0.0.1:6443'
  expect(await judged(server(both), RUNS)).toEqual(['joins info certain'])
  expect(await judged(server('--cluster-init'), config('datastore-endpoint: x\n'))).toEqual([
    'datastore low certain',
  ])
  expect(await judged(server('--cluster-init'), RUNS)).toBe('clear')
  expect(await judged(unit('rke2-server', `rke2 server ${both}`), RUNS)).toBe('clear')
})

test('nothing of k3s, its log alone, and its unit alone', async () => {
  expect(await judged(log('kubelet', ['00:20:00', STARTED]))).toBe('not-applicable')
  expect(await judged(RUNS)).toBe('unchecked')
  expect(await judged(server())).toBe('unchecked')
})
