import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { explainRule } from '../../analyzer/cli/explainRule.ts'
import { LANGUAGES } from '../../analyzer/engine/language.ts'
import { explanationWords } from '../../analyzer/report/explanationWords.ts'
import { rules } from '../../analyzer/rules/index.ts'
import { cliCase } from '../support/cliCase.ts'

const { work, high, cli } = cliCase()

function written(name: string): string {
  return readFileSync(join(work, 'zh', name), 'utf8')
}

describe('usage', () => {
  test.each<readonly [readonly string[], RegExp]>([
    [['bundle.tar.gz'], /no command; the commands are analyze, explain, rules and collector/],
    [['analyze'], /needs at least one bundle/],
    [['analyze', '-', '-'], /can be given once/],
    [['analyze', 'x', '--fail-on', 'info'], /--fail-on takes one of critical, high, medium, low, not 'info'/],
    [['analyze', 'x', '--fail-on'], /--fail-on/],
    [['analyze', 'x', '--colour'], /Unknown option '--colour'/],
    [
      ['analyze', 'x', '--format', 'xml'],
      /--format takes one of terminal, markdown, html, json, csv, not 'xml'/,
    ],
    [['analyze', 'x', '--format', 'sarif'], /--format sarif is not there yet; use --format json/],
    [['analyze', 'x', '--format', 'junit'], /--format junit is not there yet; use --format json/],
    [['analyze', 'x', '--lang', 'fr'], /--lang takes one of en, zh, not 'fr'/],
    [['explain', 'x', '--lang'], /--lang/],
    [['analyze', 'x', '--out', ''], /--out takes the name of a folder/],
    [['analyze', 'x', '--inventory', 'nowhere.csv'], /the inventory nowhere\.csv cannot be read/],
    [['explain'], /takes the id of one rule; `coldcase rules` lists them/],
    [['explain', 'no-such-rule'], /no rule 'no-such-rule'; `coldcase rules` lists them/],
    [['explain', 'a\nb\u001b[2J'], /no rule 'a\\x0ab\\x1b\[2J'/],
    [['rules', 'all'], /takes no arguments/],
    [['collector', '--out'], /takes no arguments/],
  ])('%j is a mistake: 2, and one line says what to do', async (args, words) => {
    const { code, stdout, stderr } = await cli(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^coldcase: [^\n]+\n$/)
    expect(stderr).toMatch(words)
  })

  test.each([
    [],
    ['--help'],
    ['-h'],
    ['help'],
    ['analyze', '--help'],
    ['analyze', 'x', '-h'],
    ['rules', '-h'],
  ])('help: %j %j', async (...args) => {
    const { code, stdout, stderr } = await cli(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/coldcase analyze BUNDLE\.\.\. \[options\]/)
  })

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: `coldcase ${version}\n`, stderr: '' })
  })
})

describe('other commands', () => {
  test('collector prints collector/collect.sh, byte for byte', async () => {
    const script = readFileSync(new URL('../../collector/collect.sh', import.meta.url), 'utf8')
    expect(await cli(['collector'])).toEqual({ code: 0, stdout: script, stderr: '' })
  })

  test('rules lists every rule once', async () => {
    const { code, stdout } = await cli(['rules'])
    expect(code).toBe(0)
    const ids = [...stdout.matchAll(/^ {2}(\S+) /gm)].map(([, id]) => id)
    expect(ids).toHaveLength(rules.length)
    expect(new Set(ids)).toEqual(new Set(rules.map(({ id }) => id)))
  })

  test('explain prints what a rule says of itself', async () => {
    const [rule] = rules
    if (rule === undefined) throw new Error('no rule')
    expect(await cli(['explain', rule.id])).toEqual({ code: 0, stdout: explainRule(rule, 'en'), stderr: '' })
  })

  test.each(LANGUAGES)('explain has words for every rule in %s', (language) => {
    const { why, looksFor, cure, mimics } = explanationWords(language)
    for (const rule of rules) {
      const text = explainRule(rule, language)
      expect(text.startsWith(`${rule.id}\n  `)).toBe(true)
      expect(text).not.toMatch(/undefined|\[object|\{[a-z]+\}/)
      for (const heading of [why, looksFor, cure, mimics]) {
        expect(text).toMatch(new RegExp(`^${heading}\n {2}\\S`, 'm'))
      }
    }
  })
})

describe('in Chinese', () => {
  test('explain and rules', async () => {
    const explained = await cli(['explain', 'conntrack-table-full', '--lang', 'zh'])
    expect(explained.stdout).toMatch(
      /^conntrack-table-full\n[^]+\n {2}方面：conntrack。通常的严重程度：严重。\n/,
    )
    for (const heading of ['原理', '在采集包中查找什么', '如何处置', '哪些情况不是故障']) {
      expect(explained.stdout).toMatch(new RegExp(`^${heading}\n {2}\\S`, 'm'))
    }
    expect((await cli(['rules', '--lang', 'zh'])).stdout).toMatch(
      /^控制面\n {2}api-server-unreachable +高 {2}/m,
    )
  })

  test('analyze tells it in every form, and report.json says so', async () => {
    const { code, stdout } = await cli(['analyze', high, '--lang', 'zh', '--out', 'zh', '-q'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/\n报告：.+report\.html\n$/)
    expect(JSON.parse(written('report.json'))).toMatchObject({ schema: 1, language: 'zh' })
    expect(written('report.html')).toContain('<html lang="zh-CN">')
    expect(written('report.md')).toMatch(/^## 检查范围$/m)
  })
})

describe('inventory', () => {
  test('nodes without a bundle are read from a table; a row that is none is told', async () => {
    writeFileSync(
      join(work, 'nodes.csv'),
      'node,address,mac\nnode-9,10.0.0.9,02:00:00:00:00:09\nnode-8,nonsense,\n',
    )
    const { code, stderr } = await cli(['analyze', high, '--inventory', 'nodes.csv', '--format', 'csv', '-q'])
    expect(code).toBe(0)
    expect(stderr).toBe(
      'coldcase: nodes.csv:3: no node and address in this row, or a mac that is none; it is left out\n',
    )
  })

  test.each(['', 'just,some\nother,table\n', '\u0000\u0001'])(
    'a table without nodes is a mistake: %j',
    async (text) => {
      writeFileSync(join(work, 'empty.csv'), text)
      const { code, stderr } = await cli(['analyze', high, '--inventory', 'empty.csv'])
      expect(code).toBe(2)
      expect(stderr).toMatch(/^coldcase: the inventory empty\.csv names no node: it needs a header row .+\n$/)
    },
  )
})
