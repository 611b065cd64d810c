import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captureRows } from '../../facts/node/captureRows.ts'
import { iptablesReadings } from '../../facts/node/iptablesReadings.ts'
import { text } from './nft-unavailable.text.ts'

/** The rules are in nftables, and only iptables-nft shows them. */
export default defineRule({
  id: 'nft-unavailable',
  area: 'evidence',
  severity: 'info',
  references: [{ title: 'iptables-nft(8)' }],
  needs: { captureRows },
  wants: { readings: iptablesReadings },
  text,
  check({ captureRows, readings = [] }, node) {
    if (readings.length === 0) return notApplicable('noDump')
    const writer = readings.find(({ backend }) => backend === 'nf_tables')
    if (writer === undefined) return notApplicable('notNftables')
    const ruleset = captureRows.find(({ source }) => source === 'nft-ruleset')
    if (ruleset?.status !== 'absent') return clear()
    return found(
      { node: node.id, version: writer.version ?? '' },
      {
        subject: 'nft',
        confidence: 'certain',
        evidence: [
          ...(writer.versionOrigin ? [withNote(writer.versionOrigin, 'backend')] : []),
          ruleset.origin,
        ],
      },
    )
  },
})
