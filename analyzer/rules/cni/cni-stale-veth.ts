import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { isLive } from '../../facts/cluster/isLive.ts'
import { type LiveSandboxes, liveSandboxes } from '../../facts/node/liveSandboxes.ts'
import { type LoggedSignal, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { type PodLinks, podLinks } from '../../facts/node/podLinks.ts'
import { type PodsOfNode, podsOfNode } from '../../facts/node/podsOfNode.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type StaleVeth, text } from './cni-stale-veth.text.ts'

type Note = 'links' | 'link' | 'idle' | 'list' | 'last'

/** As many may be pods that came or went between the captures. */
const TOLERATED = 5
/** A bridge has 1023 ports (net/bridge/br_private.h, BR_MAX_PORTS); no pod gets a link on a full one. */
const NEARLY_FULL = 900
const MOST_CITED = 4

/** More links of pods than pods: what a pod's removal, or a failed start, left on the node. */
export default defineRule({
  id: 'cni-stale-veth',
  area: 'cni',
  severity: 'low',
  references: [
    { title: 'containernetworking/plugins pkg/ip/link_linux.go, makeVeth' },
    { title: 'Linux net/bridge/br_private.h, BR_MAX_PORTS' },
  ],
  needs: { groups: podLinks },
  wants: { sandboxes: liveSandboxes, pods: podsOfNode, logs: logSignals },
  text,
  check({ groups, sandboxes, pods, logs }, node) {
    const refused = logs?.of('cni-veth-exists')
    const findings = refused === undefined ? [] : [exists(node.id, refused)]
    if (groups.length === 0) return findings.length > 0 ? findings : notApplicable('noLinks')
    const most = mostPods(sandboxes, pods)
    if (most === undefined && findings.length === 0 && groups.every(({ idle }) => idle.length <= TOLERATED)) {
      return unchecked('noList')
    }
    return [...findings, ...groups.flatMap((group) => leftBehind(node.id, group, most) ?? [])]
  },
})

/** The most pods that can have a link, and where that is told. */
interface MostPods {
  readonly count: number
  readonly by: 'sandboxes' | 'pods'
  readonly origins: readonly Evidence[]
}

/** Every sandbox that a runtime knows may have a link, but those of pods that use the node's own network. */
function mostPods(sandboxes: LiveSandboxes | undefined, pods: PodsOfNode | undefined): MostPods | undefined {
  const running = pods?.pods.filter(isLive) ?? []
  const onHost = running.filter(({ hostNetwork, phase }) => hostNetwork && phase === 'Running').length
  if (sandboxes !== undefined) {
    const count = Math.max(0, sandboxes.count - onHost)
    return { count, by: 'sandboxes', origins: sandboxes.origins }
  }
  if (pods === undefined) return undefined
  const count = running.filter(({ hostNetwork }) => !hostNetwork).length
  return { count, by: 'pods', origins: [pods.origin] }
}

function leftBehind(
  node: string,
  group: PodLinks,
  most: MostPods | undefined,
): Found<StaleVeth, Note> | undefined {
  const { bridge, links, idle, origin } = group
  const excess = most === undefined ? idle.length : links.length - most.count
  if (excess <= TOLERATED) return undefined
  const cited = idle.length > 0 ? idle : links
  const data: StaleVeth = {
    kind: 'links',
    node,
    bridge,
    links: links.length,
    idle: idle.map(({ name }) => name),
    excess,
    by: most?.by ?? 'idle',
    pods: most?.count ?? 0,
    isNearlyFull: isNearlyFull(group),
  }
  return found<StaleVeth, Note>(data, {
    subject: bridge ?? 'cali',
    severity: isNearlyFull(group) ? 'medium' : 'low',
    confidence: confidenceOf(most, idle.length, excess),
    evidence: [
      ...(bridge === undefined ? [] : [withNote<Note>(origin, 'links', formatCount(links.length))]),
      ...cited
        .slice(0, MOST_CITED)
        .map((link) => withNote<Note>(link.origin, idle.length > 0 ? 'idle' : 'link')),
      ...(most?.origins ?? []).map((list) => withNote<Note>(list, 'list', formatCount(most?.count ?? 0))),
    ],
    about: [...(bridge === undefined ? [] : [`device:${node}/${bridge}` as const]), `node:${node}`],
  })
}

/** What the API server does not know may run all the same, and an idle link may be one of a pod that is ending. */
function confidenceOf(most: MostPods | undefined, idle: number, excess: number): Confidence {
  if (most?.by === 'sandboxes') return 'likely'
  return most !== undefined && idle >= excess ? 'likely' : 'possible'
}

function isNearlyFull({ bridge, links }: PodLinks): boolean {
  return bridge !== undefined && links.length >= NEARLY_FULL
}

/** A plugin found the link of a pod there before it had made it. */
function exists(node: string, { count, lines }: LoggedSignal): Found<StaleVeth, Note> {
  return found<StaleVeth, Note>(
    { kind: 'exists', node, lines: count, name: lines.at(-1)?.groups.get('name') ?? '' },
    {
      subject: 'names',
      severity: 'medium',
      confidence: confidenceFromLog('likely', lines),
      evidence: lines.slice(-2).map(({ origin }) => withNote<Note>(origin, 'last', formatCount(count))),
      about: [`node:${node}`],
    },
  )
}
