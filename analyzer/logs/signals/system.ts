import type { LogSignal } from '../logSignal.ts'

/** What systemd, NetworkManager and the journal itself report. */
export const systemSignals = [
  {
    // systemd networkd-ipv4acd.c: `eth0: Dropping address …, as an address conflict was detected.` (249; `is detected` in 248).
    id: 'networkd-address-conflict',
    keywords: ['address conflict'],
    pattern: /Dropping (?:address (?<address>[\d.]{7,15})|DHCPv4 lease), as an address conflict (?:was|is) detected/,
  },
  {
    // NetworkManager nm-l3cfg.c (1.32: `is used on network connected to`, 1.42: `conflict detected for`), nm-device.c.
    id: 'address-conflict',
    keywords: ['is used on network connected to interface', 'conflict detected for IP address'],
    pattern:
      /(?:IPv4 address|conflict detected for IP address) (?<address>[\d.]{7,15}) (?:is used on network connected to interface \d{1,10}(?: \([^)]{1,15}\))? from|with) host (?<mac>[\dA-Fa-f:]{17})/,
  },
  {
    // systemd journald-rate-limit.c and journald-server.c: lines of one unit beyond RateLimitBurst were not kept.
    id: 'journal-suppressed',
    keywords: ['Suppressed '],
    pattern: /Suppressed (?<count>\d{1,10}) messages from (?<source>\S{1,200})/,
  },
] as const satisfies readonly LogSignal[]
