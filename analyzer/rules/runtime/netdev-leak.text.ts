import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: a network device that something holds on to. */
export interface NetdevLeak {
  readonly node: string
  readonly device: string
  readonly count: number
  /** Between the first and the last line; 0 where it is not known. */
  readonly minutes: number
}

type Reason = never
type Note = 'log'

/** The words of netdev-leak. */
export const text: RuleTexts<NetdevLeak, Reason, Note> = {
  en: {
    name: 'A network namespace is not given back (unregister_netdevice)',
    looksFor: '“unregister_netdevice: waiting for … to become free. Usage count = …” in the kernel log.',
    why: 'When a pod ends, the kernel removes its devices and waits until nobody refers to them. A reference that was lost keeps it waiting, every ten seconds with one line, and with it the lock under which network namespaces are made.',
    consequences:
      'New pods hang in ContainerCreating and old ones in Terminating; ip and CNI plugins on the node do not return. Only a reboot ends it.',
    commonCauses: [
      'Old kernels: CentOS 7 (3.10) and others before 4.12 lose references of IPv4 routes and IPv6 sockets of pods.',
      'SCTP, IPVS or eBPF programs of some kernels.',
    ],
    mimics: [
      'A few lines and then no more: a connection of the pod was still closing. It counts as medium.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Drain and reboot the node; use a newer kernel.',
    title: (d) => `The kernel of ${d.node} cannot free the device ${d.device}`,
    summary: (d) =>
      `The kernel of ${d.node} logged ${howOften(d.count)}${d.minutes > 0 ? `, over ${formatCount(d.minutes)} minutes,` : ''} that it waits for the device ${d.device} to become free. While it waits, network namespaces are neither made nor removed: pods hang while they start and stop.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'If it goes on, move the pods away and reboot.',
        commands: ['kubectl drain NODE --ignore-daemonsets', 'reboot'],
      },
      { text: 'See the kernel’s version: newer ones lose fewer references.', commands: ['uname -r'] },
    ],
    verify: () => [
      {
        text: 'No further line, and pods start at once.',
        commands: ['dmesg -T | grep unregister_netdevice | tail -n 3'],
      },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '网络命名空间无法释放（unregister_netdevice）',
    looksFor: '内核日志中的 “unregister_netdevice: waiting for … to become free. Usage count = …”。',
    why: 'Pod 结束时，内核要移除其网络设备并等待所有引用释放。引用泄漏后内核会一直等待（每十秒一条日志），同时占住创建网络命名空间所需的锁。',
    consequences:
      '新 Pod 停在 ContainerCreating，旧 Pod 停在 Terminating；节点上的 ip 命令和 CNI 插件不返回。只有重启才能结束。',
    commonCauses: [
      '旧内核：CentOS 7（3.10）等 4.12 之前的内核会泄漏 Pod 的 IPv4 路由和 IPv6 套接字引用。',
      '部分内核上的 SCTP、IPVS 或 eBPF 程序。',
    ],
    mimics: [
      '只有几条随后消失：Pod 的连接仍在关闭中，按中等级别处理。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '驱逐 Pod 并重启节点；升级内核。',
    title: (d) => `${d.node} 的内核无法释放设备 ${d.device}`,
    summary: (d) =>
      `${d.node} 的内核共 ${formatCount(d.count)} 次记录${d.minutes > 0 ? `（持续 ${formatCount(d.minutes)} 分钟）` : ''}正在等待设备 ${d.device} 释放。等待期间无法创建或删除网络命名空间，Pod 启动和停止都会卡住。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '如果持续出现，迁走 Pod 并重启节点。',
        commands: ['kubectl drain NODE --ignore-daemonsets', 'reboot'],
      },
      { text: '查看内核版本：新内核的引用泄漏更少。', commands: ['uname -r'] },
    ],
    verify: () => [
      {
        text: '不再出现该日志，Pod 能立即启动。',
        commands: ['dmesg -T | grep unregister_netdevice | tail -n 3'],
      },
    ],
    reasons: {},
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
