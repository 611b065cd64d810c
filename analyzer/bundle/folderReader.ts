import { messageOf } from '../text/messageOf.ts'
import type { FolderFile } from './bundleInput.ts'
import type { BundleIntake } from './bundleIntake.ts'
import { escapeName } from './entryName.ts'
import { guarded } from './guarded.ts'
import type { Limits } from './limits.ts'
import { says } from './sentences.ts'

/** Reads a bundle that lies unpacked in a folder. A file that cannot be read becomes a problem, and the others are read. */
export async function readFolder(
  files: AsyncIterable<FolderFile>,
  intake: BundleIntake,
  limits: Limits,
  onProgress: (bytesRead: number) => void,
): Promise<void> {
  let count = 0
  let bytes = 0
  const take = (piece: Uint8Array): void => {
    bytes += piece.length
    intake.data(piece)
    onProgress(bytes)
  }
  const onFault = (error: unknown): void => {
    intake.problem({ code: 'folder-unreadable', message: says.readingStopped(messageOf(error)) })
  }
  for await (const file of guarded(files, onFault)) {
    count += 1
    const stop = stopOf(count, bytes + file.sizeBytes, limits)
    if (stop !== null) return intake.problem(stop)
    if (file.sizeBytes > limits.entryBytes) {
      const message = says.fileTooLarge(file.sizeBytes, limits.entryBytes)
      intake.problem({ code: 'limit-entry-bytes', message, path: escapeName(file.path) })
    } else if (intake.begin(file.path)) await readFile(file, intake, take)
  }
}

async function readFile(
  file: FolderFile,
  intake: BundleIntake,
  take: (piece: Uint8Array) => void,
): Promise<void> {
  try {
    for await (const piece of file.bytes) take(piece)
    intake.end()
  } catch (error) {
    const message = says.readingStopped(messageOf(error))
    intake.problem({ code: 'file-unreadable', message, path: escapeName(file.path) })
    intake.cut()
  }
}

function stopOf(count: number, bytes: number, limits: Limits) {
  if (count > limits.entries) {
    return { code: 'limit-entries', message: says.tooManyFiles(limits.entries) }
  }
  if (bytes <= limits.totalBytes) return null
  return { code: 'limit-total-bytes', message: says.folderTooLarge(limits.totalBytes) }
}
