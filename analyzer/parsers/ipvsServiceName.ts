import type { Address } from '../net/address.ts'
import { parseAddressPort } from './addressPort.ts'

/** What IPVS knows a virtual service by: protocol, address and port, or a firewall mark. */
export interface IpvsServiceName {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'FWM'
  readonly address?: Address
  /** 0: every port of the address. */
  readonly port?: number
  /** Of FWM. */
  readonly firewallMark?: number
  /** Of FWM, whose mark alone does not tell. */
  readonly family?: 'IPv4' | 'IPv6'
}

/**
 * Reads the first words of a service line of ipvsadm: `TCP 10.0.0.1:443 rr`, `TCP [fd00::1]:443 rr`, `FWM 5 IPv6 rr`.
 * Gives the words behind the name; undefined where the line names no service.
 */
export function readIpvsServiceName(
  words: readonly string[],
): { readonly name: IpvsServiceName; readonly rest: readonly string[] } | undefined {
  const [protocol, where = ''] = words
  if (protocol === 'FWM') {
    if (!/^\d{1,10}$/.test(where)) return undefined
    const isV6 = words[2] === 'IPv6'
    const name: IpvsServiceName = { protocol, firewallMark: Number(where), family: isV6 ? 'IPv6' : 'IPv4' }
    return { name, rest: words.slice(isV6 ? 3 : 2) }
  }
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') return undefined
  const endpoint = parseAddressPort(where)
  if (!endpoint) return undefined
  const { address, port = 0 } = endpoint
  return { name: { protocol, address, port }, rest: words.slice(2) }
}

/** The same text for the same service, whichever tool printed it. */
export function ipvsServiceKey({ protocol, address, port, firewallMark, family }: IpvsServiceName): string {
  return protocol === 'FWM' ? `FWM ${firewallMark} ${family}` : `${protocol} ${address} ${port}`
}
