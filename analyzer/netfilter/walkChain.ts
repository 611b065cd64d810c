import { type IptablesRuleSpec, parseIptablesRule } from '../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesTable } from '../parsers/iptablesSave.ts'
import { type Packet, type PacketMark, markInDoubt, markedWith } from './packet.ts'
import { ruleMatch } from './ruleMatch.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * What becomes of a packet: `translate`, its addresses are changed (DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP), which ends the walk
 * through a nat chain; `return`, a chain without a policy came to its end; `unknown`, a target that is not known.
 */
export type ChainVerdict = 'accept' | 'drop' | 'reject' | 'queue' | 'translate' | 'return' | 'unknown'

/** A verdict and where it falls. */
export interface ChainOutcome {
  readonly verdict: ChainVerdict
  /** Left out where the policy decides, or the end of the chain. */
  readonly rule?: IptablesRule
  /** The chains it is in, from the first one to the one with the rule. */
  readonly path: readonly string[]
  /** Rules on the way in whose conditions could not be decided: the outcome comes only if those hold. */
  readonly doubts: readonly IptablesRule[]
}

/** A walk of a packet through a chain. */
export interface ChainWalk {
  /** The first verdict that hangs on nothing undecided. */
  readonly final: ChainOutcome
  /** Verdicts that fall before it if conditions hold that could not be decided, in their order. */
  readonly earlier: readonly ChainOutcome[]
  /** `possible` where an earlier outcome has another verdict than the final one. */
  readonly certainty: 'certain' | 'possible'
}

/** The kernel refuses loops; its jump stack is as deep as there are chains. A dump may be forged. */
const MAX_DEPTH = 64
/** Rules looked at in one walk: chains that jump twice to the next one would double it at every step. */
const MAX_RULES = 200_000

/** Undecided rules that are kept with an outcome. */
const MAX_DOUBTS = 8

/** Where the walk stands: what it has found, and the packet's mark as rules change it. */
interface Walker {
  readonly table: IptablesTable
  readonly around: Surroundings
  readonly outcomes: ChainOutcome[]
  packet: Packet
  rulesLeft: number
}

/** How a chain was left: with a verdict, back to where it was called from, or one of the two. */
type Exit = 'ended' | 'returned' | 'either'

/** How a chain is entered, or a rule is reached. */
type Way = Pick<ChainOutcome, 'path' | 'doubts'>

/**
 * The fate of a packet in a chain of one table, and of what the chain jumps to: rules in order, jumps, gotos and RETURN as in the
 * kernel's ip_tables.c, then the policy. A rule whose conditions cannot be decided is taken both ways, except that a mark set in
 * such doubt has unknown bits from there on. A chain that the table does not have gives `return`.
 */
export function walkChain(
  table: IptablesTable,
  chain: string,
  packet: Packet,
  around: Surroundings = {},
): ChainWalk {
  const walker: Walker = { table, around, outcomes: [], packet, rulesLeft: MAX_RULES }
  const exit = walkRules(walker, chain, { path: [chain], doubts: [] })
  const decided = exit === 'ended' ? walker.outcomes.pop() : undefined
  const final = decided ?? endOf(table.chains.get(chain), chain)
  const differs = walker.outcomes.some(({ verdict }) => verdict !== final.verdict)
  return { final, earlier: walker.outcomes, certainty: differs ? 'possible' : 'certain' }
}

function endOf(chain: IptablesChain | undefined, name: string): ChainOutcome {
  const verdict = POLICY_VERDICTS.get(chain?.policy ?? '') ?? 'return'
  return { verdict, path: [name], doubts: [] }
}

const POLICY_VERDICTS = new Map<string, ChainVerdict>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['QUEUE', 'queue'],
])

function walkRules(walker: Walker, name: string, entry: Way): Exit {
  // Rules behind a RETURN that could not be decided are reached only if it does not hold.
  let { doubts } = entry
  for (const rule of walker.table.chains.get(name)?.rules ?? []) {
    walker.rulesLeft -= 1
    if (walker.rulesLeft < 0) return ended(walker, 'unknown', rule, { path: entry.path, doubts })
    const spec = specOf(rule)
    const match = ruleMatch(spec, walker.packet, walker.around)
    if (match === 'fails' || spec.target === undefined) continue
    const within = match === 'unknown' ? doubted(doubts, rule) : doubts
    const exit = takeTarget(walker, rule, spec, { path: entry.path, doubts: within })
    if (exit === 'next') continue
    if (match === 'holds' && exit !== 'ended') return exit
    if (match === 'holds') return doubts === entry.doubts ? 'ended' : 'either'
    if (exit !== 'ended') doubts = doubted(doubts, rule)
  }
  return doubts === entry.doubts ? 'returned' : 'either'
}

/** A new list in any case, since it tells that there was a doubt; the first ones say enough. */
function doubted(doubts: readonly IptablesRule[], rule: IptablesRule): readonly IptablesRule[] {
  return [...doubts, rule].slice(0, MAX_DOUBTS)
}

/** What the rule's target does to the chain that the rule is in; `next`: the rule behind it comes next. */
function takeTarget(
  walker: Walker,
  rule: IptablesRule,
  { target, targetOptions }: IptablesRuleSpec,
  way: Way,
): Exit | 'next' {
  const { name, kind } = target ?? { name: '', kind: 'jump' }
  if (name === 'RETURN') return 'returned'
  const verdict = TERMINAL.get(name)
  if (verdict !== undefined) return ended(walker, verdict, rule, way)
  if (walker.table.chains.has(name)) {
    if (way.path.length >= MAX_DEPTH) return ended(walker, 'unknown', rule, way)
    const exit = walkRules(walker, name, { path: [...way.path, name], doubts: way.doubts })
    return kind === 'goto' || exit === 'ended' ? exit : 'next'
  }
  if (name === 'MARK' || name === 'CONNMARK') {
    walker.packet = { ...walker.packet, mark: changedMark(walker.packet.mark, name, targetOptions, way) }
  } else if (!CONTINUING.has(name))
    walker.outcomes.push({ verdict: 'unknown', rule, path: way.path, doubts: doubted(way.doubts, rule) })
  return 'next'
}

function ended(walker: Walker, verdict: ChainVerdict, rule: IptablesRule, way: Way): Exit {
  walker.outcomes.push({ verdict, rule, ...way })
  return 'ended'
}

/** `-j MARK --set-xmark 0x4000/0x4000`, as every spelling is printed; what CONNMARK restores is not known. */
function changedMark(
  mark: PacketMark,
  target: string,
  options: ReadonlyMap<string, string>,
  { doubts }: Way,
): PacketMark {
  if (target === 'CONNMARK') return options.has('--restore-mark') ? markInDoubt(mark, ALL_BITS) : mark
  const [value = NaN, mask = ALL_BITS] = (options.get('--set-xmark') ?? '').split('/').map(Number)
  if (!Number.isInteger(value) || !Number.isInteger(mask)) return markInDoubt(mark, ALL_BITS)
  return doubts.length > 0 ? markInDoubt(mark, mask | value) : markedWith(mark, value, mask)
}

const ALL_BITS = 0xffffffff

const TERMINAL = new Map<string, ChainVerdict>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['REJECT', 'reject'],
  ['QUEUE', 'queue'],
  ['NFQUEUE', 'queue'],
  ['DNAT', 'translate'],
  ['SNAT', 'translate'],
  ['MASQUERADE', 'translate'],
  ['REDIRECT', 'translate'],
  ['NETMAP', 'translate'],
])

/** Targets after which the next rule comes (iptables-extensions(8)). */
const CONTINUING = new Set(
  (
    'AUDIT CHECKSUM CLASSIFY CONNSECMARK CT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG NFLOG NOTRACK RATEEST ' +
    'SECMARK SET SNPT TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL ULOG'
  ).split(' '),
)

const specs = new WeakMap<IptablesRule, IptablesRuleSpec>()

/** A rule's words, read once: several packets are walked through the same chains. */
function specOf(rule: IptablesRule): IptablesRuleSpec {
  const known = specs.get(rule)
  if (known) return known
  const spec = parseIptablesRule(rule)
  specs.set(rule, spec)
  return spec
}
