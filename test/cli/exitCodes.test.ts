import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Outcome, Severity } from '../../analyzer/engine/outcome.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { cliCase } from '../support/cliCase.ts'
import { lacks } from '../support/tools.ts'

const IS_ROOT = process.getuid?.() === 0

const { coldcase, work, sound, high, cut, cli, judged } = cliCase()

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

  test.skipIf(IS_ROOT && lacks('setpriv'))('2: a file that may not be read', async () => {
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
  if (!IS_ROOT) return await cli(args)
  const open = join(tmpdir(), `coldcase-${process.pid}.mjs`)
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
