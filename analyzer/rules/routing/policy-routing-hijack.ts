import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, type Subject, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type DivertedFlow, divertedFlows } from '../../facts/node/divertedFlows.ts'
import { type LogSignals, logSignals } from '../../facts/node/logSignals.ts'
import { type NodeAddress, nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { tableName } from '../../facts/node/routeLookup.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import type { Address } from '../../net/address.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type DivertedWay, type PolicyHijack, text } from './policy-routing-hijack.text.ts'

type Note = 'rule' | 'taken' | 'meant' | 'log'

/** Tunnels of the administrator may lead to the pods of other nodes as well. */
const TUNNELS: ReadonlySet<string> = new Set(['tun', 'wireguard', 'gre', 'ipip', 'vti', 'xfrm'])

/** Programs that configure network devices, and what they log when they take one that is the network plugin’s. */
const MANAGERS = [
  ['NetworkManager', 'network-manager-configures-pod-device'],
  ['systemd-networkd', 'networkd-configures-pod-device'],
] as const

/**
 * A policy rule is asked before the main table, and its table knows nothing of pods: what is for them leaves the node, as
 * nm-cloud-setup made it on RHEL 8.4 (`30400: from NODE lookup 30400`; in newer NetworkManager `30350: from all lookup main
 * suppress_prefixlength 0` stands before). And: a network manager configures the devices of pods.
 */
export default defineRule({
  id: 'policy-routing-hijack',
  area: 'routing',
  severity: 'high',
  references: [
    { title: 'rancher/rke2#1053', url: 'https://github.com/rancher/rke2/issues/1053' },
    { title: 'projectcalico/calico#4662', url: 'https://github.com/projectcalico/calico/issues/4662' },
    { title: 'projectcalico/calico#2471', url: 'https://github.com/projectcalico/calico/issues/2471' },
    { title: 'poseidon/typhoon#1007', url: 'https://github.com/poseidon/typhoon/pull/1007' },
    {
      title: 'rke2 documentation, Known Issues and Limitations: NetworkManager',
      url: 'https://docs.rke2.io/known_issues',
    },
    { title: 'NetworkManager src/nm-cloud-setup/main.c, _nmc_mangle_connection' },
    { title: 'Linux net/core/fib_rules.c, fib_rules_lookup; net/ipv4/route.c, ip_route_output_key_hash_rcu' },
  ],
  needs: { rules: captured.ipRule, table: captured.ipRoute, routes, diverted: divertedFlows },
  wants: { addresses: nodeAddresses, logs: logSignals },
  text,
  check({ table, routes, diverted, addresses, logs }, node) {
    const managed =
      logs === undefined ? [] : MANAGERS.flatMap(([name, signal]) => managing(node.id, name, logs, signal))
    if (diverted.flows.length === 0) {
      if (managed.length > 0) return managed
      return diverted.hasPods ? clear() : notApplicable('noPods')
    }
    // What is missing may be the very route that leads to the pods.
    if (table.status !== 'ok') return unchecked('tableShort')
    const main = mainAddresses(routes, addresses ?? [])
    const priorities = new Set(diverted.flows.map(({ rule }) => rule.priority))
    const hijacks = [...priorities].map((priority) =>
      hijack(
        node.id,
        priority,
        diverted.flows.filter(({ rule }) => rule.priority === priority),
        main,
      ),
    )
    return [...hijacks, ...managed]
  },
})

/** The addresses by which the node is known: what the API server says, else those on the interface of the default route. */
function mainAddresses(routes: Routes, addresses: readonly NodeAddress[]): ReadonlySet<Address> {
  const registered = addresses.filter((known) => known.registered)
  const devices = new Set(
    [...routes.defaults('v4'), ...routes.defaults('v6')]
      .filter(({ table }) => tableName(table) === 'main')
      .map(({ device }) => device),
  )
  const byDefault = addresses.filter(({ device }) => devices.has(device))
  const chosen = [registered, byDefault, addresses].find((list) => list.length > 0) ?? []
  return new Set(chosen.map(({ address }) => address))
}

function hijack(
  node: string,
  priority: number,
  flows: readonly DivertedFlow[],
  main: ReadonlySet<Address>,
): Found<PolicyHijack, Note> {
  const [first] = flows
  const rules = new Map(flows.map(({ rule }) => [rule.line.text, rule]))
  const isSecondary = flows.every(
    ({ from, to, source }) => from === 'node' && to === 'own' && !main.has(source),
  )
  const evidence: Citation<Note>[] = [
    ...[...rules.values()].slice(0, 3).map(({ origin }) => withNote<Note>(origin, 'rule')),
    ...(first?.taken ? [withNote<Note>(first.taken.origin, 'taken')] : []),
    ...(first ? [withNote<Note>(first.meant.origin, 'meant')] : []),
  ]
  const about: Subject[] = [
    `node:${node}`,
    ...flows.map(({ network }) => `network:${formatPrefix(network)}` as const),
    ...flows.flatMap(({ peers }) => (peers ? ([`network:${formatPrefix(peers)}`] as const) : [])),
  ]
  return found<PolicyHijack, Note>(
    {
      kind: 'rule',
      node,
      rules: [...rules.keys()].map(selectorOf),
      ways: waysOf(flows),
      isSecondary,
      sample: { source: first?.source ?? '', target: first?.network.address ?? '' },
      ...authorOf(priority, first),
    },
    {
      subject: String(priority),
      confidence: confidenceOf(flows),
      ...(isSecondary && { severity: 'medium' }),
      evidence,
      about: [...new Set(about)],
    },
  )
}

/** The rule as `ip rule` prints it, with its priority as `ip rule del` wants it. */
function selectorOf(text: string): string {
  return text.replace(/^(\d+):\s+/, 'pref $1 ').trim()
}

/** Told together: what goes from and to the same kind of ends, and is diverted in one way. */
function waysOf(flows: readonly DivertedFlow[]): readonly DivertedWay[] {
  const ways = new Map<string, DivertedWay>()
  for (const { from, to, source, device, via, refusal, meant } of flows) {
    const key = [from, to, device?.name, via, refusal].join(' ')
    const sources = new Set([...(ways.get(key)?.sources ?? []), source])
    ways.set(key, {
      from,
      to,
      sources: [...sources],
      meant: meant.device ?? '',
      ...(refusal !== undefined && { refusal }),
      ...(device && { device: device.name }),
      ...(via && { via }),
    })
  }
  return [...ways.values()]
}

/** Nothing but its own link leads to a pod of the node; to pods of other nodes a router may know the way. */
function confidenceOf(flows: readonly DivertedFlow[]): Confidence {
  const plain = flows.filter(({ isUndecided }) => !isUndecided)
  if (plain.some(({ to, refusal }) => to === 'own' || refusal !== undefined)) return 'certain'
  return plain.some(({ device }) => !TUNNELS.has(device?.kind ?? '')) ? 'likely' : 'possible'
}

/** nm-cloud-setup numbers its rules and tables from 30400, one for each interface; Tailscale’s table is 52. */
function authorOf(
  priority: number,
  flow: DivertedFlow | undefined,
): { readonly author?: 'nm-cloud-setup' | 'tailscale' } {
  const table = flow?.rule.table
  if (priority >= 30_400 && priority < 30_500 && table === String(priority))
    return { author: 'nm-cloud-setup' }
  return table === '52' && flow?.device?.name.startsWith('tailscale') === true ? { author: 'tailscale' } : {}
}

function managing(
  node: string,
  manager: 'NetworkManager' | 'systemd-networkd',
  logs: LogSignals,
  signal: (typeof MANAGERS)[number][1],
): Found<PolicyHijack, Note>[] {
  const lines = (logs.of(signal)?.lines ?? []).filter(({ old }) => !old)
  if (lines.length === 0) return []
  const devices = new Set(lines.map(({ groups }) => groups.get('device') ?? ''))
  const file = lines.at(-1)?.groups.get('file')
  return [
    found<PolicyHijack, Note>(
      { kind: 'managed', node, manager, devices: [...devices], ...(file !== undefined && { file }) },
      {
        subject: manager,
        severity: 'medium',
        confidence: 'possible',
        evidence: lines.slice(-3).map(({ origin }) => withNote<Note>(origin, 'log', manager)),
        about: [`node:${node}`, ...[...devices].map((device) => `device:${node}/${device}` as const)],
      },
    ),
  ]
}
