import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { wordAfter, words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** A port of a bridge. */
export interface BridgePort {
  readonly index: number
  readonly device: string
  /** The bridge. */
  readonly master?: string
  /** `forwarding`, `disabled`, `blocking`, `listening`, `learning`. */
  readonly state?: string
  readonly mtuBytes?: number
  readonly flags: ReadonlySet<string>
  /** May a packet leave through the port it came in by? With `-d` only. */
  readonly hairpin?: boolean
  /** The other options of `-d` by name (`guard`, `learning`, `isolated`…), as printed: `on`, `off`, a number. */
  readonly options: ReadonlyMap<string, string>
  readonly line: Line
  /** The line with the options. */
  readonly optionsLine?: Line
}

type Draft = Mutable<BridgePort> & { options: Map<string, string> }

/**
 * `net/bridge-link.txt`: `bridge -d link show` (iproute2 bridge/link.c; older ones put `state UP` before the `@`):
 * ```
 * 4: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 32 cost 2
 *     hairpin off guard off root_block off fastleave off learning on flood on mcast_flood on bcast_flood on
 * ```
 */
export const bridgeLink: LineParser<readonly BridgePort[]> = {
  kind: 'lines',
  start() {
    const ports: Draft[] = []
    let current: Draft | undefined
    return {
      line(text, number) {
        if (text.trim() === '') return true
        if (/^\s/.test(text)) return current !== undefined && readOptions(current, { number, text })
        current = readPort({ number, text })
        if (current) ports.push(current)
        return current !== undefined
      },
      end: () => ports,
    }
  },
}

function readPort(line: Line): Draft | undefined {
  const [, index, label = '', flags = '', rest = ''] =
    /^(\d{1,10}): ([^<>]{1,200}): <([^<>]*)>(.*)$/.exec(line.text) ?? []
  const [name = ''] = words(label)
  if (index === undefined || name === '') return undefined
  const at = name.lastIndexOf('@')
  const text = words(rest)
  const draft: Draft = {
    index: Number(index),
    device: at > 0 ? name.slice(0, at) : name,
    flags: new Set(flags.split(',').filter((flag) => flag !== '')),
    options: new Map(),
    line,
  }
  const master = wordAfter(text, 'master')
  const state = wordAfter(text, 'state')
  const mtu = wholeNumber(wordAfter(text, 'mtu'))
  if (master !== undefined) draft.master = master
  if (state !== undefined) draft.state = state
  if (mtu !== undefined) draft.mtuBytes = mtu
  return draft
}

function readOptions(draft: Draft, line: Line): boolean {
  const text = words(line.text)
  const [first = ''] = text
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(first)) return false
  for (let at = 0; at + 1 < text.length; at += 2) draft.options.set(text[at] ?? '', text[at + 1] ?? '')
  draft.optionsLine ??= line
  const hairpin = draft.options.get('hairpin')
  if (hairpin !== undefined) draft.hairpin = hairpin === 'on'
  return true
}
