import { spaced } from '../text/spaced.ts'
import type { Shortfall } from './availability.ts'
import type { Language, Sentence } from './language.ts'

/** The engine's own sentences: why something could not be checked. */
interface EngineWords {
  /** What befell a capture or a fact, behind its name. */
  readonly shortfalls: Readonly<Record<Shortfall['code'], string>>
  /** What is short, where, why, and a clause that says more. */
  readonly clause: (what: string, node: string, why: string, detail: string | undefined) => string
  /** Clauses, and how many more there are. */
  readonly joined: (clauses: readonly string[], more: number) => string
  /** Clauses without the node that they name. */
  readonly withoutNode: (clauses: string, node: string) => string
  /** A rule that failed on content it should have survived. */
  readonly broken: (message: string) => string
}

const english: EngineWords = {
  shortfalls: {
    absent: 'not on the node',
    denied: 'permission was denied to the collector',
    timeout: 'the capture ran out of time',
    truncated: 'cut off before its end',
    failed: 'the command failed',
    withheld: 'withheld on purpose',
    'not-captured': 'not in the bundle',
    damaged: 'lost with the damaged archive',
    unreliable: 'captured, but not to be believed',
    undetermined: 'the captures do not tell',
  },
  clause: (what, node, why, detail) =>
    `${what} on ${node}: ${why}${detail === undefined ? '' : ` (${detail})`}`,
  joined: (clauses, more) => [...clauses, ...(more > 0 ? [`and ${more} more`] : [])].join('; '),
  withoutNode: (clauses, node) => clauses.replaceAll(` on ${node}:`, ':'),
  broken: (message) => `the rule failed on this bundle, which is a defect of coldcase: ${message}`,
}

const chinese: EngineWords = {
  shortfalls: {
    absent: '节点上没有',
    denied: '采集脚本没有权限读取',
    timeout: '采集超时',
    truncated: '内容被截断',
    failed: '命令执行失败',
    withheld: '有意未采集',
    'not-captured': '不在采集包中',
    damaged: '随损坏的归档丢失',
    unreliable: '已采集，但内容不可信',
    undetermined: '采集到的内容无法判断',
  },
  clause: (what, node, why, detail) =>
    `${node} 上的${spaced(what)}：${why}${detail === undefined ? '' : `（${detail}）`}`,
  joined: (clauses, more) => clauses.join('；') + (more > 0 ? `；另有 ${more} 项` : ''),
  withoutNode: (clauses, node) => clauses.replaceAll(`${node} 上的 `, '').replaceAll(`${node} 上的`, ''),
  broken: (message) => `该规则在此采集包上执行失败，这是 coldcase 的缺陷：${message}`,
}

const words: Readonly<Record<Language, EngineWords>> = { en: english, zh: chinese }

/** Clauses of one reason; the rest is counted. */
const MOST_CLAUSES = 3

/** Why a rule could not be checked, as one sentence: the first three things that are short, and how many more. */
export function wordShortfalls(shortfalls: readonly Shortfall[], language: Language): string {
  const clauses = shortfalls.slice(0, MOST_CLAUSES).map((shortfall) => wordShortfall(shortfall, language))
  return words[language].joined(clauses, shortfalls.length - clauses.length)
}

function wordShortfall({ code, node, what, detail }: Shortfall, language: Language): string {
  const { clause, shortfalls } = words[language]
  const more = detail === undefined ? undefined : said(detail, language)
  return clause(said(what, language), said(node, language), shortfalls[code], more)
}

/** A name that every language shares, or a sentence. */
function said(words: string | Sentence, language: Language): string {
  return typeof words === 'string' ? words : words[language]
}

/** A reason from `wordShortfalls` without its node: nodes that lack the same thing lack it for one reason. */
export function withoutNode(reason: string, node: string, language: Language): string {
  return words[language].withoutNode(reason, node)
}

/** What is said of a rule that threw. */
export function wordBroken(message: string, language: Language): string {
  return words[language].broken(message)
}
