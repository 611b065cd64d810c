import { expect, test } from 'vitest'
import { renderMarkdown } from '../../analyzer/report/markdown.ts'
import { codeBlock, codeSpan, prose, tableCell } from '../../analyzer/report/markdownText.ts'
import { markdownPayloads, markupPayloads } from './hostileTexts.ts'
import { sampleReport, withTexts } from './sampleReport.ts'

/** What is left of Markdown when fenced blocks and code spans, in which nothing is markup, are taken out (CommonMark 4.5, 6.1). */
function outsideCode(markdown: string): string {
  const lines: string[] = []
  let fence = ''
  for (const line of markdown.split('\n')) {
    const run = /^(`{3,})[^`]*$/.exec(line)?.[1] ?? ''
    if (fence === '') {
      if (run === '') lines.push(line)
      else fence = run
    } else if (run.length >= fence.length && line === run) fence = ''
  }
  expect(fence).toBe('')
  return lines.map(withoutSpans).join('\n')
}

function withoutSpans(line: string): string {
  let left = ''
  let at = 0
  while (at < line.length) {
    const run = /^`+/.exec(line.slice(at))?.[0] ?? ''
    if (run === '') {
      left += line.charAt(at)
      at += 1
      continue
    }
    const after = line.slice(at + run.length)
    const closing = after.split(/(`+)/).findIndex((part) => part === run)
    if (closing === -1) return `${left}UNCLOSED ${line}`
    at += run.length + after.split(/(`+)/).slice(0, closing).join('').length + run.length
    left += '•'
  }
  return left
}

test('pastes as one ticket', async () => {
  await expect(renderMarkdown(sampleReport)).toMatchFileSnapshot('snapshots/markdown.txt')
})

test.each([...markdownPayloads, ...markupPayloads])('%j comes out as text', (payload) => {
  const left = outsideCode(renderMarkdown(withTexts(sampleReport, (text) => `${payload} ${text} ${payload}`)))
  expect(left).not.toContain('UNCLOSED')
  expect(left.match(/[<>@[\]_~\\&]|:\/\/|www\.|#\d|GH-|javascript|deadbeef/gi)).toBeNull()
  const harmless = outsideCode(renderMarkdown(withTexts(sampleReport, (text) => `x ${text} x`)))
  expect(blockStarts(left)).toBe(blockStarts(harmless))
})

/** How many lines begin a heading, quote, list or rule. */
function blockStarts(markdown: string): number {
  return markdown.split('\n').filter((line) => /^\s*(?:#|>|\d+[.)]|[-+*] |---|===)/.test(line)).length
}

test('a bar in a table stays in its cell', () => {
  const rows = renderMarkdown(withTexts(sampleReport, (text) => `a|b${text}`)).split('\n')
  const cells = rows
    .filter((row) => row.includes('coldcase-node-'))
    .map((row) => row.split(/(?<!\\)\|/).length)
  expect(cells).toEqual([7, 7, 7])
})

test('a fence is longer than any run of backticks inside', () => {
  expect(codeSpan('a ``` b')).toBe('````a ``` b````')
  expect(codeSpan('`')).toBe('`` ` ``')
  expect(codeBlock(['```', 'x'])).toBe('````\n```\nx\n````')
})

test('plain words stay plain', () => {
  expect(prose('180,124 rules on node-1; its peers hold fewer.')).toBe(
    '180,124 rules on node-1; its peers hold fewer.',
  )
  expect(prose('see (net/ip-addr.txt), now')).toBe('see (`net/ip-addr.txt`), now')
  expect(prose('1. not a list')).toBe('`1.` not a list')
  expect(tableCell('`a|b`')).toBe('`a\\|b`')
})
