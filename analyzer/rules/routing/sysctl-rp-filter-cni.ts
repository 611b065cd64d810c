import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import type { Confidence } from '../../engine/outcome.ts'
import { type Found, clear, found, unchecked } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { type AsymmetricPath, asymmetricPaths } from '../../facts/cluster/asymmetricPaths.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { type NumericSetting, sysctl } from '../../facts/node/sysctl.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import { formatPrefix, prefixContains } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import type { Cited } from '../../text/cited.ts'
import { type ReversePathDrop, text } from './sysctl-rp-filter-cni.text.ts'

type Note = 'filter' | 'back' | 'noWay' | 'forth' | 'dropped' | 'log'

const STRICT = 1
/** Cilium's own devices, whose packets are routed by eBPF and have no way back in the kernel's tables. */
const CILIUM_DEVICE = /^(?:lxc|cilium_)/

/**
 * The reverse path filter (net.ipv4.conf.*.rp_filter, the larger of `all` and the interface's own; ip-sysctl.rst) drops packets of the
 * cluster: strict, what comes in by another interface than the answer would leave by; with Cilium, whatever comes from a pod.
 */
export default defineRule({
  id: 'sysctl-rp-filter-cni',
  area: 'routing',
  severity: 'high',
  references: [
    { title: 'cilium/cilium#10645', url: 'https://github.com/cilium/cilium/issues/10645' },
    { title: 'cilium/cilium#20072', url: 'https://github.com/cilium/cilium/pull/20072' },
    { title: 'RFC 3704', url: 'https://www.rfc-editor.org/rfc/rfc3704' },
    { title: 'Linux net/ipv4/fib_frontend.c, __fib_validate_source' },
  ],
  needs: { sysctl, interfaces },
  wants: {
    paths: asymmetricPaths,
    netstat: captured.netstat,
    logs: logSignals,
    owners: addressOwners,
    pods: eachNode(podNetworks),
  },
  text,
  check({ sysctl, interfaces, paths, netstat, logs, owners, pods }, node) {
    if (sysctl.ofInterface('rp_filter', 'all') === undefined) return unchecked('noKey')
    const dropped = netstat?.value.get('TcpExt')?.get('IPReversePathFilter')
    const martians = logs?.of('martian-source')?.lines ?? []
    const isOfCluster = (address: Address): boolean =>
      (owners?.get(address) ?? []).some((owner) => owner.node !== node.id) ||
      (pods ?? []).some(
        (each) =>
          each.node.id !== node.id && each.value.some(({ prefix }) => prefixContains(prefix, address)),
      )
    const findings: Found<ReversePathDrop, Note>[] = []
    for (const device of interfaces) {
      const filter = sysctl.effective('rp_filter', device.name)
      if (filter?.value !== STRICT) continue
      const asymmetric = (paths ?? []).filter(
        (path) => path.node === node.id && path.device.name === device.name,
      )
      const logged = martians.filter((line) => line.groups.get('device') === device.name)
      const evidence = dropped && netstat && { cited: dropped, cite: netstat.cite }
      if (asymmetric.length > 0) {
        findings.push(asymmetricDrop(device, filter, asymmetric, logged, evidence))
        continue
      }
      const known = logged.filter((line) => {
        const source = parseAddress(line.groups.get('source') ?? '')
        return source !== undefined && isOfCluster(source)
      })
      if (known.length > 0) findings.push(loggedDrop(node.id, device, filter, known))
    }
    const cilium = interfaces.filter(({ name }) => CILIUM_DEVICE.test(name))
    const filtered = cilium.flatMap((device) => {
      const filter = sysctl.effective('rp_filter', device.name)
      return filter !== undefined && filter.value > 0 ? [{ device, filter }] : []
    })
    if (filtered.length > 0) findings.push(ciliumDrop(node.id, filtered))
    return findings.length > 0 ? findings : clear()
  },
})

interface Counter {
  readonly cited: Cited<number>
  readonly cite: (line: Cited<number>['line']) => Parameters<typeof withNote>[0]
}

/** Counter and state together are proof; a counter that stands at zero says that nothing came this way yet. */
function asymmetricDrop(
  device: NodeInterface,
  filter: NumericSetting,
  paths: readonly AsymmetricPath[],
  martians: readonly LoggedLine[],
  counter: Counter | undefined,
): Found<ReversePathDrop, Note> {
  const node = paths[0]?.node ?? ''
  const fitting = martians.filter((line) => {
    const source = parseAddress(line.groups.get('source') ?? '')
    return source !== undefined && paths.some(({ sources }) => prefixContains(sources, source))
  })
  const count = counter?.cited.value
  const isUnused = count === 0 && fitting.length === 0
  const confidence: Confidence =
    fitting.length > 0
      ? confidenceFromLog('certain', fitting)
      : isUnused
        ? 'possible'
        : (count ?? 0) > 0
          ? 'certain'
          : 'likely'
  const [first] = paths
  return found<ReversePathDrop, Note>(
    {
      kind: 'asymmetric',
      node,
      device: device.name,
      ways: paths.map(({ peer, sources, back }) => ({
        peer,
        sources: sources.length === 32 ? sources.address : formatPrefix(sources),
        ...(back?.device !== undefined && { back: back.device }),
      })),
      ...(count !== undefined && { dropped: count }),
      isLogged: fitting.length > 0,
    },
    {
      subject: device.name,
      confidence,
      ...(isUnused && { severity: 'medium' }),
      evidence: [
        withNote<Note>(filter.origin, 'filter', device.name),
        ...(first ? [withNote<Note>(first.forth, 'forth', device.name)] : []),
        ...paths
          .slice(0, 3)
          .map(({ back }) =>
            back === undefined ? withNote<Note>(device.origin, 'noWay') : withNote<Note>(back.origin, 'back'),
          ),
        ...(counter && counter.cited.value > 0
          ? [withNote<Note>(counter.cite(counter.cited.line), 'dropped', counter.cited.value)]
          : []),
        ...fitting.slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')),
      ],
      nodes: [...new Set(paths.map(({ peer }) => peer))],
      about: [
        `node:${node}`,
        `device:${node}/${device.name}`,
        ...paths.map(({ sources }) => `network:${formatPrefix(sources)}` as const),
      ],
    },
  )
}

/** The kernel named packets of the cluster, but by the routes as they are now they would pass. */
function loggedDrop(
  node: string,
  device: NodeInterface,
  filter: NumericSetting,
  lines: readonly LoggedLine[],
): Found<ReversePathDrop, Note> {
  const sources = [...new Set(lines.map((line) => line.groups.get('source') ?? ''))]
  return found<ReversePathDrop, Note>(
    { kind: 'logged', node, device: device.name, sources },
    {
      subject: device.name,
      severity: 'medium',
      confidence: confidenceFromLog('likely', lines),
      evidence: [
        ...lines.slice(-3).map(({ origin }) => withNote<Note>(origin, 'log')),
        withNote<Note>(filter.origin, 'filter', device.name),
      ],
      about: [`node:${node}`, `device:${node}/${device.name}`],
    },
  )
}

interface Filtered {
  readonly device: NodeInterface
  readonly filter: NumericSetting
}

function ciliumDrop(node: string, filtered: readonly Filtered[]): Found<ReversePathDrop, Note> {
  const isStrict = filtered.some(({ filter }) => filter.value === STRICT)
  const citations: Citation<Note>[] = filtered
    .slice(0, 3)
    .map(({ device, filter }) => withNote<Note>(filter.origin, 'filter', device.name))
  return found<ReversePathDrop, Note>(
    { kind: 'cilium', node, devices: filtered.map(({ device }) => device.name), isStrict },
    {
      subject: 'cilium',
      confidence: isStrict ? 'likely' : 'possible',
      ...(!isStrict && { severity: 'medium' }),
      evidence: citations,
      about: [`node:${node}`, ...filtered.map(({ device }) => `device:${node}/${device.name}` as const)],
    },
  )
}
