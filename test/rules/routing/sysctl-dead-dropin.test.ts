import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-dead-dropin.ts'
import { textNode } from '../../support/textCluster.ts'

test('numbers parted by blanks or tabs are the same value', async () => {
  const node = await textNode({
    'sysctl/values.txt': 'net.ipv4.ip_local_port_range = 32768\t60999\n',
    'sysctl/files/etc/sysconf.d/ports': 'net.ipv4.ip_local_port_range = 32768  60999\n',
  })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings[0]?.severity).toBe('low')
  expect(result.state === 'found' && result.findings[0]?.remedy[0]?.commands[0]).toBe(
    'mv /etc/sysconf.d/ports /etc/sysctl.d/ports.conf',
  )
})

test('a file of comments alone is none', async () => {
  const node = await textNode({ 'sysctl/files/etc/sysconf.d/notes.conf': '# nothing\n' })
  expect(rule.check(node, 'en').state).toBe('clear')
})

test('without any file nothing is known', async () => {
  expect(rule.check(await textNode({}), 'en').state).toBe('unchecked')
})

test('what another file asks for as well is told so', async () => {
  const node = await textNode({
    'sysctl/values.txt': 'net.ipv4.ip_forward = 1\n',
    'sysctl/files/etc/sysconf.d/a.conf': 'net.ipv4.ip_forward = 1\n',
    'sysctl/files/etc/sysctl.d/a.conf': 'net.ipv4.ip_forward = 1\n',
  })
  const result = rule.check(node, 'en')
  expect(result.state === 'found' && result.findings[0]?.summary).toContain('Other files ask for the same')
})
