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
  {
    // containernetworking/plugins plugins/main/bridge/bridge.go, ensureAddr: all releases; seen with 1.1.1 in logs of containerd 1.6 and kubelet 1.20.
    id: 'bridge-address-differs',
    keywords: ['already has an IP address different from'],
    pattern:
      /"(?<bridge>[\w.-]{1,15})" already has an IP address different from (?<wanted>[\da-fA-F.:]{2,45}\/\d{1,3})/,
  },
  {
    // flannel pkg/subnet/kube/kube.go, AcquireLease: all releases.
    id: 'pod-cidr-unassigned',
    keywords: ['pod cidr not assigned'],
    pattern: /node "(?<node>[\w.-]{1,253})" pod cidr not assigned/,
  },
  {
    // Kubernetes pkg/controller/nodeipam/ipam/cidrset/cidr_set.go, ErrCIDRRangeNoCIDRsRemaining; `in the range` since multiple CIDRs.
    id: 'pod-cidrs-exhausted',
    keywords: ['there are no remaining CIDRs left'],
    pattern: /CIDR allocation failed; there are no remaining CIDRs left to allocate/,
  },
] as const satisfies readonly LogSignal[]
