import { describe, expect, test } from 'vitest'
import { type BaseChain, iptablesBaseChains, nftBaseChains } from '../../analyzer/netfilter/baseChain.ts'
import type { Surroundings } from '../../analyzer/netfilter/surroundings.ts'
import { walkHook } from '../../analyzer/netfilter/walkHook.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import { nftRuleset } from '../../analyzer/parsers/nftRuleset.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { lacksLab } from '../lab/needs.ts'
import { type Measurement, measure } from './kernel/measure.ts'
import { PROBES, packetOf } from './kernel/packets.ts'
import { ruleSets } from './kernel/ruleSets.ts'

const SETS = ruleSets(40, 20_261_125)
const AROUND: Surroundings = { isLocal: (it) => ['10.1.0.1', '10.2.0.1', '127.0.0.1'].includes(it) }

function ofDump(text: string): readonly BaseChain[] {
  return [...parseText(iptablesSave, text).value.tables.values()].flatMap(iptablesBaseChains)
}

/** With `asNative`, the tables of iptables-nft are taken from nft as well. */
function chainsOf({ nftSave, legacySave, ruleset }: Measurement, asNative: boolean): readonly BaseChain[] {
  const shown = parseText(nftRuleset, ruleset).value.tables
  const native = shown.filter(({ family }) => asNative || family !== 'ip').flatMap(nftBaseChains)
  return [...(asNative ? [] : ofDump(nftSave)), ...ofDump(legacySave), ...native]
}

describe.skipIf(lacksLab())('what the kernel does with packets', () => {
  test('is what the walk says, wherever it is certain', { timeout: 300_000 }, async () => {
    const measured = await measure(SETS)
    const wrong: string[] = []
    const verdicts = new Map<string, number>()
    for (const [at, measurement] of measured.entries()) {
      for (const asNative of [false, true]) {
        const bases = chainsOf(measurement, asNative)
        for (const [index, sent] of PROBES.entries()) {
          const own = bases.filter(({ hook }) => hook === sent.hook)
          const { verdict, stops } = walkHook(own, packetOf(sent), AROUND)
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
          if (verdict === 'undecided' || (verdict === 'accept') === measurement.passed[index]) continue
          const by = stops.at(-1)?.outcome
          wrong.push(
            `set ${at} ${asNative ? 'nft' : 'dump'}: ${JSON.stringify(sent)} ${verdict} ${by?.path.join('/')} ${by?.rule?.text}`,
          )
        }
      }
    }
    expect(wrong).toEqual([])
    const decided = [...verdicts]
      .filter(([verdict]) => verdict !== 'undecided')
      .reduce((sum, [, count]) => sum + count, 0)
    expect(decided).toBeGreaterThan(PROBES.length * SETS.length * 2 * 0.6)
    expect([...verdicts.keys()]).toEqual(expect.arrayContaining(['accept', 'drop', 'reject', 'undecided']))
  })
})
