import { nftVerdictOf, parseNftRule } from '../parsers/nftRule.ts'
import type { NftRule } from '../parsers/nftRuleList.ts'
import { MAX_ELEMENTS, type NftChain, type NftTable } from '../parsers/nftRuleset.ts'
import type { NftMapEntry, NftStatement, NftVerdictStatement } from '../parsers/nftStatement.ts'
import type { NftVerdict } from '../parsers/nftVerdicts.ts'
import { type Certainty, allHold } from './certainty.ts'
import type { Act, Branch, ChainRule, ChainVerdict, RuleChain, RuleChains } from './chainRules.ts'
import { type NftElements, nftElements } from './nftElements.ts'
import { elementMatch, fieldsApply, nftMatch, packetKey } from './nftMatch.ts'
import type { Packet } from './packet.ts'
import type { Surroundings } from './surroundings.ts'
import { CONTINUING_TARGETS, MARK_TARGETS, TERMINAL_TARGETS } from './targets.ts'

const known = new WeakMap<NftTable, RuleChains>()

/** The chains of a table of nftables, those of iptables-nft among them, to be walked; a rule's words are read once. */
export function nftChains(table: NftTable): RuleChains {
  const before = known.get(table)
  if (before) return before
  const sets = new Map(
    table.objects.map(({ name, elements }) => [name, nftElements(elements, elements.length < MAX_ELEMENTS)]),
  )
  const maps = new Map(table.objects.map(({ name, verdicts }) => [name, verdictMap(verdicts)]))
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]))
  const chains = new Map<string, RuleChain>()
  const ruleChains: RuleChains = {
    table: `${table.family} ${table.name}`,
    names: [...byName.keys()],
    chain(name) {
      const chain = chains.get(name) ?? chainOf(byName.get(name), { sets, maps })
      if (chain) chains.set(name, chain)
      return chain
    },
  }
  known.set(table, ruleChains)
  return ruleChains
}

/** What rules name of their table. */
interface TableObjects {
  readonly sets: ReadonlyMap<string, NftElements>
  readonly maps: ReadonlyMap<string, VerdictMap>
}

/** A verdict map that is named, by the keys of its elements: one may have thousands. */
interface VerdictMap {
  readonly keys: NftElements
  readonly verdicts: ReadonlyMap<string, NftVerdictStatement>
}

function verdictMap(elements: readonly NftVerdict[]): VerdictMap {
  const verdicts = new Map<string, NftVerdictStatement>()
  for (const { key, verdict } of elements) {
    const statement = nftVerdictOf(verdict)
    if (statement) verdicts.set(key, statement)
  }
  return { keys: nftElements([...verdicts.keys()], true), verdicts }
}

/** The elements that the packet may meet, all of them where a field is not known. */
function entriesFor(
  { keys, verdicts }: VerdictMap,
  fields: readonly string[],
  packet: Packet,
): readonly NftMapEntry[] {
  const key = packetKey(fields, packet)
  const candidates = key === undefined ? verdicts.keys() : [key, ...keys.inexact]
  return [...candidates].flatMap((candidate): NftMapEntry[] => {
    const verdict = verdicts.get(candidate)
    return verdict === undefined ? [] : [{ key: candidate, verdict }]
  })
}

function chainOf(chain: NftChain | undefined, objects: TableObjects): RuleChain | undefined {
  if (chain === undefined) return undefined
  const policy: ChainVerdict | undefined = chain.base && (chain.base.policy === 'drop' ? 'drop' : 'accept')
  return {
    name: chain.name,
    ...(policy !== undefined && { policy }),
    line: chain.line,
    rules: chain.rules.map((rule) => new NativeRule(rule, objects)),
  }
}

class NativeRule implements ChainRule {
  private readonly rule: NftRule
  private readonly objects: TableObjects
  private read: readonly NftStatement[] | undefined

  constructor(rule: NftRule, objects: TableObjects) {
    this.rule = rule
    this.objects = objects
  }

  get text(): string {
    return this.rule.text
  }

  get line(): ChainRule['line'] {
    return this.rule.line
  }

  get packets(): number {
    return this.rule.packets ?? 0
  }

  get answer(): string | undefined {
    for (const statement of this.statements) {
      if (statement.kind === 'verdict' && statement.verdict === 'reject') return statement.answer
      if (statement.kind === 'target' && statement.name === 'REJECT') return 'icmp-port-unreachable'
    }
    return undefined
  }

  branches(packet: Packet, around: Surroundings): readonly Branch[] {
    let when: Certainty = 'holds'
    let mark: Branch['mark']
    const branch = (act: Act): readonly Branch[] => [{ when, ...(mark !== undefined && { mark }), act }]
    for (const statement of this.statements) {
      switch (statement.kind) {
        case 'match': {
          const set = this.objects.sets.get(statement.values.set ?? '')
          when = allHold([when, nftMatch(statement, set, packet, around)])
          // What stood before the match is done all the same.
          if (when === 'fails') return mark === undefined ? [] : [{ when: 'unknown', mark, act: NEXT }]
          break
        }
        case 'undecidable':
          when = 'unknown'
          break
        case 'mark':
          mark = statement.change ?? 'unknown'
          break
        case 'vmap':
          return this.mapped(statement, when, packet, around)
        case 'target':
          if (MARK_TARGETS.has(statement.name)) mark = 'unknown'
          return branch(actOfTarget(statement.name))
        default:
          return branch(actOf(statement))
      }
    }
    return mark === undefined ? [] : branch(NEXT)
  }

  private get statements(): readonly NftStatement[] {
    this.read ??= parseNftRule(this.rule)
    return this.read
  }

  private mapped(
    { fields, map, entries }: Extract<NftStatement, { kind: 'vmap' }>,
    when: Certainty,
    packet: Packet,
    around: Surroundings,
  ): readonly Branch[] {
    if (fieldsApply(fields, packet) === 'fails') return []
    const found = map === undefined ? undefined : this.objects.maps.get(map)
    if (map !== undefined && found === undefined) return [{ when: 'unknown', act: { kind: 'unknown' } }]
    const candidates = found === undefined ? entries : entriesFor(found, fields, packet)
    const branches: Branch[] = []
    for (const element of candidates.toSorted(catchAllLast)) {
      const isIn = allHold([when, elementMatch(fields, element.key, packet, around)])
      if (isIn !== 'fails') branches.push({ when: isIn, act: actOf(element.verdict) })
    }
    return branches
  }
}

function catchAllLast(a: { readonly key: string }, b: { readonly key: string }): number {
  return Number(a.key === '*') - Number(b.key === '*')
}

const NEXT: Act = { kind: 'continue' }

function actOf(statement: NftVerdictStatement): Act {
  if (statement.kind !== 'verdict') return statement
  return { kind: 'verdict', verdict: statement.verdict }
}

/** A target of iptables that nft names without its options. */
function actOfTarget(name: string): Act {
  const verdict = TERMINAL_TARGETS.get(name)
  if (verdict !== undefined) return { kind: 'verdict', verdict }
  return { kind: CONTINUING_TARGETS.has(name) || MARK_TARGETS.has(name) ? 'continue' : 'unknown' }
}
