import { expect, test } from 'vitest'
import { wordShortfalls, withoutNode } from '../../analyzer/engine/words.ts'
import { summarizeCase } from '../../analyzer/report/caseSummary.ts'
import { renderHtml } from '../../analyzer/report/html/renderHtml.ts'
import { renderMarkdown } from '../../analyzer/report/markdown.ts'
import { prose } from '../../analyzer/report/markdownText.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { renderTerminal } from '../../analyzer/report/terminal.ts'
import { sampleReport } from './sampleReport.ts'

const report: Report = { ...sampleReport, language: 'zh' }

function keep(wanted: (outcome: Report['outcomes'][number]) => boolean): string {
  return summarizeCase({ ...report, outcomes: report.outcomes.filter(wanted) }).headline
}

test('the verdict', () => {
  expect(summarizeCase(report).headline).toBe('node-1 和 node-2 上的 5 项问题源于 3 个根因')
  expect(keep(({ rule }) => rule === 'iptables-duplicate-rules')).toBe('node-1 上有 1 项故障')
  expect(keep(({ state }) => state !== 'found')).toBe('3 个节点上未发现问题；有 5 项检查无法进行')
  expect(keep(({ rule }) => rule === 'sysctl-dead-dropin')).toBe('3 个节点上未发现紧急问题，有 1 项次要问题')
  expect(keep(({ state }) => state === 'unchecked')).toBe('3 个节点上没有一项检查能够进行')
  expect(summarizeCase({ ...report, bundles: [], outcomes: [] }).headline).toBe('没有可以读取的采集包')
})

test('on the terminal', async () => {
  await expect(renderTerminal(report, { color: false, columns: 80 })).toMatchFileSnapshot(
    'snapshots/terminal.zh.txt',
  )
})

test('as a ticket', async () => {
  await expect(renderMarkdown(report)).toMatchFileSnapshot('snapshots/markdown.zh.txt')
})

test('in a browser', async () => {
  const html = await renderHtml(report)
  expect(html).toContain('<html lang="zh-CN">')
  expect(html).toContain(
    '<span class="severity critical">严重</span> · 确定 · <span class="name">node-1</span>',
  )
  expect(html).toContain('data-copy="复制"')
  for (const heading of ['根因', '其他发现', '检查范围', '图示', '无法进行的检查及原因', '采集来源']) {
    expect(html).toMatch(new RegExp(`<h2 id="[a-z]+">${heading}</h2>`))
  }
  expect(html).toContain('<strong><span class="name">node-3</span> 的采集包不完整。</strong>')
})

test('why something could not be checked', () => {
  const shortfalls = [
    { code: 'denied', node: 'node-1', what: 'net/ip-neigh.txt' },
    {
      code: 'undetermined',
      node: 'node-1',
      what: { en: 'the mode of kube-proxy', zh: '代理模式' },
      detail: { en: 'no COMMIT line', zh: '没有 COMMIT 行' },
    },
    { code: 'absent', node: 'node-1', what: 'a' },
    { code: 'absent', node: 'node-1', what: 'b' },
  ] as const
  const reason = wordShortfalls(shortfalls, 'zh')
  expect(reason).toBe(
    'node-1 上的 net/ip-neigh.txt：采集脚本没有权限读取；node-1 上的代理模式：采集到的内容无法判断（没有 COMMIT 行）；node-1 上的 a：节点上没有；另有 1 项',
  )
  expect(withoutNode(reason, 'node-1', 'zh')).toBe(
    'net/ip-neigh.txt：采集脚本没有权限读取；代理模式：采集到的内容无法判断（没有 COMMIT 行）；a：节点上没有；另有 1 项',
  )
  expect(withoutNode(wordShortfalls(shortfalls, 'en'), 'node-1', 'en')).toBe(
    'net/ip-neigh.txt: permission was denied to the collector; the mode of kube-proxy: the captures do not tell (no COMMIT line); a: not on the node; and 1 more',
  )
})

test('Chinese prose stays prose in Markdown, and what stands in it stays harmless', () => {
  expect(prose('节点 node-1 上的 KUBE-FIREWALL，共 180,124 条（见 net/ip-addr.txt）。')).toBe(
    '节点 node-1 上的 KUBE-FIREWALL，共 180,124 条（见 `net/ip-addr.txt`）。',
  )
  expect(prose('见@某人<b>、#12和[x](y)。')).toBe('见`@`某人`<b>`、`#12`和`[x](y`)。')
})
