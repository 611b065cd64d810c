import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesTable } from '../../parsers/iptablesTables.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { type MissingJump, text } from './iptables-kube-jump-missing.text.ts'

/** The jumps by which packets come to the chains of kube-proxy (pkg/proxy/iptables and pkg/proxy/ipvs, iptablesJumpChains). */
const JUMPS: readonly MissingJump[] = [
  { from: 'PREROUTING', to: 'KUBE-SERVICES' },
  { from: 'OUTPUT', to: 'KUBE-SERVICES' },
  { from: 'POSTROUTING', to: 'KUBE-POSTROUTING' },
]

/**
 * kube-proxy’s chains are there with their rules, and a chain of the kernel no longer leads to them: something flushed it (`iptables -t nat
 * -F POSTROUTING`, a firewall that was loaded anew). Reproduced: Services, or the masquerading of pods, fail at once.
 */
export default defineRule({
  id: 'iptables-kube-jump-missing',
  area: 'iptables',
  severity: 'critical',
  references: [
    { title: 'Kubernetes 1.30, pkg/proxy/iptables/proxier.go (iptablesJumpChains)' },
    {
      title: 'Rules of kube-proxy and of hostPorts after a restart of firewalld',
      url: 'https://github.com/kubernetes/kubernetes/issues/93091',
    },
  ],
  needs: { nat: iptablesTables.nat },
  wants: { proxyMode, interfaces },
  text,
  check({ nat, proxyMode, interfaces }, node) {
    if (proxyMode?.mode === 'nftables') return notApplicable('nftables')
    // Cilium takes kube-proxy’s place and leaves its chains where they are.
    if (interfaces?.some(({ name }) => name === 'cilium_host') === true) return notApplicable('cilium')
    const tables = nat.filter(({ table }) => hasRules(table, 'KUBE-SERVICES'))
    if (tables.length === 0) return notApplicable('noKubeProxy')
    const missing = tables.map((table) => ({ table, jumps: JUMPS.filter((jump) => isMissing(table, jump)) }))
    // Of two backends one may be left behind, and lead nowhere.
    const [worst] = missing.toSorted((a, b) => a.jumps.length - b.jumps.length)
    if (worst === undefined || worst.jumps.length === 0) return clear()
    const { table, dump } = worst.table
    const concernsServices = worst.jumps.some(({ to }) => to === 'KUBE-SERVICES')
    return found(
      { node: node.id, jumps: worst.jumps, command: iptablesCommand(dump) },
      {
        subject: 'jumps',
        severity: concernsServices ? 'critical' : 'high',
        confidence: 'certain',
        evidence: worst.jumps.flatMap(({ from, to }) => {
          const [base, target] = [table.chains.get(from), table.chains.get(to)]
          return [
            ...(base ? [withNote<'base' | 'chain'>(dump.capture.cite(base.line), 'base', to)] : []),
            ...(target ? [withNote<'base' | 'chain'>(dump.capture.cite(target.line), 'chain', from)] : []),
          ]
        }),
        about: [`node:${node.id}`, ...worst.jumps.map(({ from }) => `chain:nat/${from}` as const)],
      },
    )
  },
})

function hasRules(table: IptablesTable, chain: string): boolean {
  return (table.chains.get(chain)?.rules.length ?? 0) > 0
}

function isMissing({ table }: TableOfDump, { from, to }: MissingJump): boolean {
  if (!hasRules(table, to)) return false
  const rules = table.chains.get(from)?.rules ?? []
  return !rules.some((rule) => rule.spec.includes(to) && parseIptablesRule(rule).target?.name === to)
}
