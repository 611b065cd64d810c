import type { Shortfall } from './availability.ts'
import type { Language } from './language.ts'

/** The engine's own sentences: why something could not be checked. */
interface EngineWords {
  /** What befell a capture or a fact, behind its name. */
  readonly shortfalls: Readonly<Record<Shortfall['code'], string>>
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
  broken: (message) => `该规则在此采集包上执行失败，这是 coldcase 的缺陷：${message}`,
}

const words: Readonly<Record<Language, EngineWords>> = { en: english, zh: chinese }

/** Why a rule could not be checked, as one sentence: the first three things that are short, and how many more. */
export function wordShortfalls(shortfalls: readonly Shortfall[], language: Language): string {
  const clauses = shortfalls.slice(0, 3).map((shortfall) => wordShortfall(shortfall, language))
  const more = shortfalls.length - clauses.length
  return more > 0 ? `${clauses.join('; ')}; and ${more} more` : clauses.join('; ')
}

function wordShortfall({ code, node, what, detail }: Shortfall, language: Language): string {
  const because = detail === undefined ? '' : ` (${detail})`
  return `${what} on ${node}: ${words[language].shortfalls[code]}${because}`
}

/** What is said of a rule that threw. */
export function wordBroken(message: string, language: Language): string {
  return words[language].broken(message)
}
