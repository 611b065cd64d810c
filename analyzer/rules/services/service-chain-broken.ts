import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Subject, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { iptablesTables } from '../../facts/node/iptablesTables.ts'
import {
  type BrokenLink,
  type ProxiedService,
  formatServiceAddress,
  splitPortName,
} from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { type BrokenChain, type Note, text } from './service-chain-broken.text.ts'
import { serviceRole } from './serviceRole.ts'

/** Chains whose lines are cited. */
const MAX_CITED = 4

/** A link and the Services whose packets pass it. */
interface SharedLink {
  readonly link: BrokenLink
  readonly services: ProxiedService[]
}

/** kube-proxy's chains lead from a Service's address to nowhere (Kubernetes pkg/proxy/iptables and pkg/proxy/nftables, proxier.go). */
export default defineRule({
  id: 'service-chain-broken',
  area: 'services',
  severity: 'high',
  needs: { proxyMode, services },
  wants: { nat: iptablesTables.nat },
  references: [
    { title: 'Kubernetes 1.30, pkg/proxy/iptables/proxier.go (syncProxyRules)' },
    {
      title: 'kube-proxy generates the wrong iptables dnat rule (the dump of an older iptables)',
      url: 'https://github.com/kubernetes/kubernetes/issues/114537',
    },
  ],
  text,
  check({ proxyMode, services, nat }, node) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    if (proxyMode.mode === 'ipvs') return notApplicable('ipvs')
    // A dump that cannot be believed is a shortfall: it shows chains otherwise than they are.
    if (proxyMode.mode === 'iptables' && nat === undefined) return clear()
    const shared = linksByChain(services)
    if (shared.some(({ link }) => link.kind === 'unreadable')) return unchecked('olderIptables')
    if (shared.length === 0) return clear()
    const broken = shared.map(brokenChain)
    const isVital = broken.some(({ role }) => role === 'dns' || role === 'api')
    const leadsNowhere = broken.some(({ kind }) => kind !== 'uneven-shares')
    return found(
      { node: node.id, mode: proxyMode.mode, broken },
      {
        subject: 'chains',
        confidence: 'certain',
        severity: leadsNowhere ? (isVital ? 'critical' : 'high') : 'medium',
        about: [...new Set(shared.flatMap((each) => each.services.flatMap(aboutOf)))],
        evidence: shared.slice(0, MAX_CITED).flatMap(linesOf),
      },
    )
  },
})

function linksByChain(services: readonly ProxiedService[]): readonly SharedLink[] {
  const byChain = new Map<string, SharedLink>()
  for (const service of services) {
    for (const link of service.broken) {
      const key = `${link.kind} ${link.chain}`
      const known = byChain.get(key)
      if (known) known.services.push(service)
      else byChain.set(key, { link, services: [service] })
    }
  }
  return [...byChain.values()]
}

function brokenChain({ link, services }: SharedLink): BrokenChain {
  const [first] = services
  const name = first?.name === undefined ? undefined : splitPortName(first.name).service
  return {
    kind: link.kind,
    chain: link.chain,
    ...(name !== undefined && { service: name }),
    role: name === undefined ? 'workload' : serviceRole(name),
    addresses: services.map(formatServiceAddress),
  }
}

function aboutOf({ address, name }: ProxiedService): readonly Subject[] {
  return [
    ...(address === undefined ? [] : [`address:${address}` as const]),
    ...(name === undefined ? [] : [`service:${splitPortName(name).service}` as const]),
  ]
}

const NOTES: Readonly<Record<BrokenLink['kind'], Note>> = {
  'missing-chain': 'missing',
  'empty-chain': 'empty',
  'no-destination': 'noDestination',
  'uneven-shares': 'uneven',
  'lost-share': 'lost',
  unreadable: 'leads',
}

function linesOf({ link }: SharedLink): readonly Citation<Note>[] {
  const last = link.lines.length - 1
  return link.lines.map((line, index) => withNote(line, index === last ? NOTES[link.kind] : 'leads'))
}
