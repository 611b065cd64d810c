import { type CST, Composer, type Document, Parser, type YAMLError } from 'yaml'
import type { OffsetFault, SyntaxCode } from './syntaxFault.ts'

/** One document of a YAML text as nodes. */
export type YamlDocument = Document.Parsed

/** The documents of a YAML text, and what is wrong with the text, by offset. */
export interface YamlNodes {
  readonly documents: readonly YamlDocument[]
  readonly errors: readonly OffsetFault[]
}

const MAX_DEPTH = 200
const MAX_ERRORS = 100

/**
 * Composes YAML 1.2 (core schema). The composer of the library recurses, and some Node versions die when it comes near the
 * end of the stack, so the depth of its tokens is measured first: a text of more than 200 levels gives no document at all.
 * Duplicate keys are left to the reader, since the library compares every key with every other.
 */
export function composeYaml(text: string): YamlNodes {
  const tokens = [...new Parser().parse(text)]
  const tooDeep = tokens.find((token) => depthOf(token) > MAX_DEPTH)
  if (tooDeep !== undefined) {
    return {
      documents: [],
      errors: [{ offset: tooDeep.offset, code: 'limit', message: `nested deeper than ${MAX_DEPTH} levels` }],
    }
  }
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const documents = [...composer.compose(tokens)]
  const found = documents.flatMap((document) => document.errors).slice(0, MAX_ERRORS)
  return {
    documents,
    errors: found.map((error) => ({ offset: error.pos[0], code: codeOf(error), message: error.message })),
  }
}

/** The library's errors by the names that all grammars share. It calls a list that is not closed badly indented. */
function codeOf({ code, message }: YAMLError): SyntaxCode {
  if (code === 'TAB_AS_INDENT') return 'tab-indent'
  if (/^(?:Missing closing|Flow (?:map|sequence) in block)/.test(message)) return 'not-closed'
  return code === 'BAD_INDENT' ? 'indent' : 'unexpected'
}

/** How many collections lie inside each other, at most. */
function depthOf(root: CST.Token): number {
  let deepest = 0
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token: root, depth: 0 }]
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const { token, depth } = here
    deepest = Math.max(deepest, depth)
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 })
      if (value) open.push({ token: value, depth: depth + 1 })
    }
  }
  return deepest
}
