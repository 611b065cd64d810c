import { type Address, parseAddress } from '../net/address.ts'
import type { Cited } from '../text/cited.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** A name server that the resolver asks. */
export interface Nameserver {
  readonly address: Address
  /** The interface of a link-local address: `fe80::1%eth0`. */
  readonly zone?: string
  readonly line: Line
}

/** The resolver's configuration. glibc and musl ask the first three name servers only. */
export interface ResolvConf {
  readonly nameservers: readonly Nameserver[]
  /** The search list; where there are several, the last one counts (resolv.conf(5)), `domain` among them. */
  readonly search?: Cited<readonly string[]>
  /** Every option (`ndots:5`, `single-request`), of all `options` lines. */
  readonly options: readonly Cited<string>[]
}

/**
 * `net/resolv-conf.txt`, /etc/resolv.conf (resolv.conf(5)):
 * ```
 * nameserver 127.0.0.53
 * search default.svc.cluster.local cluster.local
 * options edns0 trust-ad
 * ```
 */
export const resolvConf: LineParser<ResolvConf> = {
  kind: 'lines',
  start() {
    const nameservers: Nameserver[] = []
    const options: Cited<string>[] = []
    const conf: Mutable<ResolvConf> = { nameservers, options }
    return {
      line(text, number) {
        const [keyword, ...values] = words(text)
        const line = { number, text }
        if (keyword === undefined || /^[#;]/.test(keyword) || keyword === 'sortlist') return true
        if (keyword === 'search') {
          conf.search = { value: values, line }
          return true
        }
        if (keyword === 'domain') {
          conf.search = { value: values.slice(0, 1), line }
          return true
        }
        if (keyword === 'options') {
          for (const value of values) options.push({ value, line })
          return true
        }
        const nameserver = keyword === 'nameserver' ? readNameserver(values[0] ?? '', line) : undefined
        if (nameserver) nameservers.push(nameserver)
        return nameserver !== undefined
      },
      end: () => conf,
    }
  },
}

function readNameserver(text: string, line: Line): Nameserver | undefined {
  const [host = '', zone] = text.split('%')
  const address = parseAddress(host)
  if (!address) return undefined
  return zone === undefined ? { address, line } : { address, zone, line }
}
