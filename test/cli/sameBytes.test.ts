import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cliCase } from '../support/cliCase.ts'
import { runColdcase } from '../support/coldcase.ts'

const { coldcase, work, sound, high, cli, judged } = cliCase()

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
