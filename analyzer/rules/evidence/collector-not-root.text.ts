import type { RuleTexts } from '../../engine/ruleText.ts'

/** The collector ran as an ordinary user. */
export interface CollectorNotRoot {
  readonly node: string
  /** Undefined where the bundle does not tell. */
  readonly user: string | undefined
  /** Captures that were refused. */
  readonly denied: readonly string[]
}

type Note = 'denied'

/** The words of collector-not-root. */
export const text: RuleTexts<CollectorNotRoot, never, Note> = {
  en: {
    name: 'The collector did not run as root',
    looksFor: 'The user that the collector ran as, and captures that were denied to it.',
    why: 'Without root the kernel hides iptables and IPVS rules, the owners of sockets, and most files of the network plugins. What is missing is listed as not checked; it is not known to be sound.',
    consequences: 'Many checks are listed as not made; the report is thin.',
    commonCauses: [
      'The script was started without sudo.',
      'A policy of the site forbids root; then this is as much as can be had.',
    ],
    mimics: [
      'A single file that even root may not read, on a network file system: named in the list of sources.',
    ],
    cure: 'Run the collector again as root.',
    title: ({ node, user }) =>
      `The collector ran as ${user ?? 'an unprivileged user'} on ${node}, not as root`,
    summary: ({ node, denied }) =>
      denied.length === 0
        ? `The bundle of ${node} was made without root, so that some captures show less than there is.`
        : `On ${node} ${denied.length} captures were denied: ${list(denied)}. Checks that need them could not be made.`,
    ruledOut: () => [],
    remedy: () => [{ text: 'Collect again with root’s rights.', commands: ['sudo sh collect.sh'] }],
    verify: () => [
      {
        text: 'The list of sources of the new report shows nothing as denied.',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: { denied: () => 'denied to the collector' },
  },
  zh: {
    name: '采集脚本没有以 root 运行',
    looksFor: '运行采集脚本的用户，以及被拒绝的采集项。',
    why: '没有 root 权限时，内核不给看 iptables 和 IPVS 规则、套接字的所有者，网络插件的大部分文件也读不到。缺少的内容会列为未检查；这并不说明它们正常。',
    consequences: '许多检查列为未进行，报告内容单薄。',
    commonCauses: ['启动脚本时没有使用 sudo。', '现场的安全规定不允许使用 root：那么只能采集到这些。'],
    mimics: ['网络文件系统上连 root 也读不了的个别文件：会在来源列表中列出。'],
    cure: '以 root 重新运行采集脚本。',
    title: ({ node, user }) => `采集脚本在 ${node} 上以 ${user ?? '普通用户'} 运行，而不是 root`,
    summary: ({ node, denied }) =>
      denied.length === 0
        ? `${node} 的采集包是在没有 root 权限的情况下生成的，部分采集内容不完整。`
        : `${node} 上有 ${denied.length} 项采集被拒绝：${chineseList(denied)}。依赖它们的检查无法进行。`,
    ruledOut: () => [],
    remedy: () => [{ text: '以 root 权限重新采集。', commands: ['sudo sh collect.sh'] }],
    verify: () => [
      {
        text: '新报告的来源列表中没有被拒绝的项。',
        commands: ['coldcase analyze coldcase-*.tar.gz'],
      },
    ],
    reasons: {},
    notes: { denied: () => '采集脚本被拒绝' },
  },
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 4).join(', ')
  return paths.length > 4 ? `${shown} and ${paths.length - 4} more` : shown
}

function chineseList(paths: readonly string[]): string {
  const shown = paths.slice(0, 4).join('、')
  return paths.length > 4 ? `${shown} 等 ${paths.length} 项` : shown
}
