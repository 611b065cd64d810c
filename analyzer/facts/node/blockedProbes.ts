import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type ChainOutcome, walkChain } from '../../netfilter/walkChain.ts'
import { rejectAnswer } from '../../parsers/iptablesMatches.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesRule } from '../../parsers/iptablesSave.ts'
import { type FirewallAuthor, firewallAuthor } from './firewallAuthor.ts'
import { type TableOfDump, iptablesTables } from './iptablesTables.ts'
import { type Probe, probes } from './probes.ts'

/** A rule or policy of the host that stops packets which a sound node lets pass. */
export interface BlockedProbes {
  /** The base chain that the packets meet. */
  readonly chain: Probe['chain']
  readonly table: TableOfDump
  /** Left out where the chain's policy stops them. */
  readonly rule?: IptablesRule
  /** The chain the rule stands in, or the base chain. */
  readonly inChain: string
  /** What a REJECT answers: `icmp-host-prohibited`; left out of DROP. */
  readonly answer?: string
  readonly author?: FirewallAuthor
  /** Packets that it has stopped. */
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
const OF_PLUGINS = /-o weave |--comment "?cali:/

/** What the host's own rules stop of the packets between pods, to the kubelet and of the overlay; one entry for each rule or policy. */
export const blockedProbes = defineNodeFact({
  name: 'packets that the rules stop',
  needs: { filter: iptablesTables.filter, asked: probes },
  compute({ filter, asked }): Availability<readonly BlockedProbes[]> {
    const blocks = filter.flatMap((table) =>
      asked.probes.flatMap((probe) => blockOf(table, probe, asked.around) ?? []),
    )
    // A node may well let the control plane's nodes alone reach its kubelet.
    const reachable = asked.probes.some(
      (probe) =>
        probe.kind === 'api-to-kubelet' &&
        !blocks.some((block) => !block.isInDoubt && block.probes.includes(probe)),
    )
    const joinedBlocks = new Map<string, BlockedProbes>()
    for (const block of blocks) {
      const [probe] = block.probes
      if (probe === undefined || (probe.kind === 'api-to-kubelet' && reachable)) continue
      const { path, line } = block.origin
      const known = joinedBlocks.get(`${path} ${line}`)
      joinedBlocks.set(`${path} ${line}`, known === undefined ? block : joined(known, probe, block.isInDoubt))
    }
    return available([...joinedBlocks.values()])
  },
})

function joined(known: BlockedProbes, probe: Probe, isInDoubt: boolean): BlockedProbes {
  return { ...known, probes: [...known.probes, probe], isInDoubt: known.isInDoubt && isInDoubt }
}

type Walked = Parameters<typeof walkChain>[3]

function blockOf(table: TableOfDump, probe: Probe, around: Walked): BlockedProbes | undefined {
  const { final, earlier } = walkChain(table.table, probe.chain, probe.packet, around)
  const accepts = earlier.filter(({ verdict }) => verdict === 'accept')
  // What a plugin may have let pass is its policy's business.
  if (stops(final) && !accepts.some(isOnPurpose)) {
    return isOnPurpose(final) ? undefined : blockedBy(final, accepts.length > 0, table, probe)
  }
  // A rule that stops some packets only (beyond a rate, of a set) tells nothing until it has stopped one.
  const doubtful = earlier.find((it) => stops(it) && !isOnPurpose(it) && (it.rule?.packets ?? 0) > 0)
  return doubtful === undefined ? undefined : blockedBy(doubtful, true, table, probe)
}

function stops({ verdict }: ChainOutcome): boolean {
  return verdict === 'drop' || verdict === 'reject'
}

function isOnPurpose({ path, rule }: ChainOutcome): boolean {
  return path.some((chain) => ON_PURPOSE.test(chain)) || OF_PLUGINS.test(rule?.spec ?? '')
}

function blockedBy(
  { rule, path }: ChainOutcome,
  isInDoubt: boolean,
  table: TableOfDump,
  probe: Probe,
): BlockedProbes {
  const base = table.table.chains.get(probe.chain)
  const answer = rule && rejectAnswer(parseIptablesRule(rule))
  const author = firewallAuthor(table.table)
  const line = rule?.line ?? base?.line ?? table.table.line
  const gate = base?.rules.findIndex((it) => it === rule || leadsTo(it, path[1])) ?? -1
  const behind = rule === undefined || gate < 0 ? [] : (base?.rules.slice(gate + 1) ?? [])
  return {
    chain: probe.chain,
    table,
    ...(rule && { rule }),
    inChain: path.at(-1) ?? probe.chain,
    ...(answer !== undefined && { answer }),
    ...(author !== undefined && { author }),
    packets: rule?.packets ?? base?.packets ?? 0,
    probes: [probe],
    isInDoubt,
    origin: table.dump.capture.cite(line),
    acceptsBehind: behind
      .filter(({ spec }) => ACCEPTING.test(spec))
      .slice(0, 2)
      .map((it) => table.dump.capture.cite(it.line)),
  }
}

function leadsTo({ spec }: IptablesRule, chain: string | undefined): boolean {
  return chain !== undefined && (spec.endsWith(`-j ${chain}`) || spec.endsWith(`-g ${chain}`))
}

/** Jumps to the accepting chains of Kubernetes and plugins, and flannel's own rules. */
const ACCEPTING =
  /-j (?:KUBE-FORWARD|FLANNEL-FWD|CNI-FORWARD|cali-FORWARD|KUBE-ROUTER-FORWARD)\b|flanneld forward/
