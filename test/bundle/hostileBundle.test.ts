import { expect, test } from 'vitest'
import { gzipSync } from 'node:zlib'
import { says } from '../../analyzer/bundle/sentences.ts'
import { entryName } from '../../analyzer/bundle/entryName.ts'
import { LIMITS } from '../../analyzer/bundle/limits.ts'
import { END, body, entry, header, join } from './tarBlocks.ts'
import { bundleFrom, sha256, tarOf } from './testBundle.ts'

const good = entry('net/ip-addr.txt', 'x\n')

test.each([
  '../../etc/passwd',
  'net/../../x',
  '..',
  '/etc/shadow',
  'C:/windows',
  'c:x',
  'net\\ip-addr.txt',
  'net/ip\x1b[31m.txt',
  'net/\rip.txt',
  'net/a\tb',
  'net/\x7f',
  'net/\u009b31m',
])('the name %j is refused, shown escaped, and what follows is read', async (name) => {
  const { info, captures } = await bundleFrom(join(entry(name, 'hostile'), good, END))
  const [problem] = info.problems
  expect(problem).toMatchObject({ code: 'name-unsafe' })
  // oxlint-disable-next-line no-control-regex -- Control characters are what must not be there.
  expect(problem?.path).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  expect(info.sources.map(({ path }) => path)).toEqual(['net/ip-addr.txt'])
  expect(captures.get('ipAddr')).toMatchObject({ value: ['x'] })
})

test('a name of an archive or manifest stands for one path, however it is written', () => {
  for (const name of ['a/b', './a/b', 'a//b', 'a/./b', './/a/b'])
    expect(entryName(name, LIMITS)).toEqual({ path: 'a/b' })
  expect(entryName('a\0b', LIMITS)).toMatchObject({ problem: { code: 'name-unsafe' } })
  expect(entryName('./', LIMITS)).toMatchObject({ problem: { code: 'name-unsafe' } })
  expect(entryName('节'.repeat(1366), LIMITS)).toMatchObject({ problem: { code: 'limit-path-bytes' } })
  expect(entryName('节'.repeat(1365), LIMITS)).toHaveProperty('path')
  expect(entryName('a/'.repeat(64).concat('b'), LIMITS)).toMatchObject({
    problem: { code: 'limit-path-depth' },
  })
  expect(entryName('a/'.repeat(63).concat('b'), LIMITS)).toHaveProperty('path')
})

test('names of built-ins are names like any other', async () => {
  const names = ['__proto__', 'constructor', 'certs/__proto__', 'journal/toString']
  const { info, captures } = await bundleFrom(
    await tarOf([...names.map((name) => [name, 'x\n'] as const), ['net/ip-addr.txt', '']]),
  )
  expect(info.sources.map(({ path }) => path)).toEqual([...names, 'net/ip-addr.txt'].toSorted())
  expect(captures.get('certificates')).toMatchObject({ captures: [{ path: 'certs/__proto__' }] })
})

test('5,000 links are told in a few problems', async () => {
  const link = header({ name: 'l', type: '2' })
  const many = new Uint8Array(5000 * 512)
  for (let index = 0; index < 5000; index += 1) many.set(link, index * 512)
  const { info } = await bundleFrom(join(good, many, END))
  expect(info.problems.length).toBeLessThan(30)
  expect(info.problems).toContainEqual({ code: 'link-passed-over', message: says.moreOfThisKind(4980) })
})

const bomb = join(
  good,
  header({ name: 'zeros', size: 4 * 2 ** 20 }),
  new Uint8Array(4 * 2 ** 20),
  entry('after', 'x'),
  END,
)

test('a bomb stops at the ratio, once it has unpacked enough, and what came before is kept', async () => {
  const limits = { ratio: 250, ratioFromBytes: 2 ** 20 }
  const packed = new Uint8Array(gzipSync(bomb))
  const { info, captures, codes } = await bundleFrom(packed, { limits, pieceBytes: 1000 })
  // What was not read is still part of the file whose digest is printed.
  expect(info.sha256).toBe(sha256(packed))
  expect(codes).toContain('limit-ratio')
  expect(info.complete).toBe(false)
  expect(captures.get('ipAddr')).toMatchObject({ value: ['x'] })
  expect(info.sources.map(({ path }) => path)).not.toContain('after')
  expect((await bundleFrom(new Uint8Array(gzipSync(bomb)))).codes).toEqual(['manifest-missing'])
})

test('a bomb that is not packed has no ratio, and stops at the total', async () => {
  expect((await bundleFrom(bomb, { limits: { ratio: 1, ratioFromBytes: 0 } })).codes).toEqual([
    'manifest-missing',
  ])
  const { codes, captures } = await bundleFrom(bomb, { limits: { totalBytes: 2 ** 20 } })
  expect(codes).toEqual(['limit-total-bytes', 'file-truncated', 'archive-truncated', 'manifest-missing'])
  expect(captures.get('ipAddr')).toMatchObject({ value: ['x'] })
})

test('entries beyond their number or size are named', async () => {
  const limits = { entries: 2, entryBytes: 10 }
  const { codes } = await bundleFrom(join(good, entry('big', 'b'.repeat(11)), entry('third', 'x'), END), {
    limits,
  })
  expect(codes).toEqual(['limit-entry-bytes', 'limit-entries', 'manifest-missing'])
})

test('an archive within a bundle is listed and not opened', async () => {
  const inner = new Uint8Array(gzipSync(bomb))
  const { info } = await bundleFrom(
    join(good, header({ name: 'inner.tar.gz', size: inner.length }), body(inner), END),
  )
  expect(info.sources).toContainEqual(
    expect.objectContaining({ path: 'inner.tar.gz', source: 'unknown', skipped: inner.length }),
  )
})
