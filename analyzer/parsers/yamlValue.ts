import { type ParsedNode, type YAMLMap, type YAMLSeq, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { JsonValue } from './jsonValue.ts'
import type { OffsetFault, SyntaxCode } from './syntaxFault.ts'

/** A document as plain values. */
export interface YamlValue {
  readonly value: JsonValue
  /** What is wrong in it that its grammar does not forbid. */
  readonly faults: readonly OffsetFault[]
}

const MAX_ALIASES = 1000
/** What walks the values must not run out of stack or time, however often an alias repeats them. */
const MAX_DEPTH = 200
const MAX_NODES = 1_000_000
const MAX_FAULTS = 100

/** A value and what it would be written out in full. */
interface Converted {
  readonly value: JsonValue
  readonly depth: number
  readonly nodes: number
}

/**
 * Nodes of one document → plain values. An alias gives the value it stands for, shared and not copied. Beyond the limits
 * (1,000 aliases, 200 levels, 1,000,000 nodes counted in full) an alias gives null. Of a key that is there twice the last one counts.
 */
export function yamlValue(root: ParsedNode | null): YamlValue {
  const anchors = new Map<string, Converted>()
  const faults: OffsetFault[] = []
  let aliases = 0
  let nodes = 0

  const fault = (offset: number, message: string, code: SyntaxCode = 'unexpected') => {
    if (faults.length < MAX_FAULTS) faults.push({ offset, code, message })
  }

  const convert = (node: ParsedNode | null, depth: number): Converted => {
    nodes += 1
    if (isAlias(node)) return aliased(node.source, node.range[0], depth)
    const converted = convertWritten(node, depth)
    if (node?.anchor !== undefined) anchors.set(node.anchor, converted)
    return converted
  }

  const convertWritten = (node: ParsedNode | null, depth: number): Converted => {
    if (isMap(node)) return mapping(node, depth)
    if (isSeq(node)) return sequence(node, depth)
    return leaf(isScalar(node) ? scalar(node.value) : null)
  }

  const aliased = (name: string, offset: number, depth: number): Converted => {
    aliases += 1
    const target = anchors.get(name)
    if (target === undefined) fault(offset, `alias *${name} before its anchor`)
    else if (aliases > MAX_ALIASES) fault(offset, `more than ${MAX_ALIASES} aliases`, 'limit')
    else if (depth + target.depth > MAX_DEPTH || nodes + target.nodes > MAX_NODES) {
      fault(offset, `alias *${name} makes the document too large`, 'limit')
    } else {
      nodes += target.nodes
      return target
    }
    return leaf(null)
  }

  const mapping = (map: YAMLMap.Parsed, depth: number): Converted => {
    // Without a prototype `__proto__` is a key like any other.
    const object: Record<string, JsonValue> = Object.create(null)
    let size: Size = { depth: 1, nodes: 1 }
    for (const { key, value } of map.items) {
      if (!isScalar(key)) {
        fault(key.range[0], 'a key that is no plain value')
        continue
      }
      const name = String(key.value)
      if (Object.hasOwn(object, name))
        fault(key.range[0], `the key ${JSON.stringify(name)} is there twice`, 'duplicate-key')
      const converted = convert(value, depth + 1)
      object[name] = converted.value
      size = around(size, converted)
    }
    return { value: object, ...size }
  }

  const sequence = (list: YAMLSeq.Parsed, depth: number): Converted => {
    const values: JsonValue[] = []
    let size: Size = { depth: 1, nodes: 1 }
    for (const item of list.items) {
      const converted = convert(item, depth + 1)
      values.push(converted.value)
      size = around(size, converted)
    }
    return { value: values, ...size }
  }

  const { value } = convert(root, 0)
  return { value, faults }
}

type Size = Omit<Converted, 'value'>

function around(outer: Size, inner: Size): Size {
  return { depth: Math.max(outer.depth, inner.depth + 1), nodes: outer.nodes + inner.nodes }
}

function leaf(value: JsonValue): Converted {
  return { value, depth: 0, nodes: 1 }
}

function scalar(value: unknown): JsonValue {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  return null
}
