import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { serviceDivergences } from '../../facts/cluster/serviceDivergences.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type IpvsAddress, ipvsAddresses } from '../../facts/node/ipvsAddresses.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import type { Address } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { divergenceFinding } from '../services/divergence.ts'
import { type IpvsDivergence, type Note, text } from './ipvs-divergence-across-nodes.text.ts'

const MAX_CITED = 3

/** IPVS sends the packets of a Service elsewhere than other nodes do, or its addresses and virtual services do not belong together. */
export default defineRule({
  id: 'ipvs-divergence-across-nodes',
  area: 'ipvs',
  severity: 'high',
  needs: {
    proxyMode,
    services,
    addresses: ipvsAddresses,
    interfaces,
    everywhere: eachNode(services),
    divergences: serviceDivergences,
  },
  wants: { kernelTable: captured.procIpVs },
  references: [{ title: 'Kubernetes 1.30, pkg/proxy/ipvs/proxier.go (syncService, EnsureAddressBind)' }],
  text,
  check({ proxyMode, services, addresses, everywhere, divergences, kernelTable }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    // Virtual services without servers, or with none that gets connections, are the faults of other rules.
    const differing = divergences.found.filter(({ compared }) =>
      compared.views.every(({ service, endpoints }) => service === undefined || endpoints.length > 0),
    )
    const differs = divergenceFinding(node.id, differing)
    const served = new Set(services.map(({ address }) => address))
    // A listing of ipvsadm may have been cut by hand; the kernel's own was not.
    const unserved =
      kernelTable === undefined ? [] : [...addresses].filter(([address]) => !served.has(address))
    const findings = [differs, ...unpaired(node.id, addresses, unserved)].filter((each) => each !== undefined)
    if (findings.length > 0) return findings
    if (everywhere.length < 2) return notApplicable('alone')
    return divergences.unsettled.has(node.id) ? unchecked('unsettled') : clear()
  },
})

/** Addresses of kube-ipvs0 without a virtual service, and virtual services of cluster addresses that kube-ipvs0 does not hold. */
function unpaired(
  node: string,
  addresses: ReadonlyMap<Address, IpvsAddress>,
  unserved: readonly (readonly [Address, IpvsAddress])[],
): readonly Found<IpvsDivergence, Note>[] {
  const orphans = unserved.filter(([, { local }]) => local.length > 0)
  const unheld = [...addresses].filter(
    ([, { local, ports, isClusterAddress }]) => isClusterAddress && local.length === 0 && ports.length > 0,
  )
  return [
    ...(orphans.length === 0 ? [] : [unpairedFinding(node, 'orphans', orphans)]),
    ...(unheld.length === 0 ? [] : [unpairedFinding(node, 'unheld', unheld)]),
  ]
}

function unpairedFinding(
  node: string,
  kind: 'orphans' | 'unheld',
  unpaired: readonly (readonly [Address, IpvsAddress])[],
): Found<IpvsDivergence, Note> {
  const lines = unpaired.flatMap(([, { local, ports }]) =>
    kind === 'orphans' ? local.slice(0, 1) : ports.slice(0, 1).map(({ origin }) => origin),
  )
  return found(
    { kind, node, addresses: unpaired.map(([address]) => address) },
    {
      subject: kind,
      confidence: 'likely',
      severity: kind === 'orphans' ? 'medium' : 'high',
      about: unpaired.map(([address]) => `address:${address}` as const),
      evidence: lines.slice(0, MAX_CITED).map((line) => withNote(line, kind)),
    },
  )
}
