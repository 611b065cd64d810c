import type { Address } from '../net/address.ts'
import type { Line } from '../text/line.ts'
import { parseAddressPort } from './addressPort.ts'
import { type IpvsServiceName, readIpvsServiceName } from './ipvsServiceName.ts'
import { isIpvsMissing } from './ipvsadmTimeouts.ts'
import type { LineParser } from './parser.ts'

/** Counters of a service or a server since it was made. Large ones are rounded down by the tool. */
export interface IpvsCounters {
  readonly connections: number
  readonly inPackets: number
  readonly outPackets: number
  readonly inBytes: number
  readonly outBytes: number
  readonly line: Line
}

/** Counters of a real server. */
export interface IpvsServerStats extends IpvsCounters {
  readonly address: Address
  readonly port: number
}

/** Counters of a virtual service and its servers. */
export interface IpvsServiceStats extends IpvsServiceName, IpvsCounters {
  readonly servers: readonly IpvsServerStats[]
}

/** Counters of all virtual services. */
export interface IpvsStats {
  /** False: the kernel has no IPVS. */
  readonly supported: boolean
  readonly services: readonly IpvsServiceStats[]
}

/**
 * `ipvsadm -Ln --stats`:
 * ```
 * IP Virtual Server version 1.2.1 (size=4096)
 * Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
 *   -> RemoteAddress:Port
 * TCP  10.96.10.10:80                      4       24       16     1604     1392
 *   -> 10.244.1.2:8080                     1        6        4      401      348
 * ```
 * From 100 million on a value is printed with a decimal suffix (ipvsadm.c, print_largenum): `123456K`, `9876M`.
 */
export const ipvsadmStats: LineParser<IpvsStats> = {
  kind: 'lines',
  start() {
    const services: (IpvsServiceStats & { readonly servers: IpvsServerStats[] })[] = []
    let supported = true
    return {
      line(text, number) {
        const words = text.split(/\s+/).filter((word) => word !== '')
        if (words[0] === undefined || words[0] === 'Prot' || text.startsWith('IP Virtual Server version '))
          return true
        if (words[0] === '->') {
          if (words[1] === 'RemoteAddress:Port') return true
          const endpoint = parseAddressPort(words[1] ?? '')
          const counters = readCounters(words.slice(2), { number, text })
          const service = services.at(-1)
          if (!service || !endpoint || !counters) return false
          service.servers.push({ address: endpoint.address, port: endpoint.port ?? 0, ...counters })
          return true
        }
        if (isIpvsMissing(text)) {
          supported = false
          return true
        }
        const named = readIpvsServiceName(words)
        const counters = named && readCounters(named.rest, { number, text })
        if (!named || !counters) return false
        services.push({ ...named.name, ...counters, servers: [] })
        return true
      },
      end: () => ({ supported, services }),
    }
  },
}

function readCounters(words: readonly string[], line: Line): IpvsCounters | undefined {
  const [connections, inPackets, outPackets, inBytes, outBytes, ...more] = words.map(readLargeNumber)
  if (more.length > 0 || connections === undefined || inPackets === undefined) return undefined
  if (outPackets === undefined || inBytes === undefined || outBytes === undefined) return undefined
  return { connections, inPackets, outPackets, inBytes, outBytes, line }
}

const SUFFIXES = new Map([
  ['', 1],
  ['K', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
])

function readLargeNumber(text: string): number | undefined {
  const [, digits, suffix = ''] = /^(\d{1,20})([KMGT]?)$/.exec(text) ?? []
  const factor = SUFFIXES.get(suffix)
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}
