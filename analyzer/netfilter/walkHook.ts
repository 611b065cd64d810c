import type { BaseChain } from './baseChain.ts'
import type { ChainRule, ChainVerdict } from './chainRules.ts'
import { type Packet, type PacketMark, markInDoubt } from './packet.ts'
import type { Surroundings } from './surroundings.ts'
import { type ChainOutcome, type ChainWalk, walkChain } from './walkChain.ts'

/** A walk through one base chain of a hook. */
export interface HookStep<Base extends BaseChain = BaseChain> {
  readonly base: Base
  readonly walk: ChainWalk
}

/** A walk of a packet through all base chains of a hook. */
export interface HookWalk<Base extends BaseChain = BaseChain> {
  /** `undecided`: it may be stopped, and it may pass. */
  readonly verdict: 'accept' | 'drop' | 'reject' | 'undecided'
  /** In the order of the kernel, up to the one that stops the packet for certain. */
  readonly steps: readonly HookStep<Base>[]
  /** What stops the packet, or may, in that order; where the verdict is `drop` or `reject`, the last one does for certain. */
  readonly stops: readonly { readonly base: Base; readonly outcome: ChainOutcome }[]
  /** Where the verdict is `undecided`: the rules whose conditions decide it. */
  readonly doubts: readonly ChainRule[]
}

/**
 * The fate of a packet at one hook: it meets the base chains by their priority, each in addition to the others, and passes when all
 * let it pass (netfilter/core.c, nf_hook_slow). `bases` are those of the hook; those whose priority is not known come last.
 */
export function walkHook<Base extends BaseChain>(
  bases: readonly Base[],
  packet: Packet,
  around: Surroundings = {},
): HookWalk<Base> {
  const steps: HookStep<Base>[] = []
  const stops: { base: Base; outcome: ChainOutcome }[] = []
  let { mark } = packet
  for (const group of byPriority(bases)) {
    const ctstate = group.some(isBeforeConntrack) ? 'unknown' : packet.ctstate
    const { walks, markBehind } = walkGroup(group, { ...packet, ctstate, mark }, around)
    for (const { base, walk } of walks) {
      steps.push({ base, walk })
      const outcomes = [...walk.earlier, walk.final]
      for (const outcome of outcomes) if (mayStop(outcome.verdict)) stops.push({ base, outcome })
      const { verdict } = walk.final
      if (isStop(verdict) && outcomes.every((outcome) => isStop(outcome.verdict)))
        return { verdict, steps, stops, doubts: [] }
    }
    mark = markBehind
  }
  if (stops.length === 0) return { verdict: 'accept', steps, stops, doubts: [] }
  const doubts = [...new Set(stops.flatMap(({ outcome }) => outcome.doubts))]
  return { verdict: 'undecided', steps, stops, doubts }
}

/** NF_IP_PRI_CONNTRACK (linux/netfilter_ipv4.h). */
const CONNTRACK = -200

/** Chains of raw see a packet before its connection is looked up; so do those of its priority, or behind it, as they were made. */
function isBeforeConntrack({ hook, priority }: BaseChain): boolean {
  return (hook === 'prerouting' || hook === 'output') && priority !== undefined && priority <= CONNTRACK
}

function byPriority<Base extends BaseChain>(bases: readonly Base[]): readonly (readonly Base[])[] {
  const groups = new Map<number, Base[]>()
  for (const base of bases) {
    const priority = base.priority ?? Infinity
    const group = groups.get(priority)
    if (group === undefined) groups.set(priority, [base])
    else group.push(base)
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

/**
 * Chains of one priority come in the order in which they were made, the last one first, which no dump shows: of a mark that one of them
 * changes the others cannot know.
 */
function walkGroup<Base extends BaseChain>(
  group: readonly Base[],
  packet: Packet,
  around: Surroundings,
): { walks: readonly HookStep<Base>[]; markBehind: PacketMark } {
  const walked = (base: Base, { mark }: Pick<Packet, 'mark'>): HookStep<Base> => ({
    base,
    walk: walkChain(base.chains, base.chain, { ...packet, mark }, around),
  })
  const first = group.map((base) => walked(base, packet))
  const changes = first.map(({ walk }) => changedBits(packet.mark, walk.mark))
  const changing = changes.filter((bits) => bits !== 0).length
  if (changing === 0) return { walks: first, markBehind: packet.mark }
  const all = changes.reduce((sum, bits) => sum | bits, 0)
  const walks = group.map((base, index) => {
    const others = changes.reduce((sum, bits, at) => (at === index ? sum : sum | bits), 0)
    return walked(base, { mark: markInDoubt(packet.mark, others) })
  })
  const only = changing === 1 ? first[changes.findIndex((bits) => bits !== 0)]?.walk.mark : undefined
  return { walks, markBehind: only ?? markInDoubt(packet.mark, all) }
}

function changedBits(before: PacketMark, behind: PacketMark): number {
  return (before.value ^ behind.value) | (before.known ^ behind.known)
}

function isStop(verdict: ChainVerdict): verdict is 'drop' | 'reject' {
  return verdict === 'drop' || verdict === 'reject'
}

/** A program that a packet is queued for may drop it. */
function mayStop(verdict: ChainVerdict): boolean {
  return isStop(verdict) || verdict === 'queue' || verdict === 'unknown'
}
