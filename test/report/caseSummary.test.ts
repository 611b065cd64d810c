import { expect, test } from 'vitest'
import type { Outcome } from '../../analyzer/engine/outcome.ts'
import { summarizeCase } from '../../analyzer/report/caseSummary.ts'
import { sampleReport } from './sampleReport.ts'

function keep(wanted: (outcome: Outcome) => boolean) {
  return summarizeCase({ ...sampleReport, outcomes: sampleReport.outcomes.filter(wanted) })
}

test('leads with the causes, what they explain and where', () => {
  const { headline, causes, minor } = summarizeCase(sampleReport)
  expect(headline).toBe('3 causes explain 5 findings on node-1 and node-2')
  expect(causes.map(({ finding }) => finding.rule)).toEqual([
    'iptables-duplicate-rules',
    'ipvs-external-ip-is-node-ip',
    'certificate-kubelet-san-missing-node-ip',
  ])
  expect(minor.map(({ label, finding }) => [label, finding.rule])).toEqual([['4', 'sysctl-dead-dropin']])
})

test('counts causes that explain nothing else as faults', () => {
  expect(keep(({ rule }) => rule === 'iptables-duplicate-rules').headline).toBe('1 fault on node-1')
})

test('says that nothing was found, and what could not be looked at', () => {
  expect(keep(({ state }) => state !== 'found').headline).toBe(
    'Nothing wrong was found on 3 nodes; 5 checks could not be made',
  )
  expect(keep(({ state }) => state === 'clear').headline).toBe('Nothing wrong was found on 3 nodes')
})

test('calls nothing sound where no check could be made', () => {
  expect(keep(({ state }) => state === 'unchecked' || state === 'not-applicable').headline).toBe(
    'Nothing could be checked on 3 nodes',
  )
})

test('does not call a minor finding nothing', () => {
  expect(keep(({ rule }) => rule === 'sysctl-dead-dropin').headline).toBe(
    'Nothing urgent was found on 3 nodes, 1 minor finding',
  )
})

test('a case without a bundle has no verdict', () => {
  expect(summarizeCase({ ...sampleReport, bundles: [], outcomes: [] }).headline).toBe(
    'No bundle could be read',
  )
})

test('groups what could not be checked by reason, defects of the analyzer first', () => {
  const groups = summarizeCase(sampleReport).unchecked
  expect(groups.map(({ broken, rules, nodes, checks }) => ({ broken, rules, nodes, checks }))).toEqual([
    { broken: true, rules: ['etcd-slow-disk'], nodes: ['node-1'], checks: 1 },
    {
      broken: false,
      rules: ['service-endpoint-divergence', 'iptables-reject-before-accept', 'iptables-backends-mixed'],
      nodes: ['node-3'],
      checks: 3,
    },
    { broken: false, rules: ['kube-proxy-not-programming'], nodes: ['node-2'], checks: 1 },
  ])
})

test('the matrix tells found, clear, partly checked, not checked and not applicable apart', () => {
  const { matrix } = summarizeCase(sampleReport)
  const states = new Map(matrix.rows.map(({ area, cells }) => [area, cells.map(({ state }) => state)]))
  expect(matrix.nodes).toEqual(['node-1', 'node-2', 'node-3'])
  expect(states.get('iptables')).toEqual(['found', 'clear', 'unchecked'])
  expect(states.get('services')).toEqual(['clear', 'partly', 'unchecked'])
  expect(states.get('ipvs')).toEqual(['found', 'found', 'not-applicable'])
  expect(states.has('evidence')).toBe(false)
})

test('a check that could not be made never shows as clear', () => {
  const { matrix } = keep(({ state }) => state === 'unchecked' || state === 'broken')
  const states = matrix.rows.flatMap(({ cells }) => cells.map(({ state }) => state))
  expect(new Set(states)).toEqual(new Set(['unchecked', 'nothing']))
})
