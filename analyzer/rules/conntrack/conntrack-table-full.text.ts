import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: packets were dropped, or the table is close to its maximum. */
export interface ConntrackTableFull {
  readonly node: string
  readonly state: 'full' | 'nearly-full' | 'was-full'
  readonly count: number
  readonly max: number
  /** Lines in the kernel log that say so. */
  readonly logLines: number
}

type Reason = 'notLoaded'
type Note = 'count' | 'max' | 'log'

const percent = ({ count, max }: ConntrackTableFull): number => Math.floor((100 * count) / max)

/** The words of conntrack-table-full. */
export const text: RuleTexts<ConntrackTableFull, Reason, Note> = {
  en: {
    name: 'The connection tracking table is full',
    looksFor:
      'The number of tracked connections (nf_conntrack_count) against the maximum (nf_conntrack_max), and the kernel’s own message that it dropped packets because the table was full.',
    why: 'Every connection that a Service, a NodePort or masquerading touches needs an entry. When the table is full the kernel drops the first packet of each new connection, whoever sends it: new connections time out while established ones go on, on this node only.',
    mimics: [
      'A count taken inside a container’s network namespace: the maximum is shared by all namespaces, the count is not.',
      'A message in the log of an earlier boot: it counts one step less.',
    ],
    cure: 'Raise net.netfilter.nf_conntrack_max, and find out who opens so many connections. kube-proxy sets the maximum when it starts (32,768 per core, at least 131,072); a sysctl.d file that is applied later takes it back.',
    title: (d) =>
      d.state === 'nearly-full'
        ? `The connection tracking table of ${d.node} is ${percent(d)} % full`
        : d.state === 'was-full'
          ? `The connection tracking table of ${d.node} was full`
          : `The connection tracking table of ${d.node} is full`,
    summary(d) {
      const fill = `${d.node} tracks ${formatCount(d.count)} of at most ${formatCount(d.max)} connections (${percent(d)} %).`
      const logged = `The kernel logged ${howOften(d.logLines)} that it dropped packets because the table was full.`
      if (d.state === 'nearly-full') {
        return `${fill} At the maximum the kernel drops the first packet of every new connection; few more are needed.`
      }
      if (d.logLines === 0)
        return `${fill} New connections through this node time out; established ones go on.`
      const now =
        d.state === 'full'
          ? 'New connections through this node time out; established ones go on.'
          : 'At the time of the capture there was room again.'
      return `${fill} ${logged} ${now}`
    },
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: 'Raise the maximum now, and keep it over a reboot. Each entry takes about 320 bytes of kernel memory.',
        commands: [
          `sysctl -w net.netfilter.nf_conntrack_max=${d.max * 2}`,
          `echo net.netfilter.nf_conntrack_max=${d.max * 2} >/etc/sysctl.d/99-conntrack.conf`,
        ],
      },
      {
        text: 'See who fills it: the sources with the most entries.',
        commands: [
          `conntrack -L -o extended 2>/dev/null | grep -o 'src=[0-9a-f.:]*' | sort | uniq -c | sort -rn | head`,
        ],
      },
    ],
    verify: () => [
      {
        text: 'The count stays below the maximum, and the kernel logs no further drops.',
        commands: [
          'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max',
          'dmesg | grep "table full" | tail -n 3',
        ],
      },
    ],
    reasons: { notLoaded: 'Connection tracking is not loaded on this node.' },
    notes: {
      count: () => 'tracked connections',
      max: () => 'the maximum',
      log: (lines) => (lines === '1' ? 'logged once' : `one of ${lines} such lines`),
    },
  },
}
