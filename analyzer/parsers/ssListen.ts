import { type Address, parseAddress } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** A process that holds a socket. */
export interface SocketProcess {
  readonly name: string
  readonly pid: number
  readonly fd?: number
}

/** A socket that waits for packets or connections. */
export interface Listener {
  /** `tcp` or `udp`, for IPv6 as well. */
  readonly protocol: string
  /** `LISTEN`, `UNCONN`… */
  readonly state: string
  /**
   * `*` is every address of both families; `0.0.0.0` and `::` are every address of one. netstat prints `::` for both
   * families too, and the ss of CentOS 7 `*` for 0.0.0.0: none of the three rules the others out.
   */
  readonly address: Address | '*'
  /** The interface it is bound to. */
  readonly zone?: string
  readonly port: number
  /** Connections that wait to be accepted (LISTEN), bytes otherwise. */
  readonly receiveQueue?: number
  /** Empty without root rights, and for sockets of the kernel (VXLAN, WireGuard, a NodePort held by no process). */
  readonly processes: readonly SocketProcess[]
  readonly line: Line
}

const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'dccp', 'mptcp', 'raw', 'udplite'])
const STATES: ReadonlySet<string> = new Set(['LISTEN', 'UNCONN', 'ESTAB', 'CLOSE', 'CLOSE-WAIT', 'TIME-WAIT'])

/**
 * `net/ss-listen.txt`: `ss -tulpn`, with or without header and Netid column; and, where there is no ss, `netstat -tulpn`:
 * ```
 * Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
 * tcp   LISTEN 0      4096               *:6443             *:*    users:(("kube-apiserver",pid=25397,fd=7))
 * udp   UNCONN 0      0            0.0.0.0:8472       0.0.0.0:*
 * ```
 * ```
 * Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
 * tcp6       0      0 :::6443                 :::*                    LISTEN      812/kube-apiserver
 * ```
 */
export const ssListen: LineParser<readonly Listener[]> = {
  kind: 'lines',
  start() {
    const listeners: Listener[] = []
    return {
      line(text, number) {
        // ss -i and -m continue a socket on indented lines.
        if (text.trim() === '' || /^\s/.test(text) || isHeading(text)) return true
        const listener = readListener({ number, text })
        if (listener) listeners.push(listener)
        return listener !== undefined
      },
      end: () => listeners,
    }
  },
}

function isHeading(text: string): boolean {
  return /^(?:Netid|State|Proto|Recv-Q)\s/.test(text) || text.startsWith('Active Internet connections')
}

function readListener(line: Line): Listener | undefined {
  const text = words(line.text)
  const [first = ''] = text
  const protocol = first.replace(/6$/, '')
  if (!PROTOCOLS.has(protocol)) return STATES.has(first) ? readSs('tcp', text, line) : undefined
  const netstat = wholeNumber(text[1]) !== undefined
  return netstat ? readNetstat(protocol, text.slice(1), line) : readSs(protocol, text.slice(1), line)
}

function readSs(protocol: string, text: readonly string[], line: Line): Listener | undefined {
  const [state, receiveQueue, , local] = text
  return makeListener(protocol, state, receiveQueue, local, readUsers(line.text), line)
}

/** UDP sockets have no state in netstat. */
function readNetstat(protocol: string, text: readonly string[], line: Line): Listener | undefined {
  const [receiveQueue, , local, , ...rest] = text
  const state = protocol === 'tcp' ? rest[0] : 'UNCONN'
  const [, pid, name] = /(?:^|\s)(\d{1,10})\/(\S{1,64})/.exec(rest.join(' ')) ?? []
  const processes = pid === undefined || name === undefined ? [] : [{ name, pid: Number(pid) }]
  return makeListener(protocol, state, receiveQueue, local, processes, line)
}

function makeListener(
  protocol: string,
  state: string | undefined,
  receiveQueue: string | undefined,
  local: string | undefined,
  processes: readonly SocketProcess[],
  line: Line,
): Listener | undefined {
  const endpoint = readEndpoint(local ?? '')
  if (!endpoint || state === undefined) return undefined
  const listener: Mutable<Listener> = { protocol, state, ...endpoint, processes, line }
  const queued = wholeNumber(receiveQueue)
  if (queued !== undefined) listener.receiveQueue = queued
  return listener
}

/** `127.0.0.53%lo:53`, `[fe80::1]%eth0:546`, `*:6443`, `:::22`. */
function readEndpoint(text: string): Pick<Listener, 'address' | 'zone' | 'port'> | undefined {
  const colon = text.lastIndexOf(':')
  const port = wholeNumber(text.slice(colon + 1))
  if (colon < 0 || port === undefined || port > 65535) return undefined
  const [host = '', zone] = text.slice(0, colon).split('%')
  const bare = host.replace(/^\[/, '').replace(/\]$/, '')
  const address = bare === '*' ? bare : parseAddress(bare)
  if (!address) return undefined
  const cleanZone = zone?.replace(/\]$/, '')
  return cleanZone === undefined ? { address, port } : { address, zone: cleanZone, port }
}

/** `users:(("sshd",pid=1,fd=3),("sshd",pid=2,fd=3))`; in older iproute2 `users:(("sshd",1,3))`. */
function readUsers(text: string): SocketProcess[] {
  const start = text.indexOf('users:(')
  if (start < 0) return []
  const found = text.slice(start).matchAll(/\("([^"]{0,64})",(?:pid=)?(\d{1,10}),(?:fd=)?(\d{1,10})\)/g)
  return [...found].map(([, name = '', pid, fd]) => ({ name, pid: Number(pid), fd: Number(fd) }))
}
