import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/configuration/systemd-dropin-no-section.ts'
import { textNode } from '../../support/textCluster.ts'

const DROPIN = 'kube/config/etc/systemd/system/kubelet.service.d/20-x.conf'

async function judged(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode(files), 'en')
  return result.state === 'found'
    ? result.findings.map(({ severity, title }) => [severity, title])
    : result.state
}

test('what starts something or sets its environment weighs more', async () => {
  const title = 'systemd ignores lines of /etc/systemd/system/kubelet.service.d/20-x.conf on n'
  const expected = (severity: string) => [[severity, expect.stringContaining(title.slice(0, -5))]]
  expect(await judged({ [DROPIN]: 'Environment=A=b\n[Service]\n' })).toEqual(expected('high'))
  expect(await judged({ [DROPIN]: 'Restart=always\n' })).toEqual(expected('medium'))
})

test('files of variables have no sections, and without units nothing is known', async () => {
  expect(await judged({ 'kube/config/etc/systemd/system/k3s.service.env': 'A=b\n' })).toBe('unchecked')
  expect(await judged({ [DROPIN]: '[Service]\nRestart=always\n' })).toBe('clear')
})
