import type { LogSignal } from '../logSignal.ts'

/** What the kernel reports of neighbours, connection tracking and addresses. */
export const kernelSignals = [
  {
    // net/core/neighbour.c: `neighbour: arp_cache: neighbor table overflow!` (since 3.13), `Neighbour table overflow.` before.
    id: 'neighbour-table-overflow',
    keywords: ['table overflow'],
    pattern: /neighbou?r(?:: (?<table>arp_cache|ndisc_cache): neighbor)? table overflow/i,
  },
  {
    // net/netfilter/nf_conntrack_core.c: the module's prefix stands twice since 4.8; 6.16 names the namespace; ip_conntrack until 2.6.
    id: 'conntrack-table-full',
    keywords: ['table full'],
    pattern:
      /(?:nf|ip)_conntrack: (?:nf_conntrack: )?table full(?: in netns (?<netns>\d+))?, dropping packet/,
  },
  {
    // net/ipv4/udp.c, __udp4_lib_rcv: at debug level; as logged in flannel#1279 (Linux 3.10). Until 4.x UDP-Lite says `UDPLite:`.
    id: 'udp-bad-checksum',
    keywords: ['bad checksum. From'],
    pattern:
      /UDP: bad checksum\. From (?<source>[\d.]{7,15}):\d{1,5} to (?<destination>[\d.]{7,15}):(?<port>\d{1,5}) ulen \d/,
  },
  {
    // net/ipv4/route.c, ip_handle_martian_source: the destination is named first. Needs log_martians.
    id: 'martian-source',
    keywords: ['martian source'],
    pattern: /martian source (?<destination>[\d.]+) from (?<source>[\d.]+), on dev (?<device>\S+)/,
  },
  {
    // net/ipv4/route.c, ip_route_input_slow.
    id: 'martian-destination',
    keywords: ['martian destination'],
    pattern: /martian destination (?<destination>[\d.]+) from (?<source>[\d.]+), dev (?<device>\S+)/,
  },
  {
    // The line after a martian source: its Ethernet header, by print_hex_dump; joined with colons before 3.2.
    id: 'martian-ll-header',
    keywords: ['ll header'],
    pattern:
      /ll header: (?:[\da-f]{8}: )?(?<destinationMac>[\da-f]{2}(?:[ :][\da-f]{2}){5})[ :](?<sourceMac>[\da-f]{2}(?:[ :][\da-f]{2}){5})[ :](?<etherType>[\da-f]{2}[ :][\da-f]{2})/,
  },
  {
    // net/ipv6/addrconf.c, addrconf_dad_failure: the address since 3.14, the other's MAC since 4.18.
    id: 'duplicate-address',
    keywords: ['duplicate address'],
    pattern:
      /(?<device>[^\s:]{1,15}): IPv6 duplicate address (?:(?<address>[\da-f:.]+) )?(?:used by (?<mac>[\da-f:]{17}) )?detected!/,
  },
  {
    // net/netfilter/ipvs/ip_vs_sched.c, ip_vs_scheduler_err; without protocol and address before 3.0.
    id: 'ipvs-no-destination',
    keywords: ['no destination available'],
    pattern:
      /IPVS: (?<scheduler>\w{1,15}): (?:(?:(?<protocol>TCP|UDP|SCTP) \[?(?<address>[\dA-Fa-f.:]{2,45}?)\]?:(?<port>\d{1,5})|FWM (?<mark>\d{1,10}) 0x[\dA-F]{8}) - )?no destination available/,
  },
  {
    // lib/ratelimit.c: lines that were not printed.
    id: 'kernel-messages-suppressed',
    keywords: ['callbacks suppressed'],
    pattern: /(?<limiter>\w{1,64}): (?<count>\d{1,10}) callbacks suppressed/,
  },
  {
    // init/version.c, linux_banner: the first line of a boot.
    id: 'kernel-version',
    keywords: ['Linux version '],
    pattern: /(?:^|\] |kernel: )Linux version (?<release>\d\S{0,127})/,
  },
] as const satisfies readonly LogSignal[]
