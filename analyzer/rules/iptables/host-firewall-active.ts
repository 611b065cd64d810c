import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { type BlockedProbes, blockedProbes } from '../../facts/node/blockedProbes.ts'
import { firewallAuthor } from '../../facts/node/firewallAuthor.ts'
import { type NodeBaseChain, hookChains } from '../../facts/node/hookChains.ts'
import { type Note, text } from './host-firewall-active.text.ts'

/**
 * firewalld or ufw manages the node’s firewall and does not let pass what the cluster needs; iptables-reject-before-accept tells which rule
 * stops what (k3s, RKE2 and kubeadm advise to take it off the node or to open the ports).
 */
export default defineRule({
  id: 'host-firewall-active',
  area: 'iptables',
  severity: 'medium',
  references: [
    { title: 'RKE2 known issues: firewalld', url: 'https://docs.rke2.io/known_issues' },
    {
      title: 'k3s requirements: ports and operating systems',
      url: 'https://docs.k3s.io/installation/requirements',
    },
  ],
  needs: { blocked: blockedProbes, forward: hookChains.forward, input: hookChains.input },
  text,
  check({ blocked, forward, input }, node) {
    const active = [...input, ...forward].find((base) => managerOf(base) !== undefined)
    const manager = active && managerOf(active)
    if (active === undefined || manager === undefined) return notApplicable('noFirewall')
    const own = blocked.filter(({ author, isInDoubt }) => author === manager && !isInDoubt)
    if (own.length === 0) return clear()
    const line = active.chains.chain(active.chain)?.line
    const evidence: Citation<Note>[] = own
      .slice(0, 3)
      .map(({ origin, inChain }) => withNote(origin, 'stops', inChain))
    if (line) evidence.push(withNote<Note>(active.cite(line), 'chain', manager))
    return found(
      { node: node.id, manager, stopped: stoppedBy(own) },
      {
        subject: manager,
        confidence: 'likely',
        evidence,
        about: [`node:${node.id}`],
      },
    )
  },
})

/** Who makes chains that the kernel enters. ufw leaves its chains where they are when it is disabled, and takes the jumps away. */
function managerOf({ chains, chain }: NodeBaseChain): 'firewalld' | 'ufw' | undefined {
  const author = firewallAuthor(chains)
  if (author === 'firewalld') return author
  const jumps = chains.chain(chain)?.rules ?? []
  return author === 'ufw' && jumps.some(({ text: words }) => / ufw6?-/.test(words)) ? author : undefined
}

function stoppedBy(blocks: readonly BlockedProbes[]): BlockedProbes['probes'][number]['kind'][] {
  return [...new Set(blocks.flatMap(({ probes }) => probes.map(({ kind }) => kind)))]
}
