import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Papa from 'papaparse'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Outcome, Severity } from '../../analyzer/engine/outcome.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { rules } from '../../analyzer/rules/index.ts'
import { type Start, buildColdcase, runColdcase, scratchFolder } from '../support/coldcase.ts'
import { FIXTURES } from '../support/faultCase.ts'
import { bundleFiles, tarOf } from '../support/foreignBundle.ts'
import { type ForeignCapture, foreignCaptures } from '../support/foreignCaptures.ts'

const coldcase = buildColdcase()
const work = scratchFolder()
const [first, second, third] = ['node-1', 'node-2', 'node-3'].map((node) =>
  join(FIXTURES, 'nodes/host-gw', node),
)
const sound = [first ?? '', second ?? '', third ?? '']
/** A node whose kernel says that its connection tracking table was full, which is `high`, and that has no other fault. */
const high = join(work, 'high.tar.gz')
const cut = join(work, 'cut.tar.gz')

function cli(args: readonly string[], start: Start = {}) {
  return runColdcase(coldcase, args, { cwd: work, ...start })
}

async function archive(captures: readonly ForeignCapture[]): Promise<Buffer> {
  return gzipSync(await tarOf(bundleFiles(captures)))
}

/** The report on these bundles, and how the run ended. */
async function judged(args: readonly string[], start: Start = {}) {
  const ended = await cli(['analyze', ...args, '--format', 'json', '--quiet'], start)
  const report: Report = JSON.parse(ended.stdout)
  return { report, ended }
}

beforeAll(async () => {
  const paths = new Set(['meta/node.txt', 'conntrack/counts.txt', 'kernel/dmesg.txt'])
  const whole = await archive(foreignCaptures().filter(({ path }) => paths.has(path)))
  writeFileSync(high, whole)
  writeFileSync(cut, whole.subarray(0, whole.length - 900))
  writeFileSync(join(work, 'notes.txt'), 'What the customer said on the telephone.\n')
})

describe('exit codes', () => {
  test('0: analysed', async () => {
    expect(await cli(['analyze', ...sound, '--quiet'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('findings alone never make it 1', async () => {
    const { report, ended } = await judged([high])
    expect(report.outcomes.map(severityOf)).toContain('high')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['critical', 0],
    ['high', 1],
    ['medium', 1],
    ['low', 1],
  ])('--fail-on %s on a node with a high finding: %i', async (level, code) => {
    expect(await cli(['analyze', high, '--fail-on', level, '--format', 'csv'])).toMatchObject({ code })
  })

  test('1 comes with the report written', async () => {
    const { code } = await cli(['analyze', high, '--fail-on', 'low', '--out', 'failed-on', '--quiet'])
    expect(code).toBe(1)
    expect(readdirSync(join(work, 'failed-on')).toSorted()).toEqual([
      'report.html',
      'report.json',
      'report.md',
    ])
  })

  test.each([
    ['a text', 'notes.txt', /^coldcase: notes\.txt: It is plain text, not a bundle\. Pass .+$/],
    [
      'nothing',
      'nowhere.tar.gz',
      /^coldcase: nowhere\.tar\.gz: There is no such file or folder\. Check the path\.$/,
    ],
    ['a device', '/dev/null', /^coldcase: \/dev\/null: It is neither a file nor a folder\.$/],
    ['no name', '', /^coldcase: : There is no such file or folder\. Check the path\.$/],
  ])('2: %s is no bundle, and nothing is written', async (_, name, words) => {
    const { code, stdout, stderr } = await cli(['analyze', name, '--out', 'never', '--quiet'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd()).toMatch(words)
    expect(existsSync(join(work, 'never'))).toBe(false)
  })

  test('2: a file that may not be read', async () => {
    const folder = join(work, 'closed')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'bundle.tar.gz'), '', { mode: 0o000 })
    const { code, stderr } = await asNobody(['analyze', join(folder, 'bundle.tar.gz'), '--quiet'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^coldcase: \S+bundle\.tar\.gz: It may not be read\. Run as a user who may.+\n$/)
  })

  test('3: a bundle that was cut, with the report written', async () => {
    const { code, stderr } = await cli(['analyze', cut, '--out', 'of-cut', '--quiet'])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^coldcase: \S+cut\.tar\.gz: .+\n/)
    const report: Report = JSON.parse(readFileSync(join(work, 'of-cut/report.json'), 'utf8'))
    expect(report.bundles).toMatchObject([{ complete: false }])
  })

  test.each([
    ['cut', cut],
    ['no bundle', 'notes.txt'],
    ['missing', 'nowhere.tar.gz'],
  ])('3: one among good ones is %s; the others are judged as if it were not there', async (_, bad) => {
    const alone = await judged(sound)
    const { report, ended } = await judged([...sound.slice(0, 1), bad, ...sound.slice(1)])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain(bad)
    const ids = ['node-1', 'node-2', 'node-3']
    expect(report.bundles.filter(({ id }) => ids.includes(id))).toEqual(alone.report.bundles)
    const ofOthers = report.outcomes.filter(({ nodes }) => !nodes.includes('node-7'))
    expect(ofOthers).toEqual(alone.report.outcomes)
  })

  test('3 before 1: what was lost may hold what --fail-on asks for', async () => {
    const { code } = await cli(['analyze', high, cut, '--fail-on', 'low', '--format', 'csv'])
    expect(code).toBe(3)
  })
})

function severityOf(outcome: Outcome): Severity | undefined {
  return outcome.state === 'found' ? outcome.severity : undefined
}

/** As a user who owns nothing here; root may read everything. */
async function asNobody(args: readonly string[]) {
  if (process.getuid?.() !== 0) return await cli(args)
  const open = join('/tmp', `coldcase-${process.pid}.mjs`)
  copyFileSync(coldcase, open)
  spawnSync('chmod', ['755', work, join(work, 'closed')])
  const { status, stdout, stderr } = spawnSync('setpriv', [
    '--reuid=65534',
    '--regid=65534',
    '--clear-groups',
    process.execPath,
    open,
    ...args,
  ])
  spawnSync('rm', [open])
  return { code: status, stdout: stdout.toString(), stderr: stderr.toString() }
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
    [['analyze', 'x', '--lang', 'zh'], /--lang zh is not there yet.+--lang en/],
    [['analyze', 'x', '--lang', 'fr'], /--lang takes en, not 'fr'/],
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

describe('output', () => {
  test('without --format: three files, the summary on standard output, and where they are', async () => {
    const { code, stdout, stderr } = await cli(['analyze', high, '--out', 'deep/down', '--quiet'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/\nReport: deep\/down\/report\.html\n$/)
    const file = (name: string) => readFileSync(join(work, 'deep/down', name), 'utf8')
    for (const [name, format] of [
      ['report.html', 'html'],
      ['report.md', 'markdown'],
      ['report.json', 'json'],
    ] as const) {
      const printed = await cli(['analyze', high, '--format', format, '--quiet'])
      expect(printed).toEqual({ code: 0, stdout: file(name), stderr: '' })
    }
    expect(readdirSync(join(work, 'deep/down'))).toHaveLength(3)
  })

  test('--out is coldcase-report unless it is given', async () => {
    const cwd = join(work, 'elsewhere')
    mkdirSync(cwd)
    const { stdout } = await cli(['analyze', high, '--quiet'], { cwd })
    expect(stdout).toMatch(/Report: coldcase-report\/report\.html\n$/)
    expect(readdirSync(cwd)).toEqual(['coldcase-report'])
  })

  test.each<readonly [string, (text: string) => void]>([
    ['json', (text) => expect(JSON.parse(text)).toMatchObject({ schema: 1, tool: { name: 'coldcase' } })],
    ['html', (text) => expect(text).toMatch(/^<!doctype html>\s*<html lang="en">[\s\S]+<\/html>\s*$/)],
    ['markdown', (text) => expect(text).toMatch(/^# .+\n\n/)],
    ['terminal', (text) => expect(text).toMatch(/^\S.+\n\n1\. /)],
    [
      'csv',
      (text) => {
        const { data, errors } = Papa.parse<Record<string, string>>(text, {
          header: true,
          delimiter: ',',
          skipEmptyLines: true,
        })
        expect(errors).toEqual([])
        expect(data).toContainEqual(
          expect.objectContaining({ rule: 'conntrack-table-full', severity: 'high' }),
        )
      },
    ],
  ])('--format %s prints that and writes nothing', async (format, check) => {
    const cwd = join(work, `format-${format}`)
    mkdirSync(cwd)
    const { code, stdout, stderr } = await cli(['analyze', high, '--format', format, '--quiet'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    check(stdout)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('--out with --format writes nothing, and says so', async () => {
    const { code, stdout, stderr } = await cli([
      'analyze',
      high,
      '--format',
      'json',
      '--out',
      'unused',
      '--quiet',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1 })
    expect(stderr).toBe('coldcase: --out has no effect with --format: nothing was written to unused\n')
    expect(existsSync(join(work, 'unused'))).toBe(false)
  })

  // Node's own mkdir never comes back from /proc.
  test.each(['/proc/coldcase', join(FIXTURES, '../package.json'), join(FIXTURES, '../package.json/below')])(
    'a folder that cannot be made is a mistake of usage: %s',
    async (out) => {
      const { code, stdout, stderr } = await cli(['analyze', high, '--out', out, '--quiet'])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(
        /^coldcase: the report cannot be written to \S+; name another folder with --out .+\n$/,
      )
    },
  )

  test('progress is told on standard error, a line a bundle, unless --quiet', async () => {
    const { stderr } = await cli(['analyze', high, first ?? '', '--format', 'csv'])
    expect(stderr).toBe(`coldcase: reading ${high}\ncoldcase: reading ${first}\n`)
    expect((await cli(['analyze', high, '-q', '--format', 'csv'])).stderr).toBe('')
  })

  test('a name with control characters in it is shown, not obeyed', async () => {
    const name = 'a\u001b[2J\nb.tar.gz'
    copyFileSync(high, join(work, name))
    const { stdout, stderr } = await cli(['analyze', name, '/nowhere\u001b[31m', '--format', 'terminal'])
    expect(stderr).toMatch(/^coldcase: reading a\\x1b\[2J\\x0ab\.tar\.gz\n/)
    expect(stdout + stderr).not.toContain('\u001b')
  })

  test.each([{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1', TERM: 'xterm-256color' }])(
    'no escape sequences where no terminal is: %j',
    async (env) => {
      const { stdout, stderr } = await cli(['analyze', high, cut], { env })
      expect(stdout + stderr).not.toContain('\u001b')
    },
  )

  test('a reader that goes away early changes nothing of the verdict', async () => {
    expect(await withClosedReader(['rules'])).toEqual({ code: 0, stderr: '' })
    const all = ['analyze', ...sound, high, '--format', 'html', '--quiet']
    expect(await withClosedReader(all)).toEqual({ code: 0, stderr: '' })
    expect(await withClosedReader([...all, '--fail-on', 'high'])).toEqual({ code: 1, stderr: '' })
  })

  test('a full disk is told, and is no verdict', () => {
    const script = '"$0" "$@" >/dev/full'
    const args = ['-c', script, process.execPath, coldcase, 'analyze', high, '--format', 'json', '--quiet']
    const { status, stderr } = spawnSync('sh', args)
    expect(status).toBe(70)
    expect(stderr.toString()).toBe(
      'coldcase: the output cannot be written: ENOSPC: no space left on device, write\n',
    )
  })

  test('warnings that cannot be written cost no report', () => {
    const script = '"$0" "$@" 2>/dev/full'
    const args = ['-c', script, process.execPath, coldcase, 'analyze', high, '--format', 'json']
    const { status, stdout } = spawnSync('sh', args)
    expect(status).toBe(0)
    expect(JSON.parse(stdout.toString())).toMatchObject({ schema: 1 })
  })
})

/** Runs with an output that is closed on the reader's side before anything is written. */
function withClosedReader(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [coldcase, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }))
  })
}

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

  test('explain has words for every rule', async () => {
    for (const { id } of rules) {
      const { code, stdout, stderr } = await cli(['explain', id])
      expect({ id, code, stderr }).toEqual({ id, code: 0, stderr: '' })
      expect(stdout.startsWith(`${id} (`)).toBe(true)
      expect(stdout).not.toMatch(/undefined|\[object|\{[a-z]+\}/)
      for (const heading of ['What it looks for', 'Why it matters', 'How to cure it']) {
        expect(stdout).toMatch(new RegExp(`^${heading}\n {2}\\S`, 'm'))
      }
    }
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
    expect(stderr).toBe('coldcase: nodes.csv:3: no node and address in this row; it is left out\n')
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

describe('the same case gives the same bytes', () => {
  test('in any order, time zone, language, folder and year', async () => {
    const bundles = [...sound, high]
    const { stdout } = (await judged(bundles)).ended
    const others = [
      judged(bundles.toReversed()),
      judged(bundles, { env: { TZ: 'Asia/Kathmandu' } }),
      judged(bundles, { env: { TZ: 'America/St_Johns', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' } }),
      judged(bundles, { cwd: '/' }),
      judged(bundles, { env: { LC_ALL: 'C', HOME: '/nonexistent', NODE_ENV: 'production' } }),
    ]
    for (const { ended } of await Promise.all(others)) expect(ended.stdout).toBe(stdout)
  })

  test('with nothing beside the one file', async () => {
    const alone = join(work, 'alone')
    mkdirSync(alone)
    copyFileSync(coldcase, join(alone, 'coldcase.mjs'))
    const args = ['analyze', high, '--format', 'json', '--quiet']
    const moved = await runColdcase(join(alone, 'coldcase.mjs'), args, { cwd: alone })
    expect(moved).toEqual(await cli(args))
    expect(moved.code).toBe(0)
  })

  test('a bundle given twice is node-7 and node-7#2, and no id is there twice', async () => {
    const { report, ended } = await judged([high, high])
    expect(ended.code).toBe(0)
    expect(report.bundles.map(({ id }) => id)).toEqual(['node-7', 'node-7#2'])
    const ids = report.outcomes.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('standard input is a bundle like any other', async () => {
    const { report, ended } = await judged(['-'], { input: readFileSync(high) })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(report.bundles).toMatchObject([{ id: 'node-7', file: '-', complete: true }])
    expect((await cli(['analyze', '-'], { input: Buffer.from('') })).code).toBe(2)
  })
})
