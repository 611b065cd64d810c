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
}

function sentence({ path, why, droppedBytes }: DumpTruncated['captures'][number]): string {
  if (why === 'without-end') return `${path} ends inside a table.`
  if (why === 'timeout') return `${path} ran out of time.`
  return droppedBytes > 0
    ? `${path} lost ${formatBytes(droppedBytes)} at the size limit.`
    : `${path} was cut at the size limit.`
}
