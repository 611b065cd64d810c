import { expect, test } from 'vitest'
import { available, unavailable } from '../../analyzer/engine/availability.ts'
import { type JudgedNode, defineRule } from '../../analyzer/engine/defineRule.ts'
import { type NodeFact, defineNodeFact } from '../../analyzer/engine/fact.ts'
import type { RuleText, RuleTexts } from '../../analyzer/engine/ruleText.ts'
import { run } from '../../analyzer/engine/run.ts'
import { type CheckResult, clear, found, notApplicable } from '../../analyzer/engine/verdict.ts'
import { clusterOf } from '../support/emptyCluster.ts'

interface Data {
  readonly what: string
}

const words: RuleText<Data, 'none', 'seen'> = {
  name: 'name',
  looksFor: '',
  why: '',
  consequences: '',
  commonCauses: [],
  mimics: [],
  cure: '',
  title: ({ what }) => `title of ${what}`,
  summary: () => '',
  ruledOut: () => [],
  remedy: () => [],
  verify: () => [],
  reasons: { none: 'nothing of the kind here' },
  notes: { seen: (value) => `seen ${value}` },
}
const text: RuleTexts<Data, 'none', 'seen'> = { en: words, zh: words }

const whole = defineNodeFact({ name: 'whole', needs: {}, compute: () => available(1) })
const cut = defineNodeFact({
  name: 'cut',
  needs: {},
  compute: (_, node) => available(1, [{ code: 'truncated', node: node.id, what: 'net/x.txt' }]),
})
const missing = defineNodeFact({
  name: 'missing',
  needs: {},
  compute: (_, node) => unavailable({ code: 'denied', node: node.id, what: 'net/x.txt' }),
})

function rule(
  id: string,
  fact: NodeFact<number>,
  check: (node: JudgedNode) => CheckResult<Data, 'none', 'seen'>,
) {
  return defineRule({
    id,
    area: 'routing',
    severity: 'high',
    references: [],
    needs: { fact },
    text,
    check: (_, node) => check(node),
  })
}

const ofNodes = (...names: string[]) => clusterOf(names)

test('a rule that needs what is not there is unchecked, and says why', () => {
  const [outcome] = run(ofNodes('node-1'), [rule('r', missing, () => clear())], [], 'en')
  expect(outcome).toMatchObject({
    state: 'unchecked',
    id: 'r:node-1',
    reason: 'net/x.txt on node-1: permission was denied to the collector',
  })
})

test('clear on a capture that was cut off is unchecked: absence is not evidence', () => {
  const outcomes = run(
    ofNodes('node-1'),
    [rule('r', cut, () => clear()), rule('s', whole, () => clear())],
    [],
    'en',
  )
  expect(outcomes.map(({ state }) => state)).toEqual(['unchecked', 'clear'])
})

test('a fault found in a capture that was cut off is a finding all the same', () => {
  const fault = found<Data, 'seen'>({ what: 'x' }, { subject: 'x', confidence: 'certain', evidence: [] })
  const [outcome] = run(ofNodes('node-1'), [rule('r', cut, () => fault)], [], 'en')
  expect(outcome).toMatchObject({ state: 'found', title: 'title of x', id: 'r:node-1:x' })
})

test('a fact made of a cut capture hands the shortfall on', () => {
  const made = defineNodeFact({ name: 'made', needs: { cut }, compute: ({ cut }) => available(cut + 1) })
  const [outcome] = run(ofNodes('node-1'), [rule('r', made, () => [])], [], 'en')
  expect(outcome?.state).toBe('unchecked')
})

test('a rule that throws is broken on that node and costs the others nothing', () => {
  const breaks = rule('r', whole, (node) => {
    if (node.id === 'node-1') throw new TypeError('boom')
    return notApplicable('none')
  })
  const outcomes = run(ofNodes('node-1', 'node-2'), [breaks], [], 'en')
  expect(outcomes.map(({ state }) => state)).toEqual(['broken', 'not-applicable'])
  expect(outcomes[0]).toHaveProperty('reason', expect.stringContaining('boom'))
  expect(outcomes[1]).toHaveProperty('reason', 'nothing of the kind here')
})

test('a fault that two nodes tell alike is told once, of both', () => {
  const shared = rule('r', whole, (node) =>
    found<Data, 'seen'>(
      { what: 'both' },
      {
        subject: 'address',
        confidence: 'certain',
        evidence: [],
        nodes: node.id === 'node-1' ? ['node-2'] : ['node-1'],
      },
    ),
  )
  const outcomes = run(ofNodes('node-1', 'node-2'), [shared], [], 'en')
  expect(outcomes).toHaveLength(1)
  expect(outcomes[0]).toMatchObject({ id: 'r:node-1+node-2:address', nodes: ['node-1', 'node-2'] })
})

/** A fault about the address of its subject; that of `b` is about the address of `a`. */
function finding(severity: 'critical' | 'high', confidence: 'certain' | 'likely', subject: string) {
  return found<Data, 'seen'>(
    { what: subject },
    { subject, severity, confidence, evidence: [], about: [`address:${subject === 'b' ? 'a' : subject}`] },
  )
}

test('root causes come first, then by severity and confidence', () => {
  const causes = rule('cause', whole, () => finding('high', 'certain', 'a'))
  const effects = rule('effect', whole, () => [
    finding('critical', 'certain', 'b'),
    finding('critical', 'likely', 'c'),
    finding('critical', 'certain', 'd'),
  ])
  const table = [{ cause: 'cause', effect: 'effect', sharing: 'address' }] as const
  const outcomes = run(ofNodes('node-1'), [causes, effects], table, 'en')
  expect(outcomes.map(({ id }) => id)).toEqual([
    'effect:node-1:d',
    'effect:node-1:c',
    'cause:node-1:a',
    'effect:node-1:b',
  ])
  expect(outcomes[2]).toMatchObject({ explains: ['effect:node-1:b'] })
  expect(outcomes[3]).toMatchObject({ causedBy: ['cause:node-1:a'] })
})

test('a symptom that nothing explains names what was looked for, first what could not look', () => {
  const symptom = { ...rule('effect', whole, () => finding('high', 'certain', 'a')), isSymptom: true }
  const table = (['sound', 'blind', 'elsewhere', 'absent'] as const).map(
    (cause) => ({ cause, effect: 'effect', sharing: 'address' }) as const,
  )
  const looking = [
    rule('sound', whole, () => clear()),
    rule('blind', missing, () => clear()),
    rule('elsewhere', whole, () => finding('high', 'certain', 'c')),
    rule('absent', whole, () => notApplicable('none')),
  ]
  const outcomes = run(ofNodes('node-1'), [symptom, ...looking], table, 'en')
  expect(outcomes.map((outcome) => ('suspects' in outcome ? outcome.suspects : undefined))).toEqual([
    undefined,
    [
      {
        rule: 'blind',
        name: 'name',
        state: 'unchecked',
        reason: 'net/x.txt on node-1: permission was denied to the collector',
      },
      { rule: 'sound', name: 'name', state: 'clear' },
    ],
    undefined,
    undefined,
    undefined,
  ])
})

test('a symptom that something explains has no suspects', () => {
  const symptom = { ...rule('effect', whole, () => finding('high', 'certain', 'b')), isSymptom: true }
  const cause = rule('cause', whole, () => finding('high', 'certain', 'a'))
  const table = [{ cause: 'cause', effect: 'effect', sharing: 'address' }] as const
  const [, effect] = run(ofNodes('node-1'), [symptom, cause], table, 'en')
  expect(effect).toMatchObject({ causedBy: ['cause:node-1:a'] })
  expect(effect).not.toHaveProperty('suspects')
})
