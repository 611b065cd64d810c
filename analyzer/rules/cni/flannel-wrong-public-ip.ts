import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { peerWays } from '../../facts/cluster/peerWays.ts'
import { podPeers } from '../../facts/cluster/podPeers.ts'
import { type PublicAddress, publicAddresses } from '../../facts/cluster/publicAddresses.ts'
import { type WrongPublicAddress, wrongPublicAddresses } from '../../facts/cluster/wrongPublicAddresses.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { captured } from '../../sources/captured.ts'
import { type WrongPublicIp, text } from './flannel-wrong-public-ip.text.ts'

type Note = 'announced' | 'forwarding' | 'device' | 'has' | 'holder' | 'fit'

/**
 * flannel tells the other nodes by which address each is reached: they route or tunnel the packets for its pods there. Without --iface
 * it takes the interface of the default route, which may be the wrong one of two. Reproduced: a VXLAN device whose local address is on no
 * interface any more sends nothing; the kernel counts each packet as an error of the device.
 */
export default defineRule({
  id: 'flannel-wrong-public-ip',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'flannel Documentation/troubleshooting.md: Vagrant gives every machine the same first address',
      url: 'https://github.com/flannel-io/flannel/blob/master/Documentation/troubleshooting.md',
    },
    {
      title: 'flannel pkg/subnet/kube/kube.go: public-ip and public-ip-overwrite',
      url: 'https://github.com/flannel-io/flannel/blob/master/pkg/subnet/kube/kube.go',
    },
    {
      title: 'k3s#11181: the address of docker0 becomes the node’s InternalIP',
      url: 'https://github.com/k3s-io/k3s/issues/11181',
    },
  ],
  needs: {
    interfaces,
    claims: publicAddresses,
    wrong: wrongPublicAddresses,
    peers: podPeers,
    ways: peerWays,
  },
  wants: { subnet: captured.flannelSubnetEnv },
  text,
  check({ claims, wrong, peers, ways, subnet }, node) {
    if (ways.isOtherPlugins(node.id)) return notApplicable('otherPlugin')
    const own = claims.filter((claim) => claim.node === node.id)
    const faults = wrong.filter(({ claim }) => claim.node === node.id)
    const networks = (peers.find((peer) => peer.node === node.id)?.networks ?? []).map(
      ({ prefix }): Subject => `network:${formatPrefix(prefix)}`,
    )
    if (faults.length > 0) return faults.map((fault) => wrongAddress(fault, networks))
    if (own.some(({ source }) => source !== 'device')) return clear()
    if (own.length > 0 || subnet !== undefined) return unchecked('noAnnouncement')
    return notApplicable('noFlannel')
  },
})

function wrongAddress(fault: WrongPublicAddress, networks: readonly Subject[]): Found<WrongPublicIp, Note> {
  const { claim, fit } = fault
  const sharers = fault.kind === 'shared' ? fault.sharers : []
  const nodes = [...new Set([claim, ...sharers].map(({ node }) => node))].toSorted()
  const address = fault.kind === 'gone' ? fault.local : claim.address
  const [confidence, severity] = judged(fault)
  const holder = fault.kind === 'absent' ? fault.holder : undefined
  return found<WrongPublicIp, Note>(
    {
      kind: fault.kind,
      nodes,
      address,
      isFarApart: claim.isFarApart,
      ...(holder && { holder: holder.node }),
      ...deviceOf(fault),
      ...(fit && { fit: { address: fit.held.address, device: fit.device.name } }),
      ...(fault.kind === 'stray' && { isUnrouted: fault.isUnrouted }),
    },
    {
      subject: address,
      confidence,
      severity,
      evidence: evidenceOf(fault),
      nodes: [claim, ...sharers].filter(({ isPresent }) => isPresent).map(({ node }) => node),
      about: [...nodes.map((node): Subject => `node:${node}`), `address:${address}`, ...networks],
    },
  )
}

function deviceOf(fault: WrongPublicAddress): Pick<WrongPublicIp, 'device'> {
  if (fault.kind === 'gone') return { device: fault.device.name }
  return fault.kind === 'bridge' || fault.kind === 'stray' ? { device: fault.on.device.name } : {}
}

function judged(fault: WrongPublicAddress): readonly [Confidence, Severity] {
  const doubtful = ['possible', 'high'] as const
  // What the device sends by is told by the same bundle.
  if (fault.kind === 'gone') return ['certain', 'critical']
  if (fault.claim.isFarApart) return doubtful
  switch (fault.kind) {
    case 'absent':
      // An address of another network may be translated on the way without a word to the API server (--public-ip).
      return fault.isOnLink || fault.holder !== undefined ? ['certain', 'critical'] : doubtful
    case 'stray':
      if (fault.isUnrouted) return ['likely', 'critical']
      return fault.isUnregistered ? ['likely', 'high'] : doubtful
    case 'shared':
      // WireGuard learns where a peer is from what it sends: two nodes behind one router may work.
      return fault.claim.isChosen && /^(?:wireguard|extension)$/.test(fault.claim.backend)
        ? doubtful
        : ['certain', 'critical']
    case 'bridge':
      return ['certain', 'critical']
  }
}

function evidenceOf(fault: WrongPublicAddress): Citation<Note>[] {
  const told = cited(fault.claim)
  const fit = fault.fit && withNote<Note>(fault.fit.held.origin, 'fit')
  const proofs: Citation<Note>[] = [told]
  if (fault.kind === 'gone' && fault.device.vxlanOrigin) {
    const sender = withNote<Note>(fault.device.vxlanOrigin, 'device', fault.local)
    proofs.splice(0, 1, sender, ...(fault.claim.source === 'device' ? [] : [told]))
  }
  if (fault.kind === 'absent' && fault.holder?.origin)
    proofs.push(withNote<Note>(fault.holder.origin, 'holder', fault.holder.node))
  if (fault.kind === 'bridge' || fault.kind === 'stray')
    proofs.push(withNote<Note>(fault.on.held.origin, 'has', fault.on.device.name))
  if (fault.kind === 'shared') proofs.push(...fault.sharers.slice(0, 4).map(cited))
  if (fault.kind === 'stray') proofs.push(...fault.peers.slice(0, 3).map(cited))
  return fit ? [...proofs, fit] : proofs
}

function cited({ origin, source, address, node }: PublicAddress): Citation<Note> {
  return withNote<Note>(origin, source, source === 'forwarding' ? node : address)
}
