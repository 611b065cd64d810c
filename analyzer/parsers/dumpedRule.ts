import type { Line } from '../text/line.ts'
import type { RuleWords } from './caseMemory.ts'
import type { IptablesRule } from './iptablesTables.ts'
import type { RuleCounters } from './ruleCounters.ts'

/** What a rule's line has beside its chain and its words; rules that begin alike share it. */
export interface WrittenLine {
  /** What stands before `-A`. */
  readonly prefix: string
  readonly counters: RuleCounters
  /** All of the line, where chain and words do not give it back. */
  readonly text?: string
}

/** All copies of a rule together; few rules have more than one. */
interface Copies {
  count: number
  packets: number
  bytes: number
  lastLineNumber: number
}

/**
 * A rule of a dump. Its line is put together when it is asked for, and what most rules have alike is kept elsewhere: fifty nodes with
 * 17,000 rules each have few words of their own.
 */
export class DumpedRule implements IptablesRule {
  readonly chain: string
  readonly words: RuleWords
  private readonly written: WrittenLine
  private readonly lineNumber: number
  private all: Copies | undefined = undefined

  constructor(chain: string, words: RuleWords, lineNumber: number, written: WrittenLine) {
    this.chain = chain
    this.words = words
    this.lineNumber = lineNumber
    this.written = written
  }

  /** Counts a copy that stands on this line. */
  addCopy(lineNumber: number, { packets, bytes }: RuleCounters): void {
    this.all ??= { count: 1, ...this.written.counters, lastLineNumber: this.lineNumber }
    this.all.count += 1
    this.all.packets += packets
    this.all.bytes += bytes
    this.all.lastLineNumber = lineNumber
  }

  get copies(): number {
    return this.all?.count ?? 1
  }

  get packets(): number {
    return this.all?.packets ?? this.written.counters.packets
  }

  get bytes(): number {
    return this.all?.bytes ?? this.written.counters.bytes
  }

  get lastLineNumber(): number {
    return this.all?.lastLineNumber ?? this.lineNumber
  }

  get spec(): string {
    return this.words.spec
  }

  get line(): Line {
    const { prefix, text = `${prefix}-A ${this.chain} ${this.spec}` } = this.written
    return { number: this.lineNumber, text }
  }
}
