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
    consequences:
      'Checks that use the capture may miss something: what they found stands, what they did not find is less sure.',
    commonCauses: [
      'A newer or patched version of the tool prints something that coldcase does not know.',
      'The capture was edited or pasted by hand.',
      'Standard error was mixed into the output.',
    ],
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
  zh: {
    name: '采集内容中有无法读懂的行',
    looksFor: '解析器没有读懂的行。',
    why: '没有读懂的行里可能正好有检查要找的内容。该文件的其余部分已正常使用。',
    consequences: '用到该文件的检查可能有遗漏：已发现的问题成立，未发现的结论把握较小。',
    commonCauses: [
      '工具版本较新或带有补丁，输出了 coldcase 不认识的内容。',
      '采集内容被手工编辑或粘贴过。',
      '标准错误混进了输出。',
    ],
    mimics: ['工具夹在输出中间的提示或警告：无害，但仍会说明。'],
    cure: '查看这些行；如果它们是工具的正常输出，请反馈给 coldcase 的开发者。',
    title: ({ node, captures }) =>
      `${node} 有 ${formatCount(captures.reduce((sum, { lines }) => sum + lines, 0))} 行无法读懂`,
    summary: ({ captures }) =>
      `${captures.map(({ path, lines }) => `${path}：${formatCount(lines)} 行`).join('；')}。各文件的其余部分已读取并参与判断。`,
    ruledOut: () => [],
    remedy: () => [{ text: '查看此处列出的行；来源列表中有每个文件的未读行数。', commands: [] }],
    verify: () => [{ text: '来源列表中不再有未读的行。', commands: ['coldcase analyze coldcase-*.tar.gz'] }],
    reasons: {},
    notes: { unread: () => '没有读懂' },
  },
}
