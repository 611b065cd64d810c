import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundleInput, FolderFile } from '../bundle/bundleInput.ts'
import type { Sentence } from '../engine/language.ts'

/** An argument that cannot be read, with a plain line that says why and what to do. */
export interface UnreadableInput {
  readonly kind: 'unreadable'
  readonly file: string
  readonly message: Sentence
}

const READ_BYTES = 64 * 1024

const REFUSED: Sentence = {
  en: 'It may not be read. Run as a user who may, or change its permissions.',
  zh: '没有读取权限。请换用有权限的用户运行，或修改其权限。',
}
const REMEDIES: ReadonlyMap<string, Sentence> = new Map([
  [
    'ENOENT',
    { en: 'There is no such file or folder. Check the path.', zh: '没有这个文件或目录。请检查路径。' },
  ],
  [
    'ENOTDIR',
    {
      en: 'A part of the path is not a folder. Check the path.',
      zh: '路径中有一段不是目录。请检查路径。',
    },
  ],
  ['EACCES', REFUSED],
  ['EPERM', REFUSED],
  [
    'ELOOP',
    {
      en: 'Its symbolic links go round in circles. Pass the file itself.',
      zh: '符号链接成环。请直接传入文件本身。',
    },
  ],
  ['ENAMETOOLONG', { en: 'The path is too long. Check the path.', zh: '路径过长。请检查路径。' }],
])
const NO_FILE: Sentence = { en: 'It is neither a file nor a folder.', zh: '既不是文件也不是目录。' }
const TERMINAL: Sentence = {
  en: 'Standard input is a terminal. Pipe a bundle into it.',
  zh: '标准输入是终端。请用管道传入采集包。',
}

/** Opens a bundle named on the command line: a file, a folder, or `-` for standard input. */
export async function openInput(name: string): Promise<BundleInput | UnreadableInput> {
  if (name === '-') return openStandardInput()
  try {
    const stats = await stat(name)
    if (stats.isDirectory()) {
      await readdir(name)
      return { kind: 'folder', file: name, files: walk(name, '') }
    }
    if (!stats.isFile() && !stats.isFIFO()) return unreadable(name, NO_FILE)
    // A FIFO is left alone: what is opened twice would be read by whom it is not meant for.
    if (stats.isFile()) await (await open(name)).close()
    return { kind: 'archive', file: name, bytes: fileBytes(name) }
  } catch (error) {
    return unreadable(name, reasonOf(error))
  }
}

function openStandardInput(): BundleInput | UnreadableInput {
  if (process.stdin.isTTY) return unreadable('-', TERMINAL)
  return { kind: 'archive', file: '-', bytes: process.stdin }
}

/** The regular files below a folder, in the order of their names. Links are not followed: they may lead out of it. */
async function* walk(root: string, below: string): AsyncGenerator<FolderFile, void, void> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(() => null)
  if (entries === null) return yield unreadableFolder(below)
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) yield* walk(root, path)
    else if (entry.isFile()) yield await folderFile(root, path)
  }
}

async function folderFile(root: string, path: string): Promise<FolderFile> {
  const sizeBytes = await stat(join(root, path)).then(
    ({ size }) => size,
    () => 0,
  )
  return { path, sizeBytes, bytes: fileBytes(join(root, path)) }
}

/** Opens the file only when its bytes are asked for: a case may have many files, and an error must find its reader. */
async function* fileBytes(path: string): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES })) {
    if (piece instanceof Uint8Array) yield piece
  }
}

/** A folder that may not be listed, as a file that breaks when it is read: so it is told with the others. */
function unreadableFolder(path: string): FolderFile {
  return { path, sizeBytes: 0, bytes: { [Symbol.asyncIterator]: () => ({ next: refuseToList }) } }
}

function refuseToList(): Promise<never> {
  return Promise.reject(new Error('the folder may not be listed'))
}

function unreadable(file: string, message: Sentence): UnreadableInput {
  return { kind: 'unreadable', file, message }
}

function reasonOf(error: unknown): Sentence {
  if (!(error instanceof Error)) return { en: 'It cannot be read.', zh: '无法读取。' }
  const code = 'code' in error ? String(error.code) : ''
  return REMEDIES.get(code) ?? { en: `It cannot be read: ${error.message}`, zh: `无法读取：${error.message}` }
}
