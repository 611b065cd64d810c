import type { LogSignal } from '../logSignal.ts'

/** What systemd, NetworkManager and the journal itself report. */
export const systemSignals = [
  {
    // systemd networkd-ipv4acd.c (`was detected` since 249, `is` in 248) · NetworkManager nm-l3cfg.c, before and since 1.42.
    id: 'address-conflict',
    keywords: [
      'address conflict',
      'is used on network connected to interface',
      'conflict detected for IP address',
    ],
    pattern:
      /(?:Dropping address|Dropping DHCPv4 lease|IPv4 address|conflict detected for IP address)(?: (?<address>[\d.]{7,15}))?(?:, as an address conflict (?:was|is) detected|(?: is used on network connected to interface \d{1,10}(?: \([^)]{1,15}\))? from| with) host (?<mac>[\dA-Fa-f:]{17}))/,
  },
  {
    // systemd journald-rate-limit.c and journald-server.c: lines of one unit beyond RateLimitBurst were not kept.
    id: 'journal-suppressed',
    keywords: ['Suppressed '],
    pattern: /Suppressed (?<count>\d{1,10}) messages from (?<source>\S{1,200})/,
  },
] as const satisfies readonly LogSignal[]
