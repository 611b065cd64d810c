import type { ChainVerdict } from './chainRules.ts'

/** What a target of iptables does to a packet, those that end the walk through their chain (iptables-extensions(8)). */
export const TERMINAL_TARGETS: ReadonlyMap<string, ChainVerdict> = new Map<string, ChainVerdict>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['REJECT', 'reject'],
  ['QUEUE', 'queue'],
  ['NFQUEUE', 'queue'],
  ['DNAT', 'translate'],
  ['SNAT', 'translate'],
  ['MASQUERADE', 'translate'],
  ['REDIRECT', 'translate'],
  ['NETMAP', 'translate'],
])

/** Targets after which the next rule comes, and which change nothing that a rule here asks for (iptables-extensions(8)). */
export const CONTINUING_TARGETS: ReadonlySet<string> = new Set(
  (
    'AUDIT CHECKSUM CLASSIFY CONNSECMARK CT DNPT DSCP ECN HL HMARK IDLETIMER LED LOG NFLOG NOTRACK RATEEST ' +
    'SECMARK SET SNPT TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL ULOG'
  ).split(' '),
)

/** Targets that change the mark of the packet. */
export const MARK_TARGETS: ReadonlySet<string> = new Set(['MARK', 'CONNMARK'])
