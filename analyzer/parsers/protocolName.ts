/** Protocol names that iptables prints (libxtables, xtables_chain_protos), by number (IANA). */
const PROTOCOLS = new Map([
  ['0', 'all'],
  ['1', 'icmp'],
  ['4', 'ipencap'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['33', 'dccp'],
  ['47', 'gre'],
  ['50', 'esp'],
  ['51', 'ah'],
  ['58', 'ipv6-icmp'],
  ['132', 'sctp'],
  ['136', 'udplite'],
  ['icmpv6', 'ipv6-icmp'],
])

/** One name for what `iptables -p` prints as a name or a number: `6` and `TCP` → `tcp`; what is not known here, in lower case. */
export function protocolName(text: string): string {
  const name = text.toLowerCase()
  return PROTOCOLS.get(name) ?? name
}
