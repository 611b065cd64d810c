import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Logs and counters cover too little time. */
export interface EvidenceWindowShort {
  readonly node: string
  /** Minutes from the start of the kernel to the capture, where that is short. */
  readonly minutesSinceBoot?: number
  /** Log lines that the journal threw away. */
  readonly suppressedLines: number
}

type Note = 'uptime' | 'suppressed'

/** The words of evidence-window-short. */
export const text: RuleTexts<EvidenceWindowShort, never, Note> = {
  en: {
    name: 'Logs and counters cover little time',
    looksFor:
      'A node that started shortly before the capture, and log lines that the journal says it threw away (rate limit).',
    why: 'Counters and neighbour tables begin at zero with the kernel, and a log line that was not written cannot be found. Checks that look for such traces can see little here.',
    consequences: 'A fault that needs time to show, or that was in the lost lines, is not found.',
    commonCauses: [
      'The node was restarted to get it going again, and collected afterwards.',
      'A component logs so much that journald’s rate limit cuts in.',
    ],
    mimics: [
      'A node that was restarted as an attempt at a cure: what it did wrong before is in the journal of the earlier boot.',
    ],
    cure: 'Collect before restarting a node that is in trouble; keep the journal on disk (Storage=persistent).',
    title: ({ node, minutesSinceBoot }) =>
      minutesSinceBoot === undefined
        ? `The journal of ${node} threw lines away`
        : `${node} started ${minutesSinceBoot} minutes before it was collected`,
    summary: ({ node, minutesSinceBoot, suppressedLines }) =>
      [
        minutesSinceBoot === undefined
          ? undefined
          : `${node} had been up for ${minutesSinceBoot} minutes: its counters and tables show no more than that.`,
        suppressedLines === 0
          ? undefined
          : `The journal threw away ${formatCount(suppressedLines)} lines because too many came at once; what they said is not known.`,
      ]
        .filter((sentence) => sentence !== undefined)
        .join(' '),
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Let the node run until the trouble shows again, then collect.',
        commands: ['sudo sh collect.sh'],
      },
      {
        text: 'Keep journals over a restart.',
        commands: ['mkdir -p /var/log/journal && systemctl restart systemd-journald'],
      },
    ],
    verify: () => [
      {
        text: 'The journal reaches back before the trouble.',
        commands: ['journalctl --list-boots | tail -n 3'],
      },
    ],
    reasons: {},
    notes: {
      uptime: () => 'seconds since the kernel started',
      suppressed: () => 'lines that were not written',
    },
  },
  zh: {
    name: '日志和计数器覆盖的时间太短',
    looksFor: '采集前不久才启动的节点，以及 journal 自己说明因限速而丢弃的日志行。',
    why: '计数器和邻居表随内核启动从零开始，没有写下的日志行也无从查找。寻找这类痕迹的检查在这里看不到多少东西。',
    consequences: '需要时间才会显现的故障，或者只出现在丢弃行里的故障，无法发现。',
    commonCauses: ['为了恢复业务先重启了节点，之后才采集。', '某个组件的日志过多，触发了 journald 的限速。'],
    mimics: ['作为处置手段而重启的节点：之前的问题在上一次启动的 journal 里。'],
    cure: '节点有问题时先采集再重启；把 journal 保存在磁盘上（Storage=persistent）。',
    title: ({ node, minutesSinceBoot }) =>
      minutesSinceBoot === undefined
        ? `${node} 的 journal 丢弃了日志行`
        : `${node} 在采集前 ${minutesSinceBoot} 分钟才启动`,
    summary: ({ node, minutesSinceBoot, suppressedLines }) =>
      [
        minutesSinceBoot === undefined
          ? ''
          : `${node} 只运行了 ${minutesSinceBoot} 分钟：它的计数器和各种表只反映这段时间。`,
        suppressedLines === 0
          ? ''
          : `journal 因日志过密丢弃了 ${formatCount(suppressedLines)} 行，其内容不得而知。`,
      ].join(''),
    ruledOut: () => [],
    remedy: () => [
      { text: '让节点继续运行，问题再次出现后再采集。', commands: ['sudo sh collect.sh'] },
      {
        text: '让 journal 在重启后保留。',
        commands: ['mkdir -p /var/log/journal && systemctl restart systemd-journald'],
      },
    ],
    verify: () => [
      { text: 'journal 能追溯到问题出现之前。', commands: ['journalctl --list-boots | tail -n 3'] },
    ],
    reasons: {},
    notes: { uptime: () => '内核启动以来的秒数', suppressed: () => '没有写下的行数' },
  },
}
