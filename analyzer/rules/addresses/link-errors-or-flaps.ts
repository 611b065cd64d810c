import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import {
  type LogSignals,
  type LoggedLine,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import type { Interface } from '../../parsers/ipAddr.ts'
import type { LinkCounters } from '../../parsers/linkCounters.ts'
import type { SoftnetRow } from '../../parsers/softnetStat.ts'
import { captured } from '../../sources/captured.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type LinkErrorsOrFlaps, text } from './link-errors-or-flaps.text.ts'

type Note = 'down' | 'received' | 'sent' | 'backlog'
type Fault = Found<LinkErrorsOrFlaps, Note>

/** A cable that is plugged in and drivers that start log one or two. */
const FEWEST_DOWNS = 3
const FEWEST_BAD = 1000
/** Of all packets. */
const BAD_SHARE = 0.01
/** Devices that stand on others: what is wrong is told of those. */
const STACKED: ReadonlySet<string> = new Set(['bond', 'team', 'bridge', 'vlan', 'macvlan', 'ipvlan', 'vrf'])

/** Damaged packets, a link that comes and goes, or a processor that cannot keep up (net/core/dev.c, drivers’ counters). */
export default defineRule({
  id: 'link-errors-or-flaps',
  area: 'addresses',
  severity: 'medium',
  references: [
    {
      title: 'Linux Documentation/networking/statistics.rst',
      url: 'https://docs.kernel.org/networking/statistics.html',
    },
    { title: 'Linux net/core/net-procfs.c, softnet_seq_show' },
    { title: 'Linux drivers/net/bonding/bond_main.c, bond_miimon_commit' },
  ],
  needs: { links: captured.ipLink, interfaces },
  wants: { logs: logSignals, softnet: captured.softnetStat },
  text,
  check({ links, interfaces, logs, softnet }, node) {
    const own = new Set(
      interfaces
        .filter(({ role, kind }) => role === 'host' && !STACKED.has(kind ?? ''))
        .map(({ name }) => name),
    )
    const faults = [
      ...links.value.flatMap((link) => (own.has(link.name) ? ofLink(node.id, links, link, logs) : [])),
      ...(softnet ? ofBacklog(node.id, softnet) : []),
    ]
    return faults.length === 0 && logs === undefined ? unchecked('noLogs') : faults
  },
})

function ofLink(
  node: string,
  links: Capture<readonly Interface[]>,
  link: Interface,
  logs: LogSignals | undefined,
): readonly Fault[] {
  const downs = downsOf(link.name, logs)
  const received = badOf(link.received, link.received?.missed ?? link.received?.overrun)
  const sent = badOf(link.sent, link.sent?.carrier)
  const isFlapping = downs.length >= FEWEST_DOWNS
  if (!isFlapping && received === 0 && sent === 0) return []
  // Each down is followed by an up, and both are counted.
  const transitions = Math.max(link.received?.transitions ?? 0, link.sent?.transitions ?? 0)
  const isCounted = received + sent > 0 || transitions >= 2 * downs.length
  const evidence: Citation<Note>[] = isFlapping
    ? downs.slice(-2).map(({ origin }) => withNote<Note>(origin, 'down', formatCount(downs.length)))
    : []
  if (link.received && received > 0)
    evidence.push(withNote<Note>(links.cite(link.received.line), 'received', formatCount(received)))
  if (link.sent && (sent > 0 || (isFlapping && isCounted)))
    evidence.push(withNote<Note>(links.cite(link.sent.line), 'sent', formatCount(sent)))
  return [
    found<LinkErrorsOrFlaps, Note>(
      { kind: 'link', node, device: link.name, downs: isFlapping ? downs.length : 0, received, sent },
      {
        subject: link.name,
        confidence: isFlapping && isCounted ? confidenceFromLog('likely', downs) : 'possible',
        evidence,
        about: [`node:${node}`, `device:${node}/${link.name}`],
      },
    ),
  ]
}

/** A log and the journal may hold the same lines: those of the one that has most of them count. */
function downsOf(device: string, logs: LogSignals | undefined): readonly LoggedLine[] {
  const all = [...(logs?.of('link-down')?.lines ?? []), ...(logs?.of('bond-link-down')?.lines ?? [])]
  const ofDevice = all.filter(({ groups }) => (groups.get('slave') ?? groups.get('device')) === device)
  const byLog = new Map<string, LoggedLine[]>()
  for (const line of ofDevice) byLog.set(line.origin.path, [...(byLog.get(line.origin.path) ?? []), line])
  return [...byLog.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
}

/**
 * Damaged or lost packets, 0 where they are few. `dropped` does not count: it holds frames of protocols and VLANs that nobody
 * listens to.
 */
function badOf(counters: LinkCounters | undefined, lost = 0): number {
  if (counters === undefined) return 0
  const bad = Math.max(counters.errors, lost)
  return bad >= FEWEST_BAD && bad >= BAD_SHARE * counters.packets ? bad : 0
}

function ofBacklog(node: string, softnet: Capture<readonly SoftnetRow[]>): readonly Fault[] {
  const full = softnet.value.filter(
    ({ dropped, processed }) => dropped >= FEWEST_BAD && dropped >= BAD_SHARE * processed,
  )
  const [worst] = full.toSorted((a, b) => b.dropped - a.dropped)
  if (worst === undefined) return []
  return [
    found<LinkErrorsOrFlaps, Note>(
      { kind: 'backlog', node, cpu: worst.cpu, dropped: worst.dropped, processed: worst.processed },
      {
        subject: 'backlog',
        confidence: 'possible',
        evidence: [withNote<Note>(softnet.cite(worst.line), 'backlog', formatCount(worst.dropped))],
        about: [`node:${node}`, `sysctl:${node}/net.core.netdev_max_backlog`],
      },
    ),
  ]
}
