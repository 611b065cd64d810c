import { type Prefix, parsePrefix } from '../net/prefix.ts'
import type { Cited } from '../text/cited.ts'
import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import type { LineParser } from './parser.ts'

/** What flanneld tells its CNI plugin. A key that is missing or malformed is left out. */
export interface FlannelSubnetEnv {
  /** The pod networks of the cluster; one, but for clusters with several pod CIDRs. */
  readonly networks: readonly Cited<Prefix>[]
  /** The pods of this node. The file has the bridge's address in it; here the host bits are cut off. */
  readonly subnet?: Cited<Prefix>
  readonly ipv6Networks: readonly Cited<Prefix>[]
  readonly ipv6Subnet?: Cited<Prefix>
  readonly mtuBytes?: Cited<number>
  readonly ipMasquerade?: Cited<boolean>
}

type Draft = Mutable<FlannelSubnetEnv> & { networks: Cited<Prefix>[]; ipv6Networks: Cited<Prefix>[] }

/**
 * `cni/flannel-subnet.env`, /run/flannel/subnet.env (flannel pkg/subnet WriteSubnetFile):
 * ```
 * FLANNEL_NETWORK=10.42.0.0/16
 * FLANNEL_SUBNET=10.42.1.1/24
 * FLANNEL_MTU=1450
 * FLANNEL_IPMASQ=true
 * ```
 */
export const flannelSubnetEnv: LineParser<FlannelSubnetEnv> = {
  kind: 'lines',
  start() {
    const env: Draft = { networks: [], ipv6Networks: [] }
    return {
      line(text, number) {
        if (text.trim() === '' || text.startsWith('#')) return true
        const equals = text.indexOf('=')
        return equals > 0 && keep(env, text.slice(0, equals), text.slice(equals + 1).trim(), { number, text })
      },
      end: () => env,
    }
  },
}

function keep(env: Draft, key: string, value: string, line: Line): boolean {
  switch (key) {
    case 'FLANNEL_NETWORK':
      return keepNetworks(env.networks, value, line)
    case 'FLANNEL_IPV6_NETWORK':
      return keepNetworks(env.ipv6Networks, value, line)
    case 'FLANNEL_SUBNET':
      return keepSubnet(env, 'subnet', value, line)
    case 'FLANNEL_IPV6_SUBNET':
      return keepSubnet(env, 'ipv6Subnet', value, line)
    case 'FLANNEL_MTU': {
      const mtu = wholeNumber(value)
      if (mtu !== undefined) env.mtuBytes = { value: mtu, line }
      return mtu !== undefined
    }
    case 'FLANNEL_IPMASQ':
      if (value !== 'true' && value !== 'false') return false
      env.ipMasquerade = { value: value === 'true', line }
      return true
    default:
      return false
  }
}

function keepNetworks(networks: Cited<Prefix>[], text: string, line: Line): boolean {
  for (const part of text.split(',')) {
    const value = parsePrefix(part)
    if (!value) return false
    networks.push({ value, line })
  }
  return true
}

function keepSubnet(env: Draft, field: 'subnet' | 'ipv6Subnet', text: string, line: Line): boolean {
  const value = parsePrefix(text)
  if (value) env[field] = { value, line }
  return value !== undefined
}
