import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type Subject, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { addressOwners } from '../../facts/cluster/addressOwners.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { type LogSignals, type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import { type RancherSettings, isOn, rancherSettings } from '../../facts/node/rancherSettings.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { whole } from '../../facts/node/whole.ts'
import type { SignalId } from '../../logs/signals.ts'
import { type Address, isLinkLocal, isLoopback, parseAddress } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { type AbsentNodeIp, type Note, type Option, text } from './k3s-node-ip-not-on-host.text.ts'

/** An address that the host must have, and what asks for it. */
interface Claim {
  readonly option: Option
  readonly address: Address
  readonly origin: Evidence
}

const JOURNAL = /^journal\/(?:.*\/)?(?:k3s|rke2)[^/]*$/
const NAMES_NONE: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** k3s or rke2 is to use an address as the node's own that none of its interfaces has. */
export default defineRule({
  id: 'k3s-node-ip-not-on-host',
  area: 'configuration',
  severity: 'high',
  references: [
    {
      title: 'k3s#9410: failed to validate secondaryNodeIP',
      url: 'https://github.com/k3s-io/k3s/issues/9410',
    },
    {
      title: 'k3s#2434: etcd cannot listen on an address that the host does not have',
      url: 'https://github.com/k3s-io/k3s/issues/2434',
    },
    {
      title: 'Kubernetes 1.20, pkg/kubelet/kubelet_node_status.go: validateNodeIP',
      url: 'https://github.com/kubernetes/kubernetes/blob/v1.20.0/pkg/kubelet/kubelet_node_status.go',
    },
    {
      title:
        'k3s, pkg/etcd/etcd.go: listenPeerURLs; pkg/cluster/https.go: newListener; pkg/daemons/agent/agent_linux.go',
    },
  ],
  needs: { settings: rancherSettings, addresses: whole(captured.ipAddr), interfaces },
  wants: { logs: logSignals, clock, sysctl, owners: addressOwners },
  text,
  check({ settings, addresses, interfaces, logs, clock, sysctl, owners }, node) {
    if (settings === undefined) return notApplicable('noUnit')
    if (['rootless', 'vpn-auth', 'vpn-auth-file'].some((option) => isOn(settings, option)))
      return notApplicable('otherNetwork')
    const held = addresses.value.flatMap((link) => link.addresses.map(({ address }) => address))
    const own = interfaces
      .filter(({ role }) => role === 'host')
      .flatMap((link) => link.addresses.map(({ address }) => address))
      .filter((address) => !isLoopback(address) && !isLinkLocal(address))
    if (own.length === 0) return unchecked('noAddresses')

    const nonlocal = sysctl?.number('net.ipv4.ip_nonlocal_bind')?.value
    const kubelet = refusalsIn(logs, clock, 'node-ip-not-held')
    const listeners = refusalsIn(logs, clock, 'address-not-bindable')
    const claims = claimsOf(settings, nonlocal !== undefined && nonlocal !== 0)
    const told = new Set(claims.map(({ address }) => address))
    for (const [address, [line]] of kubelet)
      if (line !== undefined && !told.has(address)) claims.push({ option: '', address, origin: line.origin })

    return claims
      .filter(({ address }) => !held.includes(address))
      .map(({ option, address, origin }) => {
        const lines = [...(kubelet.get(address) ?? []), ...(listeners.get(address) ?? [])]
        const holder = owners?.get(address)?.find((owner) => owner.node !== node.id)
        const data: AbsentNodeIp = {
          node: node.id,
          distribution: settings.distribution,
          role: settings.role,
          option,
          address,
          own,
          refused: lines.length > 0,
          isAskedForNonlocal: nonlocal !== undefined,
          ...(holder && { holder: holder.node }),
        }
        const evidence: Citation<Note>[] = [
          ...(option === '' ? [] : [withNote<Note>(origin, 'set', `${option}: ${address}`)]),
          ...lines.slice(-2).map((line) => withNote<Note>(line.origin, 'refused', address)),
          ...(holder?.origin ? [withNote<Note>(holder.origin, 'holder', holder.node)] : []),
        ]
        return found<AbsentNodeIp, Note>(data, {
          subject: address,
          confidence:
            lines.length > 0
              ? 'certain'
              : option === 'bind-address' && nonlocal === undefined
                ? 'possible'
                : 'likely',
          about: aboutOf(data),
          evidence,
        })
      })
  },
})

/** A server that does not start is missed at its addresses; one that has an address of another node is not missed at that. */
function aboutOf({ node, role, own, address, holder }: AbsentNodeIp): readonly Subject[] {
  if (role === 'agent') return [`node:${node}`]
  const addresses = holder === undefined ? [...own, address] : own
  return [`node:${node}`, ...addresses.map((missed): Subject => `address:${missed}`)]
}

/**
 * What the options name. The kubelet's own `node-ip`, among its arguments, counts before that of k3s. A listener may be bound to an
 * address that comes later where the kernel allows it.
 */
function claimsOf(settings: RancherSettings, mayBindAny: boolean): Claim[] {
  const kubelet = (settings.of.get('kubelet-arg')?.values ?? []).filter((arg) => arg.startsWith('node-ip='))
  const listed: (readonly [Option, readonly string[], string])[] = []
  if (kubelet.length > 0) {
    const addresses = kubelet.map((arg) => arg.slice('node-ip='.length))
    listed.push(['kubelet-arg node-ip', addresses, 'kubelet-arg'])
  } else if (!isOn(settings, 'disable-agent')) {
    listed.push(['node-ip', settings.of.get('node-ip')?.values ?? [], 'node-ip'])
  }
  if (settings.role === 'server' && !mayBindAny)
    listed.push(['bind-address', settings.of.get('bind-address')?.values ?? [], 'bind-address'])
  return listed.flatMap(([option, values, name]) =>
    values.flatMap((value) => {
      const address = parseAddress(value)
      const origin = settings.of.get(name)?.origin
      if (address === undefined || origin === undefined || NAMES_NONE.has(address)) return []
      return isLoopback(address) ? [] : [{ option, address, origin }]
    }),
  )
}

/** Lines of the last hour in which k3s or rke2 was refused an address, by that address. */
function refusalsIn(
  logs: LogSignals | undefined,
  clock: Clock | undefined,
  signal: SignalId,
): ReadonlyMap<Address, readonly LoggedLine[]> {
  const refusals = new Map<Address, LoggedLine[]>()
  for (const line of logs?.of(signal)?.lines ?? []) {
    const address = parseAddress(line.groups.get('address') ?? '')
    if (address === undefined || !JOURNAL.test(line.origin.path) || !isRecent([line], clock)) continue
    refusals.set(address, [...(refusals.get(address) ?? []), line])
  }
  return refusals
}
