import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { ipvsAddresses } from '../../facts/node/ipvsAddresses.ts'
import { type ProxiedService, formatServiceAddress, splitPortName } from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { whole } from '../../facts/node/whole.ts'
import { isV4 } from '../../net/address.ts'
import type { IpsetSave } from '../../parsers/ipsetSave.ts'
import { captured } from '../../sources/captured.ts'
import { type IpsetMismatch, type Note, text } from './ipvs-ipset-mismatch.text.ts'

/** Every address of a Service stands in one of them as `address,protocol:port` (Kubernetes pkg/proxy/ipvs/ipset.go). */
const ADDRESS_SETS = [
  'KUBE-CLUSTER-IP',
  'KUBE-EXTERNAL-IP',
  'KUBE-EXTERNAL-IP-LOCAL',
  'KUBE-LOAD-BALANCER',
  'KUBE-LOAD-BALANCER-LOCAL',
]
const MAX_CITED = 3

/** kube-proxy's sets do not hold what IPVS serves, or are full. IPv4 only: the sets of IPv6 bear other names. */
export default defineRule({
  id: 'ipvs-ipset-mismatch',
  area: 'ipvs',
  severity: 'medium',
  needs: { proxyMode, services },
  wants: { sets: whole(captured.ipsetSave), held: ipvsAddresses },
  references: [{ title: 'Kubernetes 1.30, pkg/proxy/ipvs/ipset.go and proxier.go (syncProxyRules)' }],
  text,
  check({ proxyMode, services, sets, held }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    const clusterSet = sets?.value.get('KUBE-CLUSTER-IP')
    if (sets === undefined || held === undefined || clusterSet === undefined) return unchecked('noSets')
    const known = elementsOf(sets.value)
    const missing = services.filter((service) => isHeld(service, held) && !known.has(elementOf(service)))
    const findings: Found<IpsetMismatch, Note>[] = []
    if (missing.length > 0) {
      findings.push(
        found(
          { kind: 'missing', node: node.id, addresses: missing.map(formatServiceAddress) },
          {
            subject: 'missing',
            confidence: 'likely',
            about: missing.flatMap(({ address, name }) => [
              ...(address === undefined ? [] : [`address:${address}` as const]),
              ...(name === undefined ? [] : [`service:${splitPortName(name).service}` as const]),
            ]),
            evidence: [
              ...missing.slice(0, MAX_CITED).map(({ origin }) => withNote(origin, 'served')),
              withNote(sets.cite(clusterSet.line), 'set'),
            ],
          },
        ),
      )
    }
    for (const { name, entries, maxElements, line } of sets.value.values()) {
      if (!name.startsWith('KUBE-') || maxElements === undefined || entries.length < maxElements) continue
      findings.push(
        found(
          { kind: 'full', node: node.id, set: name, maximum: maxElements },
          {
            subject: `full:${name}`,
            confidence: 'certain',
            severity: 'high',
            evidence: [withNote(sets.cite(line), 'full')],
          },
        ),
      )
    }
    return findings.length > 0 ? findings : clear()
  },
})

/** Virtual services of node ports are bound to the node's own addresses, and stand in other sets. */
function isHeld(
  { address, kind }: ProxiedService,
  held: ReadonlyMap<string, { readonly local: readonly unknown[] }>,
): boolean {
  return (
    address !== undefined &&
    isV4(address) &&
    kind !== 'nodePort' &&
    (held.get(address)?.local.length ?? 0) > 0
  )
}

function elementOf({ address, protocol, port }: ProxiedService): string {
  return `${address},${protocol}:${port}`
}

/** `10.96.10.13,tcp:80`; ipset prints no protocol where it is TCP in some versions. */
function elementsOf(sets: IpsetSave): ReadonlySet<string> {
  const entries = ADDRESS_SETS.flatMap((name) => sets.get(name)?.entries ?? [])
  return new Set(entries.map(({ element }) => element.replace(/,(\d+)$/, ',tcp:$1')))
}
