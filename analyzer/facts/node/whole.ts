import { available, unavailable } from '../../engine/availability.ts'
import { type NodeFact, defineNodeFact } from '../../engine/fact.ts'

/** The same fact, available only where nothing is short of it: for conclusions from what is not there. */
export function whole<T>(fact: NodeFact<T>): NodeFact<T> {
  return defineNodeFact({
    name: fact.name,
    needs: { value: fact },
    compute({ value }, node) {
      const { shortfalls } = fact.of(node)
      return shortfalls.length === 0 ? available(value) : unavailable(...shortfalls)
    },
  })
}
