import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { type OfNode, defineClusterFact, eachNode, valueOfNode } from '../../engine/fact.ts'
import { parseAddress } from '../../net/address.ts'
import { captured } from '../../sources/captured.ts'
import { type ChecksumTrigger, checksumTrigger } from '../node/checksumTrigger.ts'
import { type LogSignals, type LoggedLine, logSignals } from '../node/logSignals.ts'
import { addressOwners } from './addressOwners.ts'
import { clusterMates } from './clusterMates.ts'

/** A node that got UDP packets with a wrong checksum. */
export interface ChecksumVictim {
  /** Id of its bundle. */
  readonly node: string
  /** Packets since boot; 0 where the counters were not captured. */
  readonly errors: number
  /** Of all UDP packets that came in. */
  readonly share: number
  readonly counters?: Evidence
  /** What its kernel logged of packets from the sender to the port of a VXLAN device; not older than a day. */
  readonly logged?: LoggedLine
}

/** Who sends VXLAN packets with a wrong checksum, or may. */
export interface ChecksumSender {
  /** Id of its bundle, name or address of a node without one. */
  readonly name: string
  readonly isPresent: boolean
  /** Left out where what makes a node send such packets does not come together on it. */
  readonly trigger?: ChecksumTrigger
  /** Its devices compute checksums by themselves now; false where that is not known. */
  readonly isMended: boolean
  readonly victims: readonly ChecksumVictim[]
}

/** Fewer may be of a bad cable, or of a scan. */
const FEWEST_ERRORS = 10
const DEFAULT_PORTS: ReadonlySet<number> = new Set([8472, 4789])

/** The senders of wrong checksums, each with the nodes of its cluster that got some. */
export const checksumSenders = defineClusterFact({
  name: 'senders of wrong checksums',
  needs: {
    states: eachNode(checksumTrigger),
    snmp: eachNode(captured.snmp),
    logs: eachNode(logSignals),
    owners: addressOwners,
    mates: clusterMates,
  },
  compute({ states, snmp, logs, owners, mates }): Availability<readonly ChecksumSender[]> {
    const victimOf = (node: string, logged?: LoggedLine): ChecksumVictim => {
      const capture = valueOfNode(snmp, node)
      const udp = capture?.value.get('Udp')
      const errors = udp?.get('InCsumErrors')
      const all = (udp?.get('InDatagrams')?.value ?? 0) + (udp?.get('InErrors')?.value ?? 0)
      return {
        node,
        errors: errors?.value ?? 0,
        share: all > 0 ? (errors?.value ?? 0) / all : 0,
        ...(capture && errors && { counters: capture.cite(errors.line) }),
        ...(logged && { logged }),
      }
    }
    const senders = new Map<string, ChecksumSender>()
    for (const { node, value } of states) {
      if (value.trigger === undefined) continue
      const others = snmp.filter((each) => each.node !== node && mates.of(node.id, each.node.id) === true)
      const victims = others
        .map((each) => victimOf(each.node.id))
        .filter(({ errors }) => errors >= FEWEST_ERRORS)
      const { trigger } = value
      senders.set(node.id, { name: node.id, isPresent: true, trigger, isMended: false, victims })
    }
    for (const { node, line } of logs.flatMap((log) => loggedOn(log, portsOf(log.node.id, states)))) {
      const address = parseAddress(line.groups.get('source') ?? '')
      const owner = address && owners.get(address)?.find((each) => each.node !== node)
      const name = owner?.node ?? address
      if (name === undefined) continue
      const known = senders.get(name)
      const others = known?.victims.filter((victim) => victim.node !== node) ?? []
      const isMended = valueOfNode(states, name)?.isOffloaded === false
      const isPresent = owner?.present ?? false
      senders.set(name, {
        ...(known ?? { name, isPresent, isMended }),
        victims: [...others, victimOf(node, line)],
      })
    }
    return available([...senders.values()])
  },
})

function portsOf(node: string, states: readonly OfNode<{ readonly devices: readonly Device[] }>[]) {
  const own = valueOfNode(states, node)?.devices.flatMap(({ vxlan }) => vxlan?.destinationPort ?? []) ?? []
  return own.length > 0 ? new Set(own) : DEFAULT_PORTS
}

interface Device {
  readonly vxlan?: { readonly destinationPort?: number }
}

function loggedOn(
  { node, value }: OfNode<LogSignals>,
  ports: ReadonlySet<number>,
): readonly { readonly node: string; readonly line: LoggedLine }[] {
  const lines = value.of('udp-bad-checksum')?.lines ?? []
  return lines
    .filter(({ old, groups }) => !old && ports.has(Number(groups.get('port'))))
    .map((line) => ({ node: node.id, line }))
}
