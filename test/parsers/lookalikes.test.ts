import { expect, test } from 'vitest'
import { findLookalikes, isLookalike } from '../../analyzer/parsers/lookalikes.ts'

const columns = (text: string) => findLookalikes([{ number: 1, text }]).map(({ column }) => column)

test.each([
  ['node-ip: “10.0.0.1”', [10]],
  ['\u00a0\u00a0node-ip: 10.0.0.1', [1]],
  ['node-ip：10.0.0.1', [8]],
  ['  - —kubeconfig=/a', [5]],
  ['ExecStart=/bin/a ––b', [18]],
  ['node-ip: 10.0.0.1\u3000', [18]],
])('%j', (text, expected) => {
  expect(columns(text)).toEqual(expected)
})

test('in comments and in sentences they do no harm', () => {
  expect(columns('# “a” — b')).toEqual([])
  expect(columns('a: 1 # “b”')).toEqual([])
  expect(columns('note: it says “so” here')).toEqual([])
  expect(columns('note: one — two')).toEqual([])
  expect(isLookalike('')).toBe(false)
})
