import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: the kernel has one value, the files ask for another. */
export interface SettingDiffers {
  /**
   * `reset`: worse now than the file asks; `unset`: the key is not there, its module is not loaded; `undone`: right now, and the file asks
   * for a value that does harm.
   */
  readonly kind: 'reset' | 'unset' | 'undone'
  readonly node: string
  readonly key: string
  /** Left out where the key does not exist. */
  readonly runtime?: number
  readonly asked: number
  /** The file whose line counts. */
  readonly file: string
  /** Files that ask for another value, and do not count. */
  readonly overridden: readonly string[]
  /** Only /etc/sysctl.conf asks for it, and no link in sysctl.d leads there. */
  readonly isUnreadAtBoot: boolean
  /** The worse value harms this node, as far as its bundle tells. */
  readonly isHarmful: boolean
  readonly setBy?: 'network-plugin' | 'kube-proxy'
}

type Note = 'runtime' | 'persisted' | 'overridden' | 'noKey'

/** A network plugin that turns forwarding on, kube-proxy that sizes the table: they come later than the files. */
const SETTERS = { 'network-plugin': 'the network plugin', 'kube-proxy': 'kube-proxy' } as const
const CHINESE_SETTERS = { 'network-plugin': '网络插件', 'kube-proxy': 'kube-proxy' } as const

const assignment = ({ key, asked, runtime, kind }: SettingDiffers): string =>
  `${key}=${kind === 'undone' ? (runtime ?? asked) : asked}`

/** The words of sysctl-runtime-vs-persisted. */
export const text: RuleTexts<SettingDiffers, never, Note> = {
  en: {
    name: 'A kernel setting is not what the files of sysctl.d ask for',
    looksFor:
      'Settings that pods and Services depend on (forwarding, bridge-nf-call-iptables, the maximum of connection tracking, the size of the neighbour table, arp_ignore, tcp_tw_recycle, inotify) in the kernel, against the files of /etc/sysctl.d, /run/sysctl.d and /usr/lib/sysctl.d, read as systemd-sysctl and `sysctl --system` read them.',
    why: 'The files are applied once, when the node starts, and again whenever somebody runs `sysctl --system` or a package update restarts systemd-sysctl. Where the kernel is worse than the files, something set it back since, or the files were never applied. Where the files are worse, the node works by luck until the next time that they are applied.',
    consequences:
      'A node that worked for months drops its pods’ packets after a reboot or a package update. Or a setting that was made and persisted is without effect, and nobody knows since when.',
    commonCauses: [
      'A hardening script or a configuration tool with a file of a later name (99-hardening.conf) that sets net.ipv4.ip_forward=0.',
      'A value set by hand with `sysctl -w` and never written to a file that wins.',
      'tuned, wicked, NetworkManager, cloud-init or a second `sysctl -p` that apply values of their own after the boot.',
      'br_netfilter that is loaded after sysctl.d was applied, or not at all: the keys are not there yet.',
      'kube-proxy, which sizes the connection tracking table itself when it starts.',
    ],
    mimics: [
      'Settings that kubelet, kube-proxy, k3s or the network plugin make at every start need no file: a missing line is no finding.',
      'Of two files with the same name only that of the stronger folder counts (/etc before /run before /usr/lib), a link to /dev/null masks one, and files are read in the order of their names whatever folder they lie in.',
      'A pattern (net.ipv4.conf.*.rp_filter) touches no key that any file names.',
      'Where a file could not be read, nothing is concluded: it may be the one that counts.',
    ],
    cure: 'Find out which file counts and who sets the value besides. Keep one line for each key, in a file whose name comes last, and apply it with `sysctl --system`. Keys below net.bridge need br_netfilter in modules-load.d too.',
    title(d) {
      if (d.kind === 'unset')
        return `${d.key}=${d.asked} is persisted on ${d.node}, but br_netfilter is not loaded`
      if (d.kind === 'reset')
        return `${d.key} is ${formatCount(d.runtime ?? 0)} on ${d.node}, persisted is ${formatCount(d.asked)}`
      return `${d.file} of ${d.node} sets ${d.key} back to ${formatCount(d.asked)}`
    },
    summary(d) {
      const unread = d.isUnreadAtBoot
        ? ' Only /etc/sysctl.conf asks for it: systemd-sysctl reads that file only where a link in /etc/sysctl.d leads to it, and there is none.'
        : ''
      const overridden =
        d.overridden.length > 0
          ? ` ${joinWords([...new Set(d.overridden)])} ${new Set(d.overridden).size === 1 ? 'asks' : 'ask'} for another value, which is read earlier and does not count.`
          : ''
      if (d.kind === 'unset') {
        return `${d.file} asks for ${d.key}=${d.asked}, but there is no key below net.bridge on ${d.node}: br_netfilter is not loaded, so the line had nothing to set. Packets between pods of one bridge pass iptables by.`
      }
      if (d.kind === 'reset') {
        const who =
          d.setBy === 'kube-proxy'
            ? 'kube-proxy sets it by its own configuration when it starts (conntrack.maxPerCore and min), after the files.'
            : 'Something set it back after the files were applied, or they have not been applied since the line was written.'
        const effect = d.isHarmful
          ? ' It does harm as it is now.'
          : ' Nothing in the bundle shows that it does harm now.'
        return `${d.file} asks for ${d.key}=${formatCount(d.asked)}, the kernel of ${d.node} has ${formatCount(d.runtime ?? 0)}.${unread} ${who}${effect}${overridden}`
      }
      const setter =
        d.setBy === undefined ? '' : ` until ${SETTERS[d.setBy]} sets it again, which it does when it starts`
      return `The kernel of ${d.node} has ${d.key}=${formatCount(d.runtime ?? 0)}, which it needs, but ${d.file} asks for ${formatCount(d.asked)}.${unread} The next reboot, \`sysctl --system\` or restart of systemd-sysctl undoes what works now${setter}.${overridden}`
    },
    ruledOut: (d) => [
      'All files were read in the order and with the precedence of systemd-sysctl; no later line for the key wins.',
      ...(d.kind === 'reset' && d.setBy === undefined
        ? ['No component of the cluster sets this key to the worse value.']
        : []),
    ],
    remedy: (d) => [
      ...(d.kind === 'undone'
        ? [
            {
              text: `Correct the line of ${d.file}, or take it out.`,
              commands: [`grep -n ${shellQuote(d.key.replace(/^.*\./, ''))} ${shellQuote(d.file)}`],
            },
          ]
        : []),
      {
        text: 'Set it now, and keep it in a file that is read last.',
        commands: [
          ...(d.kind === 'unset'
            ? ['modprobe br_netfilter', 'echo br_netfilter >/etc/modules-load.d/br_netfilter.conf']
            : []),
          `sysctl -w ${assignment(d)}`,
          `echo ${assignment(d)} >/etc/sysctl.d/zz-kubernetes.conf`,
        ],
      },
      ...(d.kind === 'reset'
        ? [
            {
              text:
                d.setBy === 'kube-proxy'
                  ? 'Tell kube-proxy the value (conntrack.min, or maxPerCore: 0 to leave it alone): else it sets its own again.'
                  : 'Find out who sets it back.',
              commands: [
                `grep -rs ${shellQuote(d.key.replace(/^.*\./, ''))} /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d /etc/tuned /etc/cloud`,
                'journalctl -b -u systemd-sysctl -u tuned -u cloud-init --no-pager',
              ],
            },
          ]
        : []),
    ],
    verify: (d) => [
      {
        text: 'The value is right after the files were applied anew.',
        commands: ['sysctl --system', `sysctl ${d.key}`],
      },
    ],
    reasons: {},
    notes: {
      runtime: () => 'what the kernel has',
      persisted: (file) => `what counts of the files: ${file}`,
      overridden: (file) => `read before, does not count: ${file}`,
      noKey: () => 'no key below net.bridge is in it: br_netfilter is not loaded',
    },
  },
  zh: {
    name: '内核参数与 sysctl.d 中的持久化配置不一致',
    looksFor:
      'Pod 和 Service 依赖的内核参数（转发、bridge-nf-call-iptables、conntrack 上限、邻居表上限、arp_ignore、tcp_tw_recycle、inotify）的当前值，与 /etc/sysctl.d、/run/sysctl.d、/usr/lib/sysctl.d 中的配置对比；优先级按 systemd-sysctl 和 `sysctl --system` 的规则计算。',
    why: '这些文件只在开机时应用一次，此后只有手动执行 `sysctl --system`，或软件包升级重启 systemd-sysctl 时才会再次应用。当前值比文件差，说明开机后被改回去了，或者文件根本没有生效；文件比当前值差，说明节点只是暂时正常，下一次应用文件就会出问题。',
    consequences:
      '运行了几个月的节点在重启或升级软件包之后突然丢弃 Pod 流量；或者明明写过配置却没有生效，也不知道从什么时候开始失效。',
    commonCauses: [
      '安全加固脚本或配置管理工具放了一个排序靠后的文件（如 99-hardening.conf），把 net.ipv4.ip_forward 设为 0。',
      '用 `sysctl -w` 手工改过，却没有写进最终生效的文件。',
      'tuned、wicked、NetworkManager、cloud-init 或另一次 `sysctl -p` 在开机后写入了自己的值。',
      'br_netfilter 在 sysctl.d 应用之后才加载，或根本没有加载，当时键还不存在。',
      'kube-proxy 启动时会自行设置 conntrack 上限。',
    ],
    mimics: [
      'kubelet、kube-proxy、k3s 和网络插件每次启动都会设置的参数不需要写文件，缺少配置不算问题。',
      '同名文件只有优先级高的目录生效（/etc 高于 /run 高于 /usr/lib），指向 /dev/null 的链接会屏蔽同名文件；不论在哪个目录，都按文件名排序读取。',
      '通配写法（net.ipv4.conf.*.rp_filter）不会覆盖任何文件中明确写出的键。',
      '只要有一个文件读不到就不下结论，因为生效的可能正是它。',
    ],
    cure: '先确认哪个文件最终生效、还有谁在改这个值；每个键只保留一行，放在排序最后的文件里，再用 `sysctl --system` 应用。net.bridge 下的键还需要在 modules-load.d 中加载 br_netfilter。',
    title(d) {
      if (d.kind === 'unset') return `${d.node} 持久化了 ${d.key}=${d.asked}，但 br_netfilter 没有加载`
      if (d.kind === 'reset')
        return `${d.node} 的 ${d.key} 当前为 ${formatCount(d.runtime ?? 0)}，持久化配置为 ${formatCount(d.asked)}`
      return `${d.node} 的 ${d.file} 会把 ${d.key} 改回 ${formatCount(d.asked)}`
    },
    summary(d) {
      const unread = d.isUnreadAtBoot
        ? '只有 /etc/sysctl.conf 写了这个键：除非 /etc/sysctl.d 中有链接指向它，systemd-sysctl 不会读取该文件，而这里没有这样的链接。'
        : ''
      const overridden =
        d.overridden.length > 0
          ? `${joinChinese([...new Set(d.overridden)])} 写了另一个值，但读取顺序靠前，不生效。`
          : ''
      if (d.kind === 'unset') {
        return `${d.file} 要求 ${d.key}=${d.asked}，但 ${d.node} 上没有任何 net.bridge 下的键：br_netfilter 没有加载，这一行无处可写。同一网桥上 Pod 之间的报文不经过 iptables。`
      }
      if (d.kind === 'reset') {
        const who =
          d.setBy === 'kube-proxy'
            ? 'kube-proxy 启动时会按自己的配置（conntrack.maxPerCore 和 min）设置它，时间晚于这些文件。'
            : '应用文件之后有程序把它改了回去，或者写入这一行之后一直没有应用过。'
        const effect = d.isHarmful ? '当前值正在造成影响。' : '采集包中没有证据表明当前值已造成影响。'
        return `${d.file} 要求 ${d.key}=${formatCount(d.asked)}，而 ${d.node} 的内核当前为 ${formatCount(d.runtime ?? 0)}。${unread}${who}${effect}${overridden}`
      }
      const setter = d.setBy === undefined ? '' : `，直到${CHINESE_SETTERS[d.setBy]}下次启动时重新设置`
      return `${d.node} 的内核当前 ${d.key}=${formatCount(d.runtime ?? 0)}，符合需要，但 ${d.file} 要求的是 ${formatCount(d.asked)}。${unread}下一次重启、执行 \`sysctl --system\` 或重启 systemd-sysctl 都会破坏现状${setter}。${overridden}`
    },
    ruledOut: (d) => [
      '所有文件都按 systemd-sysctl 的顺序和优先级计算过，没有更靠后的行覆盖它。',
      ...(d.kind === 'reset' && d.setBy === undefined ? ['集群组件都不会把这个键设成较差的值。'] : []),
    ],
    remedy: (d) => [
      ...(d.kind === 'undone'
        ? [
            {
              text: `修改或删除 ${d.file} 中的这一行。`,
              commands: [`grep -n ${shellQuote(d.key.replace(/^.*\./, ''))} ${shellQuote(d.file)}`],
            },
          ]
        : []),
      {
        text: '立即设置，并写入排序最后的文件。',
        commands: [
          ...(d.kind === 'unset'
            ? ['modprobe br_netfilter', 'echo br_netfilter >/etc/modules-load.d/br_netfilter.conf']
            : []),
          `sysctl -w ${assignment(d)}`,
          `echo ${assignment(d)} >/etc/sysctl.d/zz-kubernetes.conf`,
        ],
      },
      ...(d.kind === 'reset'
        ? [
            {
              text:
                d.setBy === 'kube-proxy'
                  ? '把这个值配置到 kube-proxy（conntrack.min，或设 maxPerCore: 0 让它不再修改），否则它还会改回去。'
                  : '找出是谁改了回去。',
              commands: [
                `grep -rs ${shellQuote(d.key.replace(/^.*\./, ''))} /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d /etc/tuned /etc/cloud`,
                'journalctl -b -u systemd-sysctl -u tuned -u cloud-init --no-pager',
              ],
            },
          ]
        : []),
    ],
    verify: (d) => [
      { text: '重新应用文件之后值仍然正确。', commands: ['sysctl --system', `sysctl ${d.key}`] },
    ],
    reasons: {},
    notes: {
      runtime: () => '内核当前值',
      persisted: (file) => `最终生效的配置：${file}`,
      overridden: (file) => `先被读取，不生效：${file}`,
      noKey: () => '其中没有 net.bridge 下的键：br_netfilter 没有加载',
    },
  },
}
