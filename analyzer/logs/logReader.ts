import type { LineReader } from '../parsers/parser.ts'
import { keywordLookup } from '../text/keywordLookup.ts'
import { journalMarker } from './journalMarker.ts'
import { hasByteMessage } from './journalJson.ts'
import type { JournalMarker, LogExtract, SignalHits } from './logEntry.ts'
import { type LogKind, logRecord } from './logRecord.ts'
import { spanOf } from './logSpan.ts'
import { type SignalLine, type SignalTally, signalTally, soughtText } from './signalTally.ts'
import { type Signal, type SignalId, signals } from './signals.ts'

/** What stands behind this many characters of a line is not looked at: container runtimes cut their lines there (CRI logs). */
const LOOKED_AT = 16_384
const MAX_MARKERS = 100
/** So many lines are tried for the time of a log's beginning, and of its end. */
const SPAN_LINES = 16

const keywords = signals.flatMap((signal) => signal.keywords.map((keyword) => ({ keyword, signal })))
const lookup = keywordLookup(keywords.map(({ keyword }) => keyword))

/**
 * Reads a log of any form (see `logRecord`), line by line. A line that holds no keyword of a signal costs the lookup and
 * nothing more. Not read is only what is no text.
 */
export function logReader(kind: LogKind): LineReader<LogExtract> {
  const tallies = new Map<SignalId, SignalTally>()
  const markers: JournalMarker[] = []
  const beginning: string[] = []
  const ending: string[] = []
  let lineCount = 0
  let headCount = 0
  let head: string | undefined

  const line = (text: string, number: number): boolean => {
    lineCount++
    if (text === '') return true
    if (isBinary(text)) return false
    if (text.startsWith('-- ') && mark(text, number)) return true
    const indented = text.startsWith(' ') || text.startsWith('\t')
    if (!indented) {
      head = text
      if (headCount < SPAN_LINES) beginning.push(text)
      ending[headCount % SPAN_LINES] = text
      headCount++
    }
    const looked = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text
    const found = lookup.find(looked)
    if (found.length > 0) {
      examine({ text: looked, number, ...(indented && head !== undefined ? { head } : {}) }, found)
    } else if (looked.startsWith('{') && hasByteMessage(looked)) {
      examine({ text: looked, number }, lookup.find(logRecord(looked, kind).message))
    }
    return true
  }

  const mark = (text: string, number: number): boolean => {
    const marker = journalMarker(text, number)
    if (marker && markers.length < MAX_MARKERS) markers.push(marker)
    return marker !== undefined
  }

  const examine = (candidate: SignalLine, found: readonly number[]): void => {
    if (found.length === 0) return
    const sought = soughtText(candidate.text, kind)
    for (const signal of new Set(found.map((index) => keywords[index]?.signal))) {
      const match = signal?.pattern.exec(sought)
      if (signal && match) tallyOf(signal).add(candidate, match)
    }
  }

  const tallyOf = (signal: Signal): SignalTally => {
    const tally = tallies.get(signal.id) ?? signalTally(signal, kind)
    tallies.set(signal.id, tally)
    return tally
  }

  const end = (): LogExtract => {
    const hits = new Map<SignalId, SignalHits>([...tallies].map(([id, tally]) => [id, tally.end()]))
    const newest = headCount % SPAN_LINES
    const newestFirst = [...ending.slice(newest), ...ending.slice(0, newest)].toReversed()
    return { hits, lineCount, ...spanOf(beginning, newestFirst, kind), markers }
  }
  return { line, end }
}

const SAMPLE = 64
/** A short line of odd bytes is a message that some program logged; journald shows it as it is under -o cat. */
const FEW = 8

/** A quarter of its first characters, and more than a few, are no text: control characters, or bytes that are no UTF-8. */
function isBinary(text: string): boolean {
  const sample = Math.min(SAMPLE, text.length)
  let strange = 0
  for (let at = 0; at < sample; at++) {
    if (isStrange(text.charCodeAt(at))) strange++
  }
  return strange >= FEW && strange * 4 >= sample
}

/** A control character other than tab, return, escape (colours) and the record separator of json-seq; U+FFFD. */
function isStrange(code: number): boolean {
  if (code >= 0x20) return code === 0xfffd
  return code !== 0x09 && code !== 0x0d && code !== 0x1b && code !== 0x1e
}
