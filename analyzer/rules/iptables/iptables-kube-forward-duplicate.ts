import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { normalisedSpec } from '../../parsers/iptablesNormalSpec.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesRule } from '../../parsers/iptablesTables.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { text } from './iptables-kube-forward-duplicate.text.ts'

/** Chains of kube-proxy and kubelet that one rule of each of these leads to (pkg/proxy/iptables/proxier.go, iptablesJumpChains). */
const JUMPS = [
  ['PREROUTING', 'KUBE-SERVICES'],
  ['OUTPUT', 'KUBE-SERVICES'],
  ['POSTROUTING', 'KUBE-POSTROUTING'],
  ['FORWARD', 'KUBE-FORWARD'],
] as const

/**
 * Two rules in different words lead to one chain of Kubernetes: an upgrade changed the rule (`-m conntrack --ctstate NEW` came and went) and
 * the old one was never taken out. Copies of one rule are told by iptables-duplicate-rules.
 */
export default defineRule({
  id: 'iptables-kube-forward-duplicate',
  area: 'iptables',
  severity: 'low',
  references: [{ title: 'Kubernetes 1.30, pkg/proxy/iptables/proxier.go (iptablesJumpChains)' }],
  needs: { filter: iptablesTables.filter, nat: iptablesTables.nat },
  text,
  check({ filter, nat }, node) {
    const tables = [...filter, ...nat]
    const isKubernetes = tables.some(({ table }) => JUMPS.some(([, chain]) => table.chains.has(chain)))
    if (!isKubernetes) return notApplicable('noChains')
    const doubled = tables.flatMap((table) => doubledIn(table))
    if (doubled.length === 0) return clear()
    return doubled.map(({ table: { table, dump }, from, to, rules }) =>
      found(
        { node: node.id, table: table.name, from, to, count: rules.length, command: iptablesCommand(dump) },
        {
          subject: `${dump.role === 'default' ? '' : `${dump.role}/`}${table.name}/${from}/${to}`,
          confidence: 'likely' as const,
          evidence: rules.map((rule) => withNote(dump.capture.cite(rule.line), 'jump', to)),
          about: [`node:${node.id}`, `chain:${table.name}/${from}`] as const,
        },
      ),
    )
  },
})

interface Doubled {
  readonly table: TableOfDump
  readonly from: string
  readonly to: string
  readonly rules: readonly IptablesRule[]
}

function doubledIn(table: TableOfDump): readonly Doubled[] {
  return JUMPS.flatMap(([from, to]) => {
    const rules = (table.table.chains.get(from)?.rules ?? []).filter((rule) => isJumpForAll(rule, to))
    const spellings = new Set(rules.map(({ spec }) => normalisedSpec(spec)))
    return spellings.size < 2 ? [] : [{ table, from, to, rules }]
  })
}

/** An administrator may well let the chain hold for some networks or devices alone, with a rule for each. */
function isJumpForAll(rule: IptablesRule, to: string): boolean {
  if (!rule.spec.includes(to)) return false
  const { target, source, destination, inInterface, outInterface } = parseIptablesRule(rule)
  return target?.name === to && !source && !destination && !inInterface && !outInterface
}
