import { expect, test } from 'vitest'
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
