import type { Line } from '../text/line.ts'
import { type FindLine, jsonItems } from './jsonItems.ts'
import type { JsonValue } from './jsonValue.ts'
import type { TextParser } from './parser.ts'

/**
 * A parser of what `kubectl get <resource> -A -o json` prints: a `List` with items, or one object. An item is cited by the
 * line of its name.
 */
export function kubeList<T>(
  read: (item: JsonValue, line: Line, find: FindLine) => T | undefined,
): TextParser<readonly T[]> {
  return jsonItems({ list: 'items', cited: ['metadata', 'name'] }, read)
}
