import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Mutable } from '../text/mutable.ts'
import { type ShellWord, shellWords } from '../text/shellWords.ts'
import type { RuleWords } from './caseMemory.ts'
import { oncePerWords } from './oncePerWords.ts'
import { protocolName } from './protocolName.ts'

/** An option of a match, as written: `--dport 80`, `! --ctstate RELATED,ESTABLISHED`. */
export interface IptablesOption {
  /** With its dashes: `--dport`. */
  readonly name: string
  readonly negated: boolean
  readonly values: readonly string[]
}

/** A match of a rule: `-m conntrack --ctstate NEW`. All matches of a rule must hold. */
export interface IptablesMatch {
  /** Name of the extension. */
  readonly module: string
  readonly options: readonly IptablesOption[]
}

/** The addresses a rule speaks of. */
export interface IptablesAddressMatch {
  readonly prefix: Prefix
  readonly negated: boolean
}

/** The device a rule speaks of. */
export interface IptablesInterfaceMatch {
  /** Without the `+` that stands for any ending. */
  readonly name: string
  /** Holds for every name that begins with `name`. */
  readonly wildcard: boolean
  readonly negated: boolean
}

/** The protocol a rule speaks of. */
export interface IptablesProtocolMatch {
  /** `tcp`, `udp`, `icmp` … by name even where a number was printed; the number where this tool has no name for it. */
  readonly name: string
  readonly negated: boolean
}

/** The words of one rule, in order of their meaning. What is left out was not in the rule, and so holds for every packet. */
export interface IptablesRuleSpec {
  readonly source?: IptablesAddressMatch
  readonly destination?: IptablesAddressMatch
  readonly inInterface?: IptablesInterfaceMatch
  readonly outInterface?: IptablesInterfaceMatch
  readonly protocol?: IptablesProtocolMatch
  /** `-f`: only second and later fragments; negated: all but those. */
  readonly fragments?: { readonly negated: boolean }
  /** Left out: the rule only counts. */
  readonly target?: { readonly kind: 'jump' | 'goto'; readonly name: string }
  /** Options of the target by name with dashes: `--to-destination` → `10.0.0.1:80`; '' where an option has no value. */
  readonly targetOptions: ReadonlyMap<string, string>
  /** Of `-m comment`, the words without quotes. */
  readonly comment?: string
  readonly matches: readonly IptablesMatch[]
  /** Words that are no options of this grammar, such as `[unsupported revision]`. A rule that has some is not understood. */
  readonly unread: readonly string[]
}

type General =
  | 'source'
  | 'destination'
  | 'inInterface'
  | 'outInterface'
  | 'protocol'
  | 'fragments'
  | 'match'
  | 'jump'
  | 'goto'

type Single = Omit<IptablesRuleSpec, 'targetOptions' | 'matches' | 'unread'>

type Draft = Mutable<Single> & {
  readonly targetOptions: Map<string, string>
  readonly matches: { module: string; options: IptablesOption[] }[]
  readonly unread: string[]
}

/** Short and long names of the options that every rule may have (iptables(8)). */
const GENERAL = new Map<string, General>([
  ['-s', 'source'],
  ['--source', 'source'],
  ['--src', 'source'],
  ['-d', 'destination'],
  ['--destination', 'destination'],
  ['--dst', 'destination'],
  ['-i', 'inInterface'],
  ['--in-interface', 'inInterface'],
  ['-o', 'outInterface'],
  ['--out-interface', 'outInterface'],
  ['-p', 'protocol'],
  ['--protocol', 'protocol'],
  ['--proto', 'protocol'],
  ['-f', 'fragments'],
  ['--fragment', 'fragments'],
  ['--fragments', 'fragments'],
  ['-m', 'match'],
  ['--match', 'match'],
  ['-j', 'jump'],
  ['--jump', 'jump'],
  ['-g', 'goto'],
  ['--goto', 'goto'],
])

/** Options whose one value may look like an option: free text. */
const FREE_TEXT = new Set([
  '--comment',
  '--log-prefix',
  '--nflog-prefix',
  '--string',
  '--hex-string',
  '--name',
])

/**
 * Reads the words of one rule of an iptables dump (iptables 1.4 to 1.8):
 * ```
 * ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/dns" -m udp --dport 53 -j KUBE-MARK-MASQ
 * ```
 * `!` stands before the option; before iptables 1.4.3 it stood before the value (`-s ! 10.244.0.0/16`).
 * Words that make no sense go to `unread`. Words that several rules share are read once.
 */
export function parseIptablesRule(rule: {
  readonly spec: string
  readonly words?: RuleWords
}): IptablesRuleSpec {
  return rule.words === undefined ? readSpec(rule.spec) : readWords(rule.words)
}

const readWords = oncePerWords(readSpec)

function readSpec(text: string): IptablesRuleSpec {
  const draft: Draft = { targetOptions: new Map(), matches: [], unread: [] }
  const words = shellWords(text)
  let at = 0
  while (at < words.length) {
    const before = isNegation(words[at])
    if (before) at += 1
    const option = words[at]
    at += 1
    if (!option || !isOption(option)) {
      draft.unread.push(option?.text ?? '!')
      continue
    }
    const inside = isNegation(words[at])
    if (inside && !isOption(words[at + 1])) at += 1
    const negated = before || (inside && isNegation(words[at - 1]))
    const count = countValues(option.text, words, at)
    const values = words.slice(at, at + count).map((word) => word.text)
    at += count
    apply(draft, { name: option.text, negated, values })
  }
  return draft
}

function isNegation(word: ShellWord | undefined): boolean {
  return word !== undefined && !word.quoted && word.text === '!'
}

function isOption(word: ShellWord | undefined): boolean {
  return word !== undefined && !word.quoted && /^-[-A-Za-z]/.test(word.text)
}

/** How many of the words from `at` on are values of the option. */
function countValues(name: string, words: readonly ShellWord[], at: number): number {
  if (GENERAL.get(name) === 'fragments') return 0
  if (GENERAL.has(name) || FREE_TEXT.has(name)) return at < words.length ? 1 : 0
  let end = at
  while (end < words.length && !isOption(words[end]) && !isNegation(words[end])) end += 1
  return end - at
}

function apply(draft: Draft, option: IptablesOption): void {
  const { name, negated, values } = option
  const [value = ''] = values
  switch (GENERAL.get(name)) {
    case 'source':
      return applyAddress(draft, 'source', option)
    case 'destination':
      return applyAddress(draft, 'destination', option)
    case 'inInterface':
      draft.inInterface = interfaceMatch(value, negated)
      return
    case 'outInterface':
      draft.outInterface = interfaceMatch(value, negated)
      return
    case 'protocol':
      draft.protocol = { name: protocolName(value), negated }
      return
    case 'fragments':
      draft.fragments = { negated }
      return
    case 'match':
      draft.matches.push({ module: value, options: [] })
      return
    case 'jump':
      draft.target = { kind: 'jump', name: value }
      return
    case 'goto':
      draft.target = { kind: 'goto', name: value }
      return
    case undefined:
      return applyExtension(draft, option)
  }
}

function applyAddress(
  draft: Draft,
  side: 'source' | 'destination',
  { name, negated, values }: IptablesOption,
): void {
  const prefix = parsePrefix(values[0] ?? '')
  if (prefix === undefined) draft.unread.push(name, ...values)
  else draft[side] = { prefix, negated }
}

function interfaceMatch(text: string, negated: boolean): IptablesInterfaceMatch {
  const wildcard = text.endsWith('+')
  return { name: wildcard ? text.slice(0, -1) : text, wildcard, negated }
}

/** An option of a target, once there is one; else of the last match; else of the protocol's own (`-p tcp --dport 80`). */
function applyExtension(draft: Draft, option: IptablesOption): void {
  if (draft.target) {
    draft.targetOptions.set(option.name, option.values.join(' '))
    return
  }
  if (option.name === '--comment') draft.comment = option.values.join(' ')
  const last = draft.matches.at(-1)
  if (last) {
    last.options.push(option)
    return
  }
  if (draft.protocol) draft.matches.push({ module: draft.protocol.name, options: [option] })
  else draft.unread.push(option.name, ...option.values)
}
