import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import type { ForeignCapture } from './foreignCaptures.ts'

/** The one folder at the top of a bundle. */
export const TOP_FOLDER = 'coldcase-node-7-20261121T103450Z'

const HEADER = 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand'
const MTIME = new Date('2026-11-21T10:35:01Z')

/** The files of a bundle by path, as docs/bundle-format.md has them: the captures and a manifest with a row for each. */
export function bundleFiles(captures: readonly ForeignCapture[]): ReadonlyMap<string, Buffer> {
  const rows = captures.map(({ source, path, command, bytes }) => {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const exit = command === '-' ? '-' : '0'
    return [source, path, 'ok', exit, '3', String(bytes.length), '0', digest, command].join('\t')
  })
  const manifest = Buffer.from(['# coldcase-bundle 1', HEADER, ...rows, ''].join('\n'))
  return new Map([
    ['manifest.tsv', manifest],
    ...captures.map(({ path, bytes }): [string, Buffer] => [path, bytes]),
  ])
}

/** An uncompressed bundle, with entries for its folders, as tar writes them. */
export async function tarOf(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const archive = pack()
  for (const folder of foldersOf(files.keys())) {
    archive.entry({ name: `${TOP_FOLDER}/${folder}`, type: 'directory', mode: 0o755, mtime: MTIME })
  }
  for (const [path, bytes] of files) {
    archive.entry({ name: `${TOP_FOLDER}/${path}`, mode: 0o600, mtime: MTIME }, bytes)
  }
  archive.finalize()
  return await buffer(archive)
}

/** The folders above the files, outer ones first, each with a slash behind it; the top folder is ''. */
function foldersOf(paths: Iterable<string>): readonly string[] {
  const folders = new Set([''])
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      folders.add(path.slice(0, slash + 1))
    }
  }
  return [...folders]
}

/** Lays the bundle out unpacked below `root`. */
export function layOut(files: ReadonlyMap<string, Buffer>, root: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
}
