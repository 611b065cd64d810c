import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/config-syntax.ts'
import { textNode } from '../../support/textCluster.ts'

async function judged(files: Readonly<Record<string, string>>, language: 'en' | 'zh' = 'en') {
  const result = rule.check(await textNode(files), language)
  return result.state === 'found' ? result.findings : result.state
}

const summarised = async (files: Readonly<Record<string, string>>) => {
  const findings = await judged(files)
  if (typeof findings === 'string') return findings
  return findings.map(({ subject, severity, confidence, evidence }) => [
    subject,
    severity,
    confidence,
    evidence[0]?.note,
  ])
}

test('without any file nothing is known', async () => {
  expect(await judged({})).toBe('unchecked')
  expect(await judged({ 'sysctl/files/etc/sysctl.d/a.conf': 'vm.swappiness = 1\n' })).toBe('unchecked')
  expect(await judged({ 'kube/config/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n' })).toBe(
    'clear',
  )
})

test('a quote that YAML’s other readers may take is likely, a wrong indentation certain', async () => {
  expect(
    await summarised({ 'kube/config/etc/rancher/rke2/config.yaml': 'server: "https://a\nb: 1\n' }),
  ).toEqual([
    ['/etc/rancher/rke2/config.yaml', 'high', 'likely', expect.stringMatching(/^column \d+: not closed/)],
  ])
  expect(await summarised({ 'kube/config/etc/rancher/rke2/config.yaml': 'a:\n  b: 1\n c: 2\n' })).toEqual([
    [
      '/etc/rancher/rke2/config.yaml',
      'high',
      'certain',
      expect.stringMatching(/^column \d+: the indentation/),
    ],
  ])
})

test('a second network configuration is passed over, the first is needed', async () => {
  const findings = await judged({
    'cni/net.d/10-a.conflist': '{"name": "a", "plugins": [{"type": "bridge"}]}',
    'cni/net.d/99-b.conflist': '{"name": "b",',
  })
  expect(findings).toMatchObject([{ subject: '/etc/cni/net.d/99-b.conflist', severity: 'medium' }])
})

test('a file of another grammar is judged by its path, not by its looks', async () => {
  expect(
    await summarised({ 'kube/config/etc/rancher/k3s/config.yaml': '[server]\nnode-ip=10.0.0.1\n' }),
  ).toEqual([['/etc/rancher/k3s/config.yaml', 'high', 'certain', expect.any(String)]])
  expect(await judged({ 'runtime/config/etc/docker/key.json': '{,}' })).toBe('unchecked')
})

test('a host without an address is low, and told in Chinese as well', async () => {
  const files = { 'net/hosts.txt': '127.0.0.1 localhost\nnode-2 192.168.50.12\n' }
  const findings = await judged(files, 'zh')
  expect(findings).toMatchObject([{ subject: '/etc/hosts', severity: 'low', confidence: 'certain' }])
  expect(typeof findings === 'string' ? '' : findings[0]?.evidence[0]?.note).toContain('第 1 列')
})

function refusedOn(day: string): string {
  return `2026-11-${day}T10:00:00.000000+00:00 n dockerd[1]: unable to configure the Docker daemon with file /etc/docker/daemon.json: unexpected EOF\n`
}

test('what was refused long ago, and what is mended by now, is no fault', async () => {
  const meta = 'started_utc=1795219245\nuptime_seconds=864000\n'
  const logged = (day: string) => ({ 'meta/node.txt': meta, 'journal/docker.txt': refusedOn(day) })
  expect(await judged(logged('20'))).toMatchObject([{ severity: 'high', confidence: 'likely' }])
  expect(await judged(logged('15'))).toBe('unchecked')
  expect(await judged({ ...logged('20'), 'runtime/config/etc/docker/daemon.json': '{}' })).toBe('clear')
})
