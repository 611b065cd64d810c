import type { IptablesDump } from '../../facts/node/iptablesReadings.ts'

/** The command that changes the rules which a dump shows, as typed. */
export function iptablesCommand({ role }: Pick<IptablesDump, 'role'>): string {
  if (role === 'legacy') return 'iptables-legacy'
  return role === 'nft' ? 'iptables-nft' : 'iptables'
}
