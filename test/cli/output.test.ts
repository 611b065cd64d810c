import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Papa from 'papaparse'
import { describe, expect, test } from 'vitest'
import { cliCase } from '../support/cliCase.ts'
import { FIXTURES } from '../support/faultCase.ts'
import { lacks } from '../support/tools.ts'

const { coldcase, work, sound, high, cut, cli } = cliCase()

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
    const { stderr } = await cli(['analyze', high, cut, '--format', 'csv'])
    expect(stderr).toContain(`coldcase: reading ${high}\ncoldcase: reading ${cut}\n`)
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

  test.skipIf(lacks('script'))('a terminal gets colours and one live line', () => {
    const line = `stty cols 70; ${process.execPath} ${coldcase} analyze ${high} --format terminal`
    const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      env: { PATH: process.env['PATH'] },
    })
    expect(status).toBe(0)
    const [live, ...rest] = stdout
      .toString()
      .replaceAll('\u001b', '␛')
      .split(/(?<=␛\[2K)(?=␛\[1m)/)
    expect(live).toMatch(/^(?:\r␛\[2K[^\r\n␛]{0,69})+\r␛\[2K$/)
    expect(rest.join('')).toContain('␛[1m')
    const plain = spawnSync('script', ['-qec', `NO_COLOR=1; export NO_COLOR; ${line} --quiet`, '/dev/null'])
    expect(plain.stdout.toString()).not.toContain('\u001b')
  })

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
