import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'

/** A rule and all its copies in one chain. */
export interface NftRule {
  /** As printed, without the handle; counters are those of the first copy. */
  readonly text: string
  /** Of the first copy, where the listing was made with `-a`. */
  readonly handle?: number
  /** How many times the chain holds it, whatever its counters say. */
  readonly copies: number
  /** Sum over the copies; left out of rules that do not count. */
  readonly packets?: number
  readonly bytes?: number
  /** The first line of the first copy. */
  readonly line: Line
  readonly lastLineNumber: number
}

/** A rule as it is being read; it may reach over lines. */
interface Pending {
  words: string
  readonly number: number
  readonly text: string
  lastNumber: number
}

/** The rules of one chain as they are read: copies of a rule, which differ in handle and counters at most, are kept once. */
export class NftRuleList {
  private readonly known = new Map<string, Mutable<NftRule>>()
  private pending: Pending | undefined
  private total = 0

  /** A rule begins; `words` is the line without its indentation. */
  add(words: string, number: number, text: string): void {
    this.settle()
    this.pending = { words, number, text, lastNumber: number }
  }

  /** The rule goes on in another line. */
  extend(words: string, number: number): void {
    if (!this.pending) return
    this.pending.words += ` ${words}`
    this.pending.lastNumber = number
  }

  /** The rules in order, and how many there are with their copies. */
  end(): { list: readonly NftRule[]; total: number } {
    this.settle()
    return { list: [...this.known.values()], total: this.total }
  }

  private settle(): void {
    const { pending } = this
    if (!pending) return
    this.pending = undefined
    this.total += 1
    const { rule, handle } = cutHandle(pending.words)
    const { key, packets, bytes } = cutCounter(rule)
    const known = this.known.get(key)
    if (known) {
      known.copies += 1
      if (known.packets !== undefined && packets !== undefined) known.packets += packets
      if (known.bytes !== undefined && bytes !== undefined) known.bytes += bytes
      known.lastLineNumber = pending.lastNumber
      return
    }
    this.known.set(detach(key), {
      text: detach(rule),
      ...(handle !== undefined && { handle }),
      copies: 1,
      ...(packets !== undefined && { packets }),
      ...(bytes !== undefined && { bytes }),
      line: { number: pending.number, text: detach(pending.text) },
      lastLineNumber: pending.lastNumber,
    })
  }
}

/** `… jump X # handle 9` */
function cutHandle(words: string): { rule: string; handle?: number } {
  const at = words.lastIndexOf(' # handle ')
  const digits = at < 0 ? '' : words.slice(at + ' # handle '.length)
  if (!/^\d{1,15}$/.test(digits)) return { rule: words }
  return { rule: words.slice(0, at), handle: Number(digits) }
}

const COUNTER = 'counter packets '

/** `… counter packets 12 bytes 720 …`: the rule without its numbers, and the numbers. */
function cutCounter(rule: string): { key: string; packets?: number; bytes?: number } {
  const at = rule.indexOf(COUNTER)
  const numbers =
    at < 0
      ? null
      : /^(\d{1,20}) bytes (\d{1,20})/.exec(rule.slice(at + COUNTER.length, at + COUNTER.length + 60))
  if (!numbers) return { key: rule }
  const key = rule.slice(0, at + COUNTER.length) + rule.slice(at + COUNTER.length + numbers[0].length)
  return { key, packets: Number(numbers[1]), bytes: Number(numbers[2]) }
}
