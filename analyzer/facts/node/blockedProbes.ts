import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { Hook } from '../../netfilter/baseChain.ts'
import type { ChainRule } from '../../netfilter/chainRules.ts'
import { type Packet, markInDoubt } from '../../netfilter/packet.ts'
import type { Surroundings } from '../../netfilter/surroundings.ts'
import type { ChainOutcome, ChainWalk } from '../../netfilter/walkChain.ts'
import { walkHook } from '../../netfilter/walkHook.ts'
import { type FirewallAuthor, firewallAuthor } from './firewallAuthor.ts'
import { type NodeBaseChain, hookChains } from './hookChains.ts'
import { type Probe, probes } from './probes.ts'

/** A rule or policy of the host that stops packets which a sound node lets pass. */
export interface BlockedProbes {
  /** The base chain that the packets meet. */
  readonly base: NodeBaseChain
  /** The chain of the filter table on their way, in the words of iptables. */
  readonly chain: Probe['chain']
  /** Left out where the chain's policy stops them. */
  readonly rule?: ChainRule
  /** The chain the rule stands in, or the base chain. */
  readonly inChain: string
  /** What a REJECT answers: `icmp-host-prohibited`; left out of DROP. */
  readonly answer?: string
  readonly author?: FirewallAuthor
  /** Packets that it has stopped; 0 where it does not count them. */
  readonly packets: number
  /** The packets that were asked about, all that it stops. */
  readonly probes: readonly Probe[]
  /** Whether it stops them hangs on conditions that no capture shows (rates, chance, sets). */
  readonly isInDoubt: boolean
  readonly origin: Evidence
  /** Rules behind it in the base chain that would have let them pass. */
  readonly acceptsBehind: readonly Evidence[]
}

/**
 * Who refuses what there is on purpose: kube-proxy for Services without endpoints and source ranges, network policies, Docker's
 * isolation of its own networks.
 */
const ON_PURPOSE = /^(?:KUBE-|cali-|CNI-|DOCKER-ISOLATION|DOCKER-INTERNAL|CILIUM_|WEAVE-|FLANNEL-)/

/** Rules of plugins in the base chains themselves: Calico signs its rules, Weave's policy controller drops what goes to its bridge. */
const OF_PLUGINS = /-o weave |--comment "?cali:|oifname "weave"/

/** Tables of kube-proxy and network plugins. */
const TABLES_OF_PLUGINS = /^\w+ (?:kube-proxy|cali.*|cilium.*|cni.*|docker.*|netavark)$/

/** The hooks that a probe's packet comes by, in their order. */
const HOOKS: Readonly<Record<Probe['chain'], readonly Hook[]>> = {
  PREROUTING: ['prerouting'],
  FORWARD: ['prerouting', 'forward', 'postrouting'],
  INPUT: ['prerouting', 'input'],
  OUTPUT: ['output', 'postrouting'],
}

/**
 * Where only what stops a packet for certain is told. Filters of PREROUTING ask for much that no capture shows (reverse paths, floods);
 * in OUTPUT and behind it they may ask whose process it is.
 */
const CERTAIN_ONLY: ReadonlySet<Hook> = new Set(['prerouting', 'output', 'postrouting'])

/**
 * What the host's own rules stop of the packets between pods, to the kubelet, to the API server and of the overlay; one entry for each
 * rule or policy.
 */
export const blockedProbes = defineNodeFact({
  name: 'packets that the rules stop',
  needs: {
    forward: hookChains.forward,
    input: hookChains.input,
    output: hookChains.output,
    asked: probes,
  },
  wants: { prerouting: hookChains.prerouting, postrouting: hookChains.postrouting },
  compute({
    forward,
    input,
    output,
    asked,
    prerouting,
    postrouting,
  }): Availability<readonly BlockedProbes[]> {
    const chains: Readonly<Record<Hook, readonly NodeBaseChain[]>> = {
      prerouting: withoutNat(prerouting),
      input,
      forward,
      output,
      postrouting: withoutNat(postrouting),
    }
    const blocks = asked.probes.flatMap((probe) => blocksOnWay(probe, chains, asked.around))
    const passing = asked.probes.filter(
      (probe) => !blocks.some((block) => !block.isInDoubt && block.probes.includes(probe)),
    )
    const joinedBlocks = new Map<string, BlockedProbes>()
    for (const block of blocks) {
      const [probe] = block.probes
      if (probe === undefined || passing.some((other) => servesFor(other, probe))) continue
      const { path, line } = block.origin
      const known = joinedBlocks.get(`${path} ${line}`)
      joinedBlocks.set(`${path} ${line}`, known === undefined ? block : joined(known, probe, block.isInDoubt))
    }
    return available([...joinedBlocks.values()])
  },
})

/** Those of nat change addresses and hold a rule for each Service: what they do is asked elsewhere. */
function withoutNat(bases: readonly NodeBaseChain[] = []): readonly NodeBaseChain[] {
  return bases.filter(({ type }) => type !== 'nat')
}

/** What stops a packet on its way, up to the hook that it does not leave. */
function blocksOnWay(
  probe: Probe,
  chains: Readonly<Record<Hook, readonly NodeBaseChain[]>>,
  around: Surroundings,
): readonly BlockedProbes[] {
  const blocks: BlockedProbes[] = []
  for (const hook of HOOKS[probe.chain]) {
    // What was changed by DNAT came to PREROUTING with another destination.
    if (hook === 'prerouting' && probe.packet.isDnat) continue
    const { steps } = walkHook(chains[hook], packetAt(hook, probe.packet), around)
    // Rules behind the DNAT of OUTPUT see another packet.
    if (hook === 'output' && steps.some(({ walk }) => isTranslated(walk))) return []
    const told = steps
      .flatMap(({ base, walk }) => blockOf(base, walk, probe) ?? [])
      .filter(({ isInDoubt }) => !isInDoubt || !CERTAIN_ONLY.has(hook))
    blocks.push(...told)
    if (told.some(({ isInDoubt }) => !isInDoubt)) return blocks
  }
  return blocks
}

/** The packet as it is at a hook: PREROUTING knows no way out yet; which marks it bears in POSTROUTING is not known. */
function packetAt(hook: Hook, packet: Packet): Packet {
  if (hook === 'prerouting') return { ...packet, outDevice: '' }
  return hook === 'postrouting' ? { ...packet, mark: markInDoubt(packet.mark, 0xffffffff) } : packet
}

/**
 * A node may well let the control plane's nodes alone reach its kubelet, and one API server of several, at the same port, is enough
 * for a node.
 */
function servesFor(passing: Probe, stopped: Probe): boolean {
  const { kind, packet } = stopped
  if (kind !== 'api-to-kubelet' && kind !== 'node-to-api') return false
  return passing.kind === kind && passing.packet.destinationPort === packet.destinationPort
}

function isTranslated({ final, earlier }: ChainWalk): boolean {
  return [...earlier, final].some(({ verdict }) => verdict === 'translate')
}

function joined(known: BlockedProbes, probe: Probe, isInDoubt: boolean): BlockedProbes {
  return { ...known, probes: [...known.probes, probe], isInDoubt: known.isInDoubt && isInDoubt }
}

function blockOf(
  base: NodeBaseChain,
  { final, earlier }: ChainWalk,
  probe: Probe,
): BlockedProbes | undefined {
  if (TABLES_OF_PLUGINS.test(base.chains.table)) return undefined
  const accepts = earlier.filter(({ verdict }) => verdict === 'accept')
  // What a plugin may have let pass is its policy's business.
  if (stops(final) && !accepts.some(isOnPurpose)) {
    return isOnPurpose(final) ? undefined : blockedBy(final, accepts.length > 0, base, probe)
  }
  // A rule that stops some packets only (beyond a rate, of a set) tells nothing until it has stopped one.
  const doubtful = earlier.find((it) => stops(it) && !isOnPurpose(it) && (it.rule?.packets ?? 0) > 0)
  return doubtful === undefined ? undefined : blockedBy(doubtful, true, base, probe)
}

function stops({ verdict }: ChainOutcome): boolean {
  return verdict === 'drop' || verdict === 'reject'
}

function isOnPurpose({ path, rule }: ChainOutcome): boolean {
  return path.some((chain) => ON_PURPOSE.test(chain)) || OF_PLUGINS.test(rule?.text ?? '')
}

function blockedBy(
  { rule, path, verdict }: ChainOutcome,
  isInDoubt: boolean,
  base: NodeBaseChain,
  probe: Probe,
): BlockedProbes {
  const chain = base.chains.chain(base.chain)
  const answer = verdict === 'reject' ? rule?.answer : undefined
  const author = firewallAuthor(base.chains)
  const rules = chain?.rules ?? []
  const gate = rules.findIndex((it) => it === rule || leadsTo(it, path[1]))
  const behind = rule === undefined || gate < 0 ? [] : rules.slice(gate + 1)
  const line = rule?.line ?? chain?.line
  return {
    base,
    chain: probe.chain,
    ...(rule && { rule }),
    inChain: path.at(-1) ?? base.chain,
    ...(answer !== undefined && { answer }),
    ...(author !== undefined && { author }),
    packets: rule?.packets ?? chain?.policyPackets ?? 0,
    probes: [probe],
    isInDoubt,
    origin: base.cite(line ?? { number: 0, text: '' }),
    acceptsBehind: behind
      .filter(({ text }) => ACCEPTING.test(text))
      .slice(0, 2)
      .map((it) => base.cite(it.line)),
  }
}

function leadsTo({ text }: ChainRule, chain: string | undefined): boolean {
  if (chain === undefined) return false
  return ['-j', '-g', 'jump', 'goto'].some((word) => text.endsWith(`${word} ${chain}`))
}

/** Jumps to the accepting chains of Kubernetes and plugins, and flannel's own rules. */
const ACCEPTING =
  /(?:-j|jump) (?:KUBE-FORWARD|FLANNEL-FWD|CNI-FORWARD|cali-FORWARD|KUBE-ROUTER-FORWARD)\b|flanneld forward/
