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
    // flannel pkg/backend/vxlan/device.go, Configure, as logged in tkestack/tke#1279; Cilium pkg/datapath/loader, as logged in cilium#38581.
    id: 'vxlan-port-taken',
    keywords: ['to UP state: address already in use', 'cilium_vxlan: address already in use'],
    pattern:
      /(?:failed to set (?:v6 )?interface|setting up device) (?<device>flannel[\w.-]{1,15}|cilium_vxlan)(?: to UP state)?: address already in use/,
  },
  {
    // flannel pkg/backend/vxlan/device.go, ensureLink: the kernel’s EOPNOTSUPP as it is. `flannel exited` is k3s.
    id: 'vxlan-unsupported',
    keywords: ['flannel exited: operation not supported', 'registering network: operation not supported'],
    pattern: /(?:flannel exited|Error registering network): operation not supported/,
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
