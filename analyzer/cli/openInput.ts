import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundleInput, FolderFile } from '../bundle/bundleInput.ts'

/** An argument that cannot be read, with a plain line that says why and what to do. */
export interface UnreadableInput {
  readonly kind: 'unreadable'
  readonly file: string
  readonly message: string
}

const READ_BYTES = 64 * 1024

const REMEDIES = new Map([
  ['ENOENT', 'There is no such file or folder. Check the path.'],
  ['ENOTDIR', 'A part of the path is not a folder. Check the path.'],
  ['EACCES', 'It may not be read. Run as a user who may, or change its permissions.'],
  ['EPERM', 'It may not be read. Run as a user who may, or change its permissions.'],
  ['ELOOP', 'Its symbolic links go round in circles. Pass the file itself.'],
  ['ENAMETOOLONG', 'The path is too long. Check the path.'],
])

/** Opens a bundle named on the command line: a file, a folder, or `-` for standard input. */
export async function openInput(name: string): Promise<BundleInput | UnreadableInput> {
  if (name === '-') return openStandardInput()
  try {
    const stats = await stat(name)
    if (stats.isDirectory()) {
      await readdir(name)
      return { kind: 'folder', file: name, files: walk(name, '') }
    }
    if (!stats.isFile() && !stats.isFIFO()) return unreadable(name, 'It is neither a file nor a folder.')
    // A FIFO is left alone: what is opened twice would be read by whom it is not meant for.
    if (stats.isFile()) await (await open(name)).close()
    return { kind: 'archive', file: name, bytes: fileBytes(name) }
  } catch (error) {
    return unreadable(name, reasonOf(error))
  }
}

function openStandardInput(): BundleInput | UnreadableInput {
  if (process.stdin.isTTY) return unreadable('-', 'Standard input is a terminal. Pipe a bundle into it.')
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

function unreadable(file: string, message: string): UnreadableInput {
  return { kind: 'unreadable', file, message }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'It cannot be read.'
  const code = 'code' in error ? String(error.code) : ''
  return REMEDIES.get(code) ?? `It cannot be read: ${error.message}`
}
