import { expect, test } from 'vitest'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execFileSync } from 'node:child_process'
import { readBundle } from '../../analyzer/bundle/readBundle.ts'
import { nodeHost } from '../../analyzer/cli/nodeHost.ts'
import { openInput } from '../../analyzer/cli/openInput.ts'
import { sources } from '../../analyzer/sources/index.ts'
import { ownMemory } from '../../analyzer/parsers/ownMemory.ts'
import { piecesOf } from './testBundle.ts'

const ROOT = fileURLToPath(new URL('../../fixtures/nodes/', import.meta.url))
const KINDS = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())

test.each(KINDS.map(({ name }) => name))(
  'a sound node of %s is read whole with the sources of the product',
  async (kind) => {
    const folder = `${ROOT}${kind}/node-1`
    const input = await openInput(folder)
    if (input.kind === 'unreadable') throw new Error(input.message.en)
    const asFolder = await readBundle(input, nodeHost, ownMemory)
    if (asFolder.kind !== 'bundle') throw new Error(asFolder.message.en)
    const { info, captures } = asFolder.assemble('node-1')
    expect(info).toMatchObject({ node: 'node-1', complete: true, problems: [] })
    expect(Object.keys(captures).toSorted()).toEqual(Object.keys(sources).toSorted())
    for (const { bytes, parsed, skipped, dropped } of info.sources)
      expect(parsed + skipped + dropped).toBe(bytes)

    const packed = execFileSync('tar', ['-czf', '-', '-C', `${ROOT}${kind}`, 'node-1'])
    const archive = {
      kind: 'archive',
      file: 'node-1.tar.gz',
      bytes: piecesOf(new Uint8Array(packed)),
    } as const
    const asArchive = await readBundle(archive, nodeHost, ownMemory)
    if (asArchive.kind !== 'bundle') throw new Error(asArchive.message.en)
    const { file, sha256, ...same } = asArchive.assemble('node-1').info
    expect(file).toBe('node-1.tar.gz')
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(info).toMatchObject(same)
  },
)
