import { describe, expect, test } from 'vitest'
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
import { type IptablesRuleSpec, parseIptablesRule } from '../../analyzer/parsers/iptablesRule.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

function rule(spec: string): IptablesRuleSpec {
  const read = parseIptablesRule({ spec })
  expect(read.unread).toEqual([])
  return read
}

const FIXTURES = [
  'kube-proxy',
  'kube-proxy-ipvs',
  'forward-drop-counted',
  'cni-hostport',
  'every-match-nft-save',
  'every-match-legacy',
]

test.each(FIXTURES)('leaves no word of a real dump unread: %s', (name) => {
  const { value } = parseText(iptablesSave, fixture(`iptables-save/${name}.txt`))
  const rules = [...value.tables.values()].flatMap(({ chains }) =>
    [...chains.values()].flatMap((chain) => chain.rules),
  )
  expect(rules.length).toBeGreaterThan(10)
  for (const { spec } of rules) rule(spec)
})

test('reads what every rule may have', () => {
  const read = rule('! -s 10.244.0.0/16 -d 198.51.100.7/32 ! -i eth+ -o cni0 -p tcp -f -g KUBE-X')
  expect(read).toMatchObject({
    source: { prefix: { address: '10.244.0.0', length: 16 }, negated: true },
    destination: { prefix: { address: '198.51.100.7', length: 32 }, negated: false },
    inInterface: { name: 'eth', wildcard: true, negated: true },
    outInterface: { name: 'cni0', wildcard: false, negated: false },
    protocol: { name: 'tcp', negated: false },
    fragments: { negated: false },
    target: { kind: 'goto', name: 'KUBE-X' },
  })
  expect(rule('-s fd00::/8 -j ACCEPT').source?.prefix).toEqual({ address: 'fd00::', length: 8 })
  expect(rule('')).toMatchObject({ matches: [], unread: [] })
})

test('reads the negation of iptables 1.4.2 and before', () => {
  expect(rule('-s ! 10.42.0.0/16 -i ! eth0 -p ! tcp -j DROP')).toMatchObject({
    source: { prefix: { address: '10.42.0.0' }, negated: true },
    inInterface: { name: 'eth0', negated: true },
    protocol: { name: 'tcp', negated: true },
  })
  expect(stateMatches(rule('-m state --state ! NEW -j DROP'))).toEqual([
    { states: new Set(['NEW']), negated: true },
  ])
  expect(rule('! -f -s 10.0.0.0/8 -j DROP')).toMatchObject({
    fragments: { negated: true },
    source: { negated: false },
  })
})

test.each([
  ['6', 'tcp'],
  ['17', 'udp'],
  ['1', 'icmp'],
  ['132', 'sctp'],
  ['58', 'ipv6-icmp'],
  ['udp', 'udp'],
  ['253', '253'],
])('names protocol %s', (printed, name) => {
  expect(rule(`-p ${printed} -j DROP`).protocol).toEqual({ name, negated: false })
})

describe('quotes', () => {
  test('as iptables-save 1.8.9 writes them', () => {
    const spec = String.raw`-m comment --comment "it\'s \"quoted\" and \\ slashed" -j RETURN`
    expect(rule(spec).comment).toBe(String.raw`it's "quoted" and \ slashed`)
    expect(rule('-m comment --comment single -j ACCEPT').comment).toBe('single')
    expect(rule(String.raw`-m comment --comment "dnat name: \"cbr0\"" -j X`).comment).toBe(
      'dnat name: "cbr0"',
    )
    expect(rule('-j LOG --log-prefix "drop: "').targetOptions.get('--log-prefix')).toBe('drop: ')
  })

  test('words in quotes are no options', () => {
    const read = rule('-m comment --comment "-j DROP ! -s" -m mark --mark 0x1 -j ACCEPT')
    expect(read).toMatchObject({ comment: '-j DROP ! -s', target: { name: 'ACCEPT' } })
    expect(markMatches(read)).toHaveLength(1)
    expect(rule('-m comment --comment -j -j ACCEPT')).toMatchObject({
      comment: '-j',
      target: { name: 'ACCEPT' },
    })
  })
})

test('keeps words it has no place for', () => {
  expect(parseIptablesRule({ spec: '-p tcp -m [unsupported revision] -j DNAT' }).unread).toEqual([
    'revision]',
  ])
  expect(parseIptablesRule({ spec: '-s example -j DROP' }).unread).toEqual(['-s', 'example'])
  expect(parseIptablesRule({ spec: 'ACCEPT !' }).unread).toEqual(['ACCEPT', '!'])
  expect(parseIptablesRule({ spec: '--dport 80 -j DROP' }).unread).toEqual(['--dport', '80'])
})

describe('matches', () => {
  test('ports', () => {
    expect(portMatches(rule('-p tcp -m tcp --dport 30000:32767 -j X'))).toEqual([
      { side: 'destination', ranges: [{ first: 30000, last: 32767 }], negated: false },
    ])
    expect(portMatches(rule('-p udp -m udp ! --sport 53 --dport :1023 -j X'))).toEqual([
      { side: 'source', ranges: [{ first: 53, last: 53 }], negated: true },
      { side: 'destination', ranges: [{ first: 0, last: 1023 }], negated: false },
    ])
    expect(
      portMatches(rule('-p tcp -m multiport --dports 80,443,8000:8010 -m multiport --ports 9 -j X')),
    ).toEqual([
      {
        side: 'destination',
        ranges: [
          { first: 80, last: 80 },
          { first: 443, last: 443 },
          { first: 8000, last: 8010 },
        ],
        negated: false,
      },
      { side: 'either', ranges: [{ first: 9, last: 9 }], negated: false },
    ])
    expect(portMatches(rule('-p tcp --dport 22 -j X'))).toMatchObject([{ ranges: [{ first: 22 }] }])
  })

  test('marks, however old kernels pad them', () => {
    const mark = { value: 0x4000, mask: 0x4000, negated: true }
    expect(markMatches(rule('-m mark ! --mark 0x4000/0x4000 -j X'))).toEqual([mark])
    expect(markMatches(rule('-m mark ! --mark 0x00004000/0x00004000 -j X'))).toEqual([mark])
    expect(markMatches(rule('-m mark --mark 0x1 -j X'))).toEqual([
      { value: 1, mask: 0xffffffff, negated: false },
    ])
    expect(connectionMarkMatches(rule('-m connmark --mark 0x80/0x80 -j X'))).toMatchObject([{ value: 0x80 }])
    expect(markMatches(rule('-m connmark --mark 0x80/0x80 -j X'))).toEqual([])
  })

  test('states, address types, sets, bridge ports, icmp', () => {
    expect(stateMatches(rule('-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP'))).toEqual([
      { states: new Set(['RELATED', 'ESTABLISHED', 'DNAT']), negated: true },
    ])
    expect(
      addressTypeMatches(rule('-m addrtype ! --src-type LOCAL -m addrtype --dst-type LOCAL -j X')),
    ).toEqual([
      { side: 'source', types: new Set(['LOCAL']), negated: true },
      { side: 'destination', types: new Set(['LOCAL']), negated: false },
    ])
    expect(setMatches(rule('-m set ! --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE'))).toEqual([
      { name: 'KUBE-LOOP-BACK', directions: ['dst', 'dst', 'src'], negated: true },
    ])
    expect(physdevMatches(rule('-m physdev ! --physdev-is-in --physdev-out veth0 -j X'))).toEqual([
      { kind: 'is-in', negated: true },
      { kind: 'out', device: 'veth0', negated: false },
    ])
    expect(icmpTypeMatches(rule('-p icmp -m icmp --icmp-type 3/4 -j X'))).toEqual([
      { type: '3/4', negated: false },
    ])
  })

  test('statistics', () => {
    expect(statisticMatch(rule('-m statistic --mode random --probability 0.33333333349 -j X'))).toEqual({
      mode: 'random',
      probability: 0.33333333349,
      negated: false,
    })
    expect(statisticMatch(rule('-m statistic --mode nth --every 3 --packet 1 -j X'))).toMatchObject({
      every: 3,
      packet: 1,
    })
    expect(statisticMatch(rule('-m statistic --mode random --probability 7 -j X'))).toBeUndefined()
    expect(statisticMatch(rule('-j X'))).toBeUndefined()
  })
})

describe('targets', () => {
  test.each([
    ['10.244.1.2:8080', { address: '10.244.1.2', port: 8080 }],
    ['10.244.1.2', { address: '10.244.1.2' }],
    ['[fd00::1]:80', { address: 'fd00::1', port: 80 }],
    ['fd00::1', { address: 'fd00::1' }],
    [':8080', { port: 8080 }],
    [
      '10.244.1.2-10.244.1.9:8080-8090',
      { address: '10.244.1.2', lastAddress: '10.244.1.9', port: 8080, lastPort: 8090 },
    ],
    ['[fd00::1-fd00::9]:80', { address: 'fd00::1', lastAddress: 'fd00::9', port: 80 }],
    ['10.0.0.1:99999', undefined],
    ['nonsense', undefined],
  ])('DNAT to %s', (text, target) => {
    expect(natTarget(rule(`-p tcp -j DNAT --to-destination ${text} --random`))).toEqual(target)
  })

  test('SNAT, REJECT and their options', () => {
    expect(natTarget(rule('-j SNAT --to-source 192.0.2.1'))).toEqual({ address: '192.0.2.1' })
    expect(natTarget(rule('-j MASQUERADE --random-fully'))).toBeUndefined()
    expect(rule('-j MASQUERADE --random-fully').targetOptions).toEqual(new Map([['--random-fully', '']]))
    expect(rejectAnswer(rule('-j REJECT --reject-with icmp-host-prohibited'))).toBe('icmp-host-prohibited')
    expect(rejectAnswer(rule('-j REJECT'))).toBe('icmp-port-unreachable')
    expect(rejectAnswer(rule('-j DROP'))).toBeUndefined()
  })
})
