import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../analyzer/report/report.ts'
import { sources } from '../../analyzer/sources/index.ts'
import { type Ended, buildColdcase, runColdcase, scratchFolder } from '../support/coldcase.ts'
import { TOP_FOLDER, bundleFiles, layOut, tarOf } from '../support/foreignBundle.ts'
import { foreignCaptures } from '../support/foreignCaptures.ts'

const coldcase = buildColdcase()
const folder = scratchFolder()
const captures = foreignCaptures()
const forms = [`${TOP_FOLDER}.tar.gz`, `${TOP_FOLDER}.tar`, TOP_FOLDER, '-']
const ended = new Map<string, Ended>()

beforeAll(async () => {
  const files = bundleFiles(captures)
  const tar = await tarOf(files)
  const packed = gzipSync(tar)
  writeFileSync(join(folder, `${TOP_FOLDER}.tar`), tar)
  writeFileSync(join(folder, `${TOP_FOLDER}.tar.gz`), packed)
  layOut(files, join(folder, TOP_FOLDER))
  for (const form of forms) {
    const args = ['analyze', form, '--format', 'json', '--quiet']
    ended.set(form, await runColdcase(coldcase, args, { cwd: folder, input: packed }))
  }
})

/** The report on one form of the bundle. */
function reportOf(form: string): Report {
  return JSON.parse(ended.get(form)?.stdout ?? 'null')
}

describe('a bundle that another program wrote', () => {
  test('every capture is read to its last line', () => {
    const [bundle] = reportOf(`${TOP_FOLDER}.tar.gz`).bundles
    const rows = new Map(bundle?.sources.map((row) => [row.path, row]))
    const expected = captures.map(({ source, path, bytes }) => ({
      source,
      path,
      status: 'ok',
      bytes: bytes.length,
      parsed: bytes.length,
      skipped: 0,
      dropped: 0,
      unreadLines: 0,
    }))
    for (const row of expected) expect(rows.get(row.path)).toMatchObject(row)
    expect([...rows.keys()].toSorted()).toEqual(
      ['manifest.tsv', ...captures.map(({ path }) => path)].toSorted(),
    )
    expect(rows.get('manifest.tsv')).toMatchObject({ status: 'ok', skipped: 0, dropped: 0, unreadLines: 0 })
  })

  test('no source is left out', () => {
    const brought = new Set(captures.map(({ source }) => source))
    expect(Object.values(sources).filter(({ name }) => !brought.has(name))).toEqual([])
  })

  test('it is whole, and says whose it is', () => {
    expect(reportOf(`${TOP_FOLDER}.tar.gz`).bundles).toMatchObject([
      {
        id: 'node-7',
        node: 'node-7',
        file: `${TOP_FOLDER}.tar.gz`,
        collectedAt: '2026-11-21T10:34:50Z',
        complete: true,
        problems: [],
      },
    ])
  })

  test('no rule breaks, and rules have something to say', () => {
    const states = new Set(reportOf(`${TOP_FOLDER}.tar.gz`).outcomes.map(({ state }) => state))
    expect(states).not.toContain('broken')
    expect(states).toContain('clear')
    // The kernel log has `nf_conntrack: table full, dropping packet`; at the time of the capture the table was not.
    expect(reportOf(`${TOP_FOLDER}.tar.gz`).outcomes).toContainEqual(
      expect.objectContaining({ rule: 'conntrack-table-full', state: 'found', severity: 'high' }),
    )
  })

  test.each(forms)('the form makes no difference but for its name and digest: %s', (form) => {
    expect(ended.get(form)).toMatchObject({ code: 0, stderr: '' })
    const text = ended.get(form)?.stdout ?? ''
    const { file, sha256 } = reportOf(form).bundles[0] ?? {}
    const same = text.replace(JSON.stringify(sha256), '"digest"').replace(JSON.stringify(file), '"name"')
    const packed = ended.get(`${TOP_FOLDER}.tar.gz`)?.stdout ?? ''
    const [bundle] = reportOf(`${TOP_FOLDER}.tar.gz`).bundles
    expect(file).toBe(form)
    expect(same).toBe(
      packed
        .replace(JSON.stringify(bundle?.sha256), '"digest"')
        .replace(JSON.stringify(bundle?.file), '"name"'),
    )
  })
})
