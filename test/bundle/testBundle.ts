import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { LIMITS, type Limits } from '../../analyzer/bundle/limits.ts'
import { readBundleWith } from '../../analyzer/bundle/readBundleWith.ts'
import { conntrackCounts } from '../../analyzer/parsers/conntrackCounts.ts'
import type { LineParser, TextParser } from '../../analyzer/parsers/parser.ts'
import { file, folder } from '../../analyzer/sources/source.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import { pack } from 'tar-stream'

/** Keeps every line; one that begins with a question mark cannot be read. */
const keepLines: LineParser<readonly string[]> = {
  kind: 'lines',
  start() {
    const kept: string[] = []
    return {
      line(text) {
        if (text.startsWith('?')) return false
        kept.push(text)
        return true
      },
      end: () => kept,
    }
  },
}

/** The whole text, up to 1000 bytes; lines that begin with a question mark cannot be read. */
const keepText: TextParser<string> = {
  kind: 'text',
  maxBytes: 1000,
  parse: (text) => ({
    value: text,
    unread: text
      .split('\n')
      .map((line, index) => ({ number: index + 1, text: line }))
      .filter((line) => line.text.startsWith('?')),
  }),
}

/** A small table of sources: two files of lines, one of text, two folders. */
export const table = {
  nodeMeta: file('node-meta', 'meta/node.txt', keepLines),
  ipAddr: file('ip-addr', 'net/ip-addr.txt', keepLines),
  pods: file('kube-pods', 'kube/api/pods.json', keepText),
  counts: file('conntrack-counts', 'conntrack/counts.txt', conntrackCounts),
  certificates: folder('certificates', 'certs/', keepText),
  journals: folder('journal', 'journal/', keepLines),
}

export type Files = readonly (readonly [path: string, text: string | Uint8Array])[]

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** A manifest row of a file, its status `ok` or `empty`. */
export function rowFor(path: string, content: string | Uint8Array): string {
  const { length } = bytesOf(content)
  return ['-', path, length === 0 ? 'empty' : 'ok', 0, 1, length, 0, sha256(content), `cat ${path}`].join(
    '\t',
  )
}

export const MANIFEST_HEAD =
  '# coldcase-bundle 1\nsource\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand\n'

/** The manifest of files, with further rows. */
export function manifestOf(files: Files, more: readonly string[] = []): string {
  return `${MANIFEST_HEAD}${[...files.map(([path, content]) => rowFor(path, content)), ...more].join('\n')}\n`
}

/** A tar archive of the files, made by tar-stream. */
export async function tarOf(files: Files, top = ''): Promise<Uint8Array> {
  const packer = pack()
  for (const [name, content] of files)
    packer.entry({ name: `${top}${name}`, mtime: new Date(0) }, Buffer.from(bytesOf(content)))
  packer.finalize()
  return new Uint8Array(await buffer(packer))
}

export async function* piecesOf(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Reads an archive with the small table. */
export function readArchiveBytes(
  bytes: Uint8Array,
  {
    limits = {},
    pieceBytes = 65_536,
    file = 'b.tar',
  }: {
    readonly limits?: Partial<Limits>
    readonly pieceBytes?: number
    readonly file?: string
  } = {},
) {
  return readBundleWith(
    { kind: 'archive', file, bytes: piecesOf(bytes, pieceBytes) },
    { table, limits: { ...LIMITS, ...limits }, host: nodeHost, memory: ownMemory, onProgress: () => {} },
  )
}

/** The same, for archives that must be bundles: info and captures under the id `n1`. */
export async function bundleFrom(...args: Parameters<typeof readArchiveBytes>) {
  const read = await readArchiveBytes(...args)
  if (read.kind !== 'bundle') throw new Error(read.message.en)
  const { info, captures } = read.assemble('n1')
  return {
    info,
    captures,
    codes: info.problems.map(({ code }) => code),
    row: (path: string) => info.sources.find((row) => row.path === path),
  }
}
