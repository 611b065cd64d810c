import { type Address, parseAddress } from '../net/address.ts'
import type { Cited } from '../text/cited.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { textLines } from '../text/textLines.ts'
import { words } from '../text/words.ts'
import type { TextParser } from './parser.ts'

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
  /** The first name server whose line ends in a carriage return; left out where none does. */
  readonly carriageReturn?: Line
}

/**
 * `net/resolv-conf.txt`, /etc/resolv.conf (resolv.conf(5)):
 * ```
 * nameserver 127.0.0.53
 * search default.svc.cluster.local cluster.local
 * options edns0 trust-ad
 * ```
 */
export const resolvConf: TextParser<ResolvConf> = {
  kind: 'text',
  maxBytes: 1024 * 1024,
  parse(text) {
    const nameservers: Nameserver[] = []
    const options: Cited<string>[] = []
    const unread: Line[] = []
    const conf: Mutable<ResolvConf> = { nameservers, options }
    for (const line of textLines(text)) {
      const [keyword, ...values] = words(line.text)
      if (keyword === undefined || /^[#;]/.test(keyword) || keyword === 'sortlist') continue
      if (keyword === 'search') conf.search = { value: values, line }
      else if (keyword === 'domain') conf.search = { value: values.slice(0, 1), line }
      else if (keyword === 'options') options.push(...values.map((value) => ({ value, line })))
      else {
        const nameserver = keyword === 'nameserver' ? readNameserver(values[0] ?? '', line) : undefined
        if (nameserver) nameservers.push(nameserver)
        else unread.push(line)
      }
    }
    const [first] = text.includes('\r\n') ? nameservers : []
    if (first !== undefined && text.includes(`${first.line.text}\r\n`)) conf.carriageReturn = first.line
    return { value: conf, unread }
  },
}

function readNameserver(text: string, line: Line): Nameserver | undefined {
  const [host = '', zone] = text.split('%')
  const address = parseAddress(host)
  if (!address) return undefined
  return zone === undefined ? { address, line } : { address, zone, line }
}
