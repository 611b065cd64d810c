import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'
import type { IpvsTable } from '../../parsers/ipvsadm.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'
import { isServiceChain } from './iptablesServicePath.ts'
import { kubeProxyDump } from './kubeProxyDump.ts'
import { isReplacementDevice } from './kubeProxyPresence.ts'

/** How Services are programmed on a node; `none` where something else than kube-proxy does it (eBPF), or nothing. */
type ProxyModeName = 'ipvs' | 'iptables' | 'nftables' | 'none'

/** The mode of a node's kube-proxy, and the lines that show it. */
export interface ProxyMode {
  readonly mode: ProxyModeName
  /** Empty for `none`. */
  readonly evidence: readonly Evidence[]
}

/**
 * The mode that kube-proxy works in, by what it programmed, not by what it was told. What an earlier mode left behind is not taken for
 * the mode: in IPVS mode nat KUBE-SERVICES matches sets and leads to no KUBE-SVC chain (Kubernetes pkg/proxy/ipvs/proxier.go). Chains of
 * Services that nothing leads to any more still tell of the iptables mode, where nothing shows another: kube-proxy's own clean-up
 * removes them with the rules that lead to them.
 */
export const proxyMode = defineNodeFact({
  name: 'proxy mode',
  needs: {},
  wants: {
    iptables: kubeProxyDump,
    ipvsadm: captured.ipvsadm,
    procIpVs: captured.procIpVs,
    sets: captured.ipsetSave,
    nftRuleset: captured.nftRuleset,
    interfaces,
  },
  compute({ iptables, ipvsadm, procIpVs, sets, nftRuleset, interfaces }, node): Availability<ProxyMode> {
    const nftables = nftRuleset && tableOfKubeProxy(nftRuleset)
    if (nftables) return available({ mode: 'nftables', evidence: [nftables] })
    const chains = iptables && reachedServiceChain(iptables)
    if (chains) return available({ mode: 'iptables', evidence: chains })
    const table = ipvsadm ?? procIpVs
    const virtualService = table && firstService(table)
    const dummy = (interfaces ?? []).find(isServiceDevice)
    const hasSets = sets === undefined || [...sets.value.keys()].some((name) => name.startsWith('KUBE-'))
    if (virtualService && hasSets && (dummy || interfaces === undefined)) {
      return available({ mode: 'ipvs', evidence: [...(dummy ? [dummy.origin] : []), virtualService] })
    }
    // The device of IPVS without a list of its services tells nothing.
    const isIpvsKnown = dummy === undefined || table !== undefined
    if (iptables && nftRuleset && interfaces && isIpvsKnown) {
      const isOther = dummy !== undefined || interfaces.some(isReplacementDevice)
      const cutOff = isOther ? [] : unreachedServiceChain(iptables)
      return available({ mode: cutOff.length > 0 ? 'iptables' : 'none', evidence: cutOff })
    }
    return unavailable({
      code: 'undetermined',
      node: node.id,
      what: { en: 'the mode of kube-proxy', zh: 'kube-proxy 的模式' },
    })
  },
})

/** `table ip kube-proxy` (Kubernetes since 1.29, pkg/proxy/nftables/proxier.go). */
function tableOfKubeProxy(ruleset: Capture<NftRuleset>): Evidence | undefined {
  const table = ruleset.value.tables.find(({ name }) => name === 'kube-proxy')
  return table && ruleset.cite(table.line)
}

/** The jump of PREROUTING to KUBE-SERVICES and the first rule there that leads to the chain of a Service. */
function reachedServiceChain(dump: Capture<IptablesSave>): readonly Evidence[] | undefined {
  const chains = dump.value.tables.get('nat')?.chains
  const jump = chains
    ?.get('PREROUTING')
    ?.rules.find((rule) => parseIptablesRule(rule).target?.name === 'KUBE-SERVICES')
  const portal = chains
    ?.get('KUBE-SERVICES')
    ?.rules.find((rule) => isServiceChain(parseIptablesRule(rule).target?.name ?? ''))
  return jump && portal && [dump.cite(jump.line), dump.cite(portal.line)]
}

/** The first rule in the chain of a Service. */
function unreachedServiceChain(dump: Capture<IptablesSave>): readonly Evidence[] {
  const chains = dump.value.tables.get('nat')?.chains.values() ?? []
  const rule = [...chains].find(({ name, rules }) => isServiceChain(name) && rules.length > 0)?.rules[0]
  return rule ? [dump.cite(rule.line)] : []
}

function firstService(table: Capture<IpvsTable>): Evidence | undefined {
  const service = table.value.services.find(({ address }) => address !== undefined)
  return service && table.cite(service.line)
}

function isServiceDevice({ role, addresses }: NodeInterface): boolean {
  return role === 'ipvs' && addresses.some(({ scope }) => scope !== 'link')
}
