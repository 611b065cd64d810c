import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: how full the table of one protocol is, and whether it ever overflowed. */
export interface NeighbourTableOverflow {
  readonly node: string
  readonly family: 'ipv4' | 'ipv6'
  /** In all network namespaces together; left out where it was not captured. */
  readonly entries?: number
  readonly max: number
  /** The maximum was not captured: it is the kernel's default. */
  readonly isDefault: boolean
  /** How often the kernel refused an entry since boot. */
  readonly refused: number
  readonly isLogged: boolean
}

type Reason = 'notCounted'
type Note = 'entries' | 'limit' | 'fulls' | 'log'

const table = ({ family }: NeighbourTableOverflow): string =>
  family === 'ipv4' ? 'ARP table' : 'IPv6 neighbour table'

const overflowed = (d: NeighbourTableOverflow): boolean => d.refused > 0 || d.isLogged

function settings({ family, max }: NeighbourTableOverflow): string {
  const third = Math.max(max * 2, 16_384)
  return [1, 2, 3]
    .map((step) => `net.${family}.neigh.default.gc_thresh${step}=${[third / 4, third / 2, third][step - 1]}`)
    .join(' ')
}

/** The words of neigh-table-overflow. */
export const text: RuleTexts<NeighbourTableOverflow, Reason, Note> = {
  en: {
    name: 'The neighbour table is full',
    looksFor:
      'The entries of the ARP and IPv6 neighbour tables against gc_thresh3, the kernel’s count of refused entries (/proc/net/stat/arp_cache, ndisc_cache), and its message “neighbor table overflow”.',
    why: 'The kernel keeps one neighbour table for each protocol, for the node and all its pods together. Above gc_thresh3 (1,024 unless set) it makes no further entry: nothing can be sent to a peer that is not yet in the table. Large flat pod networks and many nodes on one link fill it.',
    mimics: [
      'The lines of `ip neigh` are those of one network namespace: the kernel’s own count is taken instead.',
      'gc_thresh1=0 does no harm.',
      'A message in the log of an earlier boot: it counts one step less.',
    ],
    cure: 'Raise gc_thresh1, gc_thresh2 and gc_thresh3, on every node.',
    title: (d) =>
      overflowed(d)
        ? `The ${table(d)} of ${d.node} overflowed`
        : `The ${table(d)} of ${d.node} is nearly full (${formatCount(d.entries ?? 0)} of ${formatCount(d.max)})`,
    summary(d) {
      const limit = `${formatCount(d.max)}${d.isDefault ? ', the kernel’s default' : ''}`
      const fill =
        d.entries === undefined
          ? `The maximum (gc_thresh3) is ${limit}.`
          : `It holds ${formatCount(d.entries)} entries, of all network namespaces together; the maximum (gc_thresh3) is ${limit}.`
      const times = howOften(d.refused)
      const past =
        d.refused > 0
          ? `Since boot the kernel of ${d.node} refused ${times} to make an entry because its ${table(d)} was full.`
          : d.isLogged
            ? `The kernel of ${d.node} logged that its ${table(d)} overflowed.`
            : `The ${table(d)} of ${d.node} is nearly full.`
      return `${past} ${fill} While it is full, packets to peers and pods that are not yet in the table are dropped.`
    },
    ruledOut: (d) =>
      d.entries === undefined ? [] : ['The number is the kernel’s, not that of one network namespace.'],
    remedy: (d) => [
      {
        text: 'Raise the limits now, and keep them over a reboot.',
        commands: [
          `sysctl -w ${settings(d)}`,
          `printf '%s\\n' ${settings(d)} >/etc/sysctl.d/99-neighbours.conf`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'The last column (table_fulls) grows no more, and the first (entries, hexadecimal) stays below the maximum.',
        commands: [
          `cat /proc/net/stat/${d.family === 'ipv4' ? 'arp' : 'ndisc'}_cache`,
          'dmesg | grep "table overflow" | tail -n 3',
        ],
      },
    ],
    reasons: {
      notCounted:
        'The bundle has neither the kernel’s statistics of the neighbour tables nor a message that one overflowed.',
    },
    notes: {
      entries: (count) => `${count} entries (the first column is hexadecimal)`,
      limit: () => 'the maximum',
      fulls: (count) => `refused ${count} times (the last column, over all processors)`,
      log: () => 'the table was full',
    },
  },
}
