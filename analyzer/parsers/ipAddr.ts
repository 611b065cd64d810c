import type { Address } from '../net/address.ts'
import type { Mac } from '../net/mac.ts'
import { parseAddress } from '../net/address.ts'
import { parseMac } from '../net/mac.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { wordAfter, words } from '../text/words.ts'
import { type LinkDetails, readLinkDetails } from './linkDetails.ts'
import { type LinkCounters, readLinkCounters } from './linkCounters.ts'
import type { LineParser } from './parser.ts'

/** An address of an interface. */
export interface InterfaceAddress {
  readonly address: Address
  /** Bits of the network on the link; where there is a `peer`, it is the peer's. */
  readonly prefixLength: number
  /** The far end of a point-to-point link. */
  readonly peer?: Address
  /** `global`, `link`, `host`, or a number. */
  readonly scope?: string
  /** IPv4 only: the interface's name, or an old-style alias such as `lo:1`. */
  readonly label?: string
  /** `secondary`, `dynamic`, `tentative`, `dadfailed`, `deprecated`, `noprefixroute`, `nodad`… */
  readonly flags: ReadonlySet<string>
  readonly line: Line
}

/** A network interface. What the tool did not print is left out. */
export interface Interface extends LinkDetails {
  readonly index: number
  readonly name: string
  /** What stands behind the `@`: the other end (`if3`, `v0`), the lower device of a VLAN (`eth0`), or `NONE`. */
  readonly peer?: string
  /** `UP`, `LOWER_UP`, `NO-CARRIER`, `PROMISC`… */
  readonly flags: ReadonlySet<string>
  readonly mtuBytes?: number
  /** The bridge, bond or VRF it belongs to. */
  readonly master?: string
  /** `UP`, `DOWN`, `UNKNOWN`, `LOWERLAYERDOWN`…; BusyBox does not print it. */
  readonly state?: string
  /** `ether`, `loopback`, `ipip`, `none`… */
  readonly linkType?: string
  readonly mac?: Mac
  /** The address burnt into the card, where the interface bears another one. */
  readonly permanentMac?: Mac
  /** Name (or number) of the network namespace of its peer. */
  readonly linkNetns?: string
  readonly promiscuity?: number
  readonly altNames: readonly string[]
  readonly addresses: readonly InterfaceAddress[]
  readonly received?: LinkCounters
  readonly sent?: LinkCounters
  /** The line with name and MTU. */
  readonly line: Line
  /** The line with the hardware address. */
  readonly linkLine?: Line
}

type Draft = Mutable<Interface> & { addresses: InterfaceAddress[]; altNames: string[] }

const HEADER = /^(\d{1,10}): ([^\s:]{1,64}): <([^<>]*)>(.*)$/
const COUNTER_HEADING = /^(RX|TX)(?: errors)?:/

/**
 * `net/ip-addr.txt` and `net/ip-link.txt`: `ip -d addr show` and `ip -s -s -d link show` of iproute2, or of BusyBox:
 * ```
 * 8: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default qlen 1000
 *     link/ether 02:fe:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535
 *     vxlan id 1 local 192.168.50.11 dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300 udpcsum
 *     inet 10.244.1.0/32 scope global flannel.1
 *        valid_lft forever preferred_lft forever
 *     RX:  bytes packets errors dropped  missed   mcast
 *           6142     104      0       0       0      16
 * ```
 */
export const ipAddr: LineParser<readonly Interface[]> = {
  kind: 'lines',
  start() {
    const interfaces: Draft[] = []
    let current: Draft | undefined
    let heading: string[] | undefined

    const indented = (draft: Draft, line: Line): boolean => {
      const text = words(line.text)
      if (heading) {
        const read = readLinkCounters(draft, heading, text, line)
        heading = undefined
        return read
      }
      if (COUNTER_HEADING.test(line.text.trimStart())) {
        heading = text
        return true
      }
      return readIndented(draft, text, line)
    }

    return {
      line(text, number) {
        if (text.trim() === '') return true
        if (/^\s/.test(text)) return current !== undefined && indented(current, { number, text })
        heading = undefined
        current = readHeader({ number, text })
        if (current) interfaces.push(current)
        return current !== undefined
      },
      end: () => interfaces,
    }
  },
}

function readHeader(line: Line): Draft | undefined {
  const [, index, label = '', flags = '', rest = ''] = HEADER.exec(line.text) ?? []
  if (index === undefined) return undefined
  // The kernel allows an @ inside a name; the peer stands behind the last one.
  const at = label.lastIndexOf('@')
  const draft: Draft = {
    index: Number(index),
    name: at > 0 ? label.slice(0, at) : label,
    flags: new Set(flags.split(',').filter((flag) => flag !== '')),
    altNames: [],
    addresses: [],
    line,
  }
  if (at > 0) draft.peer = label.slice(at + 1)
  const text = words(rest)
  const mtu = wholeNumber(wordAfter(text, 'mtu'))
  const master = wordAfter(text, 'master')
  const state = wordAfter(text, 'state')
  if (mtu !== undefined) draft.mtuBytes = mtu
  if (master !== undefined) draft.master = master
  if (state !== undefined) draft.state = state
  return draft
}

function readIndented(draft: Draft, text: readonly string[], line: Line): boolean {
  const [first = '', second] = text
  if (first.startsWith('link/')) return readLink(draft, text, line)
  if (first === 'inet' || first === 'inet6') return readAddress(draft, text, line)
  if (first === 'valid_lft' || first === 'alias') return true
  if (first === 'altname' && second !== undefined) {
    draft.altNames.push(second)
    return true
  }
  return draft.linkLine !== undefined && readLinkDetails(draft, text, line)
}

function readLink(draft: Draft, text: readonly string[], line: Line): boolean {
  const [type = '', hardware = ''] = text
  draft.linkType = type.slice('link/'.length)
  draft.linkLine = line
  const mac = parseMac(hardware)
  const permanentMac = parseMac(wordAfter(text, 'permaddr') ?? '')
  const netns = wordAfter(text, 'link-netns') ?? wordAfter(text, 'link-netnsid')
  const promiscuity = wholeNumber(wordAfter(text, 'promiscuity'))
  if (mac) draft.mac = mac
  if (permanentMac) draft.permanentMac = permanentMac
  if (netns !== undefined) draft.linkNetns = netns
  if (promiscuity !== undefined) draft.promiscuity = promiscuity
  return true
}

/** `inet A/P [peer B/P] [brd C] scope S [flag…] [label]`; IPv6 has no label. Hand-written comments behind a # are cut. */
function readAddress(draft: Draft, text: readonly string[], line: Line): boolean {
  const comment = text.findIndex((word) => word.startsWith('#'))
  const [family, own = '', ...rest] = comment < 0 ? text : text.slice(0, comment)
  const [ownText = '', ownLength] = own.split('/')
  const [peerText, peerLength] = wordAfter(rest, 'peer')?.split('/') ?? []
  const address = parseAddress(ownText)
  const bits = family === 'inet' ? 32 : 128
  const prefixLength = wholeNumber(peerLength ?? ownLength) ?? bits
  if (!address || prefixLength > bits || address.includes(':') !== (family === 'inet6')) return false
  const scopeAt = rest.indexOf('scope')
  const behind = scopeAt < 0 ? [] : rest.slice(scopeAt + 2)
  const label = family === 'inet' ? behind.at(-1) : undefined
  const read: Mutable<InterfaceAddress> = {
    address,
    prefixLength,
    flags: new Set(label === undefined ? behind : behind.slice(0, -1)),
    line,
  }
  const peer = peerText === undefined ? undefined : parseAddress(peerText)
  const scope = wordAfter(rest, 'scope')
  if (peer) read.peer = peer
  if (scope !== undefined) read.scope = scope
  if (label !== undefined) read.label = label
  draft.addresses.push(read)
  return true
}
