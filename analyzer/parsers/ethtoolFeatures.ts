import type { Line } from '../text/line.ts'
import type { LineParser } from './parser.ts'

/** An offload or other feature of a device. */
export interface EthtoolFeature {
  readonly on: boolean
  /** It cannot be changed. */
  readonly fixed: boolean
  readonly line: Line
}

/**
 * `net/ethtool/<device>.txt`, `ethtool -k <device>`, by feature:
 * ```
 * Features for flannel.1:
 * rx-checksumming: on
 * tx-checksumming: on
 * 	tx-checksum-ip-generic: on
 * tx-vlan-offload: off [requested on]
 * large-receive-offload: off [fixed]
 * ```
 */
export const ethtoolFeatures: LineParser<ReadonlyMap<string, EthtoolFeature>> = {
  kind: 'lines',
  start() {
    const features = new Map<string, EthtoolFeature>()
    return {
      line(text, number) {
        if (text.trim() === '' || /^(?:Features|Offload parameters) for /.test(text)) return true
        const [, name, state, note] =
          /^\s{0,8}([a-zA-Z0-9_-]{1,64}): (on|off)(?: \[([^\]]{1,64})\])?$/.exec(text) ?? []
        if (name === undefined) return false
        features.set(name, { on: state === 'on', fixed: note === 'fixed', line: { number, text } })
        return true
      },
      end: () => features,
    }
  },
}
