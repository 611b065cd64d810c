import type { IptablesTable } from '../../parsers/iptablesSave.ts'

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

/** The author of a policy, or of rules in the base chains; undefined where no chain tells. */
export function firewallAuthor(table: IptablesTable): FirewallAuthor | undefined {
  const names = [...table.chains.keys()]
  return MARKS.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0]
}
