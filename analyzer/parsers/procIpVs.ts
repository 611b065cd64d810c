import { type Address, parseAddress } from '../net/address.ts'
import { detach } from '../text/detach.ts'
import type { Line } from '../text/line.ts'
import type { IpvsForward, IpvsServer, IpvsService, IpvsTable } from './ipvsadm.ts'
import type { LineParser } from './parser.ts'

interface OpenService extends IpvsService {
  readonly servers: IpvsServer[]
}

type Header = Pick<IpvsTable, 'version' | 'connectionTableSize'>

const FORWARDS: readonly IpvsForward[] = ['Masq', 'Local', 'Route', 'Tunnel']

/**
 * `/proc/net/ip_vs`, addresses, ports and marks in hexadecimal (Linux, net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show):
 * ```
 * IP Virtual Server version 1.2.1 (size=4096)
 * Prot LocalAddress:Port Scheduler Flags
 *   -> RemoteAddress:Port Forward Weight ActiveConn InActConn
 * TCP  0A600A0E:0050 rr  persistent 2700000 FFFFFFFF
 *   -> 0AF40203:1F90      Masq    1      0          0
 * TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:01BB rr
 * FWM  00000005 wlc
 * ```
 * The time of `persistent` is in jiffies, whose length the file does not tell: it stays among the flags.
 */
export const procIpVs: LineParser<IpvsTable> = {
  kind: 'lines',
  start() {
    const services: OpenService[] = []
    let header: Header = {}
    return {
      line(text, number) {
        const line = { number, text: detach(text) }
        const words = line.text.split(/\s+/).filter((word) => word !== '')
        if (words[0] === undefined || words[0] === 'Prot' || words[1] === 'RemoteAddress:Port') return true
        if (words[0] === '->') return readServer(services.at(-1), words, line)
        const [, version, size] = /^IP Virtual Server version (\S+) \(size=(\d{1,10})\)$/.exec(text) ?? []
        if (version === undefined) return readService(services, words, line)
        header = { version, connectionTableSize: Number(size) }
        return true
      },
      end: () => ({ supported: true, ...header, services }),
    }
  },
}

function readService(services: OpenService[], words: readonly string[], line: Line): boolean {
  const [protocol, where = '', scheduler, ...flags] = words
  if (scheduler === undefined) return false
  if (protocol === 'FWM') {
    if (!/^[0-9A-F]{8}$/.test(where)) return false
    services.push({ protocol, firewallMark: Number.parseInt(where, 16), scheduler, flags, servers: [], line })
    return true
  }
  const endpoint = readHexEndpoint(where)
  if (!endpoint || (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')) return false
  services.push({ protocol, ...endpoint, scheduler, flags, servers: [], line })
  return true
}

function readServer(service: OpenService | undefined, words: readonly string[], line: Line): boolean {
  const [, where = '', how, ...numbers] = words
  const endpoint = readHexEndpoint(where)
  const forward = FORWARDS.find((known) => known === how)
  if (!service || !endpoint || !forward || !numbers.every((digits) => /^\d{1,10}$/.test(digits))) return false
  const [weight, active, inactive] = numbers.map(Number)
  if (weight === undefined || active === undefined || inactive === undefined) return false
  service.servers.push({ ...endpoint, forward, weight, active, inactive, line })
  return true
}

/** `C0A83264:0050` → 192.168.50.100, 80; `[fd00:0000:…:0001]:01BB`. */
function readHexEndpoint(text: string): { address: Address; port: number } | undefined {
  const [, v6, v4, hexPort = ''] = /^(?:\[([0-9a-f:]{39})\]|([0-9A-F]{8})):([0-9A-F]{4})$/.exec(text) ?? []
  const address = parseAddress(v6 ?? dotted(v4 ?? ''))
  return address === undefined ? undefined : { address, port: Number.parseInt(hexPort, 16) }
}

function dotted(hex: string): string {
  return (hex.match(/../g) ?? []).map((octet) => Number.parseInt(octet, 16)).join('.')
}
