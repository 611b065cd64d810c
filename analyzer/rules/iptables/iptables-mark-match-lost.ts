import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Severity } from '../../engine/outcome.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { hasLostMatch } from '../../facts/node/iptablesTaints.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { nftRulesOf } from '../../facts/node/nftRulesOf.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesRule } from '../../parsers/iptablesTables.ts'
import { captured } from '../../sources/captured.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { type LostMark, type Note, text } from './iptables-mark-match-lost.text.ts'

/** What a rule does once it holds for every packet; rules that an administrator may well write so are left out. */
const EFFECTS = new Map<string, { effect: LostMark['effect']; severity: Severity }>([
  ['KUBE-FIREWALL DROP', { effect: 'drops-all', severity: 'critical' }],
  ['KUBE-FORWARD DROP', { effect: 'drops-forwarded', severity: 'critical' }],
  ['KUBE-FORWARD ACCEPT', { effect: 'accepts-all', severity: 'medium' }],
  ['KUBE-POSTROUTING RETURN', { effect: 'masquerades-none', severity: 'high' }],
  ['KUBE-POSTROUTING MASQUERADE', { effect: 'masquerades-all', severity: 'high' }],
])

/**
 * A rule of Kubernetes in the kernel has lost the match that it always has, and holds for every packet: an iptables-nft before 1.8.8 has
 * saved and restored what a newer one wrote (kube-router#1370, kubernetes#112477). Where only the dump lacks it,
 * iptables-dump-by-older-binary tells, and the table is not judged.
 */
export default defineRule({
  id: 'iptables-mark-match-lost',
  area: 'iptables',
  severity: 'critical',
  references: [
    { title: 'kube-router#1370', url: 'https://github.com/cloudnativelabs/kube-router/issues/1370' },
    { title: 'kubernetes#112477', url: 'https://github.com/kubernetes/kubernetes/issues/112477' },
  ],
  needs: { filter: iptablesTables.filter, nat: iptablesTables.nat },
  wants: { nft: captured.nftRuleset },
  text,
  check({ filter, nat, nft }, node) {
    const tables = [...filter, ...nat]
    const isKubernetes = tables.some(({ table }) =>
      [...table.chains.keys()].some((name) => name.startsWith('KUBE-')),
    )
    if (!isKubernetes) return notApplicable('noChains')
    const findings = tables.flatMap((table) => lostIn(table).map((rule) => tell(table, rule)))
    return findings.length === 0 ? clear() : findings

    function tell({ dump, table }: TableOfDump, rule: IptablesRule): Found<LostMark, Note> {
      const target = parseIptablesRule(rule).target?.name ?? ''
      const { effect = 'drops-all', severity = 'critical' } = EFFECTS.get(`${rule.chain} ${target}`) ?? {}
      const native = dump.backend === 'legacy' ? undefined : nftRulesOf(nft?.value, table.name, rule.chain)
      const shown = native?.find(({ text: words }) => words.includes(NFT_WORDS.get(target) ?? target))
      const evidence: Citation<Note>[] = [withNote<Note>(dump.capture.cite(rule.line), 'rule')]
      if (nft && shown) evidence.push(withNote<Note>(nft.cite(shown.line), 'nft'))
      if (dump.versionOrigin && dump.version !== undefined)
        evidence.push(withNote<Note>(dump.versionOrigin, 'version', dump.version))
      return found<LostMark, Note>(
        {
          node: node.id,
          table: table.name,
          chain: rule.chain,
          effect,
          isShownByNft: shown !== undefined,
          command: iptablesCommand(dump),
        },
        {
          subject: `${table.name}/${rule.chain}/${target}`,
          severity,
          confidence: 'certain',
          evidence,
          about: [`node:${node.id}`, `chain:${table.name}/${rule.chain}`],
        },
      )
    }
  },
})

const NFT_WORDS = new Map([
  ['DROP', 'drop'],
  ['ACCEPT', 'accept'],
  ['RETURN', 'return'],
  ['MASQUERADE', 'masquerade'],
])

/** Tables that the dump does not show as the kernel holds them are not among those asked. */
function lostIn({ table }: TableOfDump): readonly IptablesRule[] {
  return ['KUBE-FIREWALL', 'KUBE-FORWARD', 'KUBE-POSTROUTING'].flatMap((name) => {
    const chain = table.chains.get(name)
    return chain === undefined ? [] : chain.rules.filter((rule) => hasLostMatch(chain, rule))
  })
}
