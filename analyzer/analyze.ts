import type { BundleInput } from './bundle/bundleInput.ts'
import type { Host } from './bundle/host.ts'
import { type ReadBundle, readBundle } from './bundle/readBundle.ts'
import type { Language } from './engine/language.ts'
import { run } from './engine/run.ts'
import type { ClusterScope, NodeScope } from './engine/scope.ts'
import { drawFigures } from './figures/drawFigures.ts'
import type { InventoryNode } from './parsers/inventory.ts'
import { ownMemory } from './parsers/ownMemory.ts'
import { sharedMemory } from './parsers/sharedMemory.ts'
import type { RejectedInput, Report } from './report/report.ts'
import { causes } from './rules/causes.ts'
import { rules } from './rules/index.ts'

/** What an analysis is asked for, beside the bundles. */
export interface AnalyzeOptions {
  readonly language: Language
  readonly inventory: readonly InventoryNode[]
  /** Told the name of each input before it is read. */
  readonly onInput: (file: string) => void
  /** Told, while an input is read, how many of its bytes have come. */
  readonly onBytes: (bytes: number) => void
}

/**
 * Reads the bundles one after another, judges them together and gives the report. Same bytes, same report: the order of the
 * inputs, the analyst's clock and the machine leave no trace. An input that is no bundle is named in `rejected` and costs the
 * others nothing.
 */
export async function analyze(
  inputs: readonly BundleInput[],
  host: Host,
  options: AnalyzeOptions,
): Promise<Report> {
  const bundles: ReadBundle[] = []
  const rejected: RejectedInput[] = []
  const memory = inputs.length > 1 ? sharedMemory() : ownMemory
  for (const input of inputs) {
    options.onInput(input.file)
    const result = await readBundle(input, host, memory, options.onBytes)
    if (result.kind === 'bundle') bundles.push(result)
    else rejected.push({ file: result.file, message: result.message })
  }
  const cluster = joinNodes(bundles, options.inventory)
  const { figures, broken } = drawFigures(cluster, options.language)
  return {
    schema: 1,
    tool: { name: 'coldcase', version: COLDCASE_VERSION },
    language: options.language,
    bundles: cluster.nodes.map(({ bundle }) => bundle),
    rejected,
    outcomes: [...run(cluster, rules, causes, options.language), ...broken],
    figures,
  }
}

/** The case: every bundle under an id of its own, which is the node's name, with a number behind it where it is taken. */
function joinNodes(bundles: readonly ReadBundle[], inventory: readonly InventoryNode[]): ClusterScope {
  const nodes: NodeScope[] = []
  const cluster: ClusterScope = { nodes, inventory }
  const taken = new Set<string>()
  for (const bundle of bundles.toSorted(byNode)) {
    const id = freeId(bundle.node, taken)
    taken.add(id)
    const { info, captures } = bundle.assemble(id)
    nodes.push({ id, bundle: info, captures, cluster })
  }
  return cluster
}

function byNode(a: ReadBundle, b: ReadBundle): number {
  return compareText(a.node, b.node) || compareText(a.sha256, b.sha256)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function freeId(node: string, taken: ReadonlySet<string>): string {
  if (!taken.has(node)) return node
  let number = 2
  while (taken.has(`${node}#${number}`)) number++
  return `${node}#${number}`
}
