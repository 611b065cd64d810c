import type { Sentence } from '../engine/language.ts'
import type { BundleInfo } from './bundle.ts'
import { assemble } from './bundleAssembly.ts'
import { type BundleContents, type BundleIntake, type IntakeOptions, bundleIntake } from './bundleIntake.ts'
import type { BundleInput } from './bundleInput.ts'
import { readArchive } from './archiveReader.ts'
import type { CapturesByKey } from './capturesByKey.ts'
import { readFolder } from './folderReader.ts'
import type { Sha256 } from './host.ts'
import { rejections } from './rejections.ts'
import { nodeInName } from './topFolder.ts'

/** A file or folder that holds nothing of a bundle. */
export interface NotABundle {
  readonly kind: 'not-a-bundle'
  readonly file: string
  /** One plain line: what it looks like, and what to do. */
  readonly message: Sentence
}

/** A bundle, read; its id is given by who puts the case together. */
export interface RawBundle {
  readonly kind: 'bundle'
  readonly node: string
  readonly sha256: string
  readonly assemble: (id: string) => { readonly info: BundleInfo; readonly captures: CapturesByKey }
}

/** With what a bundle is read. */
export interface ReadingOptions extends IntakeOptions {
  /** Told the bytes of the input taken so far. */
  readonly onProgress: (bytesRead: number) => void
}

/**
 * Reads a bundle with a table of sources. Damage never throws: it is in the problems of the bundle. An input without a
 * manifest, a `meta/node.txt` and any file of the table is no bundle.
 */
export async function readBundleWith(
  input: BundleInput,
  options: ReadingOptions,
): Promise<RawBundle | NotABundle> {
  const intake = bundleIntake(options)
  const reading =
    input.kind === 'folder'
      ? await fromFolder(input, intake, options)
      : await fromArchive(input, intake, options)
  if ('message' in reading) return notABundle(input.file, reading.message)
  const contents = intake.contents()
  const known = [...contents.files.values()].some(({ source }) => source !== null)
  if (!known) return notABundle(input.file, unknownContents(input.kind, contents))
  return rawBundle(input.file, reading.sha256, contents, options)
}

type Taken = { readonly sha256: string } | { readonly message: Sentence }

async function fromFolder(
  input: BundleInput & { readonly kind: 'folder' },
  intake: BundleIntake,
  { host, limits, onProgress }: ReadingOptions,
): Promise<Taken> {
  await readFolder(input.files, intake, limits, onProgress)
  const digest = host.sha256()
  const files = [...intake.contents().files.values()].flatMap(({ path, read }) =>
    read === undefined ? [] : [{ path, read }],
  )
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  const encoder = new TextEncoder()
  for (const { path, read } of files) digest.update(encoder.encode(`${read.sha256}  ${path}\n`))
  return { sha256: digest.digest() }
}

async function fromArchive(
  input: BundleInput & { readonly kind: 'archive' },
  intake: BundleIntake,
  { host, limits, onProgress }: ReadingOptions,
): Promise<Taken> {
  const counted = countedInput(input.bytes, host.sha256(), onProgress)
  const reading = await readArchive(counted.bytes, intake, { host, limits, packedBytes: counted.taken })
  if (reading.kind === 'other') {
    await counted.close()
    return { message: rejections.other(reading) }
  }
  return { sha256: await counted.digest() }
}

/** The input with its bytes counted and digested as they are taken; `digest` takes what was left. */
function countedInput(
  input: AsyncIterable<Uint8Array>,
  sha256: Sha256,
  onProgress: (bytesRead: number) => void,
) {
  const iterator = input[Symbol.asyncIterator]()
  let taken = 0
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    const result = await iterator.next()
    if (result.done === true) return { done: true, value: undefined }
    taken += result.value.length
    sha256.update(result.value)
    onProgress(taken)
    return { done: false, value: result.value }
  }
  return {
    bytes: { [Symbol.asyncIterator]: () => ({ next }) },
    taken: () => taken,
    close: async () => void (await iterator.return?.()),
    async digest(): Promise<string> {
      try {
        while ((await next()).done !== true) continue
      } catch {
        // The error was met, and became a problem, where the input was read.
      }
      return sha256.digest()
    },
  }
}

function notABundle(file: string, message: Sentence): NotABundle {
  return { kind: 'not-a-bundle', file, message }
}

function unknownContents(kind: BundleInput['kind'], contents: BundleContents): Sentence {
  const paths = [...contents.files.keys()]
  const container = kind === 'folder' ? rejections.folder : rejections.tarArchive
  if (paths.some((path) => /\.(?:tar\.gz|tgz)$/.test(path))) return rejections.archivesInside(container)
  if (paths.length === 0) return rejections.withoutFiles(container)
  return rejections.withoutCaptures(container, paths.length)
}

function rawBundle(
  file: string,
  sha256: string,
  contents: BundleContents,
  options: ReadingOptions,
): RawBundle {
  const { identity, problems, topFolder } = contents
  const assembly = assemble(contents, options)
  const node = identity?.hostname ?? nodeInName(topFolder ?? '') ?? topFolder ?? nodeInFile(file)
  const info: Omit<BundleInfo, 'id'> = {
    file,
    sha256,
    node,
    layout: 'coldcase',
    collectedAt: identity?.startedAt ?? null,
    complete: problems.harmless(),
    problems: problems.list(),
    sources: assembly.rows,
  }
  return {
    kind: 'bundle',
    node,
    sha256,
    assemble: (id) => ({ info: { id, ...info }, captures: assembly.captures(id) }),
  }
}

/** The node that a file is probably named after: what tells nothing else of it comes with this name at least. */
function nodeInFile(file: string): string {
  const baseName = file.split('/').findLast((segment) => segment !== '' && segment !== '.') ?? ''
  const name = baseName.replace(/\.(?:tgz|tar\.gz|tar|gz)$/, '')
  return nodeInName(name) ?? (/^[-.]*$/.test(name) ? 'unnamed' : name)
}
