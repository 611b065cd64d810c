import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { iptablesPrograms } from '../../facts/node/iptablesPrograms.ts'
import { hasLostPrefix } from '../../facts/node/iptablesTaints.ts'
import { iptablesTables } from '../../facts/node/iptablesTables.ts'
import { nftHasBareAddress, nftRulesOf } from '../../facts/node/nftRulesOf.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import { captured } from '../../sources/captured.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { type Note, text } from './iptables-cross-version-mangling.text.ts'

/** Where flannel and kube-router put rules for a whole network; chains of Services may be many. */
const NETWORK_CHAINS = /^(?:FORWARD|POSTROUTING|FLANNEL-.*|KUBE-ROUTER-.*)$/

/** Rules whose lines are cited. */
const MAX_CITED = 4

/**
 * Rules of flannel or kube-router in the kernel speak of the first address of the pod or Service network in place of the network: an
 * iptables-nft before 1.8.7 has saved and restored what a newer one wrote (upstream 32325900; every pair of 1.8.2 to 1.8.11 was tried). Where only
 * the dump is cut so, iptables-dump-by-older-binary tells, and the table is not judged.
 */
export default defineRule({
  id: 'iptables-cross-version-mangling',
  area: 'iptables',
  severity: 'critical',
  references: [
    { title: 'iptables commit 32325900, “nft: Optimize class-based IP prefix matches” (1.8.7)' },
    { title: 'k3s#3117', url: 'https://github.com/k3s-io/k3s/issues/3117' },
  ],
  needs: { filter: iptablesTables.filter, nat: iptablesTables.nat, programs: iptablesPrograms },
  wants: { nft: captured.nftRuleset },
  text,
  check({ filter, nat, programs, nft }, node) {
    // iptables-legacy has one form for a network in every release.
    const tables = [...filter, ...nat].filter(({ dump }) => dump.backend !== 'legacy')
    if (tables.length === 0) return notApplicable('legacyOnly')
    const mangled = tables.flatMap(({ table, dump }) =>
      Array.from(table.chains.values())
        .filter(({ name }) => NETWORK_CHAINS.test(name))
        .flatMap(({ rules }) => rules.filter((rule) => hasLostPrefix(rule)))
        .map((rule) => ({ table, dump, rule })),
    )
    const [first] = mangled
    if (first === undefined) return clear()
    const { source, destination } = parseIptablesRule(first.rule)
    const address = source?.prefix.length === 32 ? source.prefix.address : (destination?.prefix.address ?? '')
    const inKernel = nftRulesOf(nft?.value, first.table.name, first.rule.chain)
    const bare = inKernel?.find((rule) => nftHasBareAddress([rule], address))
    const releases = programs.filter(({ backend }) => backend === 'nf_tables')
    const evidence: Citation<Note>[] = mangled
      .slice(0, MAX_CITED)
      .map(({ dump, rule }) => withNote<Note>(dump.capture.cite(rule.line), 'rule'))
    if (nft && bare) evidence.push(withNote<Note>(nft.cite(bare.line), 'nft'))
    evidence.push(...releases.map(({ origin, version }) => withNote<Note>(origin, 'version', version)))
    return found(
      {
        node: node.id,
        address,
        rules: mangled.length,
        isShownByNft: bare !== undefined,
        versions: releases.map(({ version }) => version),
        command: iptablesCommand(first.dump),
      },
      {
        subject: 'networks',
        confidence: 'certain',
        evidence,
        about: [
          `node:${node.id}`,
          ...new Set(mangled.map(({ table, rule }) => `chain:${table.name}/${rule.chain}` as const)),
        ],
      },
    )
  },
})
