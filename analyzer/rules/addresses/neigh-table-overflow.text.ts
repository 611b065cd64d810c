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

const chineseTable = ({ family }: NeighbourTableOverflow): string =>
  family === 'ipv4' ? ' ARP 表' : ' IPv6 邻居表'

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
    consequences:
      'New connections to some peers and pods fail with “No buffer space available” or time out, while those to known peers go on.',
    commonCauses: [
      'A flat network of more than a thousand pods or machines on one link.',
      'Many nodes with VXLAN: every peer has an entry on every node.',
      'A scan of a large network from the node.',
    ],
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
  zh: {
    name: '邻居表已满',
    looksFor:
      'ARP 和 IPv6 邻居表的表项数与 gc_thresh3 的比较、内核统计的拒绝次数（/proc/net/stat/arp_cache、ndisc_cache），以及内核的“neighbor table overflow”消息。',
    why: '内核为每种协议维护一张邻居表，由节点和其上所有 Pod 共用。超过 gc_thresh3（未设置时为 1,024）后不再创建表项：无法向表中还没有的对端发送任何报文。大型扁平 Pod 网络和同一链路上的大量节点会把它填满。',
    consequences: '到部分对端和 Pod 的新连接报“No buffer space available”或超时，而到已知对端的连接正常。',
    commonCauses: [
      '同一链路上有上千个 Pod 或机器的扁平网络。',
      'VXLAN 节点很多：每个对端在每个节点上都有表项。',
      '从节点扫描了很大的网段。',
    ],
    mimics: [
      '`ip neigh` 的行数只是一个网络命名空间的：这里采用内核自己的计数。',
      'gc_thresh1=0 没有害处。',
      '上一次启动的日志中的消息：降一级计。',
    ],
    cure: '在每个节点上调大 gc_thresh1、gc_thresh2 和 gc_thresh3。',
    title: (d) =>
      overflowed(d)
        ? `${d.node} 的${chineseTable(d)}溢出过`
        : `${d.node} 的${chineseTable(d)}快满了（${formatCount(d.entries ?? 0)} / ${formatCount(d.max)}）`,
    summary(d) {
      const limit = `${formatCount(d.max)}${d.isDefault ? '（内核默认值）' : ''}`
      const fill =
        d.entries === undefined
          ? `上限（gc_thresh3）为 ${limit}。`
          : `所有网络命名空间合计有 ${formatCount(d.entries)} 条表项；上限（gc_thresh3）为 ${limit}。`
      const past =
        d.refused > 0
          ? `${d.node} 的内核启动以来因${chineseTable(d)}已满拒绝创建表项 ${formatCount(d.refused)} 次。`
          : d.isLogged
            ? `${d.node} 的内核日志记录了${chineseTable(d)}溢出。`
            : `${d.node} 的${chineseTable(d)}快满了。`
      return `${past}${fill}表满期间，发往表中还没有的对端和 Pod 的报文会被丢弃。`
    },
    ruledOut: (d) => (d.entries === undefined ? [] : ['该数字是内核的总数，而不是某一个网络命名空间的。']),
    remedy: (d) => [
      {
        text: '现在就调大上限，并在重启后保持。',
        commands: [
          `sysctl -w ${settings(d)}`,
          `printf '%s\\n' ${settings(d)} >/etc/sysctl.d/99-neighbours.conf`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: '最后一列（table_fulls）不再增长，第一列（entries，十六进制）低于上限。',
        commands: [
          `cat /proc/net/stat/${d.family === 'ipv4' ? 'arp' : 'ndisc'}_cache`,
          'dmesg | grep "table overflow" | tail -n 3',
        ],
      },
    ],
    reasons: { notCounted: '采集包里既没有内核的邻居表统计，也没有溢出的消息。' },
    notes: {
      entries: (count) => `${count} 条表项（第一列为十六进制）`,
      limit: () => '上限',
      fulls: (count) => `拒绝了 ${count} 次（最后一列，所有处理器合计）`,
      log: () => '邻居表已满',
    },
  },
}
