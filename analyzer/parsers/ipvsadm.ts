import type { Address } from '../net/address.ts'
import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import { parseAddressPort } from './addressPort.ts'
import { type IpvsServiceName, ipvsServiceKey, readIpvsServiceName } from './ipvsServiceName.ts'
import { isIpvsMissing } from './ipvsadmTimeouts.ts'
import type { LineParser } from './parser.ts'

/** How packets reach a real server: by address translation, on the node itself, by direct routing, in a tunnel. */
export type IpvsForward = 'Masq' | 'Local' | 'Route' | 'Tunnel'

/** A real server. */
export interface IpvsServer {
  readonly address: Address
  /** 0: the service's own port. */
  readonly port: number
  readonly forward: IpvsForward
  /** 0: gets no new connections. */
  readonly weight: number
  /** Connections that are established; left out of the `-S` form. */
  readonly active?: number
  /** Connections in any other state; left out of the `-S` form. */
  readonly inactive?: number
  readonly line: Line
}

/** A virtual service. */
export interface IpvsService extends IpvsServiceName {
  /** `rr`, `wlc`, `mh` … */
  readonly scheduler: string
  /** The words behind the scheduler but for `persistent N`: `ops`, `mask`, `255.255.255.0` … */
  readonly flags: readonly string[]
  /** How long a client stays with its server; left out where it may change with every connection, and of /proc/net/ip_vs. */
  readonly persistentSeconds?: number
  readonly servers: readonly IpvsServer[]
  readonly line: Line
}

/** The virtual services of a node. */
export interface IpvsTable {
  /** False: the kernel has no IPVS, so that no service says nothing of kube-proxy. */
  readonly supported: boolean
  /** Of IPVS in the kernel: `1.2.1`. */
  readonly version?: string
  /** Buckets of the connection table. */
  readonly connectionTableSize?: number
  readonly services: readonly IpvsService[]
}

interface OpenService extends IpvsService {
  readonly servers: IpvsServer[]
}

interface Reading {
  readonly services: OpenService[]
  readonly byKey: Map<string, OpenService>
  version?: string
  connectionTableSize?: number
  supported: boolean
}

const FORWARDS: readonly IpvsForward[] = ['Masq', 'Local', 'Route', 'Tunnel']

/**
 * `ipvsadm -Ln` (ipvsadm 1.26 to 1.31), columns of any width:
 * ```
 * IP Virtual Server version 1.2.1 (size=4096)
 * Prot LocalAddress:Port Scheduler Flags
 *   -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
 * TCP  10.96.10.14:80 rr persistent 10800
 *   -> 10.244.1.3:8080              Masq    1      0          0
 * ```
 * and `ipvsadm -S -n`:
 * ```
 * -A -t 10.96.10.14:80 -s rr -p 10800
 * -a -t 10.96.10.14:80 -r 10.244.1.3:8080 -m -w 1
 * ```
 */
export const ipvsadm: LineParser<IpvsTable> = {
  kind: 'lines',
  start() {
    const reading: Reading = { services: [], byKey: new Map(), supported: true }
    return {
      line: (text, number) => readLine(reading, text, number),
      end: () => {
        const { byKey: _, ...table } = reading
        return table
      },
    }
  },
}

function readLine(reading: Reading, text: string, number: number): boolean {
  const kept = detach(text)
  const line = { number, text: kept }
  const words = kept.split(/\s+/).filter((word) => word !== '')
  switch (words[0]) {
    case undefined:
    case 'Prot':
      return true
    case 'IP':
      return readHeader(reading, kept)
    case '->':
      return words[1] === 'RemoteAddress:Port' || readServer(reading.services.at(-1), words, line)
    case '-A':
      return readSavedService(reading, words, line)
    case '-a':
      return readSavedServer(reading, words, line)
    default:
      if (!isIpvsMissing(kept)) return readService(reading, words, line)
      reading.supported = false
      return true
  }
}

function readHeader(reading: Reading, text: string): boolean {
  const [, version, size] = /^IP Virtual Server version (\S+)(?: \(size=(\d{1,10})\))?/.exec(text) ?? []
  if (version === undefined) return false
  reading.version = version
  if (size !== undefined) reading.connectionTableSize = Number(size)
  return true
}

function readService(reading: Reading, words: readonly string[], line: Line): boolean {
  const named = readIpvsServiceName(words)
  const [scheduler, ...flags] = named?.rest ?? []
  if (!named || scheduler === undefined) return false
  const at = flags.indexOf('persistent')
  const seconds = at < 0 ? undefined : readNumber(flags[at + 1])
  if (at >= 0 && seconds === undefined) return false
  if (at >= 0) flags.splice(at, 2)
  return addService(reading, {
    ...named.name,
    scheduler,
    flags,
    ...(seconds !== undefined && { persistentSeconds: seconds }),
    servers: [],
    line,
  })
}

function addService(reading: Reading, service: OpenService): boolean {
  reading.services.push(service)
  reading.byKey.set(ipvsServiceKey(service), service)
  return true
}

function readServer(service: OpenService | undefined, words: readonly string[], line: Line): boolean {
  const [, where = '', how, weight, active, inactive] = words
  const endpoint = parseAddressPort(where)
  const forward = FORWARDS.find((known) => known === how)
  const [weightNumber, activeCount, inactiveCount] = [weight, active, inactive].map(readNumber)
  if (!service || !endpoint || !forward) return false
  if (weightNumber === undefined || activeCount === undefined || inactiveCount === undefined) return false
  const { address, port = 0 } = endpoint
  service.servers.push({
    address,
    port,
    forward,
    weight: weightNumber,
    active: activeCount,
    inactive: inactiveCount,
    line,
  })
  return true
}

const SAVED_PROTOCOLS = new Map([
  ['-t', 'TCP'],
  ['-u', 'UDP'],
  ['--sctp-service', 'SCTP'],
  ['-f', 'FWM'],
])

/** `-t 10.0.0.1:443`, `-f 5 -6` as the words that a listing would print: `TCP 10.0.0.1:443`, `FWM 5 IPv6`. */
function savedName(words: readonly string[]): IpvsServiceName | undefined {
  const protocol = SAVED_PROTOCOLS.get(words[1] ?? '')
  if (protocol === undefined) return undefined
  const family = words.includes('-6') ? ['IPv6'] : []
  return readIpvsServiceName([protocol, words[2] ?? '', ...family])?.name
}

/** `-A -t 10.0.0.1:443 -s rr [-p 10800] [-M 255.255.255.0] [-o]` */
function readSavedService(reading: Reading, words: readonly string[], line: Line): boolean {
  const name = savedName(words)
  const scheduler = valueOf(words, '-s')
  if (!name || scheduler === undefined) return false
  const seconds = readNumber(valueOf(words, '-p'))
  const mask = valueOf(words, '-M')
  const flags = [...(mask === undefined ? [] : ['mask', mask]), ...(words.includes('-o') ? ['ops'] : [])]
  return addService(reading, {
    ...name,
    scheduler,
    flags,
    ...(seconds !== undefined && { persistentSeconds: seconds }),
    servers: [],
    line,
  })
}

/** `-a -t 10.0.0.1:443 -r 10.244.1.2:6443 -m -w 1` */
function readSavedServer(reading: Reading, words: readonly string[], line: Line): boolean {
  const name = savedName(words)
  const service = name && reading.byKey.get(ipvsServiceKey(name))
  const endpoint = parseAddressPort(valueOf(words, '-r') ?? '')
  const weight = readNumber(valueOf(words, '-w') ?? '1')
  if (!service || !endpoint || weight === undefined) return false
  const { address, port = 0 } = endpoint
  service.servers.push({ address, port, forward: savedForward(words), weight, line })
  return true
}

/** ipvsadm writes `-g` for a server on the node itself too. */
function savedForward(words: readonly string[]): IpvsForward {
  if (words.includes('-m')) return 'Masq'
  return words.includes('-i') ? 'Tunnel' : 'Route'
}

function valueOf(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option)
  return at < 0 ? undefined : words[at + 1]
}

function readNumber(digits: string | undefined): number | undefined {
  return digits !== undefined && /^\d{1,10}$/.test(digits) ? Number(digits) : undefined
}
