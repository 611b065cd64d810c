import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type StaleVtep, staleVteps } from '../../facts/cluster/staleVteps.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { vteps } from '../../facts/node/vteps.ts'
import { vxlanTables } from '../../facts/node/vxlanTables.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { type VtepMacMismatch, text } from './flannel-vtep-mac-mismatch.text.ts'

type Note = 'device' | 'neighbour' | 'announced' | 'log'

/**
 * Frames for a node’s flannel.1 bear another hardware address than the device has: the node takes them out of the tunnel and drops them
 * (eth_type_trans marks them PACKET_OTHERHOST). Reproduced: nothing reaches the pods of that node, and nothing is logged.
 */
export default defineRule({
  id: 'flannel-vtep-mac-mismatch',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'flannel#1155: systemd changes the MAC of flannel.1 after it was announced',
      url: 'https://github.com/flannel-io/flannel/issues/1155',
    },
    {
      title: 'flannel#1795: flannel stops where the MAC of flannel.1 is another one than wanted',
      url: 'https://github.com/flannel-io/flannel/issues/1795',
    },
  ],
  needs: { vteps, stale: staleVteps },
  wants: { tables: vxlanTables, logs: logSignals },
  text,
  check({ vteps, stale, tables, logs }, node) {
    if (vteps.length === 0) return notApplicable('noDevice')
    const own = stale.filter(
      (each) => each.node === node.id || each.observers.some((observer) => observer.node === node.id),
    )
    if (own.length > 0) return own.map(mismatch)
    const refused = logs?.of('vtep-mac-refused')?.lines.filter(({ old }) => !old) ?? []
    const [last] = refused.slice(-1)
    if (last !== undefined) {
      const device = last.groups.get('device') ?? 'flannel.1'
      const [wanted = '', actual = ''] = [last.groups.get('wanted'), last.groups.get('actual')]
      return found<VtepMacMismatch, Note>(
        {
          node: node.id,
          device,
          actual,
          expected: [wanted],
          observers: [],
          isAnnounced: false,
          isFarApart: false,
        },
        {
          subject: `${node.id}/${device}`,
          confidence: 'possible',
          severity: 'high',
          evidence: [withNote<Note>(last.origin, 'log')],
          about: [`node:${node.id}`],
        },
      )
    }
    return tables === undefined ? unchecked('noTables') : []
  },
})

function mismatch({ node, vtep, observers, announced, isFarApart }: StaleVtep): Found<VtepMacMismatch, Note> {
  const macs = [...observers.map(({ neighbour }) => neighbour.mac), ...(announced ? [announced.mac] : [])]
  const told: Citation<Note>[] = announced
    ? [withNote<Note>(announced.origin, 'announced', announced.mac)]
    : []
  const isDoubtful = isFarApart && announced === undefined
  return found<VtepMacMismatch, Note>(
    {
      node,
      device: vtep.device.name,
      actual: vtep.mac,
      expected: [...new Set(macs)],
      observers: observers.map((observer) => observer.node),
      isAnnounced: announced !== undefined,
      isFarApart,
      tunnelAddress: vtep.address,
    },
    {
      subject: `${node}/${vtep.device.name}`,
      confidence: isDoubtful ? 'possible' : 'certain',
      severity: isDoubtful ? 'high' : 'critical',
      evidence: [
        withNote<Note>(vtep.device.origin, 'device', vtep.mac),
        ...observers.slice(0, 4).map(({ neighbour }) => withNote<Note>(neighbour.origin, 'neighbour', node)),
        ...told,
      ],
      nodes: [node, ...observers.map((observer) => observer.node)],
      about: [
        `node:${node}`,
        `mac:${vtep.mac}`,
        ...(vtep.network ? ([`network:${formatPrefix(vtep.network.prefix)}`] as const) : []),
      ],
    },
  )
}
