import type { Evidence } from '../../engine/evidence.ts'
import type { OfNode } from '../../engine/fact.ts'
import type { AddressOwners } from '../../facts/cluster/addressOwners.ts'
import type { NodeCertificate } from '../../facts/node/certificates.ts'
import type { NodeInterface } from '../../facts/node/interfaces.ts'
import type { LogSignals, LoggedLine } from '../../facts/node/logSignals.ts'
import { type Address, isLoopback, parseAddress } from '../../net/address.ts'

/**
 * How the certificate came to name another address: the node had it once; it is that of docker's bridge; of another interface of
 * the node; of another node, which has the same host name; or the certificate names none at all.
 */
export type SanCause =
  'address-changed' | 'container-bridge' | 'other-interface' | 'other-node' | 'no-address' | 'unknown'

/** The cause, with the address that tells it and the line that shows where that address is now. */
export interface SanExplanation {
  readonly cause: SanCause
  readonly address?: Address
  /** The device or the node that has it. */
  readonly holder?: string
  readonly origin?: Evidence
}

/** The certificate that a kubelet serves; undefined where it was not captured. In a file the leaf comes first. */
export function servingCertificate(certificates: readonly NodeCertificate[]): NodeCertificate | undefined {
  return certificates.find(
    ({ role, inUse, index, certificate }) =>
      role === 'kubelet-serving' && inUse && index === 0 && !certificate.isCa,
  )
}

/** Why the certificate names what it names, as far as the captures tell. */
export function explainSan(
  node: string,
  named: readonly Address[],
  interfaces: readonly NodeInterface[] | undefined,
  owners: AddressOwners | undefined,
): SanExplanation {
  const foreign = named.filter((address) => !isLoopback(address))
  const [first] = foreign
  if (first === undefined) return { cause: 'no-address' }
  if (interfaces === undefined) return { cause: 'unknown', address: first }
  for (const address of foreign) {
    const holder = interfaces.find(({ addresses }) => addresses.some((held) => held.address === address))
    if (holder !== undefined) {
      const cause = holder.role === 'container-bridge' ? 'container-bridge' : 'other-interface'
      return { cause, address, holder: holder.name, origin: holder.origin }
    }
    const owner = owners?.get(address)?.find((other) => other.node !== node)
    if (owner !== undefined) {
      const origin = owner.origin === undefined ? {} : { origin: owner.origin }
      return { cause: 'other-node', address, holder: owner.node, ...origin }
    }
  }
  return { cause: 'address-changed', address: first }
}

/** A refused call to this node's kubelet, as a log of any node has it. */
export interface RefusedCall {
  readonly wanted: Address
  readonly line: LoggedLine
}

/**
 * Log lines that refuse this very certificate: `x509: certificate is valid for 127.0.0.1, 172.29.1.100, not 192.168.3.123` names
 * its addresses in its order; `… doesn't contain any IP SANs` names none, and counts for an address of the node.
 */
export function refusedCalls(
  { certificate }: NodeCertificate,
  ownAddresses: ReadonlySet<Address>,
  logs: readonly OfNode<LogSignals>[],
): readonly RefusedCall[] {
  const names = certificate.addresses.join(', ')
  return logs.flatMap(({ value }) => {
    const others = value
      .of('certificate-wrong-san')
      ?.lines.filter(({ groups }) => isList(groups.get('valid'), names))
    const none = value.of('certificate-without-ip-san')?.lines ?? []
    return [
      ...calls(others ?? []),
      ...(certificate.addresses.length > 0
        ? []
        : calls(none).filter(({ wanted }) => ownAddresses.has(wanted))),
    ]
  })
}

function calls(lines: readonly LoggedLine[]): readonly RefusedCall[] {
  return lines.flatMap((line) => {
    const wanted = parseAddress(line.groups.get('wanted') ?? '')
    return wanted === undefined ? [] : [{ wanted, line }]
  })
}

/** Go prints IPv6 addresses as RFC 5952 has them, and so does the parser. */
function isList(valid: string | undefined, names: string): boolean {
  return valid !== undefined && valid === names
}
