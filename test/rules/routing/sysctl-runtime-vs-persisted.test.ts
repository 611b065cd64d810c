import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-runtime-vs-persisted.ts'
import { textNode } from '../../support/textCluster.ts'

async function judge(values: string, conf: string, more: Readonly<Record<string, string>> = {}) {
  const node = await textNode({
    'sysctl/values.txt': values,
    'sysctl/files/etc/sysctl.d/50-local.conf': conf,
    ...more,
  })
  return rule.check(node, 'en')
}

async function finding(values: string, conf: string, more: Readonly<Record<string, string>> = {}) {
  const result = await judge(values, conf, more)
  if (result.state !== 'found') return result.state
  const [first] = result.findings
  return [result.findings.length, first?.subject, first?.severity, first?.confidence]
}

function counted(count: number): Readonly<Record<string, string>> {
  return { 'conntrack/counts.txt': `count=${count}\nmax=65536\nbuckets=65536\n` }
}

test('a larger value than asked for is no fault, unless what is in use would not fit', async () => {
  const key = 'net.netfilter.nf_conntrack_max'
  expect(await finding(`${key} = 262144\n`, `${key} = 65536\n`)).toBe('clear')
  const counts = { 'conntrack/counts.txt': 'count=60000\nmax=262144\nbuckets=65536\n' }
  expect(await finding(`${key} = 262144\n`, `${key} = 65536\n`, counts)).toEqual([1, key, 'high', 'likely'])
})

test('a table that is smaller than asked for harms only where it is nearly full', async () => {
  const key = 'net.netfilter.nf_conntrack_max'
  expect(await finding(`${key} = 65536\n`, `${key} = 262144\n`, counted(60_000))).toEqual([
    1,
    key,
    'high',
    'certain',
  ])
  expect(await finding(`${key} = 65536\n`, `${key} = 262144\n`, counted(100))).toEqual([
    1,
    key,
    'low',
    'certain',
  ])
})

test('forwarding does not matter on a node without pods', async () => {
  expect(await finding('net.ipv4.ip_forward = 1\n', 'net.ipv4.ip_forward = 0\n')).toBe('clear')
})

test('tcp_tw_recycle is worse when it is on', async () => {
  const key = 'net.ipv4.tcp_tw_recycle'
  expect(await finding(`${key} = 0\n`, `${key} = 1\n`)).toEqual([1, key, 'high', 'likely'])
  expect(await finding(`${key} = 1\n`, `${key} = 0\n`)).toEqual([1, key, 'high', 'certain'])
})

test('a value that is no number is passed over', async () => {
  expect(await finding('net.ipv4.ip_forward = 1\n', 'net.ipv4.ip_forward = yes\n')).toBe('clear')
})

test('nothing is said without the files', async () => {
  const node = await textNode({ 'sysctl/values.txt': 'net.ipv4.ip_forward = 0\n' })
  expect(rule.check(node, 'en').state).toBe('short')
})

test('both languages name the file and both values', async () => {
  const node = await textNode({
    'sysctl/values.txt': 'net.ipv4.tcp_tw_recycle = 0\n',
    'sysctl/files/etc/sysctl.conf': 'net.ipv4.tcp_tw_recycle = 1\n',
  })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    const summary = result.state === 'found' ? (result.findings[0]?.summary ?? '') : ''
    expect(summary).toContain('/etc/sysctl.conf')
    expect(summary).toContain('systemd-sysctl')
  }
})
