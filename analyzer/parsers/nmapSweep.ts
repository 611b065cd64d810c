import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { type Address, parseAddress } from '../net/address.ts'
import { type Mac, parseMac } from '../net/mac.ts'
import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Line } from '../text/line.ts'
import { lineFinder } from '../text/lineFinder.ts'
import { messageOf } from '../text/messageOf.ts'
import { shorten } from '../text/shorten.ts'
import { type JsonValue, asArray, asString, field } from './jsonValue.ts'
import type { TextParser } from './parser.ts'
import { unreadLines } from './unreadLines.ts'

/** A host that the sweep has looked for. */
export interface NmapHost {
  readonly addresses: readonly Address[]
  readonly mac?: Mac
  /** `up`, `down` or `unknown`. */
  readonly state: string
  /** How nmap knows: `arp-response`, `echo-reply`, `no-response`, `localhost-response`… */
  readonly reason: string
  /** The line of its first address. */
  readonly line: Line
}

/** What an `nmap -sn` found. */
export interface NmapSweep {
  readonly hosts: readonly NmapHost[]
  /** Addresses and networks on its command line; those of a file (-iL) are told by their hosts alone, and only with -v. */
  readonly targets: readonly Prefix[]
  /** Why the file could not be read. */
  readonly error?: string
}

/** nmap writes this one and nothing inside it; any other document type may define entities. */
const DOCTYPE = '<!DOCTYPE nmaprun>'

/** The library tells all the open tags of a broken text. */
const MAX_MESSAGE = 200

/**
 * `extra/nmap.xml`, `nmap -sn -oX nmap.xml 10.244.0.0/16`, put into the bundle by hand (nmap(1), nmap.dtd):
 * ```
 * <nmaprun scanner="nmap" args="nmap -sn -oX nmap.xml 192.168.50.0/24" start="1795221000" version="7.93">
 * <host><status state="up" reason="arp-response" reason_ttl="0"/>
 * <address addr="192.168.50.12" addrtype="ipv4"/>
 * <address addr="02:00:00:00:00:12" addrtype="mac"/>
 * </host>
 * </nmaprun>
 * ```
 * A file that is not well-formed, or brings a document type of its own, is refused whole.
 */
export const nmapSweep: TextParser<NmapSweep> = {
  kind: 'text',
  maxBytes: 4 * 1024 * 1024,
  parse(text) {
    if (text.trim() === '') return { value: { hosts: [], targets: [] }, unread: [] }
    const result = readXml(text.replace(DOCTYPE, ' '.repeat(DOCTYPE.length)))
    const run = field(result.document, 'nmaprun')
    const error = result.error ?? (run === undefined ? 'no nmaprun element' : undefined)
    if (error !== undefined) return { value: { hosts: [], targets: [], error }, unread: unreadLines(text) }
    return { value: { hosts: hostsOf(run, text), targets: targetsOf(run) }, unread: [] }
  },
}

interface Xml {
  readonly document?: JsonValue
  readonly error?: string
}

function readXml(text: string): Xml {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return { error: 'a document type other than that of nmap' }
  try {
    const validity = XMLValidator.validate(text)
    if (validity !== true) return { error: shorten(validity.err.msg, MAX_MESSAGE) }
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '',
      processEntities: false,
      parseTagValue: false,
      parseAttributeValue: false,
      maxNestedTags: 100,
      isArray: (name) => name === 'host' || name === 'address',
    })
    const document: JsonValue = parser.parse(text)
    return { document }
  } catch (error) {
    return { error: shorten(messageOf(error), MAX_MESSAGE) }
  }
}

/** Ranges such as 10.0.2.6-8 are left out. Without -v, nmap lists of its targets only those that answer. */
function targetsOf(run: JsonValue | undefined): readonly Prefix[] {
  const words = (asString(field(run, 'args')) ?? '').split(' ')
  return words.flatMap((word) => parsePrefix(word) ?? [])
}

function hostsOf(run: JsonValue | undefined, text: string): readonly NmapHost[] {
  const placeOf = lineFinder(text)
  const hosts: NmapHost[] = []
  let from = 0
  for (const entry of asArray(field(run, 'host'))) {
    const written = asArray(field(entry, 'address')).map((address) => asString(field(address, 'addr')) ?? '')
    const addresses = written.map(parseAddress).filter((address) => address !== undefined)
    const mac = written.map(parseMac).find((known) => known !== undefined)
    // Hosts stand in the order of the text, so each is looked for behind the one before.
    const found = text.indexOf(`addr="${written[0]}"`, from)
    if (addresses.length === 0 || found === -1) continue
    from = found + 1
    hosts.push({
      addresses,
      ...(mac === undefined ? {} : { mac }),
      state: asString(field(entry, 'status', 'state')) ?? 'unknown',
      reason: asString(field(entry, 'status', 'reason')) ?? '',
      line: placeOf(found).line,
    })
  }
  return hosts
}
