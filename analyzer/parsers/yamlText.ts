import { type ParsedNode, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Line } from '../text/line.ts'
import { lineFinder } from '../text/lineFinder.ts'
import type { JsonValue } from './jsonValue.ts'
import { type SyntaxFault, syntaxFaultAt } from './syntaxFault.ts'
import { type YamlDocument, composeYaml } from './yamlNodes.ts'
import { yamlValue } from './yamlValue.ts'

/** Keys and list positions that lead from the top of a document to a value. */
export type KeyPath = readonly (string | number)[]

/** One document of a YAML text. */
export interface YamlText {
  readonly value: JsonValue
  /** The line of the key (or list item) at the end of a path; undefined where the path breaks. */
  readonly lineOf: (path: KeyPath) => Line | undefined
}

/** What became of a YAML text. Where it is broken, documents hold what could be read all the same. */
export interface YamlTexts {
  readonly documents: readonly YamlText[]
  readonly errors: readonly SyntaxFault[]
}

const MAX_DOCUMENTS = 1000

/** Reads a text of one or more YAML documents (at most 200 levels, 1,000 aliases and 1,000 documents). Never throws. */
export function parseYamlText(text: string): YamlTexts {
  const { documents, errors } = composeYaml(text)
  const placeOf = lineFinder(text)
  const faults = [...errors]
  const values = documents.slice(0, MAX_DOCUMENTS).map((document): YamlText => {
    const { value, faults: found } = yamlValue(document.contents)
    faults.push(...found)
    return { value, lineOf: (path) => lineOf(document, path, placeOf) }
  })
  const dropped = documents[MAX_DOCUMENTS]
  if (dropped !== undefined)
    faults.push({ offset: dropped.range[0], code: 'limit', message: `more than ${MAX_DOCUMENTS} documents` })
  const inOrder = faults.toSorted((a, b) => a.offset - b.offset)
  return {
    documents: values,
    errors: inOrder.map((fault) => syntaxFaultAt(text, fault, placeOf)),
  }
}

function lineOf(
  document: YamlDocument,
  path: KeyPath,
  placeOf: ReturnType<typeof lineFinder>,
): Line | undefined {
  let here: ParsedNode | null | undefined = document.contents
  let offset: number | undefined
  for (const step of path) {
    // What an alias stands for is written elsewhere; the line to show is the one that uses it.
    if (isAlias(here)) break
    const next: Step | undefined = stepInto(here, step)
    if (next === undefined) return undefined
    here = next.node
    offset = next.offset
  }
  return offset === undefined ? undefined : placeOf(offset).line
}

interface Step {
  readonly node: ParsedNode | null
  readonly offset: number
}

/** Of a key that is there twice, the last one counts, as in `yamlValue`. */
function stepInto(node: ParsedNode | null | undefined, step: string | number): Step | undefined {
  if (typeof step === 'number') {
    const item = isSeq(node) ? node.items[step] : undefined
    return item && { node: item, offset: item.range[0] }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step)
  return pair && { node: pair.value, offset: pair.key.range[0] }
}
