import type { RuleTexts } from '../../engine/ruleText.ts'

/** Bundles of one case were not made at one time. */
export interface CapturesFarApart {
  readonly first: string
  readonly last: string
  readonly minutes: number
}

type Reason = 'alone'
type Note = 'first' | 'last'

/** The words of captures-far-apart. */
export const text: RuleTexts<CapturesFarApart, Reason, Note> = {
  en: {
    name: 'The bundles were made far apart in time',
    looksFor: 'The times at which the collectors started, each by its own node’s clock.',
    why: 'Nodes are compared with each other. Rules, endpoints and neighbours change within minutes; what differs between captures of different times need not differ between the nodes.',
    consequences:
      'Findings that compare nodes may show a change over time in place of a fault; they are told with less confidence or not at all.',
    commonCauses: [
      'The bundles were collected one after another by hand.',
      'A node could not be reached at first, and was collected later.',
      'The clock of one node is wrong.',
    ],
    mimics: ['Clocks that are wrong: two captures made together then look far apart.'],
    cure: 'Collect on all nodes within a few minutes.',
    title: ({ minutes }) => `The bundles were made ${span(minutes)} apart`,
    summary: ({ first, last, minutes }) =>
      `${first} was collected ${span(minutes)} before ${last}, by their own clocks. Differences between them may be differences in time.`,
    ruledOut: () => [],
    remedy: () => [
      { text: 'Collect again, on all nodes within ten minutes.', commands: ['sudo sh collect.sh'] },
    ],
    verify: () => [{ text: 'The clocks of the nodes agree.', commands: ['date -u +%s'] }],
    reasons: { alone: 'There is one bundle only, or the bundles do not tell their times.' },
    notes: { first: () => 'the first', last: () => 'the last' },
  },
  zh: {
    name: '各采集包的采集时间相差太远',
    looksFor: '各节点采集开始的时间，以各节点自己的时钟为准。',
    why: '节点之间会互相比较。规则、端点和邻居表几分钟内就会变化；不同时间采集的内容有差异，不等于节点之间有差异。',
    consequences: '节点间比较得出的发现可能只是时间上的变化，而不是故障；其置信度会降低，或者不下结论。',
    commonCauses: ['采集包是人工逐台采集的。', '有节点起初连不上，后来才补采。', '某个节点的时钟不准。'],
    mimics: ['时钟不准：同时采集的两个包看起来也会相差很远。'],
    cure: '在几分钟之内完成所有节点的采集。',
    title: ({ minutes }) => `采集包之间相差 ${chineseSpan(minutes)}`,
    summary: ({ first, last, minutes }) =>
      `按各自的时钟，${first} 比 ${last} 早采集 ${chineseSpan(minutes)}。两者之间的差异可能只是时间上的差异。`,
    ruledOut: () => [],
    remedy: () => [{ text: '重新采集，所有节点在十分钟内完成。', commands: ['sudo sh collect.sh'] }],
    verify: () => [{ text: '各节点的时钟一致。', commands: ['date -u +%s'] }],
    reasons: { alone: '只有一个采集包，或者采集包没有写明时间。' },
    notes: { first: () => '最早的一个', last: () => '最晚的一个' },
  },
}

function span(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}

function chineseSpan(minutes: number): string {
  if (minutes < 120) return `${minutes} 分钟`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} 小时` : `${Math.round(hours / 24)} 天`
}
