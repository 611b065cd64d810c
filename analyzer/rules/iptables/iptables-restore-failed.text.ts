import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: rules that could not be written. */
export interface IptablesRestoreFailed {
  readonly node: string
  readonly count: number
  /** The last one is of the last ten minutes before the capture. */
  readonly isNow: boolean
  /** The line of the input that was refused, where the log names it. */
  readonly row?: string
}

type Reason = 'noJournal'
type Note = 'log'

/** The words of iptables-restore-failed. */
export const text: RuleTexts<IptablesRestoreFailed, Reason, Note> = {
  en: {
    name: 'Rules could not be written to iptables',
    looksFor:
      'kube-proxy’s “Failed to execute iptables-restore”, “CHAIN_USER_ADD (or DEL) failed” and “Too many links” in the journals.',
    why: 'kube-proxy writes all its rules in one piece. Where iptables refuses one line, none of them is taken, and the rules of before stay: new Services are missing, and those of pods that are gone remain.',
    consequences:
      'Services that were made or changed since then do not work on this node, or lead to pods that are gone; all others do.',
    commonCauses: [
      'A kernel module that is missing, for a match or a target that a rule needs.',
      'An iptables too old for an option (--xor-mark, --random-fully).',
      'A chain that another program still refers to.',
    ],
    mimics: [
      'The lock of iptables (exit status 4): told by iptables-lock-contention.',
      'One failure that the next attempt mended: it counts as possible.',
      'kube-proxy in nftables mode says “Device or resource busy” and tries again: not counted.',
    ],
    cure: 'Write what kube-proxy wants to write by hand, and see which line is refused; then load the module, or use a newer iptables.',
    title: (d) =>
      d.isNow ? `Rules cannot be written on ${d.node}` : `Rules could not be written on ${d.node}`,
    summary: (d) =>
      `${d.node} logged ${howOften(d.count)} that rules could not be written${d.row === undefined ? '' : `; iptables refused line ${d.row} of its input`}. ${d.isNow ? 'It still failed when the bundle was made: the rules on this node are not those that the API server asks for.' : 'None is of the last minutes before the bundle was made: a later attempt may have succeeded.'}`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'See the whole message, the modules, and the version of iptables.',
        commands: [
          'journalctl -u kube-proxy -u k3s -u kubelet --since -1h | grep -A 3 iptables-restore | tail -n 20',
          "lsmod | grep -E '^(xt_|ip_tables|nf_tables)'",
          'iptables -V',
        ],
      },
    ],
    verify: () => [
      {
        text: 'kube-proxy writes its rules: the newest Service has its chain.',
        commands: ['iptables-save -t nat | grep -c KUBE-SVC'],
      },
    ],
    reasons: { noJournal: 'No journal of kubelet, kube-proxy or k3s was captured.' },
    notes: { log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`) },
  },
  zh: {
    name: '规则无法写入 iptables',
    looksFor:
      '日志中 kube-proxy 的 “Failed to execute iptables-restore”，以及 “CHAIN_USER_ADD（或 DEL）failed” 和 “Too many links”。',
    why: 'kube-proxy 一次性写入全部规则。只要其中一行被 iptables 拒绝，整批都不会生效，仍保留旧规则：新 Service 缺失，已消失的 Pod 仍在规则里。',
    consequences: '此后新建或变更的 Service 在该节点上不可用，或指向已不存在的 Pod；其他 Service 正常。',
    commonCauses: [
      '缺少规则所需的内核模块（match 或 target）。',
      'iptables 过旧，不支持某个选项（--xor-mark、--random-fully）。',
      '链仍被其他程序引用。',
    ],
    mimics: [
      'iptables 锁（退出状态 4）：由 iptables-lock-contention 报告。',
      '失败一次后重试成功：按 possible 处理。',
      'nftables 模式的 kube-proxy 报 “Device or resource busy” 后会重试：不计入。',
    ],
    cure: '手工写入 kube-proxy 要写的规则，找出被拒绝的行；然后加载模块或升级 iptables。',
    title: (d) => (d.isNow ? `${d.node} 上规则无法写入` : `${d.node} 上曾有规则写入失败`),
    summary: (d) =>
      `${d.node} 共 ${formatCount(d.count)} 次记录规则写入失败${d.row === undefined ? '' : `，iptables 拒绝了输入的第 ${d.row} 行`}。${d.isNow ? '采集时仍在失败：该节点上的规则与 API server 的要求不一致。' : '采集前几分钟内没有新的失败，之后的重试可能已经成功。'}`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '查看完整报错、内核模块和 iptables 版本。',
        commands: [
          'journalctl -u kube-proxy -u k3s -u kubelet --since -1h | grep -A 3 iptables-restore | tail -n 20',
          "lsmod | grep -E '^(xt_|ip_tables|nf_tables)'",
          'iptables -V',
        ],
      },
    ],
    verify: () => [
      {
        text: 'kube-proxy 能写入规则：最新的 Service 有对应的链。',
        commands: ['iptables-save -t nat | grep -c KUBE-SVC'],
      },
    ],
    reasons: { noJournal: '没有采集到 kubelet、kube-proxy 或 k3s 的日志。' },
    notes: { log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`) },
  },
}
