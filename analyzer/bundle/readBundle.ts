import type { CaseMemory } from '../parsers/caseMemory.ts'
import type { Captures } from '../sources/captures.ts'
import { sources } from '../sources/index.ts'
import type { BundleInfo } from './bundle.ts'
import type { BundleInput } from './bundleInput.ts'
import type { CapturesByKey } from './capturesByKey.ts'
import type { Host } from './host.ts'
import { LIMITS } from './limits.ts'
import { type NotABundle, readBundleWith } from './readBundleWith.ts'

/** A bundle, read. */
export interface ReadBundle {
  readonly kind: 'bundle'
  /** The node's name: as the node says, else from the name of the top folder or of the file. */
  readonly node: string
  readonly sha256: string
  /** The bundle under an id that is unique in the case. */
  readonly assemble: (id: string) => { readonly info: BundleInfo; readonly captures: Captures }
}

/** Reads one bundle of a case, packed, unpacked or as a folder, with the sources and limits of the product. Never throws on content. */
export async function readBundle(
  input: BundleInput,
  host: Host,
  memory: CaseMemory,
  onProgress: (bytesRead: number) => void = () => {},
): Promise<ReadBundle | NotABundle> {
  const bundle = await readBundleWith(input, { table: sources, limits: LIMITS, host, memory, onProgress })
  if (bundle.kind === 'not-a-bundle') return bundle
  return {
    kind: 'bundle',
    node: bundle.node,
    sha256: bundle.sha256,
    assemble(id) {
      const { info, captures } = bundle.assemble(id)
      return { info, captures: typedCaptures(captures) }
    },
  }
}

/** The table gives each key's captures their type: what its parser gave is what stands under it. */
function typedCaptures(captures: CapturesByKey): Captures {
  return Object.fromEntries(captures) as unknown as Captures
}
