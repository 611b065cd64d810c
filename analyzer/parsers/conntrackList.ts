import type { Address } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { detach } from '../text/detach.ts'
import { AddressMemo } from './addressMemo.ts'
import { parsePort } from './addressPort.ts'
import type { LineParser } from './parser.ts'

/** One direction of a connection. */
export interface ConntrackTuple {
  readonly source: Address
  readonly destination: Address
  /** Left out of protocols without ports. */
  readonly sourcePort?: number
  readonly destinationPort?: number
}

/** A tracked connection. */
export interface ConntrackEntry {
  /** `tcp`, `udp`, `icmp` …; `unknown` of a protocol that conntrack has no name for. */
  readonly protocol: string
  /** Until the entry is dropped, unless a packet comes; left out of entries that hardware or a flowtable keeps alive. */
  readonly timeoutSeconds?: number
  /** `ESTABLISHED`, `SYN_SENT` …, of protocols that have states. */
  readonly state?: string
  /** As the first packet had it. */
  readonly original: ConntrackTuple
  /** As an answer has it before translation; it differs from the mirrored original where NAT is at work. */
  readonly reply: ConntrackTuple
  /** No answer came yet. */
  readonly unreplied: boolean
  /** Not dropped early when the table fills. */
  readonly assured: boolean
  readonly mark?: number
  readonly zone?: number
  readonly line: Line
}

/** An address and how many connections it has a part in. */
export interface ConntrackTalker {
  readonly address: string
  readonly count: number
}

/** The connections of a node. */
export interface ConntrackList {
  /** The first MAX_ENTRIES of them, read anew each time: kept are their lines, which weigh a third of what they say. */
  readonly entries: Iterable<ConntrackEntry>
  /** Those of them that have a protocol; the others are not read for it. */
  readonly of: (protocol: string) => Iterable<ConntrackEntry>
  /** How many there are in the capture. */
  readonly total: number
  /** By `tcp SYN_SENT`, or the protocol alone where it has no states; over all of them. */
  readonly byState: ReadonlyMap<string, number>
  /** The addresses that opened most, the most first. */
  readonly topSources: readonly ConntrackTalker[]
  /** The addresses, before translation, that most were opened to. */
  readonly topDestinations: readonly ConntrackTalker[]
  /** The tool's own words when it failed. */
  readonly error?: Line
}

/** More are counted, but not kept: a full table of a large node has a million. */
const MAX_ENTRIES = 60_000
const MAX_TALKERS = 60_000
const TOP = 10

/**
 * `conntrack -L` (conntrack-tools 1.4), its `-o extended` form and `/proc/net/nf_conntrack`, which begin with the family:
 * ```
 * tcp      6 118 TIME_WAIT src=10.244.1.3 dst=10.96.10.10 sport=41544 dport=80 src=10.244.1.2 dst=10.244.1.3 sport=8080 dport=41544 [ASSURED] mark=0 use=1
 * ipv4     2 udp      17 28 src=10.0.0.1 dst=10.0.0.2 sport=59735 dport=8472 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=8472 dport=59735 mark=0 zone=0 use=2
 * icmp     1 14 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=462 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=462 mark=0 use=1
 * ```
 */
export const conntrackList: LineParser<ConntrackList> = {
  kind: 'lines',
  start() {
    const kept: string[] = []
    const numbers: number[] = []
    const byState = new Map<string, number>()
    const sources = new Map<string, number>()
    const destinations = new Map<string, number>()
    const addresses = new AddressMemo()
    let total = 0
    let error: Line | undefined
    const keep = (text: string, number: number): Head | undefined => {
      const entry = readEntry({ number, text }, addresses)
      if (entry === undefined) return undefined
      kept.push(text)
      numbers.push(number)
      const { protocol, state, original } = entry
      return { kind: state === undefined ? protocol : `${protocol} ${state}`, ...original }
    }
    return {
      line(text, number) {
        if (text.trim() === '' || FOOTER.test(text)) return true
        if (text.startsWith('conntrack v')) {
          error ??= { number, text }
          return true
        }
        const head = kept.length < MAX_ENTRIES ? keep(text, number) : readHead(text, addresses)
        if (head === undefined) return false
        total += 1
        tally(byState, head.kind)
        tally(sources, head.source)
        tally(destinations, head.destination)
        return true
      },
      end: () => ({
        ...entriesIn(kept.join('\n'), numbers),
        total,
        byState,
        topSources: top(sources),
        topDestinations: top(destinations),
        ...(error && { error }),
      }),
    }
  },
}

const FOOTER = /^conntrack v\S+ \(conntrack-tools\): \d+ flow entries have been (?:shown|dumped)\.$/

/** `[UNREPLIED]`, `[ASSURED]`, `[OFFLOAD]`, `[HW_OFFLOAD]` */
const FLAG = /^\[[A-Z_]+\]$/

const HEAD =
  /^(?:ipv[46] +\d{1,2} )?([a-z][\w-]*) +\d{1,3} (?:\d{1,15} )?(?:([A-Z][A-Z0-9_]*) )?src=([\da-f.:]{2,45}) dst=([\da-f.:]{2,45}) /

/** What is counted of an entry. */
interface Head {
  readonly kind: string
  readonly source: Address
  readonly destination: Address
}

/** All that is read of those that are not kept: they may be a million. */
function readHead(text: string, addresses: AddressMemo): Head | undefined {
  const [whole = '', protocol = '', state, from = '', to = ''] = HEAD.exec(text) ?? []
  const source = addresses.parse(from)
  const destination = addresses.parse(to)
  if (source === undefined || destination === undefined || !text.includes(' src=', whole.length - 1))
    return undefined
  return { kind: state === undefined ? protocol : `${protocol} ${state}`, source, destination }
}

/** Apart from the reader, of whose tallies nothing is to be kept. One text weighs less than as many as it has lines. */
function entriesIn(text: string, numbers: readonly number[]): Pick<ConntrackList, 'entries' | 'of'> {
  const of = (protocol: string) => ({ [Symbol.iterator]: () => readEntries(text, numbers, protocol) })
  return { entries: of(''), of }
}

/** Where a protocol has ended at the latest, behind the family and its number (`ipv4     2 `). */
const PROTOCOL_ENDS = 32

/** '' stands for every protocol. */
function* readEntries(text: string, numbers: readonly number[], protocol: string): Generator<ConntrackEntry> {
  const addresses = new AddressMemo()
  let start = 0
  for (const number of numbers) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end < 0 ? text.length : end)
    start += line.length + 1
    if (!line.slice(0, PROTOCOL_ENDS).includes(protocol)) continue
    const entry = readEntry({ number, text: line }, addresses)
    if (entry !== undefined && (protocol === '' || entry.protocol === protocol)) yield entry
  }
}

type Draft = Partial<Mutable<ConntrackTuple>>

function readEntry(line: Line, addresses: AddressMemo): ConntrackEntry | undefined {
  const { text } = line
  const fieldsStart = text.indexOf('src=')
  if (fieldsStart < 0) return undefined
  const [, protocol, timeout, state] = ENTRY_HEAD.exec(text.slice(0, fieldsStart)) ?? []
  if (protocol === undefined) return undefined
  const { tuples, flags, fields, strange } = readFields(text, fieldsStart, addresses)
  const [first, second] = tuples
  if (!isWhole(first) || !isWhole(second) || tuples.length > 2 || strange) return undefined
  const { mark, zone } = fields
  return {
    protocol,
    ...(timeout !== undefined && { timeoutSeconds: Number(timeout) }),
    ...(state !== undefined && { state }),
    original: first,
    reply: second,
    unreplied: flags.includes('[UNREPLIED]'),
    assured: flags.includes('[ASSURED]'),
    ...(mark !== undefined && { mark }),
    ...(zone !== undefined && { zone }),
    line,
  }
}

/** Family, protocol, its number, the time left, the state: `tcp      6 118 TIME_WAIT `. */
const ENTRY_HEAD = /^(?:ipv[46] +\d{1,2} )?([a-z][\w-]*) +\d{1,3} (?:(\d{1,15}) )?(?:([A-Z][A-Z0-9_]*) )?$/

/** What stands behind the head: `name=value` words, of which every `src=` opens a tuple, and flags in brackets. */
function readFields(text: string, start: number, addresses: AddressMemo) {
  const tuples: Draft[] = []
  const flags: string[] = []
  const fields: { mark?: number; zone?: number } = {}
  let strange = false
  for (let at = start, end = start; at < text.length; at = end + 1) {
    end = text.indexOf(' ', at)
    if (end < 0) end = text.length
    if (end === at) continue
    const equals = text.indexOf('=', at)
    if (equals < 0 || equals > end) {
      const flag = text.slice(at, end)
      strange ||= !FLAG.test(flag)
      flags.push(flag)
      continue
    }
    const name = text.slice(at, equals)
    if (name === 'src') tuples.push({})
    const tuple = tuples.at(-1)
    if (tuple !== undefined) readField(tuple, fields, name, text.slice(equals + 1, end), addresses)
  }
  return { tuples, flags, fields, strange }
}

function readField(
  tuple: Draft,
  fields: { mark?: number; zone?: number },
  name: string,
  value: string,
  addresses: AddressMemo,
): void {
  switch (name) {
    case 'src':
    case 'dst': {
      const address = addresses.parse(value)
      if (address !== undefined) tuple[name === 'src' ? 'source' : 'destination'] = address
      return
    }
    case 'sport':
    case 'dport': {
      const port = parsePort(value)
      if (port !== undefined) tuple[name === 'sport' ? 'sourcePort' : 'destinationPort'] = port
      return
    }
    case 'mark':
    case 'zone':
      if (/^\d{1,15}$/.test(value)) fields[name] = Number(value)
  }
}

function isWhole(tuple: Draft | undefined): tuple is ConntrackTuple {
  return tuple?.source !== undefined && tuple.destination !== undefined
}

/** Beyond MAX_TALKERS different keys, only known ones are counted on: memory stays bounded, and who leads is known early. */
function tally(counts: Map<string, number>, key: string): void {
  const known = counts.get(key)
  if (known !== undefined) counts.set(key, known + 1)
  else if (counts.size < MAX_TALKERS) counts.set(detach(key), 1)
}

function top(counts: ReadonlyMap<string, number>): ConntrackTalker[] {
  const all = [...counts].map(([address, count]) => ({ address, count }))
  all.sort((a, b) => b.count - a.count || (a.address < b.address ? -1 : 1))
  return all.slice(0, TOP)
}
