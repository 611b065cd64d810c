import { expect, test } from 'vitest'
import { type CauseLink, linkCauses } from '../../analyzer/engine/causes.ts'

const table: CauseLink[] = [
  { cause: 'hijack', effect: 'neighbour', sharing: 'address' },
  { cause: 'neighbour', effect: 'lease', sharing: 'address' },
  { cause: 'lease', effect: 'hijack', sharing: 'address' },
]

test('a cause explains the effects that share its subject, and no other', () => {
  const { explains, causedBy } = linkCauses(
    [
      { id: 'h', rule: 'hijack', about: ['address:192.0.2.1'] },
      { id: 'n1', rule: 'neighbour', about: ['address:192.0.2.1', 'node:node-2'] },
      { id: 'n2', rule: 'neighbour', about: ['address:192.0.2.2'] },
    ],
    table,
  )
  expect([...explains]).toEqual([['h', ['n1']]])
  expect([...causedBy]).toEqual([['n1', ['h']]])
})

test('only the kind of subject that the table names joins', () => {
  const { explains } = linkCauses(
    [
      { id: 'h', rule: 'hijack', about: ['node:node-1'] },
      { id: 'n', rule: 'neighbour', about: ['node:node-1'] },
    ],
    table,
  )
  expect(explains.size).toBe(0)
})

test('a circle in the table is never closed', () => {
  const about = ['address:192.0.2.1'] as const
  const { explains, causedBy } = linkCauses(
    [
      { id: 'h', rule: 'hijack', about },
      { id: 'n', rule: 'neighbour', about },
      { id: 'l', rule: 'lease', about },
    ],
    table,
  )
  expect([...explains]).toEqual([
    ['h', ['n']],
    ['n', ['l']],
  ])
  expect(causedBy.has('h')).toBe(false)
})
