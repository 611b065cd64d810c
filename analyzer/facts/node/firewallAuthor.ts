import type { RuleChains } from '../../netfilter/chainRules.ts'

/** Who manages the host's own rules in a table, by the chains it makes. */
export type FirewallAuthor = 'ufw' | 'firewalld' | 'docker'

/** ufw and firewalld set policies and reject rules of their own, Docker but the policy of FORWARD: the first that is there. */
const MARKS: readonly (readonly [FirewallAuthor, RegExp])[] = [
  ['ufw', /^ufw6?-/],
  [
    'firewalld',
    /^(?:FORWARD_direct|INPUT_direct|FORWARD_IN_ZONES|INPUT_ZONES|FWD[IO]_|filter_FWD_|filter_IN_)/,
  ],
  ['docker', /^DOCKER(?:-USER|-FORWARD|-ISOLATION-STAGE-1|-ISOLATION)?$/],
]

/** The author of a policy, or of rules in the base chains; undefined where neither the table nor a chain tells. */
export function firewallAuthor({
  table,
  names,
}: Pick<RuleChains, 'table' | 'names'>): FirewallAuthor | undefined {
  // Since 0.6 firewalld has a native table of its own (FirewallBackend=nftables).
  if (table.endsWith(' firewalld')) return 'firewalld'
  return MARKS.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0]
}
