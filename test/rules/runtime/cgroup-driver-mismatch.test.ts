import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/runtime/cgroup-driver-mismatch.ts'
import { textNode } from '../../support/textCluster.ts'

const KUBELET = { 'kube/config/var/lib/kubelet/config.yaml': 'cgroupDriver: systemd\n' }

async function judged(toml: string, more: Readonly<Record<string, string>> = KUBELET) {
  const node = await textNode({ 'runtime/config/etc/containerd/config.toml': toml, ...more })
  const result = rule.check(node, 'en')
  return result.state === 'found' ? result.findings[0]?.confidence : result.state
}

const V3 =
  "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n  runtime_type = 'io.containerd.runc.v2'\n"

test('reads the schema of containerd 2, and takes a table without the key for false', async () => {
  expect(await judged(V3)).toBe('possible')
  expect(await judged(`${V3}options.SystemdCgroup = true\n`)).toBe('clear')
  const versions = {
    ...KUBELET,
    'meta/versions.txt': 'kubelet: Kubernetes v1.30.1\ncontainerd: containerd v2.0.0\n',
  }
  expect(await judged(V3, versions)).toBe('likely')
  expect(await judged(`imports = ["/etc/containerd/conf.d/*.toml"]\n${V3}`, versions)).toBe('possible')
})

test('a file that does not say, or does not parse, tells nothing', async () => {
  expect(await judged('version = 2\n')).toBe('unchecked')
  expect(await judged(`disabled_plugins = ["cri"]\n${V3}`)).toBe('unchecked')
  expect(await judged(`${V3}options = \n`)).toBe('unchecked')
  expect(await judged(V3.replace('runc.v2', 'kata.v2'))).toBe('unchecked')
  expect(await judged(V3, {})).toBe('unchecked')
})
