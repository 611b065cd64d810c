import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'
import { iptablesVersionOf } from '../../parsers/iptablesVersionOf.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import type { ToolVersion } from '../../parsers/toolVersions.ts'
import { captured } from '../../sources/captured.ts'
import { type IptablesTaint, iptablesTaints } from './iptablesTaints.ts'

/** Which program made a dump: the node's default one, the one for the other backend, or the one that k3s and rke2 bring along. */
export type DumpRole = 'default' | 'legacy' | 'nft' | 'bundled'

/** The kernel interface whose rules a dump shows; `unknown` where neither its header nor `iptables -V` tells. */
export type DumpBackend = 'nf_tables' | 'legacy' | 'unknown'

/** One dump of the node's IPv4 rules, and what is to be thought of it. */
export interface IptablesDump {
  readonly role: DumpRole
  readonly backend: DumpBackend
  /** Release of the program that printed it: `1.8.9`. */
  readonly version?: string
  /** The line that tells the release: a header, or what `iptables -V` said. */
  readonly versionOrigin?: Evidence
  readonly capture: Capture<IptablesSave>
  /** Tables that it does not show as the kernel holds them. */
  readonly taints: readonly IptablesTaint[]
  /** Its rules are to be counted. False where another dump shows the same backend as well, or better. */
  readonly counted: boolean
}

/**
 * The dumps that were captured, the default program's first. Short only of captures that failed; what the dumps themselves lack
 * is in `taints`, and comes as a shortfall from iptablesDumps and iptablesTables, which rules take.
 */
export const iptablesReadings = defineNodeFact({
  name: 'iptables readings',
  needs: {},
  wants: {
    standard: captured.iptablesSave,
    legacy: captured.iptablesLegacySave,
    nft: captured.iptablesNftSave,
    bundled: captured.bundledIptablesSave,
    versions: captured.versions,
    nftRuleset: captured.nftRuleset,
  },
  compute(
    { standard, legacy, nft, bundled, versions, nftRuleset },
    node,
  ): Availability<readonly IptablesDump[]> {
    const found = settled([
      ...identified('default', standard, versions, 'iptables'),
      ...identified('legacy', legacy, versions, 'iptables-legacy'),
      ...identified('nft', nft, versions, 'iptables-nft'),
      ...identified('bundled', bundled, versions, 'bundled-iptables'),
    ])
    const missing = missingDumps(node)
    if (found.length === 0) return unavailable(...missing.slice(0, 1))
    // What a ruleset that is cut short does not show may be there.
    const ruleset = nftRuleset?.status === 'ok' ? nftRuleset.value : undefined
    const judged = found.map((dump) => judgedDump(dump, ruleset))
    const dumps = judged.map((dump) => countedDump(dump, judged))
    const failed = missing.filter(({ code }) => !HARMLESS.has(code))
    return available(dumps, failed)
  },
})

/** A dump that nobody made because there is nothing to dump, or that was kept back, hides no rules that others would show. */
const HARMLESS: ReadonlySet<Shortfall['code']> = new Set(['absent', 'not-captured', 'withheld'])

type Identified = Omit<IptablesDump, 'taints' | 'counted'>
type Judged = Omit<IptablesDump, 'counted'>

function identified(
  role: DumpRole,
  capture: Capture<IptablesSave> | undefined,
  versions: Capture<readonly ToolVersion[]> | undefined,
  tool: string,
): Identified[] {
  if (capture === undefined) return []
  const [header] = capture.value.generators
  const spoken = versions?.value.find(({ name }) => name === tool)
  const said = spoken && iptablesVersionOf(spoken.output)
  const version = header?.version ?? said?.version
  const origin = header ? capture.cite(header.line) : said && versions?.cite(spoken.line)
  return [
    {
      role,
      capture,
      backend: header?.backend ?? said?.backend ?? backendOfRole(role),
      ...(version !== undefined && { version }),
      ...(origin !== undefined && { versionOrigin: origin }),
    },
  ]
}

function backendOfRole(role: DumpRole): DumpBackend {
  if (role === 'legacy') return 'legacy'
  return role === 'nft' ? 'nf_tables' : 'unknown'
}

/** A dump whose backend nothing tells (headers of 1.8.4 to 1.8.7 are alike) has the backend of the dump that shows the same chains. */
function settled(dumps: readonly Identified[]): readonly Identified[] {
  return dumps.map((dump) => settledDump(dump, dumps))
}

function settledDump(dump: Identified, all: readonly Identified[]): Identified {
  if (dump.backend !== 'unknown') return dump
  const twin = all.find(({ backend, capture }) => backend !== 'unknown' && sameChains(capture, dump.capture))
  return twin === undefined ? dump : { ...dump, backend: twin.backend }
}

function sameChains(a: Capture<IptablesSave>, b: Capture<IptablesSave>): boolean {
  return chainNames(a) !== '' && chainNames(a) === chainNames(b)
}

function chainNames({ value }: Capture<IptablesSave>): string {
  const names = [...value.tables.values()].flatMap(({ name, chains }) =>
    [...chains.values()].filter(({ rules }) => rules.length > 0).map((chain) => `${name}/${chain.name}`),
  )
  return names.toSorted().join(' ')
}

function judgedDump(dump: Identified, ruleset: NftRuleset | undefined): Judged {
  return { ...dump, taints: iptablesTaints(dump.capture.value, dump, ruleset) }
}

function countedDump(dump: Judged, all: readonly Judged[]): IptablesDump {
  return { ...dump, counted: dump === bestOf(all, dump.backend) }
}

/** Of the dumps that show one backend: a whole and believable one before others, then the default program's. */
function bestOf(dumps: readonly Judged[], backend: DumpBackend): Judged | undefined {
  const same = dumps.filter((dump) => dump.backend === backend)
  const whole = same.filter(({ capture }) => capture.value.complete)
  return whole.find(({ taints }) => taints.length === 0) ?? whole[0] ?? same[0]
}

function missingDumps({ captures, id }: NodeScope): Shortfall[] {
  const { iptablesSave, iptablesLegacySave, iptablesNftSave, bundledIptablesSave } = captures
  return [iptablesSave, iptablesLegacySave, iptablesNftSave, bundledIptablesSave].flatMap((capture) =>
    'value' in capture ? [] : [{ code: capture.status, node: id, what: capture.path }],
  )
}
