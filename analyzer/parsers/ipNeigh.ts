import { type Address, parseAddress } from '../net/address.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

const STATES = [
  'REACHABLE',
  'STALE',
  'DELAY',
  'PROBE',
  'FAILED',
  'INCOMPLETE',
  'PERMANENT',
  'NOARP',
  'NONE',
] as const

/** State of a neighbour entry (NUD_* of linux/neighbour.h). */
export type NeighbourState = (typeof STATES)[number]

/** An entry of the neighbour (ARP, NDP) table. */
export interface Neighbour {
  readonly address: Address
  readonly device: string
  /** Left out while it is not resolved, and on links without hardware addresses. */
  readonly mac?: Mac
  /** Usually one; empty for a proxy entry, or where the tool prints nothing for NONE. */
  readonly states: readonly NeighbourState[]
  /** `router`, `proxy`, `extern_learn`, `managed`, `offload`. */
  readonly flags: ReadonlySet<string>
  /** Seconds since it was last used, confirmed and updated; with `-s` only. BusyBox prints 0 for all. */
  readonly usedSeconds?: number
  readonly confirmedSeconds?: number
  readonly updatedSeconds?: number
  /** Probes that were sent and not yet answered. */
  readonly probes?: number
  readonly line: Line
}

const FLAGS: ReadonlySet<string> = new Set(['router', 'proxy', 'extern_learn', 'managed', 'offload'])
const WITH_VALUE: ReadonlySet<string> = new Set(['ref', 'proto', 'nomaster', 'vrf'])

/**
 * `net/ip-neigh.txt`: `ip -s neigh show nud all`, of iproute2 (which glues `probes` to the times) or BusyBox:
 * ```
 * 192.0.2.51 dev d0 lladdr 02:00:00:00:00:51  ref 1 used 0/0/0probes 0 REACHABLE
 * 192.0.2.99 dev d0  used 4/64/1probes 6 FAILED
 * 2001:db8::50 dev d0 lladdr 02:00:00:00:00:53 router  used 0/0/0probes 0 PERMANENT
 * ```
 */
export const ipNeigh: LineParser<readonly Neighbour[]> = {
  kind: 'lines',
  start() {
    const neighbours: Neighbour[] = []
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const neighbour = readNeighbour({ number, text })
        if (neighbour) neighbours.push(neighbour)
        return neighbour !== undefined
      },
      end: () => neighbours,
    }
  },
}

function readNeighbour(line: Line): Neighbour | undefined {
  const [addressText = '', dev, device, ...rest] = words(line.text)
  const address = parseAddress(addressText)
  if (!address || dev !== 'dev' || device === undefined) return undefined
  const states: NeighbourState[] = []
  const flags = new Set<string>()
  const draft: Mutable<Neighbour> = { address, device, states, flags, line }
  let at = 0
  while (at < rest.length) {
    const word = rest[at] ?? ''
    if (word.startsWith('#')) break
    const state = STATES.find((known) => known === word)
    if (state) states.push(state)
    else if (FLAGS.has(word)) flags.add(word)
    else at += takeValue(draft, word, rest, at + 1)
    at += 1
  }
  return draft
}

/** How many words behind the name belong to it. */
function takeValue(draft: Mutable<Neighbour>, name: string, text: readonly string[], at: number): number {
  const value = text[at]
  if (name === 'lladdr') {
    const mac = parseMac(value ?? '')
    if (mac) draft.mac = mac
    return 1
  }
  if (name === 'used') return takeTimes(draft, text, at)
  return WITH_VALUE.has(name) ? 1 : 0
}

/** `used 4/64/1probes 6`, in BusyBox `used 0/0/0 probes 6`. */
function takeTimes(draft: Mutable<Neighbour>, text: readonly string[], at: number): number {
  const [, used, confirmed, updated, glued] =
    /^(\d{1,10})\/(\d{1,10})\/(\d{1,10})(probes)?$/.exec(text[at] ?? '') ?? []
  if (used === undefined) return 0
  draft.usedSeconds = Number(used)
  draft.confirmedSeconds = Number(confirmed)
  draft.updatedSeconds = Number(updated)
  const parted = glued === undefined && text[at + 1] === 'probes'
  if (glued === undefined && !parted) return 1
  const probes = wholeNumber(text[parted ? at + 2 : at + 1])
  if (probes !== undefined) draft.probes = probes
  return parted ? 3 : 2
}
