import { expect, test } from 'vitest'
import { iptablesVersionOf } from '../../analyzer/parsers/iptablesVersionOf.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { toolVersions } from '../../analyzer/parsers/toolVersions.ts'

test('reads a tool a line', () => {
  const text =
    'iptables: iptables v1.8.9 (nf_tables)\nkubelet: Kubernetes v1.28.5\nk3s:\nrunc: runc version 1.1.10: x\n'
  const { value, unread } = parseText(toolVersions, text)
  expect(unread).toEqual([])
  expect(value.map(({ name, output }) => [name, output])).toEqual([
    ['iptables', 'iptables v1.8.9 (nf_tables)'],
    ['kubelet', 'Kubernetes v1.28.5'],
    ['k3s', ''],
    ['runc', 'runc version 1.1.10: x'],
  ])
  expect(value[1]?.line).toEqual({ number: 2, text: 'kubelet: Kubernetes v1.28.5' })
})

test('lists lines without a tool', () => {
  expect(parseText(toolVersions, ': x\nsh: 1: foo\nnot found').unread.map((line) => line.number)).toEqual([
    1, 3,
  ])
})

test.each([
  ['iptables v1.8.9 (nf_tables)', { version: '1.8.9', numbers: [1, 8, 9], backend: 'nf_tables' }],
  ['iptables v1.8.7 (legacy)', { version: '1.8.7', numbers: [1, 8, 7], backend: 'legacy' }],
  ['ip6tables v1.4.21', { version: '1.4.21', numbers: [1, 4, 21] }],
  ['iptables-save v1.8.10 (nf_tables)', { version: '1.8.10', numbers: [1, 8, 10], backend: 'nf_tables' }],
])('reads the version of %s', (output, version) => {
  expect(iptablesVersionOf(output)).toEqual(version)
})

test.each(['', 'nftables v1.0.6', 'iptables', 'iptables v1', 'xtables v1.8.9'])(
  '%j is no version of iptables',
  (output) => {
    expect(iptablesVersionOf(output)).toBeUndefined()
  },
)
