import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { isV6 } from '../../net/address.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { type NodeInterface, interfaces } from './interfaces.ts'

/** A VXLAN device that is down, and what has its UDP port. */
export interface VxlanConflict {
  readonly device: NodeInterface
  readonly port: number
  readonly holder:
    | { readonly kind: 'socket'; readonly listener: Listener; readonly origin: Evidence }
    | { readonly kind: 'device'; readonly device: NodeInterface }
}

/** The VXLAN devices of a node, and those of them that cannot come up. */
export interface VxlanPorts {
  readonly devices: readonly NodeInterface[]
  readonly conflicts: readonly VxlanConflict[]
  /** Devices that are down, where the sockets of the node were not captured as a whole. */
  readonly undecided: readonly NodeInterface[]
}

/**
 * What keeps VXLAN devices from coming up. The kernel opens the UDP port of a device as it is set up (drivers/net/vxlan, vxlan_sock_add):
 * that fails where a process has the port, on whatever address, and where another device has opened it in another way (`external`, GBP,
 * GPE); devices of one way share a socket. Tried with Linux 6.18. While a device is up, nobody else gets its port.
 */
export const vxlanConflicts = defineNodeFact({
  name: 'UDP ports of VXLAN devices',
  needs: { interfaces },
  wants: { sockets: captured.ssListen },
  compute({ interfaces, sockets }): Availability<VxlanPorts> {
    const devices = interfaces.filter(({ vxlan }) => vxlan?.destinationPort !== undefined)
    const up = devices.filter(({ flags }) => flags.has('UP'))
    const down = devices.filter(({ flags }) => !flags.has('UP'))
    const conflicts: VxlanConflict[] = []
    const undecided: NodeInterface[] = []
    for (const device of down) {
      const port = device.vxlan?.destinationPort ?? 0
      const rival = up.find(
        (other) => other.vxlan?.destinationPort === port && wayOf(other) !== wayOf(device),
      )
      if (rival !== undefined) {
        conflicts.push({ device, port, holder: { kind: 'device', device: rival } })
        continue
      }
      const isShared = up.some((other) => other.vxlan?.destinationPort === port)
      const listener = sockets?.value.find((each) => !isShared && holds(each, port, device))
      if (listener !== undefined && sockets !== undefined)
        conflicts.push({
          device,
          port,
          holder: { kind: 'socket', listener, origin: sockets.cite(listener.line) },
        })
      else if (!isShared && sockets?.status !== 'ok') undecided.push(device)
    }
    return available({ devices, conflicts, undecided })
  },
})

/** How a device opens its port: VXLAN_F_RCV_FLAGS of include/net/vxlan.h, as far as iproute2 prints them. */
function wayOf({ vxlan }: NodeInterface): string {
  const text = ` ${vxlan?.line.text.trim() ?? ''} `
  return [' external ', ' gbp ', ' gpe ', ' remcsumrx '].filter((word) => text.includes(word)).join('')
}

/** A socket of IPv6 alone leaves the port to IPv4. `::` may be one of both families. */
function holds({ protocol, port, address }: Listener, wanted: number, { vxlan }: NodeInterface): boolean {
  if (protocol !== 'udp' || port !== wanted) return false
  if (address === '*' || address === '::' || vxlan?.local === undefined) return true
  return isV6(address) === isV6(vxlan.local)
}
