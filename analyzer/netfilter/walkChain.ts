import type { Branch, ChainRule, ChainVerdict, RuleChains } from './chainRules.ts'
import { type Packet, type PacketMark, markInDoubt, markedWith } from './packet.ts'
import type { Surroundings } from './surroundings.ts'

/** A verdict and where it falls. */
export interface ChainOutcome {
  readonly verdict: ChainVerdict
  /** Left out where the policy decides, or the end of the chain. */
  readonly rule?: ChainRule
  /** The chains it is in, from the first one to the one with the rule. */
  readonly path: readonly string[]
  /** Rules that took the packet before, in their order: jumps and changes of the mark; the last MAX_PASSED of them. */
  readonly passed: readonly PassedRule[]
  /** Rules on the way in whose conditions could not be decided: the outcome comes only if those hold. */
  readonly doubts: readonly ChainRule[]
}

/** A rule that took the packet and did not end its way. */
export interface PassedRule {
  readonly chain: string
  readonly rule: ChainRule
  /** Whether it took it could not be decided. */
  readonly inDoubt: boolean
}

/** A walk of a packet through a chain. */
export interface ChainWalk {
  /** The first verdict that hangs on nothing undecided. */
  readonly final: ChainOutcome
  /** Verdicts that fall before it if conditions hold that could not be decided, in their order. */
  readonly earlier: readonly ChainOutcome[]
  /** `possible` where an earlier outcome has another verdict than the final one. */
  readonly certainty: 'certain' | 'possible'
  /** The packet's mark behind the chain, where it goes on. */
  readonly mark: PacketMark
}

/** The kernel refuses loops; its jump stack is as deep as there are chains. A dump may be forged. */
const MAX_DEPTH = 64
/** Rules looked at in one walk: chains that jump twice to the next one would double it at every step. */
const MAX_RULES = 200_000

/** Undecided rules that are kept with an outcome. */
const MAX_DOUBTS = 8
/** Passed rules that are kept with an outcome. */
const MAX_PASSED = 32

/** Where the walk stands: what it has found, and the packet's mark as rules change it. */
interface Walker {
  readonly chains: RuleChains
  readonly around: Surroundings
  readonly outcomes: ChainOutcome[]
  readonly passed: PassedRule[]
  packet: Packet
  rulesLeft: number
}

/** How a chain was left: with a verdict, back to where it was called from, or one of the two. */
type Exit = 'ended' | 'returned' | 'either'

/** How a chain is entered, or a rule is reached. */
type Way = Pick<ChainOutcome, 'path' | 'doubts'>

/**
 * The fate of a packet in a chain of one table, and of what the chain jumps to: rules in order, jumps, gotos and RETURN as in the
 * kernel (ip_tables.c, nf_tables_core.c), then the policy. A rule whose conditions cannot be decided is taken both ways, except that
 * a mark set in such doubt has unknown bits from there on. A chain that the table does not have gives `return`.
 */
export function walkChain(
  chains: RuleChains,
  chain: string,
  packet: Packet,
  around: Surroundings = {},
): ChainWalk {
  const walker: Walker = { chains, around, outcomes: [], passed: [], packet, rulesLeft: MAX_RULES }
  const exit = walkRules(walker, chain, { path: [chain], doubts: [] })
  const decided = exit === 'ended' ? walker.outcomes.pop() : undefined
  const final = decided ?? endOf(walker, chain)
  const differs = walker.outcomes.some(({ verdict }) => verdict !== final.verdict)
  return {
    final,
    earlier: walker.outcomes,
    certainty: differs ? 'possible' : 'certain',
    mark: walker.packet.mark,
  }
}

function endOf({ chains, passed }: Walker, name: string): ChainOutcome {
  const verdict = chains.chain(name)?.policy ?? 'return'
  return { verdict, path: [name], passed: passed.slice(-MAX_PASSED), doubts: [] }
}

function walkRules(walker: Walker, name: string, entry: Way): Exit {
  const { path } = entry
  // Rules behind a RETURN that could not be decided are reached only if it does not hold.
  let { doubts } = entry
  for (const rule of walker.chains.chain(name)?.rules ?? []) {
    walker.rulesLeft -= 1
    if (walker.rulesLeft < 0) return ended(walker, 'unknown', rule, { path, doubts })
    for (const branch of rule.branches(walker.packet, walker.around)) {
      if (branch.when === 'fails') continue
      const within = branch.when === 'unknown' ? doubted(doubts, rule) : doubts
      const exit = takeBranch(walker, rule, branch, { path, doubts: within })
      if (branch.when === 'holds') {
        if (exit === 'next') break
        if (exit !== 'ended') return exit
        return doubts === entry.doubts ? 'ended' : 'either'
      }
      if (exit === 'returned' || exit === 'either') doubts = doubted(doubts, rule)
    }
  }
  return doubts === entry.doubts ? 'returned' : 'either'
}

/** A new list in any case, since it tells that there was a doubt; the first ones say enough. */
function doubted(doubts: readonly ChainRule[], rule: ChainRule): readonly ChainRule[] {
  return [...doubts, rule].slice(0, MAX_DOUBTS)
}

/** What the rule does to the chain that it is in; `next`: the rule behind it comes next. */
function takeBranch(walker: Walker, rule: ChainRule, { mark, act, when }: Branch, way: Way): Exit | 'next' {
  if (mark !== undefined) {
    walker.packet = { ...walker.packet, mark: changedMark(walker.packet.mark, mark, way) }
  }
  const isPassed = act.kind === 'call' || mark !== undefined
  if (isPassed) walker.passed.push({ chain: way.path.at(-1) ?? '', rule, inDoubt: when === 'unknown' })
  switch (act.kind) {
    case 'verdict':
      return ended(walker, act.verdict, rule, way)
    case 'return':
      return 'returned'
    case 'call': {
      if (way.path.length >= MAX_DEPTH) return ended(walker, 'unknown', rule, way)
      const exit = walkRules(walker, act.chain, { path: [...way.path, act.chain], doubts: way.doubts })
      return !act.returns || exit === 'ended' ? exit : 'next'
    }
    case 'unknown':
      ended(walker, 'unknown', rule, { path: way.path, doubts: doubted(way.doubts, rule) })
      return 'next'
    case 'continue':
      return 'next'
  }
}

function ended(walker: Walker, verdict: ChainVerdict, rule: ChainRule, way: Way): Exit {
  walker.outcomes.push({ verdict, rule, ...way, passed: walker.passed.slice(-MAX_PASSED) })
  return 'ended'
}

const ALL_BITS = 0xffffffff

function changedMark(mark: PacketMark, change: NonNullable<Branch['mark']>, { doubts }: Way): PacketMark {
  if (change === 'unknown') return markInDoubt(mark, ALL_BITS)
  const { value, mask } = change
  return doubts.length > 0 ? markInDoubt(mark, mask | value) : markedWith(mark, value, mask)
}
