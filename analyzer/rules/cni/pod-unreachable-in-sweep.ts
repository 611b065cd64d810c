import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, type Subject, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type PodSweep, type SweptPod, podSweeps } from '../../facts/cluster/podSweeps.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { formatPrefix, prefixContains } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type SilentPods, text } from './pod-unreachable-in-sweep.text.ts'

type Note = 'silent' | 'pod' | 'answers' | 'unlisted'

/**
 * Pods that run by the API server and did not answer the operator’s ping sweep (extra/nmap.xml): an effect, whose cause other rules may
 * know. Where all pods of one node are silent and those of others answer, the way to that node is at fault, not the pods.
 */
export default defineRule({
  id: 'pod-unreachable-in-sweep',
  area: 'cni',
  severity: 'medium',
  isSymptom: true,
  references: [{ title: 'nmap(1), -sn', url: 'https://nmap.org/book/man-host-discovery.html' }],
  needs: { files: eachNode(captured.nmapSweep) },
  wants: { sweeps: podSweeps, networks: eachNode(podNetworks) },
  text,
  check({ files, sweeps, networks }, node) {
    const file = valueOfNode(files, node.id)
    if (file === undefined) return notApplicable('noSweep')
    if (file.value.error !== undefined) return unchecked('unreadable')
    if (sweeps === undefined) return unchecked('noApi')
    const own = sweeps.find(({ from }) => from === node.id)
    if (own === undefined || own.pods.length === 0) return notApplicable('noPods')
    const silent = own.pods.filter(({ answered }) => !answered)
    if (silent.length === 0) return clear()
    if (silent.length === own.pods.length) {
      // Nobody answered: the sweep itself may have been made from where no pod is reached, or with ICMP filtered.
      return [unreached(own, silent, { kind: 'all', subject: 'all', nodes: [] })]
    }
    const findings: Found<SilentPods, Note>[] = []
    const scattered: SweptPod[] = []
    for (const name of new Set(silent.map((pod) => pod.node))) {
      const pods = own.pods.filter((pod) => pod.node === name)
      const quiet = pods.filter(({ answered }) => !answered)
      if (quiet.length < pods.length || pods.length < 2) {
        scattered.push(...quiet)
        continue
      }
      const bundle = networks?.find((each) => each.node.bundle.node === name)
      const about: Subject[] = (bundle?.value ?? [])
        .filter(({ prefix }) => quiet.some(({ address }) => prefixContains(prefix, address)))
        .map(({ prefix }) => `network:${formatPrefix(prefix)}` as const)
      const nodes = bundle === undefined ? [] : [bundle.node.id]
      findings.push(unreached(own, quiet, { kind: 'node', subject: name, nodes, about }))
    }
    if (scattered.length > 0) {
      findings.push(unreached(own, scattered, { kind: 'pods', subject: 'pods', nodes: [] }))
    }
    return findings
  },
})

interface Group {
  readonly kind: SilentPods['kind']
  readonly subject: string
  /** Ids of the bundles of the pods’ nodes. */
  readonly nodes: readonly string[]
  readonly about?: readonly Subject[]
}

function unreached(sweep: PodSweep, silent: readonly SweptPod[], group: Group): Found<SilentPods, Note> {
  const answering = sweep.pods.filter(({ answered }) => answered)
  const evidence: Citation<Note>[] = silent
    .slice(0, 3)
    .flatMap(({ seen, origin, address }) => [
      withNote<Note>(seen ?? sweep.origin, seen ? 'silent' : 'unlisted', address),
      withNote<Note>(origin, 'pod', address),
    ])
  const witness = answering.find(({ seen }) => seen !== undefined)
  if (witness?.seen) evidence.push(withNote<Note>(witness.seen, 'answers', witness.address))
  return found<SilentPods, Note>(
    {
      kind: group.kind,
      from: sweep.from,
      node: group.subject,
      silent: silent.map(({ name, address, node }) => ({ name, address, node })),
      answering: answering.length,
    },
    {
      subject: group.subject,
      ...(group.kind === 'node' && { severity: 'high' }),
      confidence: group.kind === 'node' ? 'likely' : 'possible',
      evidence,
      nodes: [sweep.from, ...group.nodes],
      about: [...group.nodes.map((node) => `node:${node}` as const), ...(group.about ?? [])],
    },
  )
}
