import type { Line } from '../text/line.ts'
import type { RuleWords } from './caseMemory.ts'
import type { IptablesRule } from './iptablesSave.ts'
import type { RuleCounters } from './ruleCounters.ts'

/** The line of a rule: what stands before `-A`, or all of it where it is written in another way. */
export type WrittenLine = { readonly counters: string } | { readonly text: string }

/** A rule of a dump. Its line is put together when it is asked for: fifty nodes with 17,000 rules each have few words of their own. */
export class DumpedRule implements IptablesRule {
  readonly chain: string
  readonly words: RuleWords
  copies = 1
  packets: number
  bytes: number
  lastLineNumber: number
  private readonly lineNumber: number
  private readonly written: string
  private readonly isWhole: boolean

  constructor(
    chain: string,
    words: RuleWords,
    counters: RuleCounters,
    lineNumber: number,
    written: WrittenLine,
  ) {
    this.chain = chain
    this.words = words
    this.packets = counters.packets
    this.bytes = counters.bytes
    this.lineNumber = lineNumber
    this.lastLineNumber = lineNumber
    this.isWhole = 'text' in written
    this.written = 'text' in written ? written.text : written.counters
  }

  get spec(): string {
    return this.words.spec
  }

  get line(): Line {
    const text = this.isWhole ? this.written : `${this.written}-A ${this.chain} ${this.spec}`
    return { number: this.lineNumber, text }
  }
}
