import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A link in bad order, or a processor whose queue of packets overflowed. */
export type LinkErrorsOrFlaps =
  | {
      readonly kind: 'link'
      readonly node: string
      readonly device: string
      /** How often the log says that it went down; 0 where that is seldom. */
      readonly downs: number
      /** Packets that came in damaged or were missed; 0 where they are few. */
      readonly received: number
      /** Packets that could not be sent; 0 where they are few. */
      readonly sent: number
    }
  | {
      readonly kind: 'backlog'
      readonly node: string
      readonly cpu: number
      readonly dropped: number
      readonly processed: number
    }

type Link = Extract<LinkErrorsOrFlaps, { kind: 'link' }>
type Reason = 'noLogs'
type Note = 'down' | 'received' | 'sent' | 'backlog'

/** The words of link-errors-or-flaps. */
export const text: RuleTexts<LinkErrorsOrFlaps, Reason, Note> = {
  en: {
    name: 'A network link damages packets or goes down again and again',
    looksFor:
      'Interfaces of the node with 1% or more of errors or missed packets in `ip -s -s link`, three or more lines “Link is Down” or “link status definitely down” in its logs, and processors that dropped 1% or more in /proc/net/softnet_stat.',
    why: 'What a cable, an optic or a port of a switch damages is thrown away by the card. While the link is down nothing passes, and some network plugins do not put back the routes that the kernel removed with it.',
    consequences:
      'Connections of all pods of the node are slow or stall for seconds; the node may turn NotReady now and then.',
    commonCauses: [
      'A bad cable or optic, or a port of the switch with errors.',
      'Speed or duplex set differently on both ends.',
      'A ring buffer that is too small for bursts, or all interrupts on one processor.',
    ],
    mimics: [
      'Packets under “dropped”: frames of protocols and VLANs that nobody listens to. They do not count.',
      'Veth ends of pods that come and go: only the node’s own interfaces count.',
      'One or two lines at boot, while the driver starts: they do not count.',
    ],
    cure: 'Look at the counters of the card and of the switch’s port; change cable or optic, and enlarge the ring buffer where packets are missed.',
    title: (d) =>
      d.kind === 'link'
        ? `${d.device} of ${d.node}: ${joinWords(facts(d))}`
        : `Processor ${d.cpu} of ${d.node} dropped ${formatCount(d.dropped)} packets`,
    summary: (d) =>
      d.kind === 'link'
        ? `${d.device} of ${d.node}: ${joinWords(facts(d))}. The numbers count from when the interface was made; what they do not tell is whether it still goes on. All traffic of the node’s pods to other nodes shares such a link.`
        : `The queue of incoming packets of processor ${d.cpu} of ${d.node} was full for ${formatCount(d.dropped)} packets, with ${formatCount(d.processed)} processed since boot. They were dropped before any rule saw them.`,
    ruledOut: (d) =>
      d.kind === 'link' ? ['Frames that are dropped for their protocol or VLAN are not counted in.'] : [],
    remedy: (d) =>
      d.kind === 'link'
        ? [
            {
              text: 'See which counter grows, and what the two ends agreed on; then check cable, optic and switch port.',
              commands: [
                `ethtool ${shellQuote(d.device)}`,
                `ethtool -S ${shellQuote(d.device)} | grep -iE 'err|crc|miss|drop'`,
                `ethtool -g ${shellQuote(d.device)}`,
              ],
            },
          ]
        : [
            {
              text: 'Enlarge the queue, and spread interrupts over the processors.',
              commands: [
                'sysctl net.core.netdev_max_backlog net.core.netdev_budget',
                'grep -E "eth|ens|eno|virtio" /proc/interrupts',
              ],
            },
          ],
    verify: (d) => [
      {
        text: 'The numbers do not grow within a minute of traffic.',
        commands: [
          d.kind === 'link' ? `ip -s -s link show ${shellQuote(d.device)}` : 'cat /proc/net/softnet_stat',
        ],
      },
    ],
    reasons: {
      noLogs: 'The counters are in order; no log was captured that would tell of links going down.',
    },
    notes: {
      down: (lines) => `one of ${lines} such lines`,
      received: (packets) => `${packets} damaged or missed`,
      sent: (packets) => `${packets} not sent`,
      backlog: (packets) => `second number, hexadecimal: ${packets} dropped`,
    },
  },
  zh: {
    name: '网络链路损坏报文或反复断开',
    looksFor:
      '节点自身接口在 `ip -s -s link` 中错误或丢失的报文达到 1%；日志中“Link is Down”或“link status definitely down”达到三行；/proc/net/softnet_stat 中某个 CPU 丢弃的报文达到 1%。',
    why: '网线、光模块或交换机端口损坏的报文会被网卡丢弃。链路断开期间没有报文通过，而内核随之删除的路由，有些网络插件不会补回。',
    consequences: '节点上所有 Pod 的连接变慢或卡顿数秒；节点可能不时变为 NotReady。',
    commonCauses: [
      '网线或光模块损坏，或交换机端口有错误。',
      '两端的速率或双工设置不一致。',
      '环形缓冲区容不下突发流量，或所有中断集中在一个 CPU 上。',
    ],
    mimics: [
      '“dropped”中的报文：无人接收的协议或 VLAN 的帧，不计入。',
      'Pod 的 veth 端随 Pod 建立和删除：只看节点自身的接口。',
      '启动时驱动初始化产生的一两行日志：不计入。',
    ],
    cure: '查看网卡和交换机端口的计数器；更换网线或光模块，报文丢失时加大环形缓冲区。',
    title: (d) =>
      d.kind === 'link'
        ? `${d.node} 的 ${d.device}：${joinChinese(factsInChinese(d))}`
        : `${d.node} 的 CPU ${d.cpu} 丢弃了 ${formatCount(d.dropped)} 个报文`,
    summary: (d) =>
      d.kind === 'link'
        ? `${d.node} 的 ${d.device}：${joinChinese(factsInChinese(d))}。计数从接口建立时算起，看不出现在是否仍在发生。该节点 Pod 与其他节点之间的流量都经过这样的链路。`
        : `${d.node} 的 CPU ${d.cpu} 的接收队列曾满，丢弃了 ${formatCount(d.dropped)} 个报文，启动以来共处理 ${formatCount(d.processed)} 个。它们在任何规则看到之前就被丢弃。`,
    ruledOut: (d) => (d.kind === 'link' ? ['因协议或 VLAN 而丢弃的帧没有计入。'] : []),
    remedy: (d) =>
      d.kind === 'link'
        ? [
            {
              text: '查看哪个计数器在增长、两端协商的结果，再检查网线、光模块和交换机端口。',
              commands: [
                `ethtool ${shellQuote(d.device)}`,
                `ethtool -S ${shellQuote(d.device)} | grep -iE 'err|crc|miss|drop'`,
                `ethtool -g ${shellQuote(d.device)}`,
              ],
            },
          ]
        : [
            {
              text: '加大队列，并把中断分散到各个 CPU。',
              commands: [
                'sysctl net.core.netdev_max_backlog net.core.netdev_budget',
                'grep -E "eth|ens|eno|virtio" /proc/interrupts',
              ],
            },
          ],
    verify: (d) => [
      {
        text: '有流量的一分钟内计数不再增长。',
        commands: [
          d.kind === 'link' ? `ip -s -s link show ${shellQuote(d.device)}` : 'cat /proc/net/softnet_stat',
        ],
      },
    ],
    reasons: { noLogs: '计数器正常；没有采集到能说明链路断开的日志。' },
    notes: {
      down: (lines) => `共 ${lines} 行，这是其中之一`,
      received: (packets) => `${packets} 个损坏或丢失`,
      sent: (packets) => `${packets} 个未能发出`,
      backlog: (packets) => `第二个数，十六进制：丢弃 ${packets} 个`,
    },
  },
}

function facts({ downs, received, sent }: Link): readonly string[] {
  return [
    ...(downs > 0 ? [`went down ${downs} times or more`] : []),
    ...(received > 0 ? [`${formatCount(received)} packets came in damaged or were missed`] : []),
    ...(sent > 0 ? [`${formatCount(sent)} packets could not be sent`] : []),
  ]
}

function factsInChinese({ downs, received, sent }: Link): readonly string[] {
  return [
    ...(downs > 0 ? [`至少断开 ${downs} 次`] : []),
    ...(received > 0 ? [`${formatCount(received)} 个接收报文损坏或丢失`] : []),
    ...(sent > 0 ? [`${formatCount(sent)} 个报文未能发出`] : []),
  ]
}
