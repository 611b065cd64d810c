import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-tcp-tw-recycle.ts'
import { textNode } from '../../support/textCluster.ts'

test('both languages tell how many connections were refused', async () => {
  const node = await textNode({
    'sysctl/values.txt': 'net.ipv4.tcp_tw_recycle = 1\n',
    'net/netstat.txt': 'TcpExt: PAWSPassive\nTcpExt: 1234\n',
  })
  for (const language of ['en', 'zh'] as const) {
    const result = rule.check(node, language)
    expect(result.state === 'found' && result.findings[0]?.summary).toContain('1,234')
  }
})

test('a kernel without the key is sound; settings without any such key do not tell', async () => {
  const modern = await textNode({ 'sysctl/values.txt': 'net.ipv4.tcp_tw_reuse = 2\n' })
  expect(rule.check(modern, 'en').state).toBe('clear')
  const cut = await textNode({ 'sysctl/values.txt': 'net.ipv4.ip_forward = 1\n' })
  expect(rule.check(cut, 'en').state).toBe('unchecked')
})
