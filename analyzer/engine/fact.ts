import type { Availability, Shortfall } from './availability.ts'
import type { ClusterScope, NodeScope } from './scope.ts'

/** Something known of one node, computed once and shared by all who ask. */
export interface NodeFact<T> {
  readonly scope: 'node'
  readonly name: string
  readonly of: (node: NodeScope) => Availability<T>
}

/** Something known of all the nodes of a case together. */
export interface ClusterFact<T> {
  readonly scope: 'cluster'
  readonly name: string
  readonly of: (cluster: ClusterScope) => Availability<T>
}

/** Facts by the name under which they are handed in. */
export type Asked<F> = Readonly<Record<string, F>>

/** The value of a fact. */
export type ValueOf<F> = F extends NodeFact<infer T> | ClusterFact<infer T> ? T : never

/** What is handed in: every need, and those wants that are there. */
export type Inputs<Needs, Wants> = { readonly [K in keyof Needs]: ValueOf<Needs[K]> } & {
  readonly [K in keyof Wants]: ValueOf<Wants[K]> | undefined
}

type AnyFact = NodeFact<unknown> | ClusterFact<unknown>

/** Inputs gathered for one computation. */
export type Gathered<T> =
  | { readonly complete: true; readonly inputs: T; readonly shortfalls: readonly Shortfall[] }
  | { readonly complete: false; readonly shortfalls: readonly Shortfall[] }

/**
 * Resolves needs and wants with `resolve`. A missing need makes the whole incomplete; a missing want is left undefined.
 * Shortfalls of the needs, and of the wants that are there, are passed on.
 */
export function gather<Needs extends Asked<AnyFact>, Wants extends Asked<AnyFact>>(
  needs: Needs,
  wants: Wants,
  resolve: (fact: AnyFact) => Availability<unknown>,
): Gathered<Inputs<Needs, Wants>> {
  const inputs: Record<string, unknown> = Object.create(null)
  const shortfalls: Shortfall[] = []
  let complete = true
  for (const [name, fact] of Object.entries(needs)) {
    const answer = resolve(fact)
    shortfalls.push(...answer.shortfalls)
    if (answer.available) inputs[name] = answer.value
    else complete = false
  }
  for (const [name, fact] of Object.entries(wants)) {
    const answer = resolve(fact)
    if (!answer.available) continue
    inputs[name] = answer.value
    shortfalls.push(...answer.shortfalls)
  }
  const unique = uniqueShortfalls(shortfalls)
  if (!complete) return { complete: false, shortfalls: unique }
  return { complete: true, inputs: inputs as Inputs<Needs, Wants>, shortfalls: unique }
}

function uniqueShortfalls(shortfalls: readonly Shortfall[]): Shortfall[] {
  const byKey = new Map(shortfalls.map((s) => [JSON.stringify([s.node, s.what, s.code, s.detail]), s]))
  return [...byKey.values()]
}

function remembered<Scope extends object, T>(compute: (scope: Scope) => Availability<T>) {
  const memory = new WeakMap<Scope, Availability<T>>()
  return (scope: Scope): Availability<T> => {
    const known = memory.get(scope)
    if (known) return known
    const answer = compute(scope)
    memory.set(scope, answer)
    return answer
  }
}

/**
 * A fact of a node. `needs` must all be there for `compute` to be asked; `wants` may be undefined.
 * What `compute` returns inherits the shortfalls of its inputs.
 */
export function defineNodeFact<
  T,
  const Needs extends Asked<AnyFact> = Record<never, never>,
  const Wants extends Asked<AnyFact> = Record<never, never>,
>(definition: {
  readonly name: string
  readonly needs: Needs
  readonly wants?: Wants
  readonly compute: (inputs: Inputs<Needs, Wants>, node: NodeScope) => Availability<T>
}): NodeFact<T> {
  const wants = definition.wants ?? ({} as Wants)
  const of = remembered((node: NodeScope): Availability<T> => {
    const gathered = gather(definition.needs, wants, (fact) => resolveFor(node, fact))
    if (!gathered.complete) return { available: false, shortfalls: gathered.shortfalls }
    return withInherited(definition.compute(gathered.inputs, node), gathered.shortfalls)
  })
  return { scope: 'node', name: definition.name, of }
}

/** A fact of the case. See `defineNodeFact`; facts of single nodes come in through `eachNode`. */
export function defineClusterFact<
  T,
  const Needs extends Asked<ClusterFact<unknown>> = Record<never, never>,
  const Wants extends Asked<ClusterFact<unknown>> = Record<never, never>,
>(definition: {
  readonly name: string
  readonly needs: Needs
  readonly wants?: Wants
  readonly compute: (inputs: Inputs<Needs, Wants>, cluster: ClusterScope) => Availability<T>
}): ClusterFact<T> {
  const wants = definition.wants ?? ({} as Wants)
  const of = remembered((cluster: ClusterScope): Availability<T> => {
    const gathered = gather(definition.needs, wants, (fact) => resolveIn(cluster, fact))
    if (!gathered.complete) return { available: false, shortfalls: gathered.shortfalls }
    return withInherited(definition.compute(gathered.inputs, cluster), gathered.shortfalls)
  })
  return { scope: 'cluster', name: definition.name, of }
}

function withInherited<T>(answer: Availability<T>, inherited: readonly Shortfall[]): Availability<T> {
  return { ...answer, shortfalls: uniqueShortfalls([...inherited, ...answer.shortfalls]) }
}

/** One node's value of a fact. */
export interface OfNode<T> {
  readonly node: NodeScope
  readonly value: T
}

/** The value of the node with this id; undefined where it has none. */
export function valueOfNode<T>(values: readonly OfNode<T>[], id: string): T | undefined {
  return values.find(({ node }) => node.id === id)?.value
}

/**
 * A node fact taken from every node of the case that has it. Nodes without it are left out and do not count as a
 * shortfall: a comparison is made between those that can be compared.
 */
export function eachNode<T>(fact: NodeFact<T>): ClusterFact<readonly OfNode<T>[]> {
  const of = remembered((cluster: ClusterScope): Availability<readonly OfNode<T>[]> => {
    const values: OfNode<T>[] = []
    for (const node of cluster.nodes) {
      const answer = fact.of(node)
      if (answer.available) values.push({ node, value: answer.value })
    }
    return { available: true, value: values, shortfalls: [] }
  })
  return { scope: 'cluster', name: `${fact.name} of each node`, of }
}

/** A fact as one node sees it; a fact of the case is the same for all. */
export function resolveFor<T>(node: NodeScope, fact: NodeFact<T> | ClusterFact<T>): Availability<T> {
  return fact.scope === 'node' ? fact.of(node) : fact.of(node.cluster)
}

function resolveIn(cluster: ClusterScope, fact: AnyFact): Availability<unknown> {
  if (fact.scope === 'cluster') return fact.of(cluster)
  throw new TypeError(`a fact of a node (${fact.name}) was asked of the whole case: wrap it in eachNode`)
}
