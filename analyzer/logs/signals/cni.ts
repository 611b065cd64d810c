import type { LogSignal } from '../logSignal.ts'

/** What the kubelet, the container runtime and SELinux report of network plugins. */
export const cniSignals = [
  {
    // Kubernetes pkg/kubelet/kubelet.go: `runtime network not ready: …` and `Container runtime network not ready: …` until 1.20,
    // `"Container runtime network not ready" networkReady="…"` since; the message is the runtime's.
    id: 'cni-network-not-ready',
    keywords: ['NetworkPluginNotReady'],
    pattern: /reason:NetworkPluginNotReady message:(?<message>[^"]{1,300})/,
  },
  {
    // containerd/go-cni cni.go and errors.go, containerd pkg/cri; dockershim (kubelet until 1.23) `no networks found in`.
    id: 'cni-config-not-found',
    keywords: ['no network config found in', 'no networks found in', 'no valid networks found in'],
    pattern: /no (?:network config|(?:valid )?networks) found in (?<folder>\/[^\s:;"]{1,200})/,
  },
  {
    // containernetworking/cni pkg/invoke/find.go, FindInPath.
    id: 'cni-plugin-not-found',
    keywords: ['failed to find plugin'],
    pattern: /failed to find plugin "(?<plugin>[\w.-]{1,64})" in path \[(?<path>[^\]]{1,300})\]/,
  },
  {
    // containernetworking/cni libcni/api.go, AddNetworkList: since 1.1; some have the name of the network. The kubelet escapes quotes anew.
    id: 'cni-plugin-failed',
    keywords: ['failed (add)'],
    pattern:
      /plugin type=\\{0,3}"(?<plugin>[\w.-]{1,64})\\{0,3}"(?: name=\\{0,3}"(?<network>[\w.-]{1,100})\\{0,3}")? failed \(add\)/,
  },
  {
    // containernetworking/plugins pkg/ip/link_linux.go, makeVeth: all releases.
    id: 'cni-veth-exists',
    keywords: ['container veth name provided', 'find a unique veth name'],
    pattern:
      /(?:container veth name provided \((?<name>[\w.-]{1,15})\) already exists|failed to find a unique veth name)/,
  },
  {
    // projectcalico/calico libcalico-go/lib/ipam: PartialFulfillmentError and ErrBlockLimit; cni-plugin pkg/ipamplugin before 3.21 `IPAM allocated only`.
    id: 'calico-no-address',
    keywords: ['failed to request ', 'due to per host block limit'],
    pattern:
      /(?:failed to request IPv4 addresses: Assigned 0 out of \d{1,3} requested IPv4 addresses|failed to request \d{1,3} IPv4 addresses\. IPAM allocated only 0|cannot allocate new block due to per host block limit)/,
  },
  {
    // security/selinux/avc.c, avc_audit_pre_callback: by the kernel log, and by auditd in the journal.
    id: 'selinux-denied',
    keywords: ['avc:  denied', 'avc: denied'],
    pattern:
      /avc: {1,2}denied {1,2}\{ (?<permission>[\w ]{1,60}) \}(?=[^\n]{0,800}? (?:path="[^"]*\/(?:cni|net\.d)|name="(?:net\.d|cni|bin|10-[\w.-]+)"))[^\n]{0,800}? scontext=(?<source>\S{1,120}) tcontext=(?<target>\S{1,120}) tclass=\S{1,30}(?: permissive=(?<permissive>[01]))?/,
  },
  {
    // projectcalico/calico node/pkg/health/health.go, as the kubelet logs the output of the probe.
    id: 'calico-bgp-not-established',
    keywords: ['BGP not established with'],
    pattern:
      /BIRD6? is not ready: BGP not established with (?<peers>[\dA-Fa-f.:]{3,45}(?:, ?[\dA-Fa-f.:]{3,45}){0,63})/,
  },
] as const satisfies readonly LogSignal[]
