import { expect, test } from 'vitest'
import * as fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import type { FolderFile } from '../../analyzer/bundle/bundleInput.ts'
import { LIMITS } from '../../analyzer/bundle/limits.ts'
import { readBundleWith } from '../../analyzer/bundle/readBundleWith.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { MAX_LINE_BYTES } from '../../analyzer/text/lineSink.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import {
  type Files,
  MANIFEST_HEAD,
  bundleFrom,
  manifestOf,
  piecesOf,
  readArchiveBytes,
  rowFor,
  sha256,
  table,
  tarOf,
} from './testBundle.ts'

const TOP = 'coldcase-node-1-20261120T234500Z/'
const FILES: Files = [
  ['meta/node.txt', 'hostname=node-1.example\nstarted_utc=1795218300\n'],
  ['net/ip-addr.txt', '1: lo\n?what\n2: eth0\r\n'],
  ['net/ip-addr.txt.stderr', 'Dump was interrupted\n'],
  ['certs/etc/ca.crt', '?x\nCERT\n'],
]

const withManifest = (files: Files, more: readonly string[] = []): Files => [
  ['manifest.tsv', manifestOf(files, more)],
  ...files,
]

const missingRow = (path: string, status: string): string =>
  ['-', path, status, '-', 0, 0, 0, '-', `cat ${path}`].join('\t')

test('reads a packed bundle to its captures, ledger and identity', async () => {
  const bytes = new Uint8Array(gzipSync(await tarOf(withManifest(FILES), TOP)))
  const { info, captures, row } = await bundleFrom(bytes, { file: '/tmp/b.tar.gz' })
  expect(info).toMatchObject({
    id: 'n1',
    file: '/tmp/b.tar.gz',
    sha256: sha256(bytes),
    node: 'node-1.example',
    layout: 'coldcase',
    collectedAt: '2026-11-20T23:45:00Z',
    complete: true,
    problems: [],
  })
  expect(captures.get('ipAddr')).toMatchObject({
    path: 'net/ip-addr.txt',
    status: 'ok',
    value: ['1: lo', '2: eth0'],
    command: 'cat net/ip-addr.txt',
    stderr: [{ number: 1, text: 'Dump was interrupted' }],
  })
  expect(row('net/ip-addr.txt')).toEqual({
    source: 'ip-addr',
    path: 'net/ip-addr.txt',
    status: 'ok',
    bytes: 21,
    parsed: 15,
    skipped: 6,
    dropped: 0,
    unreadLines: 1,
    unread: [{ number: 2, text: '?what' }],
    droppedOnNode: 0,
  })
  expect(row('certs/etc/ca.crt')).toMatchObject({ source: 'certificates', bytes: 8, parsed: 5, skipped: 3 })
  expect(info.sources.map(({ source }) => source)).toEqual([
    'certificates',
    'manifest',
    'node-meta',
    'ip-addr',
    'ip-addr.stderr',
  ])
})

test('cites a line under the id that the case gave', async () => {
  const read = await readArchiveBytes(await tarOf(FILES, TOP))
  if (read.kind !== 'bundle') throw new Error(read.message.en)
  const capture = read.assemble('node-1#2').captures.get('ipAddr')
  if (capture === undefined || !('cite' in capture)) throw new Error('no capture')
  expect(capture.cite({ number: 3, text: '2: eth0' })).toEqual({
    bundle: 'node-1#2',
    path: 'net/ip-addr.txt',
    line: 3,
    text: '2: eth0',
  })
})

test('the manifest may come last', async () => {
  const { info } = await bundleFrom(await tarOf([...FILES, ['manifest.tsv', manifestOf(FILES)]], TOP))
  expect(info).toMatchObject({ complete: true, problems: [] })
})

test.each(['', './', 'any-name/', './any-name/'])('finds the captures below %j', async (top) => {
  const { info, captures } = await bundleFrom(await tarOf(withManifest(FILES), top))
  expect(info).toMatchObject({ complete: true, problems: [] })
  expect(captures.get('certificates')).toMatchObject({
    captures: [{ path: 'certs/etc/ca.crt' }],
    missing: [],
  })
})

test('takes the name of the node from the folder, or from the file, where the bundle does not tell', async () => {
  const files: Files = [['net/ip-addr.txt', 'x\n']]
  expect((await bundleFrom(await tarOf(files, TOP))).info.node).toBe('node-1')
  const file = '/tmp/coldcase-node-2-20261120T234500Z.tar.gz'
  expect((await bundleFrom(await tarOf(files), { file })).info.node).toBe('node-2')
  expect((await bundleFrom(await tarOf(files), { file: 'worker.tgz' })).info.node).toBe('worker')
  expect((await bundleFrom(await tarOf(files), { file: 'captures/worker-2/' })).info.node).toBe('worker-2')
  expect((await bundleFrom(await tarOf(files), { file: '-' })).info.node).toBe('unnamed')
})

test('without a manifest a bundle is read, is not complete, and tells what it did not capture', async () => {
  const { info, captures, codes } = await bundleFrom(await tarOf([...FILES, ['journal/a.txt', '']], TOP))
  expect(info.complete).toBe(false)
  expect(codes).toEqual(['manifest-missing'])
  expect(captures.get('ipAddr')).toMatchObject({ status: 'ok' })
  expect(captures.get('journals')).toMatchObject({ captures: [{ status: 'empty', value: [] }] })
  expect(captures.get('counts')).toEqual({ path: 'conntrack/counts.txt', status: 'not-captured', stderr: [] })
})

test('manifest rows without a file say why', async () => {
  const rows = [
    missingRow('conntrack/counts.txt', 'empty'),
    missingRow('kube/api/pods.json', 'denied'),
    missingRow('journal/kubelet.txt', 'timeout'),
    missingRow('journal/none.txt', 'empty'),
    missingRow('journal', 'denied'),
    missingRow('odd/file', 'withheld'),
  ]
  const { info, captures, row } = await bundleFrom(await tarOf(withManifest(FILES, rows), TOP))
  expect(info).toMatchObject({ complete: true, problems: [] })
  expect(captures.get('counts')).toMatchObject({
    status: 'empty',
    value: {},
    command: 'cat conntrack/counts.txt',
  })
  expect(captures.get('pods')).toMatchObject({ status: 'denied', command: 'cat kube/api/pods.json' })
  expect(captures.get('journals')).toMatchObject({
    captures: [{ path: 'journal/none.txt', status: 'empty', value: [] }],
    missing: [
      { path: 'journal', status: 'denied' },
      { path: 'journal/kubelet.txt', status: 'timeout' },
    ],
  })
  expect(row('odd/file')).toMatchObject({ source: 'unknown', status: 'withheld', bytes: 0 })
})

test.each(['ok', 'truncated'])(
  'a file that the manifest calls %s and that is not here is missing',
  async (status) => {
    const rows = [missingRow('kube/api/pods.json', status)]
    const { info, captures, row } = await bundleFrom(await tarOf(withManifest(FILES, rows), TOP))
    expect(info).toMatchObject({
      complete: false,
      problems: [{ code: 'file-missing', path: 'kube/api/pods.json' }],
    })
    expect(captures.get('pods')).toMatchObject({ status: 'damaged' })
    expect(row('kube/api/pods.json')).toMatchObject({ status: 'damaged', bytes: 0 })
  },
)

test('a file cut short on the node keeps its status and what was cut', async () => {
  const content = '1: lo\n'
  const row = ['-', 'net/ip-addr.txt', 'truncated', 0, 1, 6, 4000, sha256(content), 'ip addr'].join('\t')
  const bytes = await tarOf(
    [
      ['manifest.tsv', `${MANIFEST_HEAD}${row}\n`],
      ['net/ip-addr.txt', content],
    ],
    TOP,
  )
  const { info, captures, row: rowAt } = await bundleFrom(bytes)
  expect(info.complete).toBe(true)
  expect(captures.get('ipAddr')).toMatchObject({ status: 'truncated', value: ['1: lo'] })
  expect(rowAt('net/ip-addr.txt')).toMatchObject({ status: 'truncated', bytes: 6, droppedOnNode: 4000 })
})

test('an empty capture may have a file: journalctl says that it has no entries', async () => {
  const content = '-- No entries --\n'
  const row = [
    'journal',
    'journal/crio.txt',
    'empty',
    0,
    20,
    17,
    0,
    sha256(content),
    'journalctl -u crio',
  ].join('\t')
  const bytes = await tarOf(
    [
      ['manifest.tsv', `${MANIFEST_HEAD}${row}\n`],
      ['journal/crio.txt', content],
    ],
    TOP,
  )
  const { info, captures } = await bundleFrom(bytes)
  expect(info).toMatchObject({ complete: true, problems: [] })
  expect(captures.get('journals')).toMatchObject({
    captures: [{ status: 'empty', value: ['-- No entries --'] }],
  })
})

test('a file whose bytes are not those of the manifest is altered, and proves nothing by its silence', async () => {
  for (const row of [
    rowFor('net/ip-addr.txt', '1: eth7\n'),
    rowFor('net/ip-addr.txt', ''),
    rowFor('net/ip-addr.txt', 'x'),
  ]) {
    const bytes = await tarOf(
      [
        ['manifest.tsv', `${MANIFEST_HEAD}${row}\n`],
        ['net/ip-addr.txt', '1: eth0\n'],
      ],
      TOP,
    )
    const { info, captures, row: rowAt } = await bundleFrom(bytes)
    expect(info).toMatchObject({
      complete: false,
      problems: [{ code: 'file-altered', path: 'net/ip-addr.txt' }],
    })
    expect(captures.get('ipAddr')).toMatchObject({ status: 'truncated', value: ['1: eth0'] })
    expect(rowAt('net/ip-addr.txt')).toMatchObject({ status: 'damaged', bytes: 8, parsed: 8 })
  }
})

test('files that no source has are listed and skipped, and do no harm', async () => {
  const files: Files = [...FILES, ['extra/notes.md', 'hello\n']]
  const { info, row } = await bundleFrom(await tarOf([['manifest.tsv', manifestOf(FILES)], ...files], TOP))
  expect(info.complete).toBe(true)
  expect(row('extra/notes.md')).toMatchObject({
    source: 'unknown',
    status: 'ok',
    bytes: 6,
    parsed: 0,
    skipped: 6,
  })
})

test('of two files with one path the last counts, and it is said', async () => {
  const bytes = await tarOf([...FILES, ['net/ip-addr.txt', 'last\n']], TOP)
  const { codes, captures } = await bundleFrom(bytes)
  expect(codes).toContain('file-duplicate')
  expect(captures.get('ipAddr')).toMatchObject({ value: ['last'] })
})

test('a second bundle in the same archive is not read, and not passed over in silence', async () => {
  const second: Files = FILES.map(([path, content]) => [`other/${path}`, content])
  const first: Files = withManifest(FILES).map(([path, content]) => [`${TOP}${path}`, content])
  const { info } = await bundleFrom(await tarOf([...first, ...second]))
  expect(info).toMatchObject({
    complete: false,
    node: 'node-1.example',
    problems: [{ code: 'another-bundle', path: 'other/meta/node.txt' }],
  })
})

test('a second top folder does not pass for the first', async () => {
  const files: Files = [
    [`${TOP}net/ip-addr.txt`, 'first\n'],
    ['other/net/ip-addr.txt', 'second\n'],
  ]
  const { captures, row } = await bundleFrom(await tarOf(files))
  expect(captures.get('ipAddr')).toMatchObject({ value: ['first'] })
  expect(row('other/net/ip-addr.txt')).toMatchObject({ source: 'unknown' })
})

test.each([
  ['unread rows', `${MANIFEST_HEAD}what is this\n`, 'manifest-damaged'],
  ['no version', MANIFEST_HEAD.replace(/^.*\n/, ''), 'manifest-damaged'],
  ['a version to come', MANIFEST_HEAD.replace('bundle 1', 'bundle 2'), 'manifest-newer'],
])('a manifest with %s makes the bundle incomplete', async (_, manifest, code) => {
  const { info } = await bundleFrom(await tarOf([['manifest.tsv', manifest], ...FILES], TOP))
  expect(info).toMatchObject({ complete: false, problems: [{ code }] })
})

test('of a line beyond the limit the rest is dropped, and said', async () => {
  const line = 'x'.repeat(MAX_LINE_BYTES + 100)
  const files: Files = [['net/ip-addr.txt', `a\n${line}\nb\n?${line}\n`]]
  const { info, row } = await bundleFrom(await tarOf(withManifest(files), TOP))
  expect(info).toMatchObject({
    complete: false,
    problems: [{ code: 'limit-line-bytes', path: 'net/ip-addr.txt' }],
  })
  expect(row('net/ip-addr.txt')).toMatchObject({
    bytes: 2 * MAX_LINE_BYTES + 207,
    parsed: 5 + MAX_LINE_BYTES,
    skipped: 1 + MAX_LINE_BYTES,
    dropped: 201,
    unread: [{ number: 4, text: `?${'x'.repeat(499)}` }],
  })
})

test('of a text beyond the limit of its parser the rest is dropped, and said', async () => {
  const files: Files = [['kube/api/pods.json', 'y'.repeat(1500)]]
  const { info, row, captures } = await bundleFrom(await tarOf(withManifest(files), TOP))
  expect(info.problems).toMatchObject([{ code: 'limit-text-bytes', path: 'kube/api/pods.json' }])
  expect(row('kube/api/pods.json')).toMatchObject({ bytes: 1500, parsed: 1000, skipped: 0, dropped: 500 })
  expect(captures.get('pods')).toMatchObject({ value: 'y'.repeat(1000) })
})

test('a text in UTF-16 is decoded', async () => {
  const bytes = new Uint8Array(Buffer.from('\uFEFF{"a":"节"}', 'utf16le'))
  const { captures } = await bundleFrom(await tarOf([['kube/api/pods.json', bytes]], TOP))
  expect(captures.get('pods')).toMatchObject({ value: '{"a":"节"}' })
})

test('a parser that throws loses its own file only', async () => {
  const broken = {
    ...table.ipAddr,
    parser: { kind: 'lines' as const, start: () => ({ line: throwing, end: throwing }) },
  }
  const read = await readBundleWith(
    { kind: 'archive', file: 'x', bytes: piecesOf(await tarOf(FILES, TOP)) },
    {
      table: { ...table, ipAddr: broken },
      limits: LIMITS,
      host: nodeHost,
      memory: ownMemory,
      onProgress: () => {},
    },
  )
  if (read.kind !== 'bundle') throw new Error(read.message.en)
  const { info, captures } = read.assemble('x')
  expect(info.problems).toContainEqual(
    expect.objectContaining({ code: 'parser-broken', path: 'net/ip-addr.txt' }),
  )
  expect(captures.get('ipAddr')).toMatchObject({ status: 'damaged' })
  expect(captures.get('certificates')).toMatchObject({ captures: [{ status: 'ok' }] })
})

function throwing(): never {
  throw new Error('oops')
}

test('tells how many bytes it has taken, up to all of them', async () => {
  const bytes = await tarOf(FILES, TOP)
  const told: number[] = []
  await readBundleWith(
    { kind: 'archive', file: 'x', bytes: piecesOf(bytes, 1000) },
    { table, limits: LIMITS, host: nodeHost, memory: ownMemory, onProgress: (count) => told.push(count) },
  )
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(told.at(-1)).toBe(bytes.length)
})

async function* folderOf(files: Files): AsyncGenerator<FolderFile> {
  for (const [path, content] of files) {
    const bytes = new TextEncoder().encode(String(content))
    yield { path, sizeBytes: bytes.length, bytes: piecesOf(bytes, 5) }
  }
}

test.each(['', TOP, 'copied/'])('reads a folder like an archive, below %j', async (top) => {
  const files = withManifest(FILES)
  const read = await readBundleWith(
    {
      kind: 'folder',
      file: '/tmp/x',
      files: folderOf(files.map(([path, content]) => [`${top}${path}`, content])),
    },
    { table, limits: LIMITS, host: nodeHost, memory: ownMemory, onProgress: () => {} },
  )
  if (read.kind !== 'bundle') throw new Error(read.message.en)
  const { info, captures } = read.assemble('n1')
  const archive = await bundleFrom(await tarOf(files, TOP))
  const digests = files.map(([path, content]) => ({ path, line: `${sha256(content)}  ${path}\n` }))
  digests.sort((a, b) => (a.path < b.path ? -1 : 1))
  expect(info).toEqual({
    ...archive.info,
    file: '/tmp/x',
    sha256: sha256(digests.map(({ line }) => line).join('')),
  })
  expect(captures.get('ipAddr')).toMatchObject({ value: ['1: lo', '2: eth0'] })
})

const textBytes = fc
  .array(fc.constantFrom('a', '?', '\n', '\r\n', '节', '\uFEFF', '\0', 'x'.repeat(300)), { maxLength: 30 })
  .map((parts) => parts.join(''))
const path = fc.constantFrom(
  'net/ip-addr.txt',
  'kube/api/pods.json',
  'certs/a',
  'odd',
  'journal/b',
  'journal/b.stderr',
)

test('of every file the bytes parsed, skipped and dropped add up to its bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(path, textBytes), { selector: ([name]) => name, maxLength: 6 }),
      async (files) => {
        const { info } = await bundleFrom(await tarOf([['meta/node.txt', ''], ...files], TOP))
        for (const [name, content] of files) {
          expect(info.sources.find((row) => row.path === name)?.bytes).toBe(Buffer.byteLength(content))
        }
        for (const { bytes, parsed, skipped, dropped } of info.sources) {
          expect(parsed + skipped + dropped).toBe(bytes)
          expect(Math.min(parsed, skipped, dropped)).toBeGreaterThanOrEqual(0)
        }
      },
    ),
    { numRuns: 200 },
  )
})
