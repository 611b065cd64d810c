import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { isReplacementDevice } from '../../facts/node/kubeProxyPresence.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesChain, IptablesRule, IptablesTable } from '../../parsers/iptablesTables.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { type LostRules, type MissingJump, type Note, text } from './iptables-kube-jump-missing.text.ts'

/** The jumps by which packets come to the chains of kube-proxy (pkg/proxy/iptables and pkg/proxy/ipvs, iptablesJumpChains). */
const JUMPS: readonly MissingJump[] = [
  { from: 'PREROUTING', to: 'KUBE-SERVICES' },
  { from: 'OUTPUT', to: 'KUBE-SERVICES' },
  { from: 'POSTROUTING', to: 'KUBE-POSTROUTING' },
]
/** Chains that kube-proxy fills with every sync (syncProxyRules); before 1.27 the kubelet fills the last two as well. */
const FILLED = ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']

/** What one table of nat lacks. */
interface Gaps {
  readonly of: TableOfDump
  readonly jumps: readonly MissingJump[]
  readonly emptied: readonly string[]
}

/**
 * kube-proxy’s chains are there with their rules, and a chain of the kernel no longer leads to them, or the chain between them lost its
 * rules: something flushed it (`iptables -t nat -F POSTROUTING`, a firewall that was loaded anew). Reproduced: Services, or the
 * masquerading of pods, fail at once.
 */
export default defineRule({
  id: 'iptables-kube-jump-missing',
  area: 'iptables',
  severity: 'critical',
  references: [
    {
      title:
        'Kubernetes 1.30, pkg/proxy/iptables/proxier.go (iptablesJumpChains, syncProxyRules, CleanupLeftovers)',
    },
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
    if (interfaces?.some(({ name }) => name === 'cilium_host') === true) return notApplicable('replaced')
    // The rest of a dump that breaks off may have its rules: the shortfall makes this unchecked.
    if (nat.some(({ table }) => breaksOff(table))) return clear()
    // Where these serve the Services, an empty KUBE-SERVICES is a leftover.
    const isReplaced = interfaces?.some(isReplacementDevice) === true
    const isIpvs = proxyMode?.mode === 'ipvs' || interfaces?.some(({ role }) => role === 'ipvs') === true
    const tables = nat.filter(
      ({ table }) =>
        hasRules(table, 'KUBE-SERVICES') || (!isReplaced && !isIpvs && isEmptied(table, 'KUBE-SERVICES')),
    )
    if (tables.length === 0) return notApplicable(isReplaced ? 'replaced' : 'noKubeProxy')
    // Of two backends one may be left behind, and lead nowhere.
    const [worst] = tables.map(gapsOf).toSorted((a, b) => countOf(a) - countOf(b))
    if (worst === undefined || countOf(worst) === 0) return clear()
    return [...jumpFinding(worst, node.id), ...emptyFinding(worst, node.id)]
  },
})

function gapsOf(of: TableOfDump): Gaps {
  const emptied = FILLED.filter((chain) => isEmptied(of.table, chain))
  return { of, jumps: JUMPS.filter((jump) => isMissing(of.table, jump)), emptied }
}

function countOf({ jumps, emptied }: Gaps): number {
  return jumps.length + emptied.length
}

function jumpFinding({ of: { table, dump }, jumps }: Gaps, node: string): readonly Found<LostRules, Note>[] {
  if (jumps.length === 0) return []
  return [
    found<LostRules, Note>(
      { kind: 'jumps', node, jumps, command: iptablesCommand(dump) },
      {
        subject: 'jumps',
        severity: jumps.some(({ to }) => to === 'KUBE-SERVICES') ? 'critical' : 'high',
        confidence: 'certain',
        evidence: jumps.flatMap(({ from, to }) => {
          const [base, target] = [table.chains.get(from), table.chains.get(to)]
          return [
            ...(base ? [withNote<Note>(dump.capture.cite(base.line), 'base', to)] : []),
            ...(target ? [withNote<Note>(dump.capture.cite(target.line), 'chain', from)] : []),
          ]
        }),
        about: [`node:${node}`, ...jumps.map(({ from }) => `chain:nat/${from}` as const)],
      },
    ),
  ]
}

function emptyFinding({ of, emptied }: Gaps, node: string): readonly Found<LostRules, Note>[] {
  if (emptied.length === 0) return []
  const evidence = emptied.flatMap((chain) => linesOf(of, chain))
  const isServices = emptied.includes('KUBE-SERVICES')
  // With every chain of nat flushed nothing there contradicts that somebody did away with kube-proxy.
  const isContradiction = evidence.some(({ note }) => note?.key === 'leads')
  return [
    found<LostRules, Note>(
      { kind: 'empty', node, chains: emptied, command: iptablesCommand(of.dump) },
      {
        subject: 'empty',
        severity: isServices ? 'critical' : 'high',
        confidence: isContradiction ? 'certain' : 'likely',
        evidence,
        about: [`node:${node}`, ...emptied.map((chain) => `chain:nat/${chain}` as const)],
      },
    ),
  ]
}

/** The empty chain, a rule that leads to it, and of KUBE-SERVICES a chain that it led to. */
function linesOf({ table, dump }: TableOfDump, chain: string): readonly Citation<Note>[] {
  const declared = table.chains.get(chain)
  const lines = declared ? [withNote<Note>(dump.capture.cite(declared.line), 'empty')] : []
  const lead = ruleTo(chain, [...table.chains.values()])
  const leading = lead ? [withNote<Note>(dump.capture.cite(lead.line), 'leads', chain)] : []
  if (chain !== 'KUBE-SERVICES') return [...lines, ...leading]
  const filled = serviceChains(table).find(({ rules }) => rules.length > 0)
  if (filled === undefined) return lines
  return [...lines, ...leading, withNote<Note>(dump.capture.cite(filled.line), 'unreached')]
}

/**
 * In a dump that breaks off every chain may seem empty. Where the chains of Services are there, kube-proxy has rules that lead to them;
 * its clean-up removes all of them together.
 */
function isEmptied(table: IptablesTable, chain: string): boolean {
  if (!table.committed || !table.chains.has(chain) || hasRules(table, chain)) return false
  if (chain === 'KUBE-SERVICES') return serviceChains(table).length > 0
  return chain !== 'KUBE-MARK-MASQ' || ruleTo(chain, [...table.chains.values()]) !== undefined
}

function breaksOff(table: IptablesTable): boolean {
  return !table.committed && table.chains.has('KUBE-SERVICES') && !hasRules(table, 'KUBE-SERVICES')
}

function isMissing(table: IptablesTable, { from, to }: MissingJump): boolean {
  const base = table.chains.get(from)
  return hasRules(table, to) && ruleTo(to, base ? [base] : []) === undefined
}

function hasRules(table: IptablesTable, chain: string): boolean {
  return (table.chains.get(chain)?.rules.length ?? 0) > 0
}

/** Every Service with endpoints has such a chain, the API server’s always. */
function serviceChains({ chains }: IptablesTable): readonly IptablesChain[] {
  return [...chains.values()].filter(({ name }) => name.startsWith('KUBE-SVC-'))
}

/** The first rule of these chains that leads to another. */
function ruleTo(chain: string, among: readonly IptablesChain[]): IptablesRule | undefined {
  const isLeading = (rule: IptablesRule): boolean =>
    rule.spec.includes(chain) && parseIptablesRule(rule).target?.name === chain
  for (const { rules } of among) {
    const rule = rules.find(isLeading)
    if (rule) return rule
  }
  return undefined
}
