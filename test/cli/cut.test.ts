import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readBundle } from '../../analyzer/bundle/readBundle.ts'
import { exitCode } from '../../analyzer/cli/exitCode.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import { renderJson } from '../../analyzer/report/json.ts'
import type { Report } from '../../analyzer/report/report.ts'
import { buildColdcase, runColdcase, scratchFolder } from '../support/coldcase.ts'
import { judge } from '../support/faultCase.ts'
import { bundleFiles, tarOf } from '../support/foreignBundle.ts'
import { foreignCaptures } from '../support/foreignCaptures.ts'

const PATHS = new Set(['meta/node.txt', 'net/ip-neigh.txt'])
const tar = await tarOf(bundleFiles(foreignCaptures().filter(({ path }) => PATHS.has(path))))
const packed = gzipSync(tar)

const UNUSABLE = 2
const INCOMPLETE = 3

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** What `coldcase analyze` would say: the code it ends with, and the report without name and digest of the file. */
async function verdict(bytes: Uint8Array) {
  const report = await judge([{ kind: 'archive', file: 'bundle', bytes: whole(bytes) }])
  const complete = report.rejected.length === 0 && report.bundles.every((bundle) => bundle.complete)
  const code = report.bundles.length === 0 ? UNUSABLE : exitCode(report.outcomes, complete, undefined)
  const text = renderJson(report).replace(/"sha256": "[0-9a-f]{64}"/, '')
  const broken = report.outcomes.filter(({ state }) => state === 'broken')
  return { code, text, broken }
}

/** Whether the bundle is read without any loss: a small part of the work of judging it. */
async function isWhole(bytes: Uint8Array): Promise<boolean> {
  const input = { kind: 'archive', file: 'bundle', bytes: whole(bytes) } as const
  const result = await readBundle(input, nodeHost, ownMemory, () => {})
  return result.kind === 'bundle' && result.assemble('bundle').info.complete
}

/** Every byte is a place to cut at; at one of so many the rest is judged as well. No block of tar is a multiple of it. */
const JUDGED = 13

/** The places where what is cut off goes unnoticed; where a cut is judged, it ends with 2 or 3 and breaks no rule. */
async function unnoticedCuts(bytes: Uint8Array): Promise<readonly number[]> {
  const unnoticed: number[] = []
  for (let cut = 0; cut < bytes.length; cut += 1) {
    const rest = bytes.subarray(0, cut)
    if (await isWhole(rest)) unnoticed.push(cut)
    if (cut % JUDGED !== 0) continue
    const { code, broken } = await verdict(rest)
    expect({ cut, code, broken }).toEqual({
      cut,
      code: code === UNUSABLE ? UNUSABLE : INCOMPLETE,
      broken: [],
    })
  }
  return unnoticed
}

const sound = await verdict(packed)

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8))
  return copy
}

test('the whole bundle is sound, packed or not', async () => {
  expect(sound).toMatchObject({ code: 0, broken: [] })
  expect(await verdict(tar)).toEqual(sound)
})

describe('judged', () => {
  test('cut at any byte it is never taken for whole, and breaks no rule', async () => {
    expect(await isWhole(tar)).toBe(true)
    expect(await unnoticedCuts(tar)).toEqual([])
  })

  test('packed and cut at any byte likewise', async () => {
    expect(await unnoticedCuts(packed)).toEqual([])
  })

  test('packed, with a bit turned in any byte, it is damaged or tells the same', async () => {
    for (let at = 0; at < packed.length; at += 1) {
      const bytes = flipped(packed, at)
      const { code, text, broken } = await verdict(bytes)
      expect({ at, broken }).toEqual({ at, broken: [] })
      if (code !== 0) continue
      // Neither the time in gzip's header nor which of two equal strings is copied changes what is unpacked.
      expect({ at, text, unpacks: gunzipSync(bytes).equals(tar) }).toEqual({
        at,
        text: sound.text,
        unpacks: true,
      })
    }
  })
})

describe('by the command', () => {
  const coldcase = buildColdcase()
  const folder = scratchFolder()

  /** Runs the command on each of the inputs, two at a time; the codes in their order. */
  async function codes(inputs: readonly Uint8Array[]): Promise<readonly (number | null)[]> {
    const own = mkdtempSync(join(folder, 'run-'))
    const found: (number | null)[] = []
    const work = async (start: number): Promise<void> => {
      for (let index = start; index < inputs.length; index += 2) {
        const path = join(own, `${index}.tar.gz`)
        writeFileSync(path, inputs[index] ?? '')
        const { code, stderr } = await runColdcase(coldcase, ['analyze', path, '--format', 'json', '--quiet'])
        // An uncaught error would show its stack.
        if (stderr.includes('\n    at ')) throw new Error(stderr)
        found[index] = code
      }
    }
    await Promise.all([work(0), work(1)])
    return found
  }

  test('cut, it ends in time with 2 or 3', async () => {
    const cuts = Array.from({ length: 30 }, (_, index) => Math.floor((index * packed.length) / 30))
    const ends = await codes(cuts.map((cut) => packed.subarray(0, cut)))
    const others = ends.filter((code) => code !== UNUSABLE && code !== INCOMPLETE)
    expect(others).toEqual([])
    expect(ends).toContain(UNUSABLE)
    expect(ends).toContain(INCOMPLETE)
    expect(await codes([packed])).toEqual([0])
  })

  test('several hundred cuts in one case: each is told, and none is taken for whole', async () => {
    const cuts = Array.from({ length: 300 }, (_, index) => Math.floor((index * packed.length) / 300))
    const paths = cuts.map((cut) => join(folder, `cut-at-${cut}.tar.gz`))
    for (const [index, path] of paths.entries()) writeFileSync(path, packed.subarray(0, cuts[index]))
    const args = ['analyze', ...paths, '--format', 'json', '--quiet']
    const { code, stdout, stderr } = await runColdcase(coldcase, args)
    expect(code).toBe(INCOMPLETE)
    const { bundles, outcomes }: Report = JSON.parse(stdout)
    expect(bundles.filter(({ complete }) => complete)).toEqual([])
    expect(outcomes.filter(({ state }) => state === 'broken')).toEqual([])
    expect(bundles.length).toBeGreaterThan(0)
    for (const path of paths) expect(stderr).toContain(`coldcase: ${path}: `)
  })

  test('cut close to its end, where all but the checksum is there, it is not taken for whole', async () => {
    const tails = Array.from({ length: 10 }, (_, index) => packed.subarray(0, packed.length - 1 - index))
    expect(await codes(tails)).toEqual(tails.map(() => INCOMPLETE))
  })

  test('with bits turned in its data, it ends in time with 2 or 3', async () => {
    const places = Array.from(
      { length: 20 },
      (_, index) => 10 + Math.floor((index * (packed.length - 10)) / 20),
    )
    const ends = await codes(places.map((at) => flipped(packed, at)))
    expect(ends.filter((code) => code !== UNUSABLE && code !== INCOMPLETE)).toEqual([])
  })

  test('what follows it is told, but for zeros', async () => {
    const behind = (bytes: Uint8Array | string) => Buffer.concat([packed, Buffer.from(bytes)])
    const ends = await codes([
      behind('x'),
      behind('garbage'.repeat(1000)),
      behind(new Uint8Array(512)),
      behind(packed),
    ])
    expect(ends).toEqual([INCOMPLETE, INCOMPLETE, 0, INCOMPLETE])
  })
})
