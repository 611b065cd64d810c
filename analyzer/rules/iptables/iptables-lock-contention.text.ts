import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: programs that wait for the lock of iptables. */
export interface IptablesLockContention {
  readonly node: string
  readonly count: number
  /** Between the first and the last line; 0 where it is not known. */
  readonly minutes: number
}

type Reason = 'noJournal'
type Note = 'log'

/** The words of iptables-lock-contention. */
export const text: RuleTexts<IptablesLockContention, Reason, Note> = {
  en: {
    name: 'Programs wait for the lock of iptables',
    looksFor:
      '“Another app is currently holding the xtables lock” and the like in the journals of kubelet, kube-proxy, flannel and k3s.',
    why: 'iptables-legacy lets one program at a time change the rules. Each change reads and writes a whole table, so that with very many rules one program holds the lock for seconds while kubelet, kube-proxy and the CNI plugin wait, and give up.',
    consequences:
      'Changes of Services and endpoints reach the node late; pods fail to start because portmap or the CNI plugin got no lock.',
    commonCauses: [
      'Very many rules, or rules that are there many times over.',
      'A monitoring script that lists rules in a loop.',
      'Thousands of Services in iptables mode.',
    ],
    mimics: [
      'One or two lines at boot, when everybody writes rules at once: fewer than three are not told.',
      'The nft backend of iptables takes no such lock.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Remove what makes the table large. With thousands of Services use nftables or IPVS mode.',
    title: (d) => `Programs on ${d.node} wait for the lock of iptables`,
    summary: (d) =>
      `${d.node} logged ${howOften(d.count)}${d.minutes > 0 ? ` within ${formatCount(d.minutes)} minutes` : ''} that a program did not get the lock of iptables. Changes of Services and pods’ rules reach this node late, or with the next attempt.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See who holds the lock, how long a change takes, and how many rules there are.',
        commands: ['lsof /run/xtables.lock', 'time iptables -w -L -n >/dev/null', 'iptables-save | wc -l'],
      },
    ],
    verify: () => [
      {
        text: 'No further line is logged.',
        commands: ['journalctl --since -10min | grep -c "xtables lock"'],
      },
    ],
    reasons: { noJournal: 'No journal of kubelet, kube-proxy, flannel or k3s was captured.' },
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '程序在争用 iptables 锁',
    looksFor:
      'kubelet、kube-proxy、flannel、k3s 日志中的 “Another app is currently holding the xtables lock” 等。',
    why: 'iptables-legacy 同一时刻只允许一个程序修改规则。每次修改都要读写整张表，规则极多时持锁长达数秒，kubelet、kube-proxy 和 CNI 插件只能等待并放弃。',
    consequences:
      'Service 和 endpoint 的变更迟迟不能在节点上生效；portmap 或 CNI 插件拿不到锁，Pod 启动失败。',
    commonCauses: ['规则过多，或大量重复。', '监控脚本循环列出规则。', 'iptables 模式下有数千个 Service。'],
    mimics: [
      '启动时各组件同时写规则，会有一两条：少于三条不报告。',
      'iptables 的 nft 后端没有这把锁。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '清除使规则膨胀的原因。Service 达到数千个时改用 nftables 或 IPVS 模式。',
    title: (d) => `${d.node} 上的程序在争用 iptables 锁`,
    summary: (d) =>
      `${d.node} ${d.minutes > 0 ? `在 ${formatCount(d.minutes)} 分钟内` : ''}共 ${formatCount(d.count)} 次记录程序拿不到 iptables 锁。Service 和 Pod 规则的变更会延迟生效，或等到下次重试。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看谁持有锁、一次操作要多久、规则有多少。',
        commands: ['lsof /run/xtables.lock', 'time iptables -w -L -n >/dev/null', 'iptables-save | wc -l'],
      },
    ],
    verify: () => [
      { text: '不再出现该日志。', commands: ['journalctl --since -10min | grep -c "xtables lock"'] },
    ],
    reasons: { noJournal: '没有采集到 kubelet、kube-proxy、flannel 或 k3s 的日志。' },
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
