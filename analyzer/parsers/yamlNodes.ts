import { type CST, Composer, type Document, Parser } from 'yaml'

/** One document of a YAML text as nodes. */
export type YamlDocument = Document.Parsed

/** The documents of a YAML text, and what is wrong with the text, by offset. */
export interface YamlNodes {
  readonly documents: readonly YamlDocument[]
  readonly errors: readonly { readonly offset: number; readonly message: string }[]
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
      errors: [{ offset: tooDeep.offset, message: `nested deeper than ${MAX_DEPTH} levels` }],
    }
  }
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const documents = [...composer.compose(tokens)]
  const found = documents.flatMap((document) => document.errors).slice(0, MAX_ERRORS)
  return { documents, errors: found.map(({ pos, message }) => ({ offset: pos[0], message })) }
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
