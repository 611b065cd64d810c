import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalisedSpec } from '../../analyzer/parsers/iptablesNormalSpec.ts'

test.each([
  [
    'marks of old kernels',
    '-m mark --mark 0x00004000/0x00004000 -j ACCEPT',
    '-m mark --mark 0x4000/0x4000 -j ACCEPT',
  ],
  ['a mask of zero', '-j MARK --set-xmark 0x00004000/0x00000000', '-j MARK --set-xmark 0x4000/0x0'],
  [
    'a probability before iptables 1.6',
    '-m statistic --mode random --probability 0.33332999982 -j X',
    '-m statistic --mode random --probability 0.33333333349 -j X',
  ],
  ['quotes without need', '-m comment --comment "single" -j X', '-m comment --comment single -j X'],
  [
    'an escaped apostrophe',
    String.raw`-m comment --comment "it\'s" -j X`,
    `-m comment --comment "it's" -j X`,
  ],
  ['protocol numbers', '-p 6 -j X', '-p tcp -j X'],
])('%s', (_, a, b) => {
  expect(normalisedSpec(a)).toBe(normalisedSpec(b))
})

test.each([
  ['other marks', '-m mark --mark 0x4000/0x4000 -j X', '-m mark --mark 0x400/0x4000 -j X'],
  [
    'another order of matches',
    '-m comment --comment "a b" -m mark --mark 0x1 -j X',
    '-m mark --mark 0x1 -m comment --comment "a b" -j X',
  ],
  ['words inside and outside quotes', '-m comment --comment "a -j" DROP', '-m comment --comment a -j DROP'],
  ['other probabilities', '--probability 0.33333333349 -j X', '--probability 0.50000000000 -j X'],
])('tells %s apart', (_, a, b) => {
  expect(normalisedSpec(a)).not.toBe(normalisedSpec(b))
})

test('leaves a rule alone that has nothing to normalise', () => {
  const spec = '-s 10.0.0.0/8 -m comment --comment "a b" -m mark --mark 0x4000/0x4000 -j X'
  expect(normalisedSpec(spec)).toBe(spec)
})

test('the normal form of a normal form is itself', () => {
  const word = fc.constantFrom(
    '-j',
    '"a b"',
    '"a"',
    '0x004',
    '--probability',
    '0.5',
    '-p',
    '6',
    String.raw`"\"x\\"`,
    "'",
    '"',
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const once = normalisedSpec(words.join(' '))
      expect(normalisedSpec(once)).toBe(once)
    }),
  )
})
