import type { LogSignal } from '../logSignal.ts'

/** What NetworkManager and systemd-networkd report of devices that they configure. */
export const networkManagerSignals = [
  {
    // NetworkManager nm-device.c, _set_state_full: `sys-iface-state`, in newer versions `managed-type`; where it says
    // `external` the device is left as it is. `disconnected` alone is nothing yet.
    id: 'network-manager-configures-pod-device',
    keywords: ['state change: '],
    pattern:
      /device \((?<device>(?:cali|flannel|cni\d|lxc|cilium_|tunl|vxlan\.calico|wireguard\.cali|kube-ipvs)[^\s()]{0,15})\): state change: \S{1,20} -> (?<state>prepare|config|ip-config|failed) \(reason '[^']{1,60}', (?:sys-iface-state: 'managed'|managed-type: 'full')/,
  },
  {
    // systemd networkd-link.c, link_reconfigure_impl (`Re-configuring with` in 248); not said of links that `Unmanaged=yes` is for.
    id: 'networkd-configures-pod-device',
    keywords: ['onfiguring with '],
    pattern:
      /(?<device>(?:cali|flannel|cni\d|lxc|cilium_|tunl|vxlan\.calico|wireguard\.cali|kube-ipvs)[^\s:]{0,15}): (?:C|Rec|Re-c)onfiguring with (?<file>\/\S{1,200}\.network)\./,
  },
] as const satisfies readonly LogSignal[]
