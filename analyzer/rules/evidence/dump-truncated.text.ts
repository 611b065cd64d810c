import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatBytes } from '../../text/formatBytes.ts'

/** Captures that are not whole. */
export interface DumpTruncated {
  readonly node: string
  readonly captures: readonly {
    readonly path: string
    readonly why: 'truncated' | 'timeout' | 'without-end'
    /** Bytes that the collector cut off; 0 where that is not known. */
    readonly droppedBytes: number
  }[]
}

type Note = 'truncated' | 'timeout' | 'without-end'

/** The words of dump-truncated. */
export const text: RuleTexts<DumpTruncated, never, Note> = {
  en: {
    name: 'A capture is cut short',
    looksFor:
      'Captures that ran out of time or over their size limit on the node, and iptables dumps in which a table has no COMMIT line.',
    why: 'What a cut capture does not show may be there all the same. Faults that are seen in it stand; checks that would need the rest are listed as not made.',
    consequences:
      'Faults that are visible in what is there are told; whatever would have to be absent cannot be called absent.',
    commonCauses: [
      'A node under heavy load, where iptables-save or journalctl takes longer than its limit.',
      'A leak of rules that makes the dump very large.',
      'A disk that is full.',
    ],
    mimics: ['An output of `iptables -S` in place of a dump: it never has a COMMIT line.'],
    cure: 'Collect again, with more time or room for the capture, or on a quieter node.',
    title: ({ node, captures }) =>
      captures.length === 1
        ? `${captures[0]?.path ?? 'A capture'} of ${node} is cut short`
        : `${captures.length} captures of ${node} are cut short`,
    summary: ({ captures }) => `${captures.map(sentence).join(' ')} Checks that need the rest were not made.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Collect again when the node is quieter; log captures can be made shorter.',
        commands: ['sudo sh collect.sh --since "24 hours ago"'],
      },
    ],
    verify: () => [
      {
        text: 'The list of sources of the new report shows nothing as truncated or timed out.',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: {
      truncated: () => 'cut off at the size limit',
      timeout: () => 'ran out of time',
      'without-end': () => 'this table has no COMMIT line behind it',
    },
  },
  zh: {
    name: '有采集内容被截断',
    looksFor: '在节点上超时或超过大小上限的采集项，以及表后面没有 COMMIT 行的 iptables 转储。',
    why: '被截断的内容没有显示的东西仍可能存在。从中看到的故障成立；需要其余部分的检查列为未进行。',
    consequences: '现有内容中可见的故障会报告；必须确认“不存在”的结论无法得出。',
    commonCauses: [
      '节点负载很高，iptables-save 或 journalctl 超过了时限。',
      '规则泄漏使转储非常大。',
      '磁盘已满。',
    ],
    mimics: ['用 `iptables -S` 的输出代替转储：它本来就没有 COMMIT 行。'],
    cure: '重新采集，给该项更多时间或空间，或者选择节点较空闲的时候。',
    title: ({ node, captures }) =>
      captures.length === 1
        ? `${node} 的 ${captures[0]?.path ?? '一项采集内容'} 被截断`
        : `${node} 有 ${captures.length} 项采集内容被截断`,
    summary: ({ captures }) => `${captures.map(chineseSentence).join('')}需要其余部分的检查没有进行。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '在节点较空闲时重新采集；日志的采集范围可以缩短。',
        commands: ['sudo sh collect.sh --since "24 hours ago"'],
      },
    ],
    verify: () => [
      {
        text: '新报告的来源列表中没有被截断或超时的项。',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: {
      truncated: () => '在大小上限处截断',
      timeout: () => '超时',
      'without-end': () => '这个表后面没有 COMMIT 行',
    },
  },
}

function sentence({ path, why, droppedBytes }: DumpTruncated['captures'][number]): string {
  if (why === 'without-end') return `${path} ends inside a table.`
  if (why === 'timeout') return `${path} ran out of time.`
  return droppedBytes > 0
    ? `${path} lost ${formatBytes(droppedBytes)} at the size limit.`
    : `${path} was cut at the size limit.`
}

function chineseSentence({ path, why, droppedBytes }: DumpTruncated['captures'][number]): string {
  if (why === 'without-end') return `${path} 在表的中间结束。`
  if (why === 'timeout') return `${path} 采集超时。`
  return droppedBytes > 0
    ? `${path} 在大小上限处丢失了 ${formatBytes(droppedBytes)}。`
    : `${path} 在大小上限处被截断。`
}
