import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** A member of a set. */
export interface IpsetEntry {
  /** As printed: `10.96.0.1,tcp:443`, `10.244.1.0/24`, `30080`, `KUBE-POD` in a set of sets. */
  readonly element: string
  /** Of the first part that names one; a port without a protocol is TCP (ipset(8)). */
  readonly protocol?: string
  /** The first port, as printed by number; a range `80-90` gives its first port. */
  readonly port?: number
  readonly comment?: string
  readonly line: Line
}

/** A set. */
export interface Ipset {
  readonly name: string
  /** `hash:ip,port`, `bitmap:port`, `list:set` … */
  readonly type: string
  readonly family?: 'inet' | 'inet6'
  /** A set refuses members beyond it. */
  readonly maxElements?: number
  /** Lifetime of a member added without one; 0: for ever. Left out of sets whose members have none. */
  readonly timeoutSeconds?: number
  readonly entries: readonly IpsetEntry[]
  readonly line: Line
}

/** All sets of a node by name, in the order of the dump. */
export type IpsetSave = ReadonlyMap<string, Ipset>

interface OpenSet extends Ipset {
  readonly entries: IpsetEntry[]
}

/**
 * `ipset save` (ipset 6 and 7):
 * ```
 * create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xd3fbd271
 * add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
 * create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
 * add KUBE-NODE-PORT-TCP 30080 comment "default/web:http"
 * ```
 */
export const ipsetSave: LineParser<IpsetSave> = {
  kind: 'lines',
  start() {
    const sets = new Map<string, OpenSet>()
    return {
      line(text, number) {
        if (text.startsWith('add ')) return readEntry(sets, text, number)
        if (text.startsWith('create ')) return readSet(sets, text, number)
        return text.trim() === ''
      },
      end: () => sets,
    }
  },
}

function readSet(sets: Map<string, OpenSet>, text: string, number: number): boolean {
  const kept = detach(text)
  const [, name, type, ...options] = kept.split(' ')
  if (!name || !type || sets.has(name)) return false
  const family = valueOf(options, 'family')
  const maxElements = numberOf(valueOf(options, 'maxelem'))
  const timeoutSeconds = numberOf(valueOf(options, 'timeout'))
  sets.set(name, {
    name,
    type,
    ...((family === 'inet' || family === 'inet6') && { family }),
    ...(maxElements !== undefined && { maxElements }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    entries: [],
    line: { number, text: kept },
  })
  return true
}

function readEntry(sets: Map<string, OpenSet>, text: string, number: number): boolean {
  const kept = detach(text)
  const { words, comment } = cutComment(kept)
  const [, name, element] = words.split(' ')
  const set = name === undefined ? undefined : sets.get(name)
  if (!set || !element) return false
  set.entries.push({
    element,
    ...portOf(set.type, element),
    ...(comment !== undefined && { comment }),
    line: { number, text: kept },
  })
  return true
}

/** `add S 192.0.2.1,udp:53 timeout 299 comment "a \ b"`: ipset escapes nothing, and takes no quote into a comment. */
function cutComment(text: string): { words: string; comment?: string } {
  const start = text.indexOf(COMMENT)
  const end = start < 0 ? -1 : text.indexOf('"', start + COMMENT.length)
  if (end < 0) return { words: text }
  return { words: text.slice(0, start), comment: text.slice(start + COMMENT.length, end) }
}

const COMMENT = ' comment "'

/** The port of an element, at the place where the set's type (`hash:ip,port,net`) says that a port stands. */
function portOf(type: string, element: string): Pick<IpsetEntry, 'protocol' | 'port'> {
  const place = type
    .slice(type.indexOf(':') + 1)
    .split(',')
    .indexOf('port')
  const part = place < 0 ? undefined : element.split(',')[place]
  const [, protocol, digits] = /^(?:([a-z][\w-]*|\d{1,3}):)?(\d{1,5})(?:-\d{1,5})?$/.exec(part ?? '') ?? []
  if (digits === undefined) return {}
  const port = Number(digits)
  if (protocol !== undefined) return { protocol, port }
  return type === 'bitmap:port' ? { port } : { protocol: 'tcp', port }
}

function valueOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name)
  return at < 0 ? undefined : words[at + 1]
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
