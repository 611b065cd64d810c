import { expect, test } from 'vitest'
import { problemSentences } from '../../analyzer/report/problemSentences.ts'

const ALTERED = { code: 'file-altered', message: 'Its bytes are not those that the manifest lists.' }
const altered = (...paths: readonly string[]) =>
  paths.map((path) => ({ code: ALTERED.code, message: ALTERED.message, path }))

test('names the file that a problem is of', () => {
  expect(problemSentences(altered('net/dev.txt'))).toEqual([
    'Its bytes are not those that the manifest lists (net/dev.txt).',
  ])
})

test('says one thing once, of several files', () => {
  const torn = { code: 'archive-truncated', message: 'The archive ends early.' }
  const [first = ALTERED, ...rest] = altered('net/a.txt', 'net/b.txt', 'net/c.txt')
  expect(problemSentences([first, torn, ...rest])).toEqual([
    'Its bytes are not those that the manifest lists (net/a.txt, net/b.txt and net/c.txt).',
    'The archive ends early.',
  ])
})

test('counts files beyond three, and keeps what else is said of the same kind beside them', () => {
  const more = { code: ALTERED.code, message: 'And 5 more of this kind.' }
  const torn = { code: 'archive-truncated', message: 'The archive ends early.' }
  expect(problemSentences([...altered('a', 'b', 'c', 'd', 'e'), torn, more])).toEqual([
    'Its bytes are not those that the manifest lists (5 files: a, b, c and 2 more).',
    'And 5 more of this kind.',
    'The archive ends early.',
  ])
})

test('has nothing to say of a whole bundle', () => {
  expect(problemSentences([])).toEqual([])
})
