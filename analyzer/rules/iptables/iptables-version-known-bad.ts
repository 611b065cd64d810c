import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { type IptablesProgram, iptablesPrograms } from '../../facts/node/iptablesPrograms.ts'
import { iptablesReadings } from '../../facts/node/iptablesReadings.ts'
import { type BadVersion, type Note, text } from './iptables-version-known-bad.text.ts'

/** A range of releases of iptables-nft with a defect; ranks as in releaseRank. */
interface Defect {
  readonly kind: Exclude<BadVersion['kind'], 'mixed'>
  readonly from: number
  readonly to: number
  readonly severity: Severity
  readonly confidence: Confidence
}

/** Found by building every release from 1.8.0 to 1.8.11; legacy mode of the same packages is free of them. */
const DEFECTS: readonly Defect[] = [
  { kind: 'check-fails', from: 1_008_000, to: 1_008_002, severity: 'medium', confidence: 'likely' },
  { kind: 'loops', from: 1_008_003, to: 1_008_003, severity: 'low', confidence: 'possible' },
  // Distributions may have taken in the repair (upstream 40406dbf).
  { kind: 'interfaces-ignored', from: 1_008_011, to: 1_008_011, severity: 'low', confidence: 'possible' },
]

/** From these on rules are written in a form that releases before cannot read: networks (32325900), then marks and ports. */
const THRESHOLDS = [1_008_007, 1_008_008]

/** A release of iptables-nft with a known defect is in use, or two that misread each other; nothing of it need be visible yet. */
export default defineRule({
  id: 'iptables-version-known-bad',
  area: 'iptables',
  severity: 'medium',
  references: [
    {
      title: 'k3s known issues: iptables',
      url: 'https://docs.k3s.io/known-issues',
    },
    { title: 'iptables commits ccf154d7 (1.8.3), 32325900 (1.8.7) and 40406dbf (after 1.8.11)' },
    { title: 'kubernetes#82361', url: 'https://github.com/kubernetes/kubernetes/issues/82361' },
  ],
  needs: { programs: iptablesPrograms, dumps: iptablesReadings },
  text,
  check({ programs, dumps }, node) {
    // What iptables -V says of a program that nobody uses for Kubernetes does no harm.
    const isUsed = dumps.some(
      ({ backend, capture }) =>
        backend !== 'legacy' &&
        [...capture.value.tables.values()].some(({ chains }) => [...chains.keys()].some(isOfKubernetes)),
    )
    if (!isUsed) return notApplicable('notUsed')
    const releases = programs
      .filter(({ backend, rank }) => backend === 'nf_tables' && rank >= 1_008_000)
      .toSorted((a, b) => a.rank - b.rank)
    if (releases.length === 0) return notApplicable('notUsed')
    const findings = releases.flatMap((program) => {
      const defect = DEFECTS.find(({ from, to }) => from <= program.rank && program.rank <= to)
      return defect === undefined ? [] : [tell(node.id, defect, program)]
    })
    const [oldest] = releases
    const newest = releases.at(-1)
    if (oldest && newest && THRESHOLDS.some((rank) => oldest.rank < rank && rank <= newest.rank)) {
      findings.push(tellMixed(node.id, oldest, newest))
    }
    return findings.length === 0 ? clear() : findings
  },
})

function isOfKubernetes(chain: string): boolean {
  return /^(?:KUBE-|FLANNEL-|CNI-)/.test(chain)
}

function tell(
  node: string,
  { kind, severity, confidence }: Defect,
  program: IptablesProgram,
): Found<BadVersion, Note> {
  const { version, origin } = program
  return found<BadVersion, Note>(
    { node, kind, versions: [version] },
    {
      subject: version,
      severity,
      confidence,
      evidence: [withNote<Note>(origin, 'version', version)],
      about: [`node:${node}`],
    },
  )
}

function tellMixed(node: string, oldest: IptablesProgram, newest: IptablesProgram): Found<BadVersion, Note> {
  return found<BadVersion, Note>(
    { node, kind: 'mixed', versions: [oldest.version, newest.version] },
    {
      subject: 'mixed',
      confidence: 'likely',
      evidence: [oldest, newest].map(({ origin, version }) => withNote<Note>(origin, 'version', version)),
      about: [`node:${node}`],
    },
  )
}
