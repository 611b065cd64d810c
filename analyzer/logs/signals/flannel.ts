import type { LogSignal } from '../logSignal.ts'

/** What flannel, and what works with its files, reports of pod networks. */
export const flannelSignals = [
  {
    // flannel pkg/backend/vxlan/device.go, Configure: since 0.23.
    id: 'vtep-mac-refused',
    keywords: ['mac address wanted: '],
    pattern:
      /(?<device>flannel[\w.-]{1,15})'s (?:v6 )?mac address wanted: (?<wanted>[\da-f:]{17}), but got: (?<actual>[\da-f:]{17})/,
  },
] as const satisfies readonly LogSignal[]
