import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: time stamps are compared by address. */
export interface Recycling {
  readonly node: string
  /** Connections that were refused for their time stamp since boot; left out where none, or not captured. */
  readonly rejected?: number
}

type Reason = 'noKey'
type Note = 'on' | 'rejected'

const commands = {
  off: [
    'sysctl -w net.ipv4.tcp_tw_recycle=0',
    'echo net.ipv4.tcp_tw_recycle=0 >/etc/sysctl.d/99-tw-recycle.conf',
  ],
  find: ['grep -rs tcp_tw_recycle /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d'],
  verify: ['sysctl net.ipv4.tcp_tw_recycle', 'nstat -az TcpExtPAWSPassive'],
}

/** The words of sysctl-tcp-tw-recycle. */
export const text: RuleTexts<Recycling, Reason, Note> = {
  en: {
    name: 'tcp_tw_recycle drops connections of clients behind NAT',
    looksFor:
      'net.ipv4.tcp_tw_recycle=1 with TCP time stamps on, and the counter of connections refused for their time stamp (PAWSPassive).',
    why: 'With it the kernel remembers, for each address, the last TCP time stamp, and drops a SYN with an older one. Clients behind one NAT have one address and clocks of their own; pods that are masqueraded are such clients.',
    consequences:
      'Now and then a connection to this node is not answered, and works at the next try; only for clients that share an address. The SYN arrives, and no SYN-ACK leaves.',
    commonCauses: ['A tuning guide against many TIME_WAIT sockets, copied to sysctl.conf.'],
    mimics: [
      'Kernels since 4.12 have no such setting.',
      'With net.ipv4.tcp_timestamps=0 it has no effect.',
      'tcp_tw_reuse is another setting, and does no such harm.',
    ],
    cure: 'Set it to 0, now and in the file that sets it. Nothing else is needed.',
    title: (d) => `tcp_tw_recycle is on: ${d.node} drops connections of clients behind NAT`,
    summary(d) {
      const proof =
        d.rejected === undefined
          ? ''
          : ` It has refused ${formatCount(d.rejected)} connections for their time stamp since boot.`
      return `net.ipv4.tcp_tw_recycle is 1 on ${d.node}. Of clients that share an address behind NAT, such as masqueraded pods, those whose clock is behind are not answered.${proof}`
    },
    ruledOut: () => ['TCP time stamps are not turned off, so that the setting is in effect.'],
    remedy: () => [
      { text: 'Turn it off, and keep it so.', commands: commands.off },
      { text: 'Find the file that turns it on.', commands: commands.find },
    ],
    verify: () => [{ text: 'It is 0, and the counter stands still.', commands: commands.verify }],
    reasons: { noKey: 'The captured settings do not show whether the kernel has it.' },
    notes: {
      on: () => 'time stamps are compared by address',
      rejected: (count) => `PAWSPassive: ${formatCount(Number(count))} connections refused since boot`,
    },
  },
  zh: {
    name: 'tcp_tw_recycle 会丢弃 NAT 后客户端的连接',
    looksFor: 'net.ipv4.tcp_tw_recycle=1 且 TCP 时间戳开启，以及因时间戳被拒绝的连接计数（PAWSPassive）。',
    why: '开启后内核按源地址记录最近的 TCP 时间戳，时间戳更旧的 SYN 会被丢弃。同一 NAT 之后的客户端共用一个地址，但各有各的时钟；经过 MASQUERADE 的 Pod 正是这样的客户端。',
    consequences:
      '到该节点的连接偶尔得不到应答，重试又成功，而且只发生在共用地址的客户端上：SYN 已到达，却没有发出 SYN-ACK。',
    commonCauses: ['为减少 TIME_WAIT 照抄优化文档，写进了 sysctl.conf。'],
    mimics: [
      '4.12 及以上内核没有这个参数。',
      'net.ipv4.tcp_timestamps=0 时它不起作用。',
      'tcp_tw_reuse 是另一个参数，没有这种危害。',
    ],
    cure: '设为 0，并修改设置它的文件，不需要其他操作。',
    title: (d) => `${d.node} 开启了 tcp_tw_recycle，会丢弃 NAT 后客户端的连接`,
    summary(d) {
      const proof =
        d.rejected === undefined ? '' : `开机以来已因时间戳拒绝 ${formatCount(d.rejected)} 个连接。`
      return `${d.node} 的 net.ipv4.tcp_tw_recycle 为 1。在 NAT 之后共用地址的客户端（例如经过 MASQUERADE 的 Pod）中，时钟较慢的一方得不到应答。${proof}`
    },
    ruledOut: () => ['TCP 时间戳没有关闭，该参数确实生效。'],
    remedy: () => [
      { text: '立即关闭并持久化。', commands: commands.off },
      { text: '找出开启它的文件。', commands: commands.find },
    ],
    verify: () => [{ text: '值为 0，计数不再增长。', commands: commands.verify }],
    reasons: { noKey: '采集到的内核参数无法判断内核是否有该参数。' },
    notes: {
      on: () => '按源地址比较时间戳',
      rejected: (count) => `PAWSPassive：开机以来拒绝了 ${formatCount(Number(count))} 个连接`,
    },
  },
}
