import { expect, test } from 'vitest'
import type { Finding, Severity } from '../../analyzer/engine/outcome.ts'
import { explainFindings } from '../../analyzer/report/explainedFindings.ts'

function finding(
  id: string,
  severity: Severity,
  links: Partial<Pick<Finding, 'explains' | 'causedBy'>> = {},
): Finding {
  return {
    rule: id,
    id,
    area: 'iptables',
    nodes: ['node-1'],
    state: 'found',
    severity,
    confidence: 'certain',
    title: id,
    summary: '',
    evidence: [],
    ruledOut: [],
    explains: [],
    causedBy: [],
    remedy: [],
    verify: [],
    ...links,
  }
}

function shape(findings: readonly Finding[]) {
  return explainFindings(findings).map(({ label, finding: { id }, effects, shared, minor }) => ({
    label,
    id,
    effects: effects.map((effect) => `${effect.label} ${effect.finding.id}`),
    shared: shared.map((effect) => effect.label),
    minor,
  }))
}

test('folds effects of effects under the root cause', () => {
  const findings = [
    finding('cause', 'critical', { explains: ['effect'] }),
    finding('effect', 'high', { explains: ['far effect'], causedBy: ['cause'] }),
    finding('far effect', 'medium', { causedBy: ['effect'] }),
  ]
  expect(shape(findings)).toEqual([
    { label: '1', id: 'cause', effects: ['1.1 effect', '1.2 far effect'], shared: [], minor: false },
  ])
})

test('tells an effect of two causes once, and refers to it the second time', () => {
  const findings = [
    finding('second', 'high', { explains: ['effect'] }),
    finding('first', 'critical', { explains: ['effect'] }),
    finding('effect', 'high', { causedBy: ['second', 'first'] }),
  ]
  expect(shape(findings)).toEqual([
    { label: '1', id: 'first', effects: ['1.1 effect'], shared: [], minor: false },
    { label: '2', id: 'second', effects: [], shared: ['1.1'], minor: false },
  ])
})

test('a low cause of a critical effect is not minor', () => {
  const findings = [
    finding('low', 'low', { explains: ['effect'] }),
    finding('effect', 'critical', { causedBy: ['low'] }),
    finding('hygiene', 'low'),
  ]
  expect(shape(findings).map(({ id, minor }) => [id, minor])).toEqual([
    ['low', false],
    ['hygiene', true],
  ])
})

test('findings that explain each other in a circle still appear', () => {
  const findings = [finding('a', 'high', { explains: ['b'] }), finding('b', 'high', { explains: ['a'] })]
  expect(shape(findings)).toEqual([{ label: '1', id: 'a', effects: ['1.1 b'], shared: [], minor: false }])
})

test('passes over links to findings that are not in the report', () => {
  const findings = [finding('a', 'high', { explains: ['gone'], causedBy: ['lost'] })]
  expect(shape(findings)).toEqual([{ label: '1', id: 'a', effects: [], shared: [], minor: false }])
})
