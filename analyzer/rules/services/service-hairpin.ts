import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { isPodBridge } from '../../facts/node/isPodBridge.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { type ServiceHairpin, text } from './service-hairpin.text.ts'

type Note = 'off' | 'bridge'

const MOST_PORTS = 4

/**
 * A pod that asks its own Service may be sent back to itself: the packet has to leave the bridge through the port that it came in by
 * (net/bridge/br_forward.c, should_deliver), which a port with hairpin off does not do.
 */
export default defineRule({
  id: 'service-hairpin',
  area: 'services',
  severity: 'medium',
  references: [
    { title: 'Linux net/bridge/br_forward.c, should_deliver, BR_HAIRPIN_MODE' },
    {
      title: 'Kubernetes documentation, Debug Services: a Pod fails to reach itself via the Service IP',
      url: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
    },
    {
      title: 'containernetworking/plugins bridge: hairpinMode',
      url: 'https://www.cni.dev/plugins/current/main/bridge/',
    },
  ],
  needs: { interfaces, proxy: proxyMode },
  text,
  check({ interfaces, proxy }, node) {
    if (proxy.mode === 'none') return notApplicable('noProxy')
    const bridge = interfaces.find((device) => isPodBridge(device, interfaces))
    if (bridge === undefined) return notApplicable('noBridge')
    const ports = interfaces.filter((port) => port.master === bridge.name && isPodPort(port))
    const told = ports.filter(({ bridgePort }) => bridgePort?.hairpin !== undefined)
    if (told.length === 0) return unchecked('noDetails')
    const off = told.filter(({ bridgePort }) => bridgePort?.hairpin === false)
    // In promiscuous mode the bridge itself hands the packet back (dockershim's promiscuous-bridge).
    if (off.length === 0 || bridge.flags.has('PROMISC')) return clear()
    return found<ServiceHairpin, Note>(
      {
        node: node.id,
        bridge: bridge.name,
        ports: off.map(({ name }) => name),
        pods: told.length,
        mode: proxy.mode,
      },
      {
        subject: bridge.name,
        confidence: 'likely',
        evidence: [
          ...off.slice(0, MOST_PORTS).map(({ origin }) => withNote<Note>(origin, 'off')),
          withNote<Note>(bridge.origin, 'bridge'),
        ],
        about: [`node:${node.id}`, `device:${bridge.name}`],
      },
    )
  },
})
