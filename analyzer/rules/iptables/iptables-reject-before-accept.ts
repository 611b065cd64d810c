import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, found } from '../../engine/verdict.ts'
import { type ClusterNetworks, clusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { type BlockedProbes, blockedProbes } from '../../facts/node/blockedProbes.ts'
import type { Probe } from '../../facts/node/probes.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { formatCount } from '../../text/formatCount.ts'
import { pathBetween } from '../addresses/pathBetween.ts'
import { type Note, type RejectBeforeAccept, text } from './iptables-reject-before-accept.text.ts'
import { iptablesCommand } from './iptablesCommand.ts'
import { podNetworkNames } from './podNetworkNames.ts'

/**
 * The host's own firewall refuses packets before Kubernetes or the network plugin accepts them, or by the policy behind them
 * (calico#4382, rancher#28840, microk8s#1157, flannel#2055). Packets between pods, to the kubelet and of the overlay are walked
 * through FORWARD and INPUT of every backend, the node's own to the API server and the overlay through OUTPUT, all through what stands in
 * PREROUTING and POSTROUTING before and behind these, and through native chains beside them; docker-forward-drop tells of the policy
 * that Docker sets.
 */
export default defineRule({
  id: 'iptables-reject-before-accept',
  area: 'iptables',
  severity: 'critical',
  references: [
    {
      title: 'projectcalico/calico#4382: firewalld REJECT in FORWARD before the accept of Calico',
      url: 'https://github.com/projectcalico/calico/issues/4382',
    },
    { title: 'Linux net/ipv4/icmp.c, icmp_err_convert' },
    {
      title: 'RKE2 documentation, Known Issues: Firewalld conflicts with default networking',
      url: 'https://docs.rke2.io/known_issues',
    },
  ],
  needs: { blocked: blockedProbes },
  wants: { networks: clusterNetworks },
  text,
  check({ blocked, networks }, node) {
    const own = blocked.filter(
      ({ rule, chain, author }) => rule !== undefined || chain !== 'FORWARD' || author !== 'docker',
    )
    return own.map((block) => tell(block, node.id, networks))
  },
})

function tell(
  block: BlockedProbes,
  node: string,
  networks: ClusterNetworks | undefined,
): Found<RejectBeforeAccept, Note> {
  const { chain, inChain, base, rule, answer, author, packets, probes, isInDoubt } = block
  const kinds = [...new Set(probes.map(({ kind }) => kind))]
  const refusal = withNote<Note>(block.origin, rule === undefined ? 'policy' : 'rule', formatCount(packets))
  return found<RejectBeforeAccept, Note>(
    {
      node,
      kind: rule === undefined ? 'policy' : 'rule',
      chain,
      inChain,
      table: base.chains.table,
      baseChain: base.chain,
      ...(base.dump && { command: iptablesCommand(base.dump) }),
      ...(rule && { ruleText: rule.text }),
      isInDoubt,
      packets,
      kinds,
      example: { source: probes[0]?.packet.source ?? '', ...targetOf(probes[0]) },
      sentTo: probes.filter((probe) => probe.chain === 'OUTPUT').map(targetOf),
      podNetworks: podNetworkNames(networks),
      serviceNetworks: [...new Set((networks?.services ?? []).map(({ prefix }) => formatPrefix(prefix)))],
      ...(answer !== undefined && { answer }),
      ...(author !== undefined && { author }),
    },
    {
      subject: `${placeOf(base)}/${rule?.line.number ?? 'policy'}`,
      severity: severityOf(kinds, isInDoubt),
      confidence: confidenceOf(block, kinds),
      evidence: [refusal, ...block.acceptsBehind.map((line): Citation<Note> => withNote(line, 'behind'))],
      about: [
        `chain:${base.chains.table}/${base.chain}`,
        `node:${node}`,
        ...tunnelsOf(probes),
        ...pathsOf(probes),
      ],
    },
  )
}

/** `device:vxlan/8472`, by which rules about tunnels know the same. */
function tunnelsOf(probes: BlockedProbes['probes']): readonly Subject[] {
  const overlays = probes.filter(({ kind }) => kind === 'overlay')
  return [...new Set(overlays.map(({ packet }) => packet.destinationPort))].map(
    (port): Subject => `device:vxlan/${port ?? 0}`,
  )
}

/** The ways to API servers, by which rules about these know the same. */
function pathsOf(probes: BlockedProbes['probes']): readonly Subject[] {
  const calls = probes.filter(({ kind }) => kind === 'node-to-api')
  return calls.map(({ packet }) => pathBetween(packet.source, packet.destination))
}

/** The chain as part of a finding's name: `FORWARD`, `legacy/FORWARD`, `raw/PREROUTING`, `inet firewalld/filter_FORWARD`. */
function placeOf({ dump, chain, chains }: BlockedProbes['base']): string {
  if (dump === undefined) return `${chains.table}/${chain}`
  const place = chains.table === 'filter' ? chain : `${chains.table}/${chain}`
  return dump.role === 'default' ? place : `${dump.role}/${place}`
}

function targetOf(probe: Probe | undefined): RejectBeforeAccept['sentTo'][number] {
  const { destination = '', destinationPort: port = 0, protocol = '' } = probe?.packet ?? {}
  return { destination, port, protocol }
}

type Kinds = RejectBeforeAccept['kinds']

function severityOf(kinds: Kinds, isInDoubt: boolean): Severity {
  if (isInDoubt) return 'medium'
  return kinds.every((kind) => kind === 'api-to-kubelet') ? 'high' : 'critical'
}

/** A counter shows that packets were stopped; of the kubelet's port, whose INPUT stops much else, it shows less. */
function confidenceOf({ isInDoubt, packets }: BlockedProbes, kinds: Kinds): Confidence {
  if (isInDoubt) return 'possible'
  return packets > 0 && kinds.some((kind) => kind !== 'api-to-kubelet') ? 'certain' : 'likely'
}
