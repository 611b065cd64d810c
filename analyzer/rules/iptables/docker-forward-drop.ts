import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { clusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { blockedProbes } from '../../facts/node/blockedProbes.ts'
import { firewallAuthor } from '../../facts/node/firewallAuthor.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import { iptablesChains } from '../../netfilter/iptablesChains.ts'
import { formatCount } from '../../text/formatCount.ts'
import { text } from './docker-forward-drop.text.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { podNetworkNames } from './podNetworkNames.ts'

/**
 * dockerd sets the policy of FORWARD to DROP when it had to switch ip_forward on itself (moby#28257, since 1.13), and nothing accepts
 * new connections of pods: kube-proxy's KUBE-FORWARD accepts marked and established packets alone (kubernetes#40182, #39823).
 */
export default defineRule({
  id: 'docker-forward-drop',
  area: 'iptables',
  severity: 'high',
  references: [
    {
      title: 'moby/moby#28257: FORWARD policy DROP when dockerd switches ip_forward on',
      url: 'https://github.com/moby/moby/issues/28257',
    },
  ],
  needs: { filter: iptablesTables.filter },
  wants: { blocked: blockedProbes, networks: clusterNetworks },
  text,
  check({ filter, blocked, networks }, node) {
    const ofDocker = filter.filter(({ table }) => firewallAuthor(iptablesChains(table)) === 'docker')
    if (ofDocker.length === 0) {
      // In a dump that is cut off Docker's chains may be what is missing: the engine then says that this was not checked.
      return filter.every(isWhole) ? notApplicable('noDocker') : clear()
    }
    const dropping = ofDocker.filter(({ table }) => table.chains.get('FORWARD')?.policy === 'DROP')
    if (dropping.length === 0) return clear()
    if (blocked === undefined) return unchecked('noPodNetwork')
    const policy = blocked.find(
      ({ rule, chain, author }) => rule === undefined && chain === 'FORWARD' && author === 'docker',
    )
    const [probe] = policy?.probes ?? []
    if (policy === undefined || probe === undefined) return clear()
    const { chains, cite, dump } = policy.base
    const docker = chains.chain(chains.names.find((name) => name.startsWith('DOCKER')) ?? '')
    return found(
      {
        node: node.id,
        packets: policy.packets,
        isInDoubt: policy.isInDoubt,
        command: iptablesCommand(dump ?? { role: 'default' }),
        example: { source: probe.packet.source, destination: probe.packet.destination },
        podNetworks: podNetworkNames(networks),
      },
      {
        subject: 'FORWARD',
        confidence: policy.isInDoubt ? 'possible' : policy.packets > 0 ? 'certain' : 'likely',
        evidence: [
          withNote(policy.origin, 'policy', formatCount(policy.packets)),
          ...(docker ? [withNote(cite(docker.line), 'docker')] : []),
        ],
        about: ['chain:filter/FORWARD', `node:${node.id}`],
      },
    )
  },
})

function isWhole({ table, dump }: TableOfDump): boolean {
  return table.committed && dump.capture.status === 'ok'
}
