import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { type PortSpan, formatSpan } from './portRanges.ts'

/** What was found: ports that both a connection of the node and a Service may have. */
export interface PortOverlap {
  readonly node: string
  readonly local: PortSpan
  readonly nodePorts: PortSpan
  /** What both have and nobody reserved. */
  readonly overlap: readonly PortSpan[]
  /** Ports of Services in it. */
  readonly used: readonly number[]
  /** One of them, that a connection of the node has taken. */
  readonly taken?: number
  /** kube-proxy could not open a port, and left the Service out. */
  readonly refused?: { readonly service: string; readonly port: number }
}

type Reason = 'noKey'
type Note = 'local' | 'reserved' | 'nodePorts' | 'taken' | 'log'

const reserve = ({ nodePorts }: PortOverlap): string[] => [
  `sysctl -w net.ipv4.ip_local_reserved_ports=${formatSpan(nodePorts)}`,
  `echo net.ipv4.ip_local_reserved_ports=${formatSpan(nodePorts)} >/etc/sysctl.d/99-node-ports.conf`,
]
const verify = ['sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports']

/** The words of sysctl-nodeport-ephemeral-overlap. */
export const text: RuleTexts<PortOverlap, Reason, Note> = {
  en: {
    name: 'Ports of NodePort Services are given to the node’s own connections',
    looksFor:
      'net.ipv4.ip_local_port_range and ip_local_reserved_ports against the range of node ports (30000-32767, or the API server’s --service-node-port-range); the node’s own connections that start from the port of a Service; lines of kube-proxy that could not open a node port.',
    why: 'A connection that the node opens takes a free port of its local range. Where that is the port of a NodePort Service, answers to the connection are taken for requests to the Service and sent to a pod, or kube-proxy (until 1.23, which opens the port itself) finds it taken and leaves the Service out on this node.',
    consequences:
      'Once in a while a connection of the node (an image pull, a call to the API) hangs for no visible reason, or a NodePort does not answer on one node until kube-proxy is restarted.',
    commonCauses: [
      'A tuning guide that widens the local range to 1024-65535.',
      'A range of node ports above 32767.',
    ],
    mimics: [
      'The kernel’s default range begins at 32768, just behind the last node port.',
      'Ports in ip_local_reserved_ports are not given to connections.',
      'A process that listens on such a port on purpose.',
    ],
    cure: 'Reserve the node ports (net.ipv4.ip_local_reserved_ports), or let the local range begin behind them.',
    title: (d) =>
      d.refused
        ? `kube-proxy of ${d.node} left out the node port ${d.refused.port}: it was taken`
        : `${d.node} may open connections from ${joinWords(d.overlap.map(formatSpan))}, which are node ports`,
    summary(d) {
      const ranges = `${d.node} opens its own connections from ports ${formatSpan(d.local)}; node ports are ${formatSpan(d.nodePorts)}. ${joinWords(d.overlap.map(formatSpan))} are in both, and not reserved.`
      if (d.refused) {
        return `kube-proxy could not open port ${d.refused.port} of ${d.refused.service}, since a connection had it, and programmed nothing for it on ${d.node}. ${ranges}`
      }
      const used =
        d.used.length > 0
          ? ` Services have ${joinWords(d.used.map(String))} of them.`
          : ' No Service is known to have one of them yet.'
      const taken =
        d.taken === undefined ? '' : ` At the time of the capture a connection of the node had ${d.taken}.`
      return `${ranges}${used}${taken} A connection that takes the port of a Service fails, or the Service’s port does.`
    },
    ruledOut: () => ['ip_local_reserved_ports does not take these ports out.'],
    remedy: (d) => [
      { text: 'Reserve the node ports: connections that are open stay so.', commands: reserve(d) },
    ],
    verify: () => [{ text: 'The node ports are reserved.', commands: verify }],
    reasons: { noKey: 'The captured settings do not show the local ports.' },
    notes: {
      local: () => 'ports that the node’s own connections start from',
      reserved: () => 'ports that are left out of it',
      nodePorts: () => 'the range of node ports',
      taken: () => 'a connection of the node has the port of a Service',
      log: () => 'kube-proxy left this port out',
    },
  },
  zh: {
    name: '节点自身连接的临时端口范围与 NodePort 重叠',
    looksFor:
      'net.ipv4.ip_local_port_range 和 ip_local_reserved_ports，与 NodePort 范围（30000-32767，或 API server 的 --service-node-port-range）对比；节点自身以某个 Service 的端口作为源端口的连接；kube-proxy 无法打开 NodePort 的日志。',
    why: '节点发起连接时会从本地范围中取一个空闲端口。如果正好是某个 NodePort，该连接的应答会被当作对 Service 的请求转发给 Pod；或者 kube-proxy（1.23 及以前会自己打开端口）发现端口已被占用，在这个节点上跳过该 Service。',
    consequences:
      '节点自身的连接（拉取镜像、访问 API）偶尔无故卡住，或者某个节点上的 NodePort 一直不通，直到重启 kube-proxy。',
    commonCauses: ['照抄优化文档把本地端口范围放宽到 1024-65535。', 'NodePort 范围设置在 32767 以上。'],
    mimics: [
      '内核默认范围从 32768 开始，正好在最后一个 NodePort 之后。',
      'ip_local_reserved_ports 中的端口不会分配给连接。',
      '有进程特意监听这样的端口。',
    ],
    cure: '用 net.ipv4.ip_local_reserved_ports 保留 NodePort 范围，或让本地范围从其后开始。',
    title: (d) =>
      d.refused
        ? `${d.node} 的 kube-proxy 跳过了 NodePort ${d.refused.port}：端口已被占用`
        : `${d.node} 的本地端口范围包含 NodePort：${joinChinese(d.overlap.map(formatSpan))}`,
    summary(d) {
      const ranges = `${d.node} 自身连接使用端口 ${formatSpan(d.local)}，NodePort 范围为 ${formatSpan(d.nodePorts)}，其中 ${joinChinese(d.overlap.map(formatSpan))} 重叠且没有保留。`
      if (d.refused) {
        return `${d.refused.service} 的端口 ${d.refused.port} 已被某个连接占用，kube-proxy 无法打开，因此没有在 ${d.node} 上为它写入规则。${ranges}`
      }
      const used =
        d.used.length > 0
          ? `其中 ${joinChinese(d.used.map(String))} 已分配给 Service。`
          : '目前没有发现 Service 使用其中的端口。'
      const taken = d.taken === undefined ? '' : `采集时节点的一个连接正占用 ${d.taken}。`
      return `${ranges}${used}${taken}一旦连接取到 Service 的端口，连接或该 NodePort 就会失败。`
    },
    ruledOut: () => ['ip_local_reserved_ports 没有排除这些端口。'],
    remedy: (d) => [{ text: '保留 NodePort 范围，已建立的连接不受影响。', commands: reserve(d) }],
    verify: () => [{ text: 'NodePort 已被保留。', commands: verify }],
    reasons: { noKey: '采集到的内核参数中没有本地端口范围。' },
    notes: {
      local: () => '节点自身连接使用的端口',
      reserved: () => '从中排除的端口',
      nodePorts: () => 'NodePort 范围',
      taken: () => '节点的连接占用了 Service 的端口',
      log: () => 'kube-proxy 跳过了该端口',
    },
  },
}
