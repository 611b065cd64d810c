import { expect, test } from 'vitest'
import type { BundleProblem } from '../../analyzer/bundle/bundle.ts'
import { says } from '../../analyzer/bundle/sentences.ts'
import { problemSentences } from '../../analyzer/report/problemSentences.ts'

const ALTERED: BundleProblem = { code: 'file-altered', message: says.fileAltered }
const TORN: BundleProblem = { code: 'archive-truncated', message: says.archiveStops(512) }
const altered = (...paths: readonly string[]) =>
  paths.map((path) => ({ code: ALTERED.code, message: ALTERED.message, path }))

test('names the file that a problem is of', () => {
  expect(problemSentences(altered('net/dev.txt'), 'en')).toEqual([
    'Its bytes are not those that the manifest lists (net/dev.txt).',
  ])
})

test('says one thing once, of several files', () => {
  const [first = ALTERED, ...rest] = altered('net/a.txt', 'net/b.txt', 'net/c.txt')
  expect(problemSentences([first, TORN, ...rest], 'en')).toEqual([
    'Its bytes are not those that the manifest lists (net/a.txt, net/b.txt and net/c.txt).',
    'The archive stops at offset 512, before its end.',
  ])
})

test('counts files beyond three, and keeps what else is said of the same kind beside them', () => {
  const more = { code: ALTERED.code, message: says.moreOfThisKind(5) }
  expect(problemSentences([...altered('a', 'b', 'c', 'd', 'e'), TORN, more], 'en')).toEqual([
    'Its bytes are not those that the manifest lists (5 files: a, b, c and 2 more).',
    'And 5 more of this kind.',
    'The archive stops at offset 512, before its end.',
  ])
})

test('has nothing to say of a whole bundle', () => {
  expect(problemSentences([], 'en')).toEqual([])
})

test('says it in Chinese', () => {
  expect(problemSentences([...altered('a', 'b', 'c', 'd', 'e'), TORN], 'zh')).toEqual([
    '文件内容与清单（manifest）记录的不一致（共 5 个文件：a、b、c 等）。',
    '归档在偏移 512 处中断，没有到达结尾。',
  ])
  expect(problemSentences(altered('a', 'b'), 'zh')).toEqual([
    '文件内容与清单（manifest）记录的不一致（a、b）。',
  ])
})
