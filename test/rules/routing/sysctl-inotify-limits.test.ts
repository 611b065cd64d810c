import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-inotify-limits.ts'
import { textNode } from '../../support/textCluster.ts'

const LINE =
  'F1121 00:27:10.764493   42304 kubelet.go:1230] Failed to start cAdvisor inotify_init: too many open files\n'

test('a line of a day before counts one step less', async () => {
  const node = await textNode({
    'meta/node.txt': 'started_utc=1795400000\nuptime_seconds=900000\n',
    'sysctl/values.txt': 'fs.inotify.max_user_instances = 128\n',
    'journal/kubelet.txt': LINE,
  })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings[0]?.confidence).toBe('likely')
})

test('without the limits and without a log line nothing is said', async () => {
  expect(rule.check(await textNode({ 'sysctl/values.txt': 'vm.swappiness = 60\n' }), 'en').state).toBe(
    'unchecked',
  )
})
