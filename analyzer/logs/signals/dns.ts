import type { LogSignal } from '../logSignal.ts'

/** What kubelet, CoreDNS and k3s report of the resolver’s configuration. */
export const dnsSignals = [
  {
    // Kubernetes pkg/kubelet/network/dns/dns.go, formDNSNameserversFitsLimits: klog until 1.22 prints the sentence alone.
    id: 'nameserver-limit',
    keywords: ['Nameserver limits were exceeded'],
    pattern:
      /Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: (?<applied>[\dA-Fa-f.: ]{1,200})/,
  },
  {
    // The same file, formDNSSearchFitsLimits: `dns names` until 1.9, `search paths` since.
    id: 'search-limit',
    keywords: ['Search Line limits were exceeded'],
    pattern:
      /Search Line limits were exceeded, some (?:search paths|dns names) have been omitted, the applied search line is: (?<applied>[\w.\- ]{1,2048})/,
  },
  {
    // CoreDNS plugin/loop/loop.go: since 1.3; `Seen …` before.
    id: 'coredns-loop',
    keywords: ['plugin/loop: '],
    pattern:
      /plugin\/loop: (?:Loop \((?<from>\S{1,64}) -> \S{1,64}\) detected for zone|Seen .{1,300} more than twice, loop detected)/,
  },
  {
    // k3s and rke2 pkg/agent/config/config.go, locateOrGenerateResolvConf.
    id: 'resolv-conf-replaced',
    keywords: ['Host resolv.conf includes loopback'],
    pattern: /Host resolv\.conf includes loopback or multicast nameservers/,
  },
] as const satisfies readonly LogSignal[]
