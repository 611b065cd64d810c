import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Times of a node, or of several that are alike. */
export interface IdleReset {
  readonly nodes: readonly string[]
  readonly tcpSeconds: number
  readonly keepaliveSeconds: number
  /** The kernel’s default, since the setting was not captured. */
  readonly isDefault: boolean
}

type Reason = 'notIpvs' | 'noTimeouts'
type Note = 'timeout' | 'keepalive'

const minutes = (seconds: number): string => `${Math.round(seconds / 60)}`

/** The words of ipvs-timeouts-idle-reset. */
export const text: RuleTexts<IdleReset, Reason, Note> = {
  en: {
    name: 'IPVS forgets idle connections before they are kept alive',
    looksFor:
      'How long IPVS keeps an idle TCP connection, against the time after which the kernel asks whether one is alive (tcp_keepalive_time, two hours unless it is set).',
    why: 'IPVS drops an idle connection from its table after 15 minutes, unless it is told otherwise. The next packet of the client belongs to no connection any more and is answered with a reset. Keepalives would prevent it, but by default they begin after two hours, and only where the program asks for them.',
    consequences:
      '“Connection reset by peer” on the first request after a pause: database pools, message queues, gRPC streams.',
    commonCauses: ['The defaults of IPVS and of the kernel.'],
    mimics: [
      'Programs that ask for keepalives of their own with a shorter time are not affected, which no bundle shows: it is told for your information only.',
      'Pods have settings of their own: net.ipv4.tcp_keepalive_time of the node holds for its own programs and for host network pods.',
    ],
    cure: 'Raise --ipvs-tcp-timeout of kube-proxy, or let the programs send keepalives every ten minutes.',
    title: (d) => `IPVS forgets TCP connections that are idle for ${minutes(d.tcpSeconds)} minutes`,
    summary: (d) =>
      `IPVS on ${joinWords(d.nodes)} keeps idle TCP connections for ${d.tcpSeconds} seconds; keepalives begin after ${d.keepaliveSeconds}${d.isDefault ? ' by default' : ''}. Connections to Services that rest for longer than ${minutes(d.tcpSeconds)} minutes are reset at the next packet, unless the program keeps them alive itself.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'If programs report resets after pauses: raise the timeout of kube-proxy (ipvs.tcpTimeout), or lower the keepalive time in the pods.',
        commands: [
          'kubectl -n kube-system edit configmap kube-proxy',
          'sysctl -w net.ipv4.tcp_keepalive_time=600',
        ],
      },
    ],
    verify: () => [
      { text: 'The timeout is longer than the keepalive time.', commands: ['ipvsadm -Ln --timeout'] },
    ],
    reasons: {
      notIpvs: 'kube-proxy does not work with IPVS on this node.',
      noTimeouts: 'The timeouts of IPVS are not among the captures.',
    },
    notes: {
      timeout: () => 'TCP, after FIN, UDP: seconds',
      keepalive: () => 'seconds until an idle connection is asked',
    },
  },
  zh: {
    name: 'IPVS 会在 keepalive 之前忘掉空闲连接',
    looksFor:
      'IPVS 保留空闲 TCP 连接的时间，与内核探测空闲连接的时间（tcp_keepalive_time，默认两小时）对比。',
    why: '除非另行设置，IPVS 会在 15 分钟后把空闲连接从表中删除，客户端的下一个报文找不到连接，收到复位。keepalive 可以避免，但默认两小时后才开始，而且只有程序主动开启才有。',
    consequences: '停顿之后的第一个请求报 “Connection reset by peer”：数据库连接池、消息队列、gRPC 长连接。',
    commonCauses: ['IPVS 与内核都使用默认值。'],
    mimics: [
      '程序自行开启了更短的 keepalive 则不受影响，采集包看不出来，因此仅供参考。',
      'Pod 有自己的参数：节点的 net.ipv4.tcp_keepalive_time 只对节点自身的程序和 hostNetwork Pod 有效。',
    ],
    cure: '调大 kube-proxy 的 --ipvs-tcp-timeout，或让程序每十分钟发送 keepalive。',
    title: (d) => `IPVS 会忘掉空闲 ${minutes(d.tcpSeconds)} 分钟的 TCP 连接`,
    summary: (d) =>
      `${joinChinese(d.nodes)} 的 IPVS 保留空闲 TCP 连接 ${d.tcpSeconds} 秒，而 keepalive 在 ${d.keepaliveSeconds} 秒后才开始${d.isDefault ? '（默认值）' : ''}。到 Service 的连接空闲超过 ${minutes(d.tcpSeconds)} 分钟后，下一个报文就会被复位，除非程序自己保活。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '如果程序在停顿后报连接复位：调大 kube-proxy 的超时（ipvs.tcpTimeout），或在 Pod 中调小 keepalive 时间。',
        commands: [
          'kubectl -n kube-system edit configmap kube-proxy',
          'sysctl -w net.ipv4.tcp_keepalive_time=600',
        ],
      },
    ],
    verify: () => [{ text: '超时时间大于 keepalive 时间。', commands: ['ipvsadm -Ln --timeout'] }],
    reasons: {
      notIpvs: '该节点的 kube-proxy 不使用 IPVS。',
      noTimeouts: '采集中没有 IPVS 的超时设置。',
    },
    notes: {
      timeout: () => 'TCP、FIN 之后、UDP 的秒数',
      keepalive: () => '空闲多少秒后开始探测',
    },
  },
}
