import { createHash } from 'node:crypto'
import type { FolderFile } from '../../analyzer/bundle/bundleInput.ts'
import { readBundle } from '../../analyzer/bundle/readBundle.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import type { ClusterScope, NodeScope } from '../../analyzer/engine/scope.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'

/** Files of nodes as text: `{"node-1": {"net/ip-neigh.txt": "…"}}`. */
export type TextFiles = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * A case of nodes with these files, for tests of facts; every capture is `ok` but for the paths that `statuses` names. `rows` are further
 * lines of each manifest.
 */
export async function textCluster(
  files: TextFiles,
  statuses: Readonly<Record<string, string>> = {},
  rows = '',
): Promise<ClusterScope> {
  const nodes: NodeScope[] = []
  const cluster: ClusterScope = { nodes, inventory: [] }
  for (const [id, texts] of Object.entries(files)) {
    const all = { ...texts, 'meta/node.txt': `hostname=${id}\n${texts['meta/node.txt'] ?? ''}` }
    const withManifest = { ...all, 'manifest.tsv': manifestOf(all, statuses) + rows }
    const read = await readBundle(
      { kind: 'folder', file: id, files: asFolder(withManifest) },
      nodeHost,
      ownMemory,
    )
    if (read.kind === 'not-a-bundle') throw new Error(read.message.en)
    const { info, captures } = read.assemble(id)
    nodes.push({ id, bundle: info, captures, cluster })
  }
  return cluster
}

/** A case of one such node, and that node. */
export async function textNode(files: Readonly<Record<string, string>>): Promise<NodeScope> {
  const [node] = (await textCluster({ 'node-1': files })).nodes
  if (!node) throw new Error('no node')
  return node
}

function manifestOf(
  files: Readonly<Record<string, string>>,
  statuses: Readonly<Record<string, string>>,
): string {
  const rows = Object.entries(files).map(([path, text]) => {
    const digest = createHash('sha256').update(text).digest('hex')
    const bytes = String(Buffer.byteLength(text))
    const status = statuses[path] ?? (text === '' ? 'empty' : 'ok')
    return ['-', path, status, '0', '1', bytes, '0', digest, '-'].join('\t')
  })
  const header = 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand'
  return ['# coldcase-bundle 1', header, ...rows, ''].join('\n')
}

async function* asFolder(files: Readonly<Record<string, string>>): AsyncGenerator<FolderFile> {
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text)
    yield { path, sizeBytes: bytes.length, bytes: once(bytes) }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
