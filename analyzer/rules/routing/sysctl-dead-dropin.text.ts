import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A setting that a file asks for and nobody reads. */
export interface DeadSetting {
  readonly key: string
  readonly asked: string
  /** Left out where it was not captured. */
  readonly runtime?: string
  /** The kernel has another value. */
  readonly isMissed: boolean
  /** A file that is read asks for the same. */
  readonly isReadElsewhere: boolean
}

/** What was found: a file of kernel settings where nothing looks for it. */
export interface DeadDropin {
  readonly node: string
  readonly file: string
  readonly settings: readonly DeadSetting[]
}

type Reason = 'noFiles'
type Note = 'dead' | 'runtime'

const missed = ({ settings }: DeadDropin): readonly DeadSetting[] =>
  settings.filter(({ isMissed }) => isMissed)

const target = ({ file }: DeadDropin): string => {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return `/etc/sysctl.d/${name.endsWith('.conf') ? name : `${name}.conf`}`
}

const move = (d: DeadDropin): string => `mv ${shellQuote(d.file)} ${shellQuote(target(d))}`

/** The words of sysctl-dead-dropin. */
export const text: RuleTexts<DeadDropin, Reason, Note> = {
  en: {
    name: 'Kernel settings lie in a folder that nothing reads',
    looksFor: 'Files with kernel settings in /etc/sysconf.d, against the values that the kernel has.',
    why: 'systemd-sysctl and `sysctl --system` read /etc/sysctl.d, /run/sysctl.d, /usr/local/lib/sysctl.d and /usr/lib/sysctl.d. /etc/sysconf.d is a slip of the pen that stands in copied guides: whoever wrote the file believes that the setting is kept, and it is not.',
    consequences:
      'The setting holds only as long as it was made by hand: after a reboot forwarding is off, or bridged packets pass iptables by, although “it was persisted”.',
    commonCauses: ['A guide that was copied, with its typo.'],
    mimics: [
      'A setting that a file of a right folder asks for as well: then the stray file does no harm, and is told as low.',
    ],
    cure: 'Move the file to /etc/sysctl.d, with a name that ends in .conf, and apply it with `sysctl --system`.',
    title: (d) => `Nothing on ${d.node} reads ${d.file}`,
    summary(d) {
      const what = `${d.file} asks for ${joinWords(d.settings.map(({ key, asked }) => `${key}=${asked}`))}, but no program reads that folder.`
      const lost = missed(d)
      if (lost.length > 0) {
        return `${what} The kernel has ${joinWords(lost.map(({ key, runtime = '' }) => `${key}=${runtime}`))}.`
      }
      const kept = d.settings.every(({ isReadElsewhere }) => isReadElsewhere)
      return kept
        ? `${what} Other files ask for the same, so that nothing is missing.`
        : `${what} The kernel happens to have these values now; nothing in this file brings them back after a reboot.`
    },
    ruledOut: () => [],
    remedy: (d) => [
      { text: 'Move it to where it is read, and apply it.', commands: [move(d), 'sysctl --system'] },
    ],
    verify: (d) => [
      {
        text: 'The kernel has the values.',
        commands: [`sysctl ${d.settings.map(({ key }) => shellQuote(key)).join(' ')}`],
      },
    ],
    reasons: { noFiles: 'No file with kernel settings was captured.' },
    notes: {
      dead: () => 'nothing reads this file',
      runtime: () => 'what the kernel has',
    },
  },
  zh: {
    name: '内核参数写在了没有程序读取的目录里',
    looksFor: '/etc/sysconf.d 中带有内核参数的文件，并与内核当前值对比。',
    why: 'systemd-sysctl 和 `sysctl --system` 只读取 /etc/sysctl.d、/run/sysctl.d、/usr/local/lib/sysctl.d 和 /usr/lib/sysctl.d。/etc/sysconf.d 是流传文档里的笔误：写文件的人以为参数已经持久化，其实没有。',
    consequences:
      '参数只在手工设置之后有效：重启后转发被关闭，或网桥上的报文不再经过 iptables，而大家都以为“已经持久化了”。',
    commonCauses: ['照抄了带有笔误的文档。'],
    mimics: ['正确目录中的文件也写了同样的值：多余的文件没有影响，只按低级别提示。'],
    cure: '把文件移动到 /etc/sysctl.d，文件名以 .conf 结尾，再用 `sysctl --system` 应用。',
    title: (d) => `${d.node} 上没有程序读取 ${d.file}`,
    summary(d) {
      const what = `${d.file} 要求 ${joinChinese(d.settings.map(({ key, asked }) => `${key}=${asked}`))}，但没有任何程序读取这个目录。`
      const lost = missed(d)
      if (lost.length > 0) {
        return `${what}内核当前为 ${joinChinese(lost.map(({ key, runtime = '' }) => `${key}=${runtime}`))}。`
      }
      const kept = d.settings.every(({ isReadElsewhere }) => isReadElsewhere)
      return kept
        ? `${what}其他文件写了同样的值，因此没有缺失。`
        : `${what}内核当前恰好是这些值，但重启后这个文件不会恢复它们。`
    },
    ruledOut: () => [],
    remedy: (d) => [{ text: '移动到会被读取的目录并应用。', commands: [move(d), 'sysctl --system'] }],
    verify: (d) => [
      {
        text: '内核当前值与文件一致。',
        commands: [`sysctl ${d.settings.map(({ key }) => shellQuote(key)).join(' ')}`],
      },
    ],
    reasons: { noFiles: '没有采集到任何内核参数文件。' },
    notes: {
      dead: () => '没有程序读取这个文件',
      runtime: () => '内核当前值',
    },
  },
}
