import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/cni-config-missing.ts'
import { textNode } from '../../support/textCluster.ts'

const journal =
  '2026-11-21T00:27:35.000000+0000 node-1 kubelet[812]: failed to find plugin "calico" in path [/opt/cni/bin /usr/lib/cni]\n'

test('a plugin that is not found is likely, as long as no list of programs proves it', async () => {
  const result = rule.check(await textNode({ 'journal/kubelet.txt': journal }), 'en')
  expect(
    result.state === 'found' && result.findings.map(({ subject, confidence }) => [subject, confidence]),
  ).toEqual([['calico', 'likely']])
})

test('a plugin that is in the list by now is no finding', async () => {
  const node = await textNode({ 'journal/kubelet.txt': journal, 'cni/bin.txt': 'calico\n' })
  expect(rule.check(node, 'en').state).toBe('clear')
})
