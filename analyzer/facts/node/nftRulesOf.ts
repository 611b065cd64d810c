import type { NftRule } from '../../parsers/nftRuleList.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'

/** The rules that nft shows in a chain of an IPv4 table of iptables-nft; undefined where it shows no such chain. */
export function nftRulesOf(
  ruleset: NftRuleset | undefined,
  table: string,
  chain: string,
): readonly NftRule[] | undefined {
  const found = ruleset?.tables.find(({ family, name }) => family === 'ip' && name === table)
  return found?.chains.find(({ name }) => name === chain)?.rules
}

/** Does nft show this address without a mask behind it, as `ip saddr` or `ip daddr`? */
export function nftHasBareAddress(rules: readonly NftRule[], address: string): boolean {
  return rules.some(({ text }) =>
    ['ip saddr', 'ip daddr'].some((words) => `${text} `.includes(`${words} ${address} `)),
  )
}
