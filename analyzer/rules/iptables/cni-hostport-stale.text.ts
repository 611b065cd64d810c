import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** An entry of the portmap plugin for a sandbox that is gone. */
export interface HostPortStale {
  readonly node: string
  /** `8088/tcp` */
  readonly ports: readonly string[]
  readonly chain: string
  /** Another entry for the same port comes behind it, and is never reached. */
  readonly isInFront: boolean
  /** Where it sends packets: `10.244.1.2:8080`. */
  readonly to?: string
}

type Reason = 'noHostPorts'
type Note = 'stale' | 'behind' | 'target' | 'list'

/** The words of cni-hostport-stale. */
export const text: RuleTexts<HostPortStale, Reason, Note> = {
  en: {
    name: 'A hostPort leads to a pod that is gone',
    looksFor:
      'Entries of the portmap plugin (CNI-HOSTPORT-DNAT) whose sandbox, named in the comment, the container runtime does not know; and whether another entry for the same port comes behind.',
    why: 'The plugin makes an entry for each pod with a hostPort, and removes it with the pod. An entry that stayed behind sends packets to an address that no pod has, or that another pod has got since. The first entry for a port wins: the one of the new pod behind it is never reached.',
    consequences:
      'The hostPort of the new pod cannot be reached from outside of the node: time-outs, or answers of a wrong pod.',
    commonCauses: [
      'A power cut or a killed runtime: the plugin was never asked to remove the entry.',
      'A network that was renamed: the name of the chain is made of it, and the old one is not found.',
      'firewalld or another program that flushed and restored the nat table in between.',
    ],
    mimics: [
      'One port for two protocols, or on two addresses of the node: these are different entries.',
      'Sandboxes that have exited and are not removed yet: the list of the runtime holds them.',
    ],
    cure: 'Delete the entry and its chain, or drain and restart the node.',
    title: (d) =>
      d.isInFront
        ? `The hostPort ${joinWords(d.ports)} of ${d.node} leads to a pod that is gone, in front of the right one`
        : `The hostPort ${joinWords(d.ports)} of ${d.node} leads to a pod that is gone`,
    summary: (d) =>
      `${d.chain} of ${d.node} takes packets for ${joinWords(d.ports)}${d.to === undefined ? '' : ` to ${d.to}`}, for a sandbox that the runtime does not know. ${
        d.isInFront
          ? 'The entry of the pod that has the port now comes behind it and is never reached: connections from outside time out.'
          : 'Whoever connects to the port gets no answer, or that of a pod that has the address since.'
      }`,
    ruledOut: () => ['The sandbox is not among those that have exited: the whole list was read.'],
    remedy: (d) => [
      {
        text: 'Find the number of the entry, delete it, and remove its chain (N stands for the number).',
        commands: [
          `iptables -t nat -L CNI-HOSTPORT-DNAT -n --line-numbers | grep ${shellQuote(d.chain)}`,
          'iptables -t nat -D CNI-HOSTPORT-DNAT N',
          `iptables -t nat -F ${shellQuote(d.chain)}`,
          `iptables -t nat -X ${shellQuote(d.chain)}`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'The port is taken by the chain of the pod that runs.',
        commands: [`iptables -t nat -S CNI-HOSTPORT-DNAT | grep -c ${shellQuote(d.chain)}`],
      },
    ],
    reasons: { noHostPorts: 'No pod of this node has a hostPort.' },
    notes: {
      stale: () => 'its sandbox is not known',
      behind: () => 'the right one, never reached',
      target: () => 'where it sends packets',
      list: () => 'the list that the sandbox is missing from',
    },
  },
  zh: {
    name: 'hostPort 指向已消失的 Pod',
    looksFor:
      'portmap 插件的条目（CNI-HOSTPORT-DNAT）中，注释所写的沙箱不在容器运行时的列表里；以及后面是否还有同一端口的条目。',
    why: '插件为每个带 hostPort 的 Pod 建立条目，并随 Pod 删除。遗留的条目会把报文发往没有 Pod 使用的地址，或者后来分给别的 Pod 的地址。同一端口以第一条为准：其后新 Pod 的条目永远到不了。',
    consequences: '从节点外部到不了新 Pod 的 hostPort：超时，或得到错误 Pod 的应答。',
    commonCauses: [
      '断电或运行时被杀：没有请求插件删除条目。',
      '网络改名：链名由网络名生成，找不到旧的。',
      'firewalld 或其他程序在此期间清空并恢复了 nat 表。',
    ],
    mimics: [
      '同一端口用于两种协议，或节点的两个地址：是不同的条目。',
      '已退出但尚未删除的沙箱：运行时的列表中有它们。',
    ],
    cure: '删除该条目及其链，或者驱逐 Pod 后重启节点。',
    title: (d) =>
      d.isInFront
        ? `${d.node} 的 hostPort ${joinChinese(d.ports)} 指向已消失的 Pod，且排在正确条目之前`
        : `${d.node} 的 hostPort ${joinChinese(d.ports)} 指向已消失的 Pod`,
    summary: (d) =>
      `${d.node} 的 ${d.chain} 把 ${joinChinese(d.ports)} 的报文${d.to === undefined ? '接收下来' : `发往 ${d.to}`}，而其沙箱不在运行时的列表里。${
        d.isInFront
          ? '现在使用该端口的 Pod 的条目排在其后，永远到不了：外部连接超时。'
          : '连接该端口得不到应答，或者得到后来使用该地址的 Pod 的应答。'
      }`,
    ruledOut: () => ['该沙箱不是已退出的沙箱：列表已读到末尾。'],
    remedy: (d) => [
      {
        text: '找到条目的序号并删除，再移除其链（N 表示序号）。',
        commands: [
          `iptables -t nat -L CNI-HOSTPORT-DNAT -n --line-numbers | grep ${shellQuote(d.chain)}`,
          'iptables -t nat -D CNI-HOSTPORT-DNAT N',
          `iptables -t nat -F ${shellQuote(d.chain)}`,
          `iptables -t nat -X ${shellQuote(d.chain)}`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: '该端口由正在运行的 Pod 的链接收。',
        commands: [`iptables -t nat -S CNI-HOSTPORT-DNAT | grep -c ${shellQuote(d.chain)}`],
      },
    ],
    reasons: { noHostPorts: '该节点没有使用 hostPort 的 Pod。' },
    notes: {
      stale: () => '其沙箱不在列表里',
      behind: () => '正确的条目，永远到不了',
      target: () => '报文的去向',
      list: () => '列表中没有该沙箱',
    },
  },
}
