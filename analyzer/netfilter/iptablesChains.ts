import { rejectAnswer } from '../parsers/iptablesMatches.ts'
import { type IptablesRuleSpec, parseIptablesRule } from '../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesTable } from '../parsers/iptablesTables.ts'
import type { Act, Branch, ChainRule, ChainVerdict, RuleChain, RuleChains } from './chainRules.ts'
import type { Packet } from './packet.ts'
import { ruleMatch } from './ruleMatch.ts'
import type { Surroundings } from './surroundings.ts'
import { CONTINUING_TARGETS, MARK_TARGETS, TERMINAL_TARGETS } from './targets.ts'

const known = new WeakMap<IptablesTable, RuleChains>()

/** The chains of a table of an iptables dump, to be walked. A rule's words are read when a packet first comes to it, and once. */
export function iptablesChains(table: IptablesTable): RuleChains {
  const before = known.get(table)
  if (before) return before
  const chains = new Map<string, RuleChain>()
  const isChain = (name: string): boolean => table.chains.has(name)
  const ruleChains: RuleChains = {
    table: table.name,
    names: [...table.chains.keys()],
    chain(name) {
      const chain = chains.get(name) ?? chainOf(table.chains.get(name), isChain)
      if (chain) chains.set(name, chain)
      return chain
    },
  }
  known.set(table, ruleChains)
  return ruleChains
}

type IsChain = (name: string) => boolean

function chainOf(chain: IptablesChain | undefined, isChain: IsChain): RuleChain | undefined {
  if (chain === undefined) return undefined
  const policy = POLICY_VERDICTS.get(chain.policy ?? '')
  return {
    name: chain.name,
    ...(policy !== undefined && { policy, policyPackets: chain.packets }),
    line: chain.line,
    rules: chain.rules.map((rule) => new RuleOfDump(rule, isChain)),
  }
}

const POLICY_VERDICTS = new Map<string, ChainVerdict>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['QUEUE', 'queue'],
])

class RuleOfDump implements ChainRule {
  private readonly rule: IptablesRule
  private readonly isChain: IsChain
  private read: IptablesRuleSpec | undefined

  constructor(rule: IptablesRule, isChain: IsChain) {
    this.rule = rule
    this.isChain = isChain
  }

  get text(): string {
    return this.rule.spec
  }

  get line(): ChainRule['line'] {
    return this.rule.line
  }

  get packets(): number {
    return this.rule.packets
  }

  get answer(): string | undefined {
    return rejectAnswer(this.spec)
  }

  branches(packet: Packet, around: Surroundings): readonly Branch[] {
    const when = ruleMatch(this.spec, packet, around)
    return when === 'fails' ? [] : [{ when, ...markOf(this.spec), act: actOf(this.spec, this.isChain) }]
  }

  private get spec(): IptablesRuleSpec {
    this.read ??= parseIptablesRule(this.rule)
    return this.read
  }
}

function actOf({ target }: IptablesRuleSpec, isChain: IsChain): Act {
  if (target === undefined) return { kind: 'continue' }
  const { name, kind } = target
  if (name === 'RETURN') return { kind: 'return' }
  const verdict = TERMINAL_TARGETS.get(name)
  if (verdict !== undefined) return { kind: 'verdict', verdict }
  if (isChain(name)) return { kind: 'call', chain: name, returns: kind === 'jump' }
  return { kind: MARK_TARGETS.has(name) || CONTINUING_TARGETS.has(name) ? 'continue' : 'unknown' }
}

/** `-j MARK --set-xmark 0x4000/0x4000`, as every spelling is printed; what CONNMARK restores is not known. */
function markOf({ target, targetOptions }: IptablesRuleSpec): Pick<Branch, 'mark'> {
  if (target?.name === 'CONNMARK') return targetOptions.has('--restore-mark') ? { mark: 'unknown' } : {}
  if (target?.name !== 'MARK') return {}
  const [value = NaN, mask = 0xffffffff] = (targetOptions.get('--set-xmark') ?? '').split('/').map(Number)
  if (!Number.isInteger(value) || !Number.isInteger(mask)) return { mark: 'unknown' }
  return { mark: { value, mask } }
}
