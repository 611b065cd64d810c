import { type Address, parseAddress } from '../net/address.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** An entry of a forwarding table: of a bridge (`bridge` is set) or of the device itself, such as a VXLAN. */
export interface FdbEntry {
  /** All zero on a VXLAN: where packets for unknown addresses are flooded to. */
  readonly mac: Mac
  readonly device: string
  readonly vlan?: number
  /** VXLAN: the underlay address of the node that has it. */
  readonly dst?: Address
  readonly port?: number
  readonly vni?: number
  /** The bridge whose table it stands in (`master cni0`). */
  readonly bridge?: string
  /** It stands in the device's own table. */
  readonly self: boolean
  /** `permanent`, `static`, `stale`; left out for one that was learnt. */
  readonly state?: string
  readonly offload: boolean
  readonly externLearn: boolean
  readonly line: Line
}

const STATES: ReadonlySet<string> = new Set(['permanent', 'static', 'stale'])
const WITH_VALUE: ReadonlySet<string> = new Set([
  'used',
  'via',
  'src_vni',
  'link-netnsid',
  'link-netns',
  'nhid',
  'activity_notify',
])

/**
 * `net/bridge-fdb.txt`: `bridge fdb show` (iproute2 bridge/fdb.c, 6.1):
 * ```
 * 02:fe:00:00:00:02 dev flannel.1 dst 192.168.50.12 self permanent
 * 0a:58:0a:f4:01:01 dev cni0 vlan 1 master cni0 permanent
 * 0a:58:0a:f4:01:02 dev veth11 master cni0
 * ```
 */
export const bridgeFdb: LineParser<readonly FdbEntry[]> = {
  kind: 'lines',
  start() {
    const entries: FdbEntry[] = []
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const entry = readEntry({ number, text })
        if (entry) entries.push(entry)
        return entry !== undefined
      },
      end: () => entries,
    }
  },
}

function readEntry(line: Line): FdbEntry | undefined {
  const [macText = '', dev, device, ...rest] = words(line.text)
  const mac = parseMac(macText)
  if (!mac || dev !== 'dev' || device === undefined) return undefined
  const draft: Mutable<FdbEntry> = { mac, device, self: false, offload: false, externLearn: false, line }
  let at = 0
  while (at < rest.length) {
    at += 1 + takeWord(draft, rest[at] ?? '', rest[at + 1])
  }
  return draft
}

/** How many words behind the name belong to it. */
function takeWord(draft: Mutable<FdbEntry>, name: string, value: string | undefined): number {
  if (STATES.has(name)) draft.state = name
  if (name === 'self') draft.self = true
  if (name === 'offload') draft.offload = true
  if (name === 'extern_learn') draft.externLearn = true
  if (value === undefined) return 0
  if (name === 'dst') {
    const dst = parseAddress(value)
    if (dst) draft.dst = dst
    return 1
  }
  if (name === 'master') {
    draft.bridge = value
    return 1
  }
  if (name === 'vlan' || name === 'port' || name === 'vni') {
    const number = wholeNumber(value)
    if (number !== undefined) draft[name] = number
    return 1
  }
  return WITH_VALUE.has(name) ? 1 : 0
}
