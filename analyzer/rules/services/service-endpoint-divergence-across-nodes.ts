import { defineRule } from '../../engine/defineRule.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, notApplicable, unchecked } from '../../engine/verdict.ts'
import { serviceDivergences } from '../../facts/cluster/serviceDivergences.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { services } from '../../facts/node/services.ts'
import { divergenceFinding } from './divergence.ts'
import { text } from './service-endpoint-divergence-across-nodes.text.ts'

/** One node sends the packets of a Service elsewhere than its peers do. */
export default defineRule({
  id: 'service-endpoint-divergence-across-nodes',
  area: 'services',
  severity: 'critical',
  needs: { proxyMode, services, everywhere: eachNode(services), divergences: serviceDivergences },
  references: [
    {
      title: 'One node rejects a Service that its peers serve',
      url: 'https://github.com/projectcalico/calico/issues/2024',
    },
    {
      title: 'iptables rules of kube-proxy differ between nodes',
      url: 'https://github.com/kubernetes/kubernetes/issues/35641',
    },
    {
      title: 'Topology Aware Routing',
      url: 'https://kubernetes.io/docs/concepts/services-networking/topology-aware-routing/',
    },
  ],
  text,
  check({ proxyMode, everywhere, divergences }, node) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    if (proxyMode.mode === 'ipvs') return notApplicable('ipvs')
    if (everywhere.length < 2) return notApplicable('alone')
    const finding = divergenceFinding(node.id, divergences.found)
    if (finding) return finding
    return divergences.unsettled.has(node.id) ? unchecked('unsettled') : clear()
  },
})
