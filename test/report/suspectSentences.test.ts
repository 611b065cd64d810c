import { describe, expect, test } from 'vitest'
import type { Finding, Suspect } from '../../analyzer/engine/outcome.ts'
import { suspectSentences } from '../../analyzer/report/suspectSentences.ts'
import { reportWords } from '../../analyzer/report/words.ts'

const finding: Finding = {
  rule: 'neighbour-unresolved',
  id: 'neighbour-unresolved:node-1:192.168.50.12',
  area: 'addresses',
  nodes: ['node-1'],
  state: 'found',
  severity: 'high',
  confidence: 'certain',
  title: '',
  summary: '',
  evidence: [],
  ruledOut: [],
  explains: [],
  causedBy: [],
  remedy: [],
  verify: [],
}

const blind = (name: string): Suspect => ({
  rule: 'r',
  name,
  state: 'unchecked',
  reason: 'net/x.txt: not in the bundle',
})
const clear = (name: string): Suspect => ({ rule: 'r', name, state: 'clear' })

const said = (suspects: readonly Suspect[]) => suspectSentences({ ...finding, suspects }, reportWords('en'))

describe('what is said of a symptom', () => {
  test('nothing where a cause was found, or where the finding is no symptom', () => {
    expect(suspectSentences(finding, reportWords('en'))).toEqual([])
  })

  test('that no cause was found, even where no rule looks for one', () => {
    expect(said([])).toEqual(['This is an effect, and nothing that was found explains it.'])
  })

  test('first what to collect, then what is not there', () => {
    expect(said([blind('A'), clear('B'), clear('C')])).toEqual([
      'This is an effect, and nothing that was found explains it.',
      'Not looked for: “A” (net/x.txt: not in the bundle).',
      'Collect what is missing, and analyse again.',
      'Looked for, and not there: “B” and “C”.',
    ])
  })

  test('of many that could not look the first three', () => {
    const sentences = said(['A', 'B', 'C', 'D', 'E'].map(blind))
    expect(sentences).toHaveLength(6)
    expect(sentences[4]).toBe('2 more could not be looked for.')
  })

  test('in Chinese', () => {
    expect(suspectSentences({ ...finding, suspects: [clear('甲'), clear('乙')] }, reportWords('zh'))).toEqual(
      ['这是一个结果，而已发现的问题都不能解释它。', '已检查且不存在：“甲”、“乙”。'],
    )
  })
})
