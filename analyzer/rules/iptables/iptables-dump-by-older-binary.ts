import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found } from '../../engine/verdict.ts'
import { iptablesPrograms } from '../../facts/node/iptablesPrograms.ts'
import { iptablesReadings } from '../../facts/node/iptablesReadings.ts'
import { type OlderReader, text } from './iptables-dump-by-older-binary.text.ts'

/** The iptables that printed the dump does not understand all that a newer one wrote: what it shows is not what is in force. */
export default defineRule({
  id: 'iptables-dump-by-older-binary',
  area: 'evidence',
  severity: 'low',
  references: [
    { title: 'iptables commits 32325900 (first in 1.8.7) and the native mark and port matches of 1.8.8' },
    {
      title: 'kubernetes/kubernetes#112477: iptables versions that misread each other’s rules',
      url: 'https://github.com/kubernetes/kubernetes/issues/112477',
    },
  ],
  needs: { dumps: iptablesReadings, programs: iptablesPrograms },
  text,
  check({ dumps, programs }, node) {
    const misread: OlderReader['misread'][number][] = []
    const evidence: Citation<OlderReader['misread'][number]['why'] | 'version' | 'newer'>[] = []
    for (const { taints, capture, versionOrigin, version = '' } of dumps.filter(({ counted }) => counted)) {
      for (const { table, why, line } of taints) {
        if (why === 'incompatible' || why === 'left-out') continue
        misread.push({ path: capture.path, table, why, version })
        if (line !== undefined) evidence.push(withNote(capture.cite(line), why))
        if (versionOrigin !== undefined) evidence.push(withNote(versionOrigin, 'version', version))
      }
    }
    if (misread.length === 0) return clear()
    const [newest] = programs.toSorted((a, b) => b.rank - a.rank)
    const isNewer = newest !== undefined && misread.every(({ version }) => version !== newest.version)
    return found(
      { node: node.id, misread, ...(isNewer && { newest: newest.version }) },
      {
        subject: 'dumps',
        confidence: 'certain',
        evidence: [
          ...evidence.slice(0, 6),
          ...(isNewer ? [withNote(newest.origin, 'newer', newest.version)] : []),
        ],
      },
    )
  },
})
