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
    consequences:
      'New connections through the node time out at random, DNS look-ups fail, established connections go on; ping may work.',
    commonCauses: [
      'Many short connections to Services or from outside (a load test, a crawler, a scan).',
      'A sysctl.d file that lowers the maximum after kube-proxy has set it.',
      'Long time-outs for established connections that nobody closes.',
    ],
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
  zh: {
    name: '连接跟踪表已满',
    looksFor:
      '已跟踪的连接数（nf_conntrack_count）与上限（nf_conntrack_max）的比较，以及内核因表满而丢包的消息。',
    why: '经过 Service、NodePort 或地址伪装的每个连接都需要一个表项。表满后，内核会丢弃每个新连接的第一个报文，不论谁发的：新连接超时，已建立的连接正常，而且只在这个节点上。',
    consequences: '经过该节点的新连接随机超时，DNS 解析失败，已建立的连接继续；ping 可能正常。',
    commonCauses: [
      '大量到 Service 或来自外部的短连接（压测、爬虫、扫描）。',
      '某个 sysctl.d 文件在 kube-proxy 设置之后又调低了上限。',
      '没有人关闭的已建立连接超时时间过长。',
    ],
    mimics: [
      '在容器的网络命名空间里取得的计数：上限由所有命名空间共用，计数却不是。',
      '上一次启动的日志中的消息：降一级计。',
    ],
    cure: '调大 net.netfilter.nf_conntrack_max，并查明是谁打开了这么多连接。kube-proxy 启动时会设置上限（每核 32,768，至少 131,072）；之后应用的 sysctl.d 文件会把它改回去。',
    title: (d) =>
      d.state === 'nearly-full'
        ? `${d.node} 的连接跟踪表已用 ${percent(d)} %`
        : d.state === 'was-full'
          ? `${d.node} 的连接跟踪表曾经满过`
          : `${d.node} 的连接跟踪表已满`,
    summary(d) {
      const fill = `${d.node} 正在跟踪 ${formatCount(d.count)} 个连接，上限 ${formatCount(d.max)}（${percent(d)} %）。`
      const logged = `内核日志有 ${formatCount(d.logLines)} 行说明因表满而丢弃了报文。`
      if (d.state === 'nearly-full') {
        return `${fill}达到上限后，内核会丢弃每个新连接的第一个报文；已经所剩无几。`
      }
      if (d.logLines === 0) return `${fill}经过该节点的新连接超时，已建立的连接正常。`
      const now = d.state === 'full' ? '经过该节点的新连接超时，已建立的连接正常。' : '采集时已有空余。'
      return `${fill}${logged}${now}`
    },
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: '立即调大上限，并在重启后保持。每个表项约占 320 字节内核内存。',
        commands: [
          `sysctl -w net.netfilter.nf_conntrack_max=${d.max * 2}`,
          `echo net.netfilter.nf_conntrack_max=${d.max * 2} >/etc/sysctl.d/99-conntrack.conf`,
        ],
      },
      {
        text: '查看是谁占满的：表项最多的源地址。',
        commands: [
          `conntrack -L -o extended 2>/dev/null | grep -o 'src=[0-9a-f.:]*' | sort | uniq -c | sort -rn | head`,
        ],
      },
    ],
    verify: () => [
      {
        text: '计数低于上限，内核不再记录丢包。',
        commands: [
          'sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max',
          'dmesg | grep "table full" | tail -n 3',
        ],
      },
    ],
    reasons: { notLoaded: '该节点没有加载连接跟踪。' },
    notes: {
      count: () => '已跟踪的连接数',
      max: () => '上限',
      log: (lines) => (lines === '1' ? '记录了一次' : `这样的行共 ${lines} 行，这是其中之一`),
    },
  },
}
