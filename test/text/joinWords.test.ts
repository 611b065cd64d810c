import { expect, test } from 'vitest'
import { joinWords } from '../../analyzer/text/joinWords.ts'

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd'], 'a, b, c and d'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('%j', (names, sentence) => expect(joinWords(names)).toBe(sentence))
