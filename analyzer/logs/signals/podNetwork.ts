import type { LogSignal } from '../logSignal.ts'

/** What CNI plugins, flannel, kube-proxy and iptables report. */
export const podNetworkSignals = [
  {
    // containernetworking/plugins host-local allocator.go: `range set` since 0.7; `in network` before. Reports from the field
    // quote it as `no ip address available in network "cbr0"`.
    id: 'cni-address-pool-exhausted',
    keywords: ['no IP addresses available in', 'no ip address available in'],
    pattern:
      /no (?:IP addresses|ip address) available in (?:range set: (?<ranges>[\dA-Fa-f.:]{2,45}-[\dA-Fa-f.:]{2,45}(?:,[\dA-Fa-f.:]{2,45}-[\dA-Fa-f.:]{2,45})*)|network:? "?(?<network>[\w.-]{1,100}))/,
  },
  {
    // flannel main.go and pkg/ip/iface.go; k3s pkg/agent/flannel setup.go.
    id: 'cni-no-default-route',
    keywords: ['failed to get default interface', 'nable to find default'],
    pattern: /(?:failed to get default (?:v6 )?interface|[Uu]nable to find default (?:v6 )?route)/,
  },
  {
    // flannel main.go (0.25), kubeadm preflight, systemd-sysctl (`Couldn't write '1' to …`), modprobe by k3s.
    id: 'bridge-nf-missing',
    keywords: ['bridge-nf-call-ip', 'br_netfilter'],
    pattern:
      /(?:bridge-nf-call-ip6?tables(?:: no such file or directory| does not exist|', ignoring: No such file or directory)|Failed to (?:check|load kernel module) br_netfilter)/,
  },
  {
    // flannel pkg/trafficmngr/iptables (pkg/network/iptables.go before): it found a rule gone and writes all anew.
    id: 'flannel-rules-missing',
    keywords: ['iptables rules are missing'],
    pattern: /[Ss]ome iptables rules are missing; deleting and recreating rules/,
  },
  {
    // kube-proxy before 1.24, proxier.go; quoted as a whole, with tcp4 and udp6, since 1.22.
    id: 'kube-proxy-opened-port',
    keywords: ['Opened local port'],
    pattern:
      /Opened local port"? (?:port=")?"(?<purpose>[^"\s]{1,40}) for (?<service>[^"]{1,400})" \((?<address>\[[^\]]{2,45}\]|[\d.]{0,15}):(?<port>\d{1,5})\/(?<protocol>tcp|udp|sctp)/,
  },
  {
    // kube-proxy 1.18.0 to 1.18.2 on kernels before 3.18, through moby/ipvs netlink.go (kubernetes#89520).
    id: 'ipvs-parse-ip-error',
    keywords: ['parseIP Error'],
    pattern: /(?:for service: (?<service>[^\s,]{1,80}), err: )?parseIP Error ip=\[(?<bytes>[\d ]{1,80})\]/,
  },
  {
    // iptables/xshared.c (`Another app …`, `Can't lock …`), kube-proxy pkg/util/iptables.
    id: 'xtables-lock',
    keywords: ['holding the xtables lock', 'lock /run/xtables.lock', 'iptables lock'],
    pattern:
      /(?:holding the xtables lock|Can't lock \/run\/xtables\.lock|failed to acquire (?:old |new )?iptables lock)/,
  },
  {
    // kube-proxy pkg/proxy/iptables/proxier.go; `err="exit status 1: …"` since 1.24, in brackets before; 4 is the lock, told elsewhere.
    id: 'iptables-restore-failed',
    keywords: ['Failed to execute iptables-restore'],
    pattern:
      /Failed to execute iptables-restore(?!.{0,60}exit status 4)(?!.{0,200}xtables lock)(?:.{0,60}?exit status (?<status>\d{1,3}))?(?:.{0,200}?line:? (?<row>\d{1,7}))?/,
  },
  {
    // iptables/nft.c and kernel nf_tables: a chain that cannot be added or taken away.
    id: 'iptables-chain-failed',
    keywords: ['CHAIN_USER_', 'Too many links'],
    pattern:
      /(?:(?<action>CHAIN_USER_(?:ADD|DEL)) failed \((?<error>[\w ]{1,60})\): chain (?<chain>\S{1,64})|iptables: Too many links)/,
  },
  {
    // iptables/xtables-save.c and nft.c: a native nftables rule stands in a table of iptables.
    id: 'iptables-table-incompatible',
    keywords: ['is incompatible, use'],
    pattern:
      /(?:chain [`'](?<chain>[^`'"\s]{1,64})' in )?[Tt]able [`'](?<table>\w{1,32})' is incompatible, use 'nft' tool/,
  },
] as const satisfies readonly LogSignal[]
