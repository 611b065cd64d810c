import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type CniAgents, cniAgentOf, cniAgents } from '../../facts/node/cniAgents.ts'
import { type CniConfFile, cniOrder } from '../../facts/node/cniOrder.ts'
import { type LogSignals, logSignals } from '../../facts/node/logSignals.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { podsOfNode } from '../../facts/node/podsOfNode.ts'
import { whole } from '../../facts/node/whole.ts'
import { type Prefix, formatPrefix, prefixContains, prefixesOverlap } from '../../net/prefix.ts'
import { type CniLeftoverConfig, text } from './cni-leftover-config.text.ts'

type Note = 'used' | 'behind' | 'runs' | 'list' | 'failed' | 'pod'

const needs = { order: whole(cniOrder), agents: cniAgents }
const wants = { logs: logSignals, pods: podsOfNode, networks: podNetworks }

/** What tells the network that the node's pods were assigned, whichever plugin there is. */
const ASSIGNED: ReadonlySet<string> = new Set(['cni/flannel-subnet.env', 'kube/api/nodes.json'])

/**
 * Pods are given to a network plugin that is no longer there: its configuration was left behind, and its name comes before that of the
 * plugin that runs (containerd/go-cni opts.go, loadFromConfDir).
 */
export default defineRule({
  id: 'cni-leftover-config',
  area: 'cni',
  severity: 'high',
  references: [
    { title: 'containerd/go-cni opts.go, loadFromConfDir' },
    {
      title: 'flannel-io/flannel#1437: 10-containerd-net.conflist before 10-flannel.conflist',
      url: 'https://github.com/flannel-io/flannel/issues/1437',
    },
    {
      title: 'kubernetes-retired/bootkube#698: configuration left by Calico',
      url: 'https://github.com/kubernetes-retired/bootkube/issues/698',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { used, others } = inputs.order
    if (used === undefined) return notApplicable('noConfig')
    if (others.length === 0) return notApplicable('single')
    if (used.conf.error !== undefined || used.conf.plugins.length === 0) return unchecked('broken')
    const owners = used.conf.plugins.map(cniAgentOf)
    if (owners.includes(undefined)) return unchecked('unknownPlugin')
    const states = owners.flatMap((owner) =>
      owner === 'none' || owner === undefined ? [] : [inputs.agents(owner)],
    )
    // What runs, or should run and does not, was not left behind.
    if (states.some(({ state }) => state === 'running' || state === 'stopped')) return clear()
    if (states.some(({ state }) => state === 'untold')) return unchecked('untold')
    const rival = runningAmong(others, inputs.agents)
    if (states.length === 0) return rival === undefined ? clear() : standard(inputs, node.id, used, rival)
    const rest = rival ?? others.find(needsNoAgent)
    if (rest === undefined) return unchecked('noneRuns')
    const lists = states.flatMap(({ evidence }) => evidence)
    return leftover(inputs, node.id, used, 'file' in rest ? rest : { file: rest }, lists)
  },
})

/** The configuration behind the first whose plugin could do the work, and what shows that it runs. */
interface Rival {
  readonly file: CniConfFile
  readonly running?: Evidence
}

function runningAmong(others: readonly CniConfFile[], agents: CniAgents): Rival | undefined {
  for (const file of others) {
    for (const plugin of file.conf.plugins) {
      const owner = cniAgentOf(plugin)
      if (owner === undefined || owner === 'none') continue
      const { state, evidence } = agents(owner)
      const [running] = evidence
      if (state === 'running' && running !== undefined) return { file, running }
    }
  }
  return undefined
}

function needsNoAgent({ conf }: CniConfFile): boolean {
  return conf.plugins.length > 0 && conf.plugins.every((plugin) => cniAgentOf(plugin) === 'none')
}

/** The first configuration is of a plugin whose program is not on the node. */
function leftover(
  { logs }: Inputs<typeof needs, typeof wants>,
  node: string,
  used: CniConfFile,
  rival: Rival,
  lists: readonly Evidence[],
): Found<CniLeftoverConfig, Note> {
  const failed = failedAdd(logs, used)
  const isProved = failed !== undefined && rival.running !== undefined
  return tell(node, used, rival, {
    kind: 'absent',
    confidence: isProved ? 'certain' : rival.running === undefined ? 'possible' : 'likely',
    isFailing: failed !== undefined,
    evidence: [
      ...lists.map((list) => withNote<Note>(list, 'list', mainPlugin(used))),
      ...(failed ? [withNote<Note>(failed, 'failed')] : []),
    ],
  })
}

/** The first configuration is of a plugin that needs no program: it works, beside the network of the one that runs. */
function standard(
  { pods, networks }: Inputs<typeof needs, typeof wants>,
  node: string,
  used: CniConfFile,
  rival: Rival,
): Found<CniLeftoverConfig, Note> {
  const own = subnetsOf(used)
  const assigned = (networks ?? []).filter(({ origin }) => ASSIGNED.has(origin.path))
  const isApart =
    assigned.length > 0 &&
    !assigned.some(({ prefix }) => own.some((subnet) => prefixesOverlap(subnet, prefix)))
  const strays = (pods?.pods ?? []).filter(
    ({ podAddresses, hostNetwork }) =>
      !hostNetwork && podAddresses.some((address) => own.some((subnet) => prefixContains(subnet, address))),
  )
  const shown = isApart && pods !== undefined ? strays.slice(0, 3).map(({ line }) => pods.cite(line)) : []
  return tell(node, used, rival, {
    kind: 'standard',
    confidence: shown.length > 0 ? 'likely' : 'possible',
    isFailing: false,
    evidence: shown.map((origin) => withNote<Note>(origin, 'pod')),
  })
}

function tell(
  node: string,
  used: CniConfFile,
  { file, running }: Rival,
  {
    kind,
    confidence,
    isFailing,
    evidence,
  }: Pick<CniLeftoverConfig, 'kind' | 'isFailing'> & {
    readonly confidence: Found<CniLeftoverConfig>['confidence']
    readonly evidence: readonly Citation<Note>[]
  },
): Found<CniLeftoverConfig, Note> {
  const data: CniLeftoverConfig = {
    node,
    kind,
    isFailing,
    folder: used.folder,
    used: used.name,
    usedPlugin: mainPlugin(used),
    behind: file.name,
    behindPlugin: mainPlugin(file),
    isBehindRunning: running !== undefined,
  }
  return found<CniLeftoverConfig, Note>(data, {
    subject: used.name,
    severity: isFailing ? 'critical' : 'high',
    confidence,
    evidence: [
      withNote<Note>(used.origin, 'used', used.name),
      withNote<Note>(file.origin, 'behind', file.name),
      ...(running ? [withNote<Note>(running, 'runs', mainPlugin(file))] : []),
      ...evidence,
    ],
    about: [
      `network:${node}/${used.conf.name ?? used.name}`,
      ...subnetsOf(used).map((subnet) => `network:${formatPrefix(subnet)}` as const),
      `node:${node}`,
    ],
  })
}

/** From which host-local hands out addresses, where the configuration tells. */
function subnetsOf({ conf }: CniConfFile): readonly Prefix[] {
  return conf.plugins.flatMap(({ ipam }) => ipam?.subnets ?? [])
}

/** The plugin that makes the link of a pod is the first of its list. */
function mainPlugin({ conf }: CniConfFile): string {
  return conf.plugins[0]?.type ?? ''
}

/** The newest line of this boot and day by which a plugin of the configuration refused a pod, or was not there. */
function failedAdd(logs: LogSignals | undefined, { conf }: CniConfFile): Evidence | undefined {
  const types = new Set(conf.plugins.map(({ type }) => type))
  return (['cni-plugin-failed', 'cni-plugin-not-found'] as const)
    .flatMap((signal) => logs?.of(signal)?.lines ?? [])
    .findLast(({ groups, old }) => !old && types.has(groups.get('plugin') ?? ''))?.origin
}
