import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { type PodCidrUnassigned, text } from './flannel-podcidr-unassigned.text.ts'

type Note = 'log' | 'node' | 'other' | 'exhausted'

/** flannel notes here that it takes the node’s network from the API server (pkg/subnet/kube/annotations.go). */
const SUBNET_MANAGER = 'flannel.alpha.coreos.com/kube-subnet-manager'

/**
 * The API server gives the node no podCIDR, and flannel, which takes the node’s network from there, does not start (pkg/subnet/kube,
 * AcquireLease). etcd-backed flannel and plugins with addresses of their own do without.
 */
export default defineRule({
  id: 'flannel-podcidr-unassigned',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'flannel Documentation/troubleshooting.md: Kubernetes specific',
      url: 'https://github.com/flannel-io/flannel/blob/master/Documentation/troubleshooting.md',
    },
  ],
  needs: {},
  wants: { kubeNodes: kubeApi.nodes, logs: logSignals, confs: captured.cniConf },
  text,
  check({ kubeNodes, logs, confs }, node) {
    const own = kubeNodes?.value.find(({ name }) => name === node.id || name.split('.')[0] === node.id)
    const lines = logs?.of('pod-cidr-unassigned')?.lines.filter(({ groups }) => {
      const told = groups.get('node') ?? ''
      return own === undefined || told === own.name || told.split('.')[0] === node.id
    })
    // It waits until the network is assigned: what it said before is history.
    const refused = own !== undefined && own.podCidrs.length > 0 ? [] : (lines ?? [])
    const served = kubeNodes?.value.filter(({ podCidrs }) => podCidrs.length > 0) ?? []
    const isFlannel =
      (kubeNodes?.value ?? []).some(({ annotations }) => annotations.get(SUBNET_MANAGER) === 'true') ||
      (confs ?? []).some(({ value }) => value.plugins.some(({ type }) => type === 'flannel'))
    const lacks = kubeNodes !== undefined && own !== undefined && own.podCidrs.length === 0
    if (refused.length === 0 && !(lacks && isFlannel)) {
      if (kubeNodes === undefined) return unchecked('unknown')
      return isFlannel ? [] : notApplicable('noFlannel')
    }
    const exhausted = logs?.of('pod-cidrs-exhausted')?.lines.slice(-1) ?? []
    const isProven = lacks && refused.length > 0
    return found<PodCidrUnassigned, Note>(
      {
        node: node.id,
        isLogged: refused.length > 0,
        isKnown: lacks,
        others: served.length,
        isExhausted: exhausted.length > 0,
      },
      {
        subject: 'podcidr',
        confidence: isProven
          ? 'certain'
          : refused.length > 0
            ? confidenceFromLog('likely', refused)
            : 'likely',
        evidence: [
          ...refused.slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')),
          ...exhausted.map(({ origin }) => withNote<Note>(origin, 'exhausted')),
          ...(lacks ? [withNote<Note>(kubeNodes.cite(own.line), 'node')] : []),
          ...(kubeNodes
            ? served.slice(0, 1).map(({ line }) => withNote<Note>(kubeNodes.cite(line), 'other'))
            : []),
        ],
        about: [`node:${node.id}`],
      },
    )
  },
})
