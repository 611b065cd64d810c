import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { podNetworks } from '../../facts/node/podNetworks.ts'
import { type Routes, routes } from '../../facts/node/routes.ts'
import { type NumericSetting, type Sysctl, sysctl } from '../../facts/node/sysctl.ts'
import { isV4, isV6 } from '../../net/address.ts'
import { type ForwardingOff, text } from './sysctl-ip-forward-off.text.ts'

type Note = 'setting' | 'pods' | 'on' | 'network'

/**
 * The kernel forwards no packets (net.ipv4.ip_forward, which is conf.all.forwarding; ip-sysctl.rst): what pods send to others, and others
 * to them, ends at the node. Reproduced: connections from pods to other nodes time out, while the node itself reaches everything.
 */
export default defineRule({
  id: 'sysctl-ip-forward-off',
  area: 'routing',
  severity: 'critical',
  references: [
    {
      title: 'Linux Documentation/networking/ip-sysctl.rst, ip_forward and forwarding',
      url: 'https://docs.kernel.org/networking/ip-sysctl.html',
    },
  ],
  needs: { sysctl, interfaces },
  // Taken from each node: a routing table that is cut off hides no setting.
  wants: { podNetworks, routes: eachNode(routes) },
  text,
  check({ sysctl, interfaces, podNetworks, routes }, node) {
    // Any veth on a plugin's bridge is a pod's, whatever its name, though the bridge itself may be down.
    const pods = interfaces.find(
      (device) => isUp(device) && (isOfPods(device) || (isPodPort(device) && isOnPlugin(device, interfaces))),
    )
    if (pods === undefined) return notApplicable('noPods')

    const findings: Found<ForwardingOff, Note>[] = []
    const v4 = sysctl.number('net.ipv4.ip_forward') ?? sysctl.ofInterface('forwarding', 'all')
    if (v4 === undefined) return unchecked('noKey')
    const network = podNetworks?.find(({ prefix }) => isV6(prefix.address))
    const isV6Only = network !== undefined && !podNetworks?.some(({ prefix }) => isV4(prefix.address))
    const uplinks = uplinksOf(routes?.find((each) => each.node.id === node.id)?.value)
    const concerned = interfaces.filter((device) => isUp(device) && bringsPodPackets(device, uplinks))
    if (v4.value !== 0) findings.push(...offForSome(concerned, sysctl, node.id, v4))
    else if (!isV6Only) findings.push(offForAll(node.id, 'ipv4', v4, pods))

    const v6 = sysctl.number('net.ipv6.conf.all.forwarding')
    if (network !== undefined && v6?.value === 0) {
      const finding = offForAll(node.id, 'ipv6', v6, pods)
      const evidence = [...finding.evidence, withNote<Note>(network.origin, 'network')]
      findings.push({ ...finding, evidence })
    }
    return findings
  },
})

function isUp({ flags }: NodeInterface): boolean {
  return flags.has('UP')
}

function isOfPods({ role }: NodeInterface): boolean {
  return role === 'pod' || role === 'cni'
}

function isOnPlugin({ master }: NodeInterface, interfaces: readonly NodeInterface[]): boolean {
  return interfaces.some(({ name, role }) => name === master && role === 'cni')
}

function offForAll(
  node: string,
  family: 'ipv4' | 'ipv6',
  setting: NumericSetting,
  pods: NodeInterface,
): Found<ForwardingOff, Note> {
  return found<ForwardingOff, Note>(
    { kind: 'all', node, family, podDevice: pods.name },
    {
      subject: family,
      confidence: 'certain',
      evidence: [withNote<Note>(setting.origin, 'setting'), withNote<Note>(pods.origin, 'pods')],
      about: [
        `node:${node}`,
        `sysctl:${node}/net.${family}.${family === 'ipv4' ? 'ip_forward' : 'conf.all.forwarding'}`,
      ],
    },
  )
}

/** Devices that lead to a gateway; undefined where no routes are known. */
function uplinksOf(known: Routes | undefined): ReadonlySet<string> | undefined {
  if (known === undefined) return undefined
  const devices = known.all.flatMap(({ via, device, nexthops }) => [
    ...(via === undefined ? [] : [device]),
    ...nexthops.map((nexthop) => nexthop.device),
  ])
  return new Set(devices.filter((device) => device !== undefined))
}

/** Of the host's interfaces those that lead further: one of a storage network or of the machine's management takes no part. */
function bringsPodPackets(
  { name, role, addresses }: NodeInterface,
  uplinks: ReadonlySet<string> | undefined,
): boolean {
  if (role === 'pod' || role === 'cni') return true
  return role === 'host' && addresses.length > 0 && (uplinks === undefined || uplinks.has(name))
}

/** Interfaces that pods' packets come in by: forwarding is asked of the incoming interface (IN_DEV_FORWARD, net/ipv4/route.c). */
function offForSome(
  devices: readonly NodeInterface[],
  sysctl: Sysctl,
  node: string,
  global: NumericSetting,
): Found<ForwardingOff, Note>[] {
  const off = devices.flatMap(({ name }) => {
    const setting = sysctl.ofInterface('forwarding', name)
    return setting?.value === 0 ? [{ name, setting }] : []
  })
  if (off.length === 0) return []
  return [
    found<ForwardingOff, Note>(
      { kind: 'some', node, devices: off.map(({ name }) => name) },
      {
        subject: 'interfaces',
        severity: 'high',
        confidence: 'likely',
        evidence: [
          ...off.slice(0, 6).map(({ setting }) => withNote<Note>(setting.origin, 'setting')),
          withNote<Note>(global.origin, 'on'),
        ],
        about: [`node:${node}`, ...off.map(({ name }) => `device:${node}/${name}` as const)],
      },
    ),
  ]
}
