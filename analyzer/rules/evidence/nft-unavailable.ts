import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captureRows } from '../../facts/node/captureRows.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './nft-unavailable.text.ts'

/** The rules are in nftables, and only iptables-nft shows them. */
export default defineRule({
  id: 'nft-unavailable',
  area: 'evidence',
  severity: 'info',
  needs: { captureRows },
  wants: { iptables: captured.iptablesSave },
  text,
  check({ captureRows, iptables }, node) {
    const generator = iptables?.value.generators.find(({ backend }) => backend !== undefined)
    if (iptables === undefined || generator === undefined) return notApplicable('noDump')
    if (generator.backend !== 'nf_tables') return notApplicable('notNftables')
    const ruleset = captureRows.find(({ source }) => source === 'nft-ruleset')
    if (ruleset?.status !== 'absent') return clear()
    return found(
      { node: node.id, version: generator.version },
      {
        subject: 'nft',
        confidence: 'certain',
        evidence: [withNote(iptables.cite(generator.line), 'backend'), ruleset.origin],
      },
    )
  },
})
