import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { conntrackList } from '../../analyzer/parsers/conntrackList.ts'
import { conntrackStats } from '../../analyzer/parsers/conntrackStats.ts'
import { ipsetSave } from '../../analyzer/parsers/ipsetSave.ts'
import {
  addressTypeMatches,
  connectionMarkMatches,
  icmpTypeMatches,
  markMatches,
  natTarget,
  physdevMatches,
  portMatches,
  rejectAnswer,
  setMatches,
  stateMatches,
  statisticMatch,
} from '../../analyzer/parsers/iptablesMatches.ts'
import { normalisedSpec } from '../../analyzer/parsers/iptablesNormalSpec.ts'
import { parseIptablesRule } from '../../analyzer/parsers/iptablesRule.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import { ipvsadm } from '../../analyzer/parsers/ipvsadm.ts'
import { ipvsadmStats } from '../../analyzer/parsers/ipvsadmStats.ts'
import { ipvsadmTimeouts } from '../../analyzer/parsers/ipvsadmTimeouts.ts'
import { nftRuleset } from '../../analyzer/parsers/nftRuleset.ts'
import { type Parser, parseText } from '../../analyzer/parsers/parser.ts'
import { procIpVs } from '../../analyzer/parsers/procIpVs.ts'
import { fixture } from '../support/fixture.ts'

const PARSERS: readonly (readonly [string, Parser<unknown>, string])[] = [
  ['iptablesSave', iptablesSave, 'iptables-save/every-match-legacy.txt'],
  ['nftRuleset', nftRuleset, 'nft-ruleset/every-block.txt'],
  ['ipsetSave', ipsetSave, 'ipset-save/every-kind.txt'],
  ['ipvsadm', ipvsadm, 'ipvsadm/kube-proxy.txt'],
  ['ipvsadm, -S form', ipvsadm, 'ipvsadm/kube-proxy-saved.txt'],
  ['ipvsadmStats', ipvsadmStats, 'ipvsadm-stats/kube-proxy.txt'],
  ['ipvsadmTimeouts', ipvsadmTimeouts, 'ipvsadm/kube-proxy.txt'],
  ['procIpVs', procIpVs, 'proc-ip-vs/kube-proxy.txt'],
  ['conntrackList', conntrackList, 'conntrack-list/syn-flood.txt'],
  ['conntrackStats', conntrackStats, 'conntrack-stats/per-cpu.txt'],
]

const READERS = [
  addressTypeMatches,
  connectionMarkMatches,
  icmpTypeMatches,
  markMatches,
  natTarget,
  physdevMatches,
  portMatches,
  rejectAnswer,
  setMatches,
  stateMatches,
  statisticMatch,
]

/** Lines of a real capture with words dropped, doubled, swapped and cut, and any text between. */
function damaged(words: readonly string[]) {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...words) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  )
  return fc.array(word, { maxLength: 60 })
}

test.each(PARSERS)('%s never throws, and accounts for every line', (_, parser, path) => {
  const text = fixture(path)
  const pieces = [...text.split('\n'), ...text.split(/(?<=[\s=:])/)]
  fc.assert(
    fc.property(damaged(pieces), fc.constantFrom('\n', ' ', ''), (parts, glue) => {
      const input = parts.join(glue)
      const { unread } = parseText(parser, input)
      expect(unread.every(({ number }) => number >= 1 && number <= input.split('\n').length)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('a rule of any words is read', () => {
  const words = fixture('iptables-save/every-match-legacy.txt').split(/\s+/)
  fc.assert(
    fc.property(damaged(words), (parts) => {
      const spec = parts.join(' ')
      const rule = parseIptablesRule({ spec })
      for (const read of READERS) read(rule)
      expect(typeof normalisedSpec(spec)).toBe('string')
    }),
    { numRuns: 300 },
  )
})
