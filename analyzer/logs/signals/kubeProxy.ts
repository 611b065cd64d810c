import type { LogSignal } from '../logSignal.ts'

/** What kube-proxy, and CoreDNS as another reader of Services, report of their work. */
export const kubeProxySignals = [
  {
    // Kubernetes pkg/proxy/iptables/proxier.go, syncProxyRules: `Failed to …: error` until 1.20, `"Failed to …" err="…"` since;
    // `Failed to ensure that nat chain X exists` until 1.20; pkg/proxy/nftables/proxier.go since 1.29.
    id: 'proxy-sync-failed',
    keywords: [
      'Failed to execute iptables-restore',
      'Failed to ensure chain exists',
      'Failed to ensure that',
      'nftables sync failed',
    ],
    pattern:
      /(?:Failed to execute iptables-restore|Failed to ensure (?:chain exists|that \S{1,20} chain \S{1,40} exists)|nftables sync failed)\b(?:(?:: |" err="|" err=<)(?<error>[^\n]{1,160}))?/,
  },
  {
    // client-go tools/cache/reflector.go: `Failed to list *v1.Service: …` until 0.18, `Failed to watch …: failed to list *v1.Service: …`
    // until 0.32, `"Failed to watch" err="failed to list *v1.Service: …"` since; `*core.Service` until 1.11. apimachinery
    // pkg/api/errors words the refusals.
    id: 'list-refused',
    keywords: ['ailed to list *'],
    pattern:
      /ailed to list \*(?:v\d\w{0,8}|core)\.(?<kind>EndpointSlice|Endpoints|Service|Node|Namespace): (?:[^\n"]{1,200}(?<error>is forbidden): User "(?<user>[^"\n]{1,120})"|[^\n]{0,300}?(?<refusal>Unauthorized|x509: [^"\n]{1,80}|the server could not find the requested resource))/,
  },
  {
    // cmd/kube-proxy/app/server.go, detectNodeIPs: `can't … assuming 127.0.0.1` until 1.28, `Can't … assuming loopback` since.
    id: 'proxy-node-address-assumed',
    keywords: ["determine this node's IP, assuming"],
    pattern: /an't determine this node's IP, assuming (?<assumed>127\.0\.0\.1|loopback)/,
  },
  {
    // pkg/proxy/ipvs/proxier.go, CanUseIPVSProxier (Kubernetes 1.8 to 1.26), behind "Can't use the IPVS proxier: " or "can't determine
    // whether to use ipvs proxy, error: ". kubeadm's preflight says "the IPVS proxier will not be used, because …" in any mode.
    id: 'ipvs-modules-missing',
    keywords: ['IPVS proxier will not be used because'],
    pattern:
      /IPVS proxier will not be used because the following required kernel modules are not loaded: \[(?<modules>[\w ().-]{1,400})\]/,
  },
] as const satisfies readonly LogSignal[]
