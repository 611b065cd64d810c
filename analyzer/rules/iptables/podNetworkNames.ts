import type { ClusterNetworks } from '../../facts/cluster/clusterNetworks.ts'
import { isV4 } from '../../net/address.ts'
import { type Prefix, formatPrefix, prefixOf, smallestCoveringPrefix } from '../../net/prefix.ts'

/** Networks that are still told one by one. */
const MAX_NETWORKS = 3
/** A wider one would take in more than pods. */
const WIDEST = 12
const MAX_COMMANDS = 8

/**
 * The IPv4 networks of pods for commands: as declared, else those that nodes hand out. Where these are many, the one network around
 * them; where that would be too wide, the first eight.
 */
export function podNetworkNames(networks: ClusterNetworks | undefined): readonly string[] {
  const declared = v4(networks?.pods ?? [])
  const prefixes = declared.length > 0 ? declared : v4(networks?.podsOfNodes ?? [])
  const names = [...new Set(prefixes.map(formatPrefix))]
  if (names.length <= MAX_NETWORKS) return names
  const around = smallestCoveringPrefix(prefixes.map(({ address }) => address))
  const length = Math.min(around?.length ?? 0, ...prefixes.map((prefix) => prefix.length))
  return around !== undefined && length >= WIDEST
    ? [formatPrefix(prefixOf(around.address, length))]
    : names.slice(0, MAX_COMMANDS)
}

function v4(networks: ClusterNetworks['pods']): readonly Prefix[] {
  return networks.map(({ prefix }) => prefix).filter(({ address }) => isV4(address))
}
