import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { type ProxyMode, proxyMode } from '../../facts/node/proxyMode.ts'
import { text } from './kube-proxy-mode-mismatch.text.ts'

/** Nodes of one cluster whose kube-proxies work in different modes. */
export default defineRule({
  id: 'kube-proxy-mode-mismatch',
  area: 'services',
  severity: 'medium',
  needs: { proxyMode, everywhere: eachNode(proxyMode) },
  references: [
    {
      title: 'Hairpin works on old nodes and fails on nodes in IPVS mode',
      url: 'https://github.com/rancher/rancher/issues/29719',
    },
  ],
  text,
  check({ proxyMode, everywhere }) {
    if (proxyMode.mode === 'none') return notApplicable('noProxy')
    const programmed = everywhere.filter(({ value }) => value.mode !== 'none')
    if (programmed.length < 2) return notApplicable('alone')
    const groups = byMode(programmed)
    if (groups.size < 2) return clear()
    return found(
      { groups: [...groups].map(([mode, nodes]) => ({ mode, nodes: nodes.map(({ node }) => node.id) })) },
      {
        subject: 'modes',
        confidence: 'certain',
        nodes: programmed.map(({ node }) => node.id),
        about: programmed.map(({ node }) => `node:${node.id}` as const),
        evidence: [...groups].flatMap(([mode, [first]]) =>
          (first?.value.evidence ?? []).slice(-1).map((line) => withNote(line, 'mode', mode)),
        ),
      },
    )
  },
})

function byMode(
  nodes: readonly OfNode<ProxyMode>[],
): ReadonlyMap<ProxyMode['mode'], readonly OfNode<ProxyMode>[]> {
  const groups = new Map<ProxyMode['mode'], OfNode<ProxyMode>[]>()
  for (const node of nodes) {
    const group = groups.get(node.value.mode)
    if (group) group.push(node)
    else groups.set(node.value.mode, [node])
  }
  return groups
}
