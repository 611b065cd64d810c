import { elementKey } from './nftElementKey.ts'
import { markChange } from './nftMarkChange.ts'
import type { NftRule } from './nftRuleList.ts'
import type {
  NftMapEntry,
  NftOperator,
  NftStatement,
  NftValues,
  NftVerdictStatement,
} from './nftStatement.ts'
import { type NftWord, nftWords } from './nftWords.ts'

/**
 * The parts of a rule as `nft list ruleset` prints it (nft 0.9 to 1.1), those of iptables-nft among them:
 * ```
 * iifname "eth0" ip saddr @blocked tcp dport { 22, 8000-8099 } counter packets 3 bytes 180 reject with icmp host-prohibited
 * meta l4proto udp  udp dport 53 counter packets 0 bytes 0 jump KUBE-SVC-TCOU7JCQXEZGVUNU
 * ```
 * Statements that neither ask nor decide (counters, logs) are left out. Words that make no sense are a condition that cannot be decided.
 */
export function parseNftRule(rule: Pick<NftRule, 'text'>): readonly NftStatement[] {
  const reader = new RuleReader(nftWords(rule.text))
  return reader.statements()
}

const VERDICTS = new Map<string, NftVerdictStatement>([
  ['accept', { kind: 'verdict', verdict: 'accept' }],
  ['drop', { kind: 'verdict', verdict: 'drop' }],
  ['queue', { kind: 'verdict', verdict: 'queue' }],
  ['return', { kind: 'return' }],
  ['continue', { kind: 'continue' }],
])

const TRANSLATIONS = new Set(['dnat', 'snat', 'masquerade', 'redirect'])

/** Statements that decide nothing, with the words that may follow each (nft(8), STATEMENTS). */
const LOG_OPTIONS = new Set(['prefix', 'level', 'flags', 'group', 'snaplen', 'queue-threshold'])

/** What a field of two words begins with: `ip saddr`, `ct state`. */
const HEADS = new Set(
  'ip ip6 tcp udp udplite sctp dccp th icmp icmpv6 igmp meta ct ether vlan arp esp ah comp gre socket rt'.split(
    ' ',
  ),
)

/** Fields of `meta` that nft prints without it. */
const META = new Set(
  'iif oif iifname oifname iiftype oiftype mark pkttype skuid skgid rtclassid cpu l4proto nfproto'.split(' '),
)

const OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=', '!'])

function isOperator(text: string): text is NftOperator {
  return OPERATORS.has(text)
}

class RuleReader {
  private readonly words: readonly NftWord[]
  private at = 0

  constructor(words: readonly NftWord[]) {
    this.words = words
  }

  statements(): readonly NftStatement[] {
    const found: NftStatement[] = []
    while (this.at < this.words.length) {
      const before = this.at
      const statement = this.statement()
      if (statement !== undefined) found.push(statement)
      // Whatever was not understood, each round takes a word.
      if (this.at === before) found.push({ kind: 'undecidable', words: this.take() })
    }
    return found
  }

  private peek(ahead = 0): string {
    const word = this.words[this.at + ahead]
    return word === undefined || word.quoted ? '' : word.text
  }

  private take(): string {
    const word = this.words[this.at]
    this.at += 1
    return word?.text ?? ''
  }

  private takeIf(text: string): boolean {
    if (this.peek() !== text) return false
    this.at += 1
    return true
  }

  private statement(): NftStatement | undefined {
    switch (this.peek()) {
      case 'counter':
        this.at += this.peek(1) === 'packets' ? 5 : this.peek(1) === 'name' ? 3 : 1
        return undefined
      case 'log':
        return this.log()
      case 'comment':
        this.at += 2
        return undefined
      case 'notrack':
        this.at += 1
        return undefined
      case 'limit':
      case 'quota':
        return this.limit()
      case 'add':
      case 'update':
      case 'delete':
        return this.setChange()
      case 'flow':
        this.at += 3
        return undefined
      case 'xt':
        return this.extension()
      default:
        return this.verdict() ?? this.expression()
    }
  }

  private log(): undefined {
    this.at += 1
    while (LOG_OPTIONS.has(this.peek())) {
      const option = this.take()
      const value = this.take()
      if (option === 'flags' && (value === 'tcp' || value === 'ip')) this.list()
    }
  }

  /** `limit rate over 10/second burst 5 packets`, `limit name "x"`, `quota over 25 mbytes used 0 bytes`. */
  private limit(): NftStatement {
    const kind = this.take()
    while (
      /^(?:rate|over|until|burst|used|name|packets|[kmg]?bytes(?:\/\w+)?|\d+(?:\/\w+)?)$/.test(this.peek())
    )
      this.take()
    if (this.words[this.at]?.quoted === true) this.take()
    return { kind: 'undecidable', words: kind }
  }

  /** `update @recent { ip saddr timeout 1m limit rate over 5/second }`: a limit inside decides whether the rule goes on. */
  private setChange(): NftStatement | undefined {
    const start = this.at
    this.at += 2
    const inside = this.braced()
    if (inside === undefined) return { kind: 'undecidable', words: this.words[start]?.text ?? '' }
    const asks = inside.flat().some((word) => word === 'limit' || word === 'count' || word === 'quota')
    return asks ? { kind: 'undecidable', words: 'limit' } : undefined
  }

  /** `xt match "recent"`, `xt target "MASQUERADE"`, in nft builds that cannot translate them. */
  private extension(): NftStatement | undefined {
    this.take()
    const kind = this.take()
    const name = this.take()
    if (kind === 'target') return { kind: 'target', name }
    return name === 'comment' ? undefined : { kind: 'undecidable', words: `${kind} ${name}` }
  }

  private verdict(): NftVerdictStatement | undefined {
    const word = this.peek()
    const verdict = VERDICTS.get(word)
    if (verdict !== undefined) {
      this.take()
      if (word === 'queue') this.skipRest()
      return verdict
    }
    if (word === 'jump' || word === 'goto') {
      this.take()
      return { kind: 'call', chain: this.take(), returns: word === 'jump' }
    }
    if (word === 'reject') return this.reject()
    if (!TRANSLATIONS.has(word)) return undefined
    this.skipRest()
    return { kind: 'verdict', verdict: 'translate' }
  }

  private skipRest(): void {
    this.at = this.words.length
  }

  /** `reject`, `reject with icmp type host-prohibited`, `reject with icmpx admin-prohibited`, `reject with tcp reset`. */
  private reject(): NftVerdictStatement {
    this.take()
    if (!this.takeIf('with')) return rejection('icmp-port-unreachable')
    const protocol = this.take()
    this.takeIf('type')
    const code = this.take()
    if (protocol === 'tcp') return rejection('tcp-reset')
    return rejection(code === 'no-route' ? 'icmp-net-unreachable' : `icmp-${code}`)
  }

  /** A match, a verdict map, or a change of a field. */
  private expression(): NftStatement | undefined {
    const fields = this.fields()
    if (fields === undefined) return undefined
    const mask = this.takeIf('&') || this.takeIf('and') ? this.group() : undefined
    if (this.takeIf('vmap')) return this.verdictMap(fields)
    if (this.takeIf('set')) return this.change(fields)
    // A number that is drawn is only of use in a map.
    if (fields[0] === 'numgen') return { kind: 'undecidable', words: 'numgen' }
    if (fields[0] === 'ct count') return this.limit()
    const word = this.peek()
    const operator = isOperator(word) ? word : ''
    if (operator !== '') this.take()
    const values = this.values()
    const flagMask = this.takeIf('/') ? this.list() : undefined
    const shown = mask ?? flagMask
    return { kind: 'match', fields, operator, values, ...(shown !== undefined && { mask: shown }) }
  }

  /** `ip saddr`, or several joined by dots. */
  private fields(): readonly string[] | undefined {
    const first = this.field()
    if (first === undefined) return undefined
    const fields = [first]
    while (this.peek() === '.') {
      this.take()
      fields.push(this.field() ?? this.take())
    }
    return fields
  }

  private field(): string | undefined {
    const head = this.peek()
    if (META.has(head)) return `meta ${this.take()}`
    if (head === 'fib') return this.fibField()
    if (head === 'numgen') return this.numgenField()
    if (!HEADS.has(head)) return undefined
    this.take()
    const name = this.take()
    if (head === 'ct' && (name === 'original' || name === 'reply')) {
      const family = this.peek() === 'ip' || this.peek() === 'ip6' ? `${this.take()} ` : ''
      return `ct ${name} ${family}${this.take()}`
    }
    if (name === 'option') return `${head} option ${this.take()} ${this.take()}`
    return `${head} ${name}`
  }

  /** `fib daddr type`, `fib saddr . iif oif`. */
  private fibField(): string {
    let words = this.take()
    while (this.at < this.words.length) {
      const word = this.take()
      words += ` ${word}`
      if (word === 'type' || word === 'oif' || word === 'oifname' || word === 'check') break
    }
    return words
  }

  /** `numgen random mod 3`, `numgen inc mod 2 offset 1`. */
  private numgenField(): string {
    this.at += 4
    if (this.takeIf('offset')) this.take()
    return 'numgen'
  }

  private values(): NftValues {
    if (this.peek().startsWith('@')) return { set: this.take().slice(1), list: [], braced: true }
    const inside = this.braced()
    if (inside !== undefined) return { list: inside.map(elementKey), braced: true }
    return { list: this.group(), braced: false }
  }

  /** `(fin|syn|rst|ack)`, or a list without brackets. */
  private group(): readonly string[] {
    if (!this.takeIf('(')) return this.list()
    const list = this.list()
    this.takeIf(')')
    return list
  }

  /** `established,related`, `syn | ack`, `10.0.0.1 . 22`, or a single word. */
  private list(): readonly string[] {
    const list = [this.joined()]
    while (this.takeIf(',') || this.takeIf('|')) list.push(this.joined())
    return list
  }

  private joined(): string {
    let text = this.take()
    while (this.takeIf('.')) text += ` . ${this.take()}`
    return text
  }

  /** The words of each element in braces; undefined where no brace opens. */
  private braced(): readonly (readonly string[])[] | undefined {
    if (!this.takeIf('{')) return undefined
    const elements: string[][] = [[]]
    while (this.at < this.words.length && !this.takeIf('}')) {
      if (this.takeIf(',')) elements.push([])
      else elements.at(-1)?.push(this.take())
    }
    return elements.filter((words) => words.length > 0)
  }

  private verdictMap(fields: readonly string[]): NftStatement {
    if (this.peek().startsWith('@')) return { kind: 'vmap', fields, map: this.take().slice(1), entries: [] }
    const entries = (this.braced() ?? []).flatMap((words): NftMapEntry[] => {
      const colon = words.indexOf(':')
      const verdict = nftVerdictOf(words.slice(colon + 1).join(' '))
      return colon < 0 || verdict === undefined ? [] : [{ key: elementKey(words.slice(0, colon)), verdict }]
    })
    return { kind: 'vmap', fields, entries }
  }

  /** `meta mark set meta mark | 0x00004000`; changes of other fields do not matter here. */
  private change([field]: readonly string[]): NftStatement | undefined {
    const words = this.operands()
    return field === 'meta mark' ? { kind: 'mark', ...markChange(words) } : undefined
  }

  /** `meta mark & 0xffffff00 ^ 0x1` → `mark`, `&`, `0xffffff00`, `^`, `0x1`. */
  private operands(): readonly string[] {
    const words = [this.operand()]
    while (/^(?:[&^|]|and|or|xor|<<|>>)$/.test(this.peek())) words.push(this.take(), this.operand())
    return words
  }

  private operand(): string {
    if (this.takeIf('(')) {
      const inside = this.operands().join(' ')
      this.takeIf(')')
      return inside
    }
    const field = this.field()
    return field ?? this.take()
  }
}

function rejection(answer: string): NftVerdictStatement {
  return { kind: 'verdict', verdict: 'reject', answer }
}

/** The verdict of a map's element: `drop`, `goto X`; undefined of what is none. */
export function nftVerdictOf(text: string): NftVerdictStatement | undefined {
  const [word = '', chain] = text.split(' ', 2)
  if ((word === 'jump' || word === 'goto') && chain !== undefined)
    return { kind: 'call', chain, returns: word === 'jump' }
  return VERDICTS.get(word)
}
