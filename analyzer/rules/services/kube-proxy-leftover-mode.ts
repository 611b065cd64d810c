import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import type { Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, clear, found, notApplicable } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isServiceChain } from '../../facts/node/iptablesServicePath.ts'
import { turnedAway } from '../../facts/node/iptablesServices.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { type ProxiedService, serviceAddressKey, splitPortName } from '../../facts/node/proxiedService.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import { type LeftoverKind, type LeftoverMode, type Note, text } from './kube-proxy-leftover-mode.text.ts'

const MAX_CITED = 3

/** What an earlier mode of kube-proxy left in the kernel, beside what it works with now. */
export default defineRule({
  id: 'kube-proxy-leftover-mode',
  area: 'services',
  severity: 'high',
  needs: { proxyMode, services, interfaces, nat: iptablesTables.nat, filter: iptablesTables.filter },
  references: [
    {
      title: 'Stale REJECT rules of the iptables mode keep rejecting cluster addresses in IPVS mode',
      url: 'https://github.com/kubernetes/kubernetes/issues/102314',
    },
    { title: 'kube-proxy --cleanup', url: 'https://github.com/kubernetes/kubernetes/issues/109286' },
  ],
  text,
  check({ proxyMode, services, interfaces, nat, filter }, node) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    const { mode, evidence } = proxyMode
    const findings: Found<LeftoverMode, Note>[] = []
    const add = (kind: LeftoverKind, what: Leftover): void => {
      const data = { node: node.id, mode, kind, count: what.count, addresses: what.addresses }
      findings.push(
        found(data, {
          subject: kind,
          confidence: 'certain',
          severity: what.severity,
          about: what.about,
          evidence: [
            ...what.lines.slice(0, MAX_CITED).map((line) => withNote(line, kind)),
            ...evidence.slice(0, 1).map((line): Citation<Note> => withNote(line, 'mode')),
          ],
        }),
      )
    }
    const held = mode === 'ipvs' ? undefined : heldByIpvs(interfaces)
    if (held) add('ipvs', held)
    const refused = mode === 'ipvs' ? refusedThoughServed(filter, services) : undefined
    if (refused) add('refusals', refused)
    const chains = mode === 'iptables' ? undefined : serviceChains(nat)
    if (chains) add('chains', chains)
    return findings.length > 0 ? findings : clear()
  },
})

interface Leftover {
  readonly severity: Severity
  readonly count: number
  readonly addresses: readonly string[]
  readonly about: readonly Subject[]
  readonly lines: readonly Evidence[]
}

/** Addresses of kube-ipvs0: the kernel takes packets to them for the node's own. */
function heldByIpvs(interfaces: readonly NodeInterface[]): Leftover | undefined {
  const held = interfaces
    .filter(({ role }) => role === 'ipvs')
    .flatMap(({ addresses }) => addresses.filter(({ scope }) => scope !== 'link'))
  if (held.length === 0) return undefined
  const addresses = held.map(({ address }) => address)
  return {
    severity: 'high',
    count: held.length,
    addresses,
    about: addresses.map((address) => `address:${address}` as const),
    lines: held.map(({ origin }) => origin),
  }
}

/** REJECT rules of the iptables mode for addresses that IPVS has servers for, in a chain that packets still come to. */
function refusedThoughServed(
  filter: readonly TableOfDump[],
  services: readonly ProxiedService[],
): Leftover | undefined {
  const served = new Set(
    services.filter(({ endpoints }) => endpoints.some(({ weight }) => weight !== 0)).map(serviceAddressKey),
  )
  const refused = filter.flatMap(({ dump, table }) =>
    turnedAway(dump.capture).filter(
      (each) =>
        each.refusedBy && served.has(serviceAddressKey(each)) && isReached(table.chains, 'KUBE-SERVICES'),
    ),
  )
  if (refused.length === 0) return undefined
  const fromOutside = filter.some(({ table }) => jumpsFrom(table.chains, 'INPUT', 'KUBE-SERVICES'))
  const names = refused.flatMap(({ name }) => (name === undefined ? [] : [splitPortName(name).service]))
  return {
    severity: fromOutside ? 'critical' : 'high',
    count: refused.length,
    addresses: refused.flatMap(({ address }) => address ?? []),
    about: [
      ...refused.flatMap(({ address }) => (address === undefined ? [] : [`address:${address}` as const])),
      ...names.map((name) => `service:${name}` as const),
    ],
    lines: refused.flatMap(({ refusedBy }) => refusedBy ?? []),
  }
}

type Chains = TableOfDump['table']['chains']

function isReached(chains: Chains, chain: string): boolean {
  return ['INPUT', 'FORWARD', 'OUTPUT'].some((base) => jumpsFrom(chains, base, chain))
}

function jumpsFrom(chains: Chains, base: string, chain: string): boolean {
  return chains.get(base)?.rules.some((rule) => parseIptablesRule(rule).target?.name === chain) === true
}

/** Chains of Services in nat: harmful where packets still come to them, else untidy. */
function serviceChains(nat: readonly TableOfDump[]): Leftover | undefined {
  const chains = nat.flatMap(({ dump, table }) =>
    [...table.chains.values()]
      .filter(({ name, rules }) => isServiceChain(name) && rules.length > 0)
      .map(({ line }) => dump.capture.cite(line)),
  )
  if (chains.length === 0) return undefined
  const jumps = nat.flatMap(({ dump, table }) => {
    if (!jumpsFrom(table.chains, 'PREROUTING', 'KUBE-SERVICES')) return []
    const rules = table.chains.get('KUBE-SERVICES')?.rules ?? []
    return rules
      .filter((rule) => isServiceChain(parseIptablesRule(rule).target?.name ?? ''))
      .map(({ line }) => dump.capture.cite(line))
  })
  return {
    severity: jumps.length > 0 ? 'high' : 'low',
    count: chains.length,
    addresses: [],
    about: [],
    lines: jumps.length > 0 ? jumps : chains,
  }
}
