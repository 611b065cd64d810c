import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bridgeFdb } from '../../analyzer/parsers/bridgeFdb.ts'
import { bridgeLink } from '../../analyzer/parsers/bridgeLink.ts'
import { ethtoolFeatures } from '../../analyzer/parsers/ethtoolFeatures.ts'
import { fio } from '../../analyzer/parsers/fio.ts'
import { flannelSubnetEnv } from '../../analyzer/parsers/flannelSubnetEnv.ts'
import { ipAddr } from '../../analyzer/parsers/ipAddr.ts'
import { ipNeigh } from '../../analyzer/parsers/ipNeigh.ts'
import { ip6Route, ipRoute } from '../../analyzer/parsers/ipRoute.ts'
import { ipRule } from '../../analyzer/parsers/ipRule.ts'
import { lines } from '../../analyzer/parsers/lines.ts'
import { nodeMeta } from '../../analyzer/parsers/nodeMeta.ts'
import { osRelease } from '../../analyzer/parsers/osRelease.ts'
import { type Parser, parseText } from '../../analyzer/parsers/parser.ts'
import { procCounters } from '../../analyzer/parsers/procCounters.ts'
import { procModules } from '../../analyzer/parsers/procModules.ts'
import { procNeighStat } from '../../analyzer/parsers/procNeighStat.ts'
import { procNetDev } from '../../analyzer/parsers/procNetDev.ts'
import { softnetStat } from '../../analyzer/parsers/softnetStat.ts'
import { ssListen } from '../../analyzer/parsers/ssListen.ts'
import { sysctlConf } from '../../analyzer/parsers/sysctlConf.ts'
import { sysctlValues } from '../../analyzer/parsers/sysctlValues.ts'
import { toolVersions } from '../../analyzer/parsers/toolVersions.ts'
import { uname } from '../../analyzer/parsers/uname.ts'
import { fixture } from '../support/fixture.ts'

/** Each parser with real text of its kind (a file below fixtures/outputs, or a few lines), to be taken apart. */
const parsers: readonly [name: string, parser: Parser<unknown>, sample: string][] = [
  ['bridgeFdb', bridgeFdb, fixture('bridge-fdb/flannel.txt')],
  ['bridgeLink', bridgeLink, fixture('bridge-link/one-port.txt')],
  ['ethtoolFeatures', ethtoolFeatures, fixture('ethtool/veth.txt')],
  ['fio', fio, fixture('fio/two-jobs.txt')],
  [
    'flannelSubnetEnv',
    flannelSubnetEnv,
    'FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\nFLANNEL_MTU=1450\n',
  ],
  [
    'ipAddr',
    ipAddr,
    fixture('ip-link/error-counters-altname.txt') + fixture('ip-addr/peers-labels-lifetimes.txt'),
  ],
  ['ipNeigh', ipNeigh, fixture('ip-neigh/every-state.txt')],
  ['ipRoute', ipRoute, fixture('ip-route/multipath-and-attributes.txt')],
  ['ip6Route', ip6Route, fixture('ip6-route/multipath.txt')],
  ['ipRule', ipRule, fixture('ip-rule/every-selector.txt')],
  ['lines', lines, fixture('os-release/debian-12.txt')],
  ['nodeMeta', nodeMeta, 'hostname=node-1\nstarted_utc=1795242300\nntp_synchronized=yes\n'],
  ['osRelease', osRelease, fixture('os-release/debian-12.txt')],
  ['procCounters', procCounters, fixture('snmp/quiet.txt')],
  ['procModules', procModules, 'bridge 311296 1 br_netfilter, Live 0x0000000000000000\n'],
  ['procNeighStat', procNeighStat, fixture('arp-cache-stat/quiet.txt')],
  ['procNetDev', procNetDev, fixture('dev/eight-devices.txt')],
  ['softnetStat', softnetStat, fixture('softnet-stat/two-cpus.txt')],
  ['ssListen', ssListen, fixture('ss-listen/zones-and-families.txt')],
  ['sysctlConf', sysctlConf, 'net.ipv4.ip_forward = 1\n-net.ipv4.tcp_tw_recycle = 0\n'],
  ['sysctlValues', sysctlValues, fixture('sysctl-values/flannel-node.txt')],
  ['toolVersions', toolVersions, 'iptables: iptables v1.8.9 (nf_tables)\n'],
  ['uname', uname, 'Linux node-1 5.15.0-91-generic #101-Ubuntu SMP x86_64 x86_64 x86_64 GNU/Linux\n'],
]

const HOSTILE = [
  '__proto__',
  'constructor',
  '9'.repeat(400),
  '-1',
  '\u0000',
  '\ud800',
  '\u00a0',
  '(',
  '%',
  '"',
  '\\',
  '',
  '\t',
  ':',
  '/',
  '\r',
]

/** Words of a real text in any order, with hostile ones among them. */
function shuffled(sample: string): fc.Arbitrary<string> {
  const known = [...new Set(sample.split(/[ \n]/))].slice(0, 300)
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known) },
    fc.constantFrom(...HOSTILE),
    fc.string({ maxLength: 8 }),
  )
  const separator = fc.constantFrom(' ', ' ', ' ', '\n', '\n    ', '\t')
  return fc.array(fc.tuple(word, separator), { maxLength: 60 }).map((parts) => parts.flat().join(''))
}

/** A real text with a piece cut out of it, doubled or replaced. */
function damaged(sample: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: sample.length })
  return fc
    .tuple(at, at, fc.constantFrom(...HOSTILE))
    .map(([a, b, put]) => sample.slice(0, a) + put + sample.slice(b))
}

/** Read by the square of its length one long line takes a minute; read as it should be, all of them take a second. */
const LINEAR = { timeout: 30_000 }

describe.each(parsers)('%s', (_name, parser, sample) => {
  test('takes any text', () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), shuffled(sample), damaged(sample))
    fc.assert(
      fc.property(anyText, (text) => {
        const { unread } = parseText(parser, text)
        const all = text.split('\n')
        for (const line of unread) expect(all[line.number - 1]?.replace(/\r$/, '')).toBe(line.text)
      }),
      { numRuns: 150 },
    )
  })

  test('takes lines of any length in good time', LINEAR, () => {
    const long = ['a', ' ', '\t', '1', ':', '"', '(("', '\\', '/', '1.', ' dev', '=', '%', 'f '].map((unit) =>
      unit.repeat(200_000),
    )
    for (const text of long) {
      const input = `${sample}\n${text}\n    ${text}\n${sample.slice(0, 40)}${text}!`
      expect(() => parseText(parser, input)).not.toThrow()
    }
  })

  test('reads its own sample', () => {
    expect(parseText(parser, sample).unread).toEqual([])
  })
})
