import { afterAll, beforeAll, expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listing } from './listing.ts'
import { tarOf } from './testBundle.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldcase-tar-'))
  mkdirSync(join(folder, 'in/deep'), { recursive: true })
  writeFileSync(join(folder, 'in/a.txt'), 'one\n')
  writeFileSync(join(folder, 'in/empty'), '')
  writeFileSync(join(folder, 'in/block'), 'b'.repeat(512))
  writeFileSync(join(folder, 'in/big'), 'c'.repeat(200_001))
  writeFileSync(join(folder, 'in/deep/节点 ü.txt'), 'utf8\n')
})

afterAll(() => rmSync(folder, { recursive: true }))

function tar(...args: readonly string[]): string {
  return execFileSync('tar', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The regular files that GNU tar lists, in its order. */
function listedByTar(archive: string): string[] {
  const names = tar('-tf', archive, '--quoting-style=literal').trimEnd().split('\n')
  const kinds = tar('-tvf', archive).trimEnd().split('\n')
  return names.filter((_, index) => kinds[index]?.startsWith('-') === true)
}

const read = (archive: string) => listing(new Uint8Array(readFileSync(join(folder, archive))))

test.each(['v7', 'oldgnu', 'gnu', 'ustar', 'pax'])('lists and reads what GNU tar writes as %s', (format) => {
  const archive = `${format}.tar`
  tar('-cf', archive, `--format=${format}`, '--owner=nobody:65534', '--sort=name', 'in')
  const { files, names, problems } = read(archive)
  expect(problems).toEqual([])
  expect(names).toEqual(listedByTar(archive))
  expect(names).toHaveLength(5)
  for (const { name, bytes, text } of files) {
    const original = readFileSync(join(folder, name))
    expect([name, bytes, text]).toEqual([name, original.length, original.subarray(0, 2000).toString()])
  }
})

test.each(['gnu', 'oldgnu', 'pax'])('names beyond 100 and beyond 255 bytes as %s', (format) => {
  const paths = [`long/${'d'.repeat(90)}/${'f'.repeat(90)}`, `long/${'e'.repeat(200)}/${'g'.repeat(200)}`]
  for (const path of paths) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), 'long\n')
  }
  tar('-cf', 'long.tar', `--format=${format}`, '--sort=name', 'long')
  expect(read('long.tar')).toMatchObject({ names: paths, problems: [] })
  expect(listedByTar('long.tar')).toEqual(paths)
})

test('names beyond 100 bytes as ustar, in its prefix', () => {
  const path = `prefix/${'d'.repeat(90)}/${'f'.repeat(90)}`
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), 'long\n')
  tar('-cf', 'prefix.tar', '--format=ustar', 'prefix')
  expect(read('prefix.tar')).toMatchObject({ names: [path], problems: [] })
})

test('a file of a name that begins with ./ and an archive of another blocking factor', () => {
  tar('-cf', 'dot.tar', '-b1', '--sort=name', './in')
  expect(read('dot.tar').names).toEqual(listedByTar('dot.tar'))
  expect(read('dot.tar').problems).toEqual([])
})

test.each([
  ['gnu', []],
  ['pax', ['--sparse-version=0.0']],
  ['pax', ['--sparse-version=0.1']],
  ['pax', ['--sparse-version=1.0']],
])('files with holes as %s %j are named, and what follows is read', (format, options) => {
  const holes = join(folder, 'holes')
  writeFileSync(holes, 'start')
  for (let index = 1; index <= 26; index += 1) {
    truncateSync(holes, index * 100_000)
    writeFileSync(holes, `piece ${index}`, { flag: 'a' })
  }
  tar('-cSf', 'holes.tar', `--format=${format}`, ...options, 'holes', 'in/a.txt')
  expect(listedByTar('holes.tar')).toEqual(['holes', 'in/a.txt'])
  const { names, problems } = read('holes.tar')
  expect(names).toEqual(['in/a.txt'])
  expect(problems).toMatchObject([{ code: 'entry-sparse', path: 'holes' }])
})

test('links and FIFOs are named and not followed', () => {
  mkdirSync(join(folder, 'odd'))
  writeFileSync(join(folder, 'odd/a'), 'x')
  linkSync(join(folder, 'odd/a'), join(folder, 'odd/b'))
  symlinkSync('/etc/passwd', join(folder, 'odd/c'))
  symlinkSync('t'.repeat(300), join(folder, 'odd/d'))
  execFileSync('mkfifo', [join(folder, 'odd/e')])
  writeFileSync(join(folder, 'odd/f'), 'y')
  for (const format of ['gnu', 'pax']) {
    tar('-cf', 'odd.tar', `--format=${format}`, '--sort=name', 'odd')
    const { names, problems } = read('odd.tar')
    expect(names).toEqual(['odd/a', 'odd/f'])
    expect(problems.map(({ code, path }) => [code, path])).toEqual(
      ['odd/b', 'odd/c', 'odd/d', 'odd/e'].map((path) => ['link-passed-over', path]),
    )
  }
})

test('a size of more than 8 GiB, base 256 in GNU and a PAX record in pax, is refused by its limit', () => {
  const huge = join(folder, 'huge')
  writeFileSync(huge, '')
  truncateSync(huge, 9 * 2 ** 30)
  for (const format of ['gnu', 'pax']) {
    const head = execFileSync('sh', ['-c', `tar -cf - --format=${format} huge | head -c 20480`], {
      cwd: folder,
    })
    const { problems } = listing(new Uint8Array(head))
    expect(problems).toMatchObject([
      {
        code: 'limit-entry-bytes',
        message: expect.objectContaining({ en: expect.stringContaining(String(9 * 2 ** 30)) }),
        path: 'huge',
      },
      { code: 'archive-truncated' },
    ])
  }
})

test('what tar-stream packs is read as GNU tar lists it', async () => {
  const long = `${'l'.repeat(120)}/${'m'.repeat(120)}`
  const bytes = await tarOf(
    [
      ['a', 'x'],
      [long, 'y'],
      ['节点.txt', 'z'.repeat(1000)],
      ['empty', ''],
    ],
    'top/',
  )
  writeFileSync(join(folder, 'stream.tar'), bytes)
  const { names, problems } = read('stream.tar')
  expect(names).toEqual(['top/a', `top/${long}`, 'top/节点.txt', 'top/empty'])
  expect(names).toEqual(listedByTar('stream.tar'))
  expect(problems).toEqual([])
})
