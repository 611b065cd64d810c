import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { type NftRule, NftRuleList } from './nftRuleList.ts'
import { type NftVerdict, readElements, readVerdicts } from './nftVerdicts.ts'
import type { LineParser } from './parser.ts'

/** Where the kernel calls a base chain. Lower priorities come first. */
export interface NftHook {
  readonly type: string
  readonly hook: string
  /** Of ingress and egress hooks. */
  readonly device?: string
  readonly priority: {
    /** As printed: `dstnat`, `filter + 10`, `-100`. */
    readonly text: string
    /** Left out of a name that is not known. */
    readonly value?: number
  }
  readonly policy?: string
}

/** A chain of a table. */
export interface NftChain {
  readonly name: string
  readonly handle?: number
  /** Left out of chains that are only jumped to. */
  readonly base?: NftHook
  /** In the order of evaluation; a rule that is repeated stands where its first copy stands. */
  readonly rules: readonly NftRule[]
  readonly line: Line
}

/** Anything in a table that is no chain. */
export interface NftObject {
  /** `set`, `map`, `flowtable`, `counter`, `ct helper` … */
  readonly kind: string
  readonly name: string
  /** Elements of a map whose values are verdicts; those of other maps are not kept. */
  readonly verdicts: readonly NftVerdict[]
  /** The first MAX_ELEMENTS elements of a set, without quotes: `10.1.0.0/16`, `10.0.0.1 . 22`, `eth0`, `80-90`. */
  readonly elements: readonly string[]
  readonly line: Line
}

/** A table. */
export interface NftTable {
  /** `ip`, `ip6`, `inet`, `arp`, `bridge`, `netdev`. */
  readonly family: string
  readonly name: string
  readonly handle?: number
  /** `dormant`, `owner`, `persist`. */
  readonly flags: readonly string[]
  /** The comment lines above it: `# Warning: table ip nat is managed by iptables-nft, do not touch!` */
  readonly comments: readonly Line[]
  readonly chains: readonly NftChain[]
  readonly objects: readonly NftObject[]
  readonly line: Line
}

/** The rules of nftables, those that iptables-nft put there among them. */
export interface NftRuleset {
  readonly tables: readonly NftTable[]
  /** All rules, every copy counted. */
  readonly ruleCount: number
  /** Every block that was opened is closed. */
  readonly complete: boolean
}

interface OpenChain extends Omit<Mutable<NftChain>, 'rules'> {
  readonly rules: NftRuleList
}

interface OpenObject extends NftObject {
  readonly verdicts: NftVerdict[]
  readonly elements: string[]
}

/** A block list may have a million: a set that has as many as this may have more. */
export const MAX_ELEMENTS = 20_000

interface OpenTable extends NftTable {
  readonly flags: string[]
  readonly chains: NftChain[]
  readonly objects: NftObject[]
}

/** libnftables, src/rule.c, std_prios and bridge_std_prios (nft 1.0.6). */
const PRIORITIES = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100],
])
const BRIDGE_PRIORITIES = new Map([
  ['dstnat', -300],
  ['filter', -200],
  ['out', 100],
  ['srcnat', 300],
])

/**
 * `nft -a list ruleset` (nft 0.9 to 1.1), with or without handles:
 * ```
 * # Warning: table ip nat is managed by iptables-nft, do not touch!
 * table ip nat { # handle 2
 * 	set cluster-ips { # handle 4
 * 		type ipv4_addr
 * 		elements = { 10.96.0.1, 10.96.10.10,
 * 			     10.96.10.11 }
 * 	}
 *
 * 	chain PREROUTING { # handle 7
 * 		type nat hook prerouting priority dstnat; policy accept;
 * 		 counter packets 12 bytes 720 jump KUBE-SERVICES # handle 9
 * 	}
 * }
 * ```
 * Reads the blocks and leaves the words of the rules alone. A rule may reach over lines, inside the braces of a set.
 */
export const nftRuleset: LineParser<NftRuleset> = {
  kind: 'lines',
  start() {
    const ruleset = new RulesetReader()
    return { line: (text, number) => ruleset.line(text, number), end: () => ruleset.end() }
  },
}

class RulesetReader {
  private readonly tables: OpenTable[] = []
  private comments: Line[] = []
  private table: OpenTable | undefined
  private chain: OpenChain | undefined
  private object: OpenObject | undefined
  /** Braces that are open inside the set, the map or the rule that is being read. */
  private depth = 0
  private ruleCount = 0

  line(text: string, number: number): boolean {
    const words = text.trim()
    if (words === '') return true
    if (words.startsWith('#')) return this.comment(words, { number, text })
    if (this.table === undefined) return this.openTable(words, { number, text: detach(text) })
    if (this.chain !== undefined) return this.inChain(this.chain, words, number, text)
    if (this.depth > 0) return this.inObject(words, { number, text })
    return this.inTable(this.table, words, { number, text: detach(text) })
  }

  end(): NftRuleset {
    this.closeChain()
    const complete = this.table === undefined
    return { tables: this.tables, ruleCount: this.ruleCount, complete }
  }

  private comment(words: string, { number, text }: Line): boolean {
    if (this.table === undefined && words !== '') this.comments.push({ number, text: detach(text) })
    return true
  }

  private openTable(words: string, line: Line): boolean {
    const [, family, name] = /^table (\S+) (\S+) \{/.exec(words) ?? []
    if (family === undefined || name === undefined) return false
    this.table = {
      family: detach(family),
      name: detach(name),
      ...handleOf(words),
      flags: [],
      comments: this.comments,
      chains: [],
      objects: [],
      line,
    }
    this.tables.push(this.table)
    this.comments = []
    if (words.endsWith('}')) this.table = undefined
    return true
  }

  private inTable(table: OpenTable, words: string, line: Line): boolean {
    if (words === '}') {
      this.table = undefined
      return true
    }
    if (words.startsWith('comment "')) return true
    if (words.startsWith('flags ')) {
      table.flags.push(...words.slice('flags '.length).replace(/;$/, '').split(/, ?/))
      return true
    }
    const [, kind, name] = BLOCK.exec(words) ?? []
    if (kind === undefined || name === undefined) return false
    const depth = braceBalance(words)
    if (kind === 'chain') {
      this.chain = { name: detach(name), ...handleOf(words), line, rules: new NftRuleList() }
      if (depth <= 0) this.closeChain()
      return true
    }
    this.object = { kind: detach(kind), name: detach(name), verdicts: [], elements: [], line }
    table.objects.push(this.object)
    this.depth = depth
    return true
  }

  private inObject(words: string, line: Line): boolean {
    const { object } = this
    if (object?.kind === 'map') object.verdicts.push(...readVerdicts(words, line))
    if (object?.kind === 'set' && (this.depth > 1 || words.startsWith('elements = '))) {
      object.elements.push(...readElements(words).slice(0, MAX_ELEMENTS - object.elements.length))
    }
    this.depth = Math.max(0, this.depth + braceBalance(words))
    return true
  }

  private inChain(chain: OpenChain, words: string, number: number, text: string): boolean {
    if (this.depth > 0) {
      chain.rules.extend(words, number)
      this.depth = Math.max(0, this.depth + braceBalance(words))
      return true
    }
    if (words === '}') {
      this.closeChain()
      return true
    }
    if (words.startsWith('comment "')) return true
    const base = words.startsWith('type ') ? readHook(words, this.table?.family) : undefined
    if (base) {
      chain.base = base
      return true
    }
    this.depth = words.includes('{') ? Math.max(0, braceBalance(words)) : 0
    chain.rules.add(words, number, text)
    return true
  }

  private closeChain(): void {
    const { chain } = this
    if (!chain) return
    const { rules, ...rest } = chain
    const { list, total } = rules.end()
    this.table?.chains.push({ ...rest, rules: list })
    this.ruleCount += total
    this.chain = undefined
    this.depth = 0
  }
}

const BLOCK =
  /^(chain|set|map|flowtable|counter|quota|limit|secmark|synproxy|tunnel|ct helper|ct timeout|ct expectation) (\S+) \{/

/** `chain X { # handle 7`, `table inet firewalld { # progname firewalld # handle 3` */
function handleOf(words: string): { handle?: number } {
  const digits = / # handle (\d{1,15})$/.exec(words)?.[1]
  return digits === undefined ? {} : { handle: Number(digits) }
}

/** `type nat hook prerouting priority dstnat; policy accept;` */
function readHook(words: string, family: string | undefined): NftHook | undefined {
  const base =
    /^type (\S+) hook (\S+) (?:(?:device "?([^" ;]+)"?|devices = \{([^}]*)\}) )?priority ([^;]+);/.exec(words)
  if (!base) return undefined
  const [, type = '', hook = '', device, devices, priority = ''] = base
  const policy = /; policy (\w+);/.exec(words)?.[1]
  const value = priorityValue(priority, family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES)
  const where = device ?? devices?.trim()
  return {
    type: detach(type),
    hook: detach(hook),
    ...(where !== undefined && { device: detach(where) }),
    priority: { text: detach(priority), ...(value !== undefined && { value }) },
    ...(policy !== undefined && { policy: detach(policy) }),
  }
}

/** `dstnat`, `filter + 10`, `dstnat - 10`, `-100`. */
function priorityValue(text: string, names: ReadonlyMap<string, number>): number | undefined {
  const [, name, sign, digits] = /^([a-z]+)?(?: ?([+-]) ?)?(\d{1,10})?$/.exec(text.trim()) ?? []
  const base = name === undefined ? 0 : names.get(name)
  if (base === undefined || (name === undefined && digits === undefined)) return undefined
  const offset = Number(digits ?? 0)
  return base + (sign === '-' ? -offset : offset)
}

/** How many more braces a line opens than it closes; those inside quotes do not count. */
function braceBalance(words: string): number {
  let balance = 0
  let quoted = false
  for (const character of words) {
    if (character === '"') quoted = !quoted
    else if (!quoted && character === '{') balance += 1
    else if (!quoted && character === '}') balance -= 1
  }
  return balance
}
