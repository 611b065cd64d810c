import { NO_MARK, type Packet } from '../../../analyzer/netfilter/packet.ts'
import { address } from '../../support/known.ts'

/** A packet that is sent through the kernel. */
export interface Sent {
  readonly hook: 'forward' | 'input'
  readonly source: string
  readonly destination: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/** From two addresses behind eth0 to two behind eth1, and to the node itself. */
export const PROBES: readonly Sent[] = ['10.1.0.2', '10.1.0.3'].flatMap((source) =>
  (['tcp', 'udp'] as const).flatMap((protocol) =>
    [53, 8080, 30_080].flatMap((port): readonly Sent[] => [
      { hook: 'forward', source, destination: '10.2.0.2', protocol, port },
      { hook: 'forward', source, destination: '10.2.0.9', protocol, port },
      { hook: 'input', source, destination: '10.1.0.1', protocol, port },
    ]),
  ),
)

/** The packet as the walk takes it. */
export function packetOf({ hook, source, destination, protocol, port }: Sent): Packet {
  return {
    inDevice: 'eth0',
    outDevice: hook === 'forward' ? 'eth1' : '',
    source: address(source),
    destination: address(destination),
    protocol,
    destinationPort: port,
    ctstate: 'NEW',
    isDnat: false,
    mark: NO_MARK,
  }
}
