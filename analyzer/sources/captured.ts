import type { Capture, MissingCapture } from '../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../engine/availability.ts'
import { type NodeFact, defineNodeFact } from '../engine/fact.ts'
import type { FolderCapture, SingleCapture } from './captures.ts'
import { type SourceKey, type SourceValue, sources } from './index.ts'

/** Every source as a fact, under its key: one file gives its capture, a folder the list of its files' captures. */
export type Captured = {
  readonly [K in SourceKey]: NodeFact<
    (typeof sources)[K]['many'] extends true ? readonly Capture<SourceValue<K>>[] : Capture<SourceValue<K>>
  >
}

/** The captures of a node, as facts. */
export const captured: Captured = Object.fromEntries(
  Object.entries(sources).map(([key, source]) => [
    key,
    defineNodeFact({
      name: source.name,
      needs: {},
      compute: (_, node): Availability<unknown> => {
        const capture = node.captures[key as SourceKey]
        return 'captures' in capture ? ofFolder(capture, node.id) : ofFile(capture, node.id)
      },
    }),
  ]),
) as unknown as Captured

function ofFile(capture: SingleCapture<unknown>, node: string): Availability<Capture<unknown>> {
  if ('value' in capture) return available(capture, cutShort(capture, node))
  return unavailable({ code: capture.status, node, what: capture.path })
}

function ofFolder(folder: FolderCapture<unknown>, node: string): Availability<readonly Capture<unknown>[]> {
  const missing = folder.missing
    .filter(({ status }) => status !== 'absent' && status !== 'withheld')
    .map(({ path, status }: MissingCapture): Shortfall => ({ code: status, node, what: path }))
  const cut = folder.captures.flatMap((capture) => cutShort(capture, node))
  return available(folder.captures, [...missing, ...cut])
}

function cutShort({ path, status }: Capture<unknown>, node: string): Shortfall[] {
  return status === 'ok' || status === 'empty' ? [] : [{ code: status, node, what: path }]
}
