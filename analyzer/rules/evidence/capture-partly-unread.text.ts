import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Captures with lines that coldcase could not read. */
export interface CapturePartlyUnread {
  readonly node: string
  readonly captures: readonly { readonly path: string; readonly lines: number }[]
}

type Note = 'unread'

/** The words of capture-partly-unread. */
export const text: RuleTexts<CapturePartlyUnread, never, Note> = {
  en: {
    name: 'Lines of a capture could not be read',
    looksFor: 'Lines that the parser of a source did not understand.',
    why: 'A line that is not read may hold what a check looks for. The rest of the capture was used.',
    mimics: ['Messages that a tool wrote between its lines, such as warnings: harmless, but said.'],
    cure: 'Read the lines; if they are ordinary output of a tool, report them to the makers of coldcase.',
    title: ({ node, captures }) =>
      `${formatCount(captures.reduce((sum, { lines }) => sum + lines, 0))} lines of ${node} could not be read`,
    summary: ({ captures }) =>
      `${captures.map(({ path, lines }) => `${path}: ${formatCount(lines)}`).join('; ')}. The rest of each capture was read and judged.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Read the lines that are shown here; the list of sources has their number for each file.',
        commands: [],
      },
    ],
    verify: () => [
      {
        text: 'The list of sources shows no unread lines.',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: { unread: () => 'not understood' },
  },
}
