import { describe, expect, test } from 'vitest'
import { type BaseChain, iptablesBaseChains, nftBaseChains } from '../../analyzer/netfilter/baseChain.ts'
import { NO_MARK, type Packet } from '../../analyzer/netfilter/packet.ts'
import type { Surroundings } from '../../analyzer/netfilter/surroundings.ts'
import { walkHook } from '../../analyzer/netfilter/walkHook.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import { nftRuleset } from '../../analyzer/parsers/nftRuleset.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { address } from '../support/known.ts'

const PACKET: Packet = {
  inDevice: 'eth0',
  outDevice: 'cni0',
  source: address('10.244.2.5'),
  destination: address('10.244.1.5'),
  protocol: 'tcp',
  destinationPort: 8080,
  ctstate: 'NEW',
  isDnat: false,
  mark: NO_MARK,
}

/** The base chains on forward of a table with these lines in it. */
function native(...lines: readonly string[]): readonly BaseChain[] {
  const text = ['table inet host {', ...lines, '}', ''].join('\n')
  return parseText(nftRuleset, text)
    .value.tables.flatMap(nftBaseChains)
    .filter(({ hook }) => hook === 'forward')
}

/** A chain on forward with these rules. */
function forward(rules: readonly string[], priority = 'filter', policy = 'accept'): readonly string[] {
  return [
    `chain f${priority.replaceAll(/\W/g, '')} {`,
    `type filter hook forward priority ${priority}; policy ${policy};`,
    ...rules,
    '}',
  ]
}

function iptables(...rules: readonly string[]): readonly BaseChain[] {
  const text = ['*filter', ':FORWARD ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n')
  return [...parseText(iptablesSave, text).value.tables.values()].flatMap(iptablesBaseChains)
}

function verdict(
  bases: readonly BaseChain[],
  packet: Partial<Packet> = {},
  around: Surroundings = {},
): string {
  return walkHook(bases, { ...PACKET, ...packet }, around).verdict
}

describe('several base chains', () => {
  test('what one accepts the next may still stop', () => {
    const bases = [
      ...iptables('-A FORWARD -j ACCEPT'),
      ...native(...forward(['reject with icmpx admin-prohibited'])),
    ]
    const { steps, stops } = walkHook(bases, PACKET)
    expect(verdict(bases)).toBe('reject')
    expect(steps.map(({ base }) => base.chains.table)).toEqual(['filter', 'inet host'])
    expect(stops.map(({ outcome }) => outcome.rule?.answer)).toEqual(['icmp-admin-prohibited'])
  })

  test('they come by priority, named or numbered, and a mark goes with the packet', () => {
    const lines = [...forward(['meta mark 0x1 drop'], 'filter + 10'), ...forward(['meta mark set 0x1'], '-5')]
    expect(verdict(native(...lines))).toBe('drop')
    const reversed = [
      ...forward(['meta mark 0x1 drop'], '-5'),
      ...forward(['meta mark set 0x1'], 'filter + 10'),
    ]
    expect(verdict(native(...reversed))).toBe('accept')
  })

  test('of one priority the order is not known: a mark that hangs on it is in doubt', () => {
    const bases = [
      ...native(...forward(['meta mark set 0x1'])),
      ...iptables('-A FORWARD -m mark --mark 0x1 -j DROP'),
    ]
    expect(verdict(bases)).toBe('undecided')
    expect(verdict(bases.toReversed())).toBe('undecided')
  })

  test('a rule that may stop the packet leaves it undecided, and names the condition', () => {
    const bases = native(...forward(['limit rate over 400/minute drop']), ...forward(['accept'], 'security'))
    const { verdict: fate, doubts } = walkHook(bases, PACKET)
    expect([fate, doubts.map(({ text }) => text)]).toEqual(['undecided', ['limit rate over 400/minute drop']])
    expect(verdict([...bases, ...iptables('-A FORWARD -j DROP')])).toBe('drop')
  })

  test('a policy stops what no rule accepts; a dormant table stops nothing', () => {
    expect(verdict(native(...forward([], 'filter', 'drop')))).toBe('drop')
    expect(verdict(native('flags dormant', ...forward([], 'filter', 'drop')))).toBe('accept')
  })
})

/** Whether a match of a native rule holds. */
function holds(match: string, packet: Partial<Packet> = {}, around: Surroundings = {}): string {
  const objects = [
    'set nets { ',
    'type ipv4_addr',
    'flags interval',
    'elements = { 10.244.2.0/24, 192.0.2.1-192.0.2.9 }',
    '}',
    'set pairs { ',
    'type ipv4_addr . inet_service',
    'elements = { 10.244.2.5 . 22,',
    '10.244.2.5 . 8080 }',
    '}',
    'set devices { ',
    'type ifname',
    'elements = { "lo",',
    '"eth0" }',
    '}',
    'set timed { ',
    'type ipv4_addr',
    'elements = { 10.244.2.5 timeout 1h expires 30m }',
    '}',
  ]
  const fate = verdict(native(...objects, ...forward([`${match} drop`])), packet, around)
  return { drop: 'holds', accept: 'fails', undecided: 'unknown', reject: 'reject' }[fate] ?? fate
}

describe('matches of native rules, as nft prints them', () => {
  test.each([
    ['ip saddr 10.244.0.0/16', 'holds'],
    ['ip saddr != 10.244.0.0/16', 'fails'],
    ['ip daddr 10.244.1.1-10.244.1.9', 'holds'],
    ['ip daddr { 10.0.0.0/16, 10.244.1.5 }', 'holds'],
    ['ip daddr != { 10.0.0.0/16, 10.244.1.4 }', 'holds'],
    ['ip saddr & 255.0.255.0 == 10.0.2.0', 'unknown'],
    ['ip saddr @nets', 'holds'],
    ['ip daddr @nets', 'fails'],
    ['ip saddr @timed', 'holds'],
    ['ip saddr @absent', 'unknown'],
    ['ip saddr . tcp dport @pairs', 'holds'],
    ['ip saddr . udp dport @pairs', 'fails'],
    ['iifname @devices', 'holds'],
    ['ip6 saddr fe80::/10', 'fails'],
    ['ip6 saddr != fe80::/10', 'fails'],
    ['iifname "eth*"', 'holds'],
    ['iifname { "lo", "cni*" }', 'fails'],
    ['oifname != "cni0"', 'fails'],
    ['oif "cni0"', 'holds'],
    ['oif 7', 'unknown'],
    ['meta l4proto { tcp, udp } th dport 8080', 'holds'],
    ['meta l4proto tcp tcp dport { 80, 443 } counter packets 0 bytes 0', 'fails'],
    ['tcp dport { 80, 8000-8099 }', 'holds'],
    ['tcp dport != 22', 'holds'],
    ['tcp dport >= 1024', 'holds'],
    ['tcp dport < 1024', 'fails'],
    ['udp dport != 22', 'fails'],
    ['tcp sport 1024-65535', 'unknown'],
    ['tcp dport http-alt', 'unknown'],
    ['ip protocol != { icmp, udp }', 'holds'],
    ['icmp type echo-request', 'fails'],
    ['meta nfproto ipv4', 'holds'],
    ['ct state new,untracked', 'holds'],
    ['ct state { established, related }', 'fails'],
    ['ct state ! invalid', 'holds'],
    ['ct state related,established  counter packets 0 bytes 0', 'fails'],
    ['ct status dnat', 'fails'],
    ['ct direction original', 'holds'],
    ['ct mark and 0x80 == 0x80', 'unknown'],
    ['ct original ip daddr 10.96.0.1', 'unknown'],
    ['meta mark & 0x00004000 == 0x00004000', 'fails'],
    ['meta mark & 0x00004000 != 0x00004000', 'holds'],
    ['meta mark { 0x00000000, 0x00000001 }', 'holds'],
    ['tcp flags syn / fin,syn,rst,ack', 'holds'],
    ['tcp flags & (fin | syn | rst | ack) == syn', 'holds'],
    ['tcp flags ! syn', 'fails'],
    ['tcp flags fin,rst', 'fails'],
    ['meta pkttype { broadcast, multicast }', 'fails'],
    ['meta pkttype host', 'unknown'],
    ['fib daddr type local', 'unknown'],
    ['fib saddr . iif oif missing', 'unknown'],
    ['meta random & 2147483647 < 1073741824', 'unknown'],
    ['xt match physdev counter packets 0 bytes 0', 'unknown'],
    ['xt match "comment"', 'holds'],
    ['limit rate 10/second burst 5 packets', 'unknown'],
    ['limit rate over 10 mbytes/second burst 5 mbytes', 'unknown'],
    ['ct count over 5', 'unknown'],
    ['meta skuid 0', 'unknown'],
    ['log prefix "a drop: " level info flags all', 'holds'],
    ['log prefix "x" flags tcp sequence,options group 3', 'holds'],
    ['add @timed { ip saddr timeout 1m }', 'holds'],
    ['update @timed { ip saddr limit rate over 5/second }', 'unknown'],
    ['ct mark set meta mark', 'holds'],
    ['tcp option maxseg size set rt mtu', 'holds'],
    ['counter name "c1"', 'holds'],
    ['frobnicate 3', 'unknown'],
  ])('%s %s', (match, expected) => {
    expect(holds(match)).toBe(expected)
  })

  test('what the surroundings know', () => {
    expect(holds('fib daddr type local', {}, { isLocal: () => true })).toBe('holds')
    expect(holds('fib daddr type { broadcast, anycast }', {}, { isLocal: () => false })).toBe('fails')
  })
})

describe('verdicts of native rules', () => {
  test.each([
    ['reject', 'icmp-port-unreachable'],
    ['reject with icmp type host-prohibited', 'icmp-host-prohibited'],
    ['reject with icmp net-unreachable', 'icmp-net-unreachable'],
    ['reject with icmpx type admin-prohibited', 'icmp-admin-prohibited'],
    ['reject with icmpx no-route', 'icmp-net-unreachable'],
    ['meta l4proto tcp reject with tcp reset', 'tcp-reset'],
    ['counter packets 1 bytes 60 xt target "REJECT"', 'icmp-port-unreachable'],
  ])('%s answers %s', (rule, answer) => {
    const { stops } = walkHook(native(...forward([rule])), PACKET)
    expect(stops.at(-1)?.outcome.rule?.answer).toBe(answer)
  })

  test.each([
    ['ct state vmap { established : accept, invalid : drop, new : continue }', 'accept'],
    ['tcp dport vmap { 22 : accept, 8000-8099 : drop }', 'drop'],
    ['ip daddr . meta l4proto . th dport vmap { 10.244.1.5 . tcp . 8080 : goto other }', 'reject'],
    ['udp dport vmap { 8080 : drop }', 'accept'],
    ['numgen random mod 2 vmap { 0 : drop, 1 : jump other }', 'undecided'],
    ['numgen random mod 2 vmap { 0 : accept, 1 : jump other }', 'undecided'],
    ['ip saddr vmap @verdicts', 'drop'],
    ['ip daddr vmap @verdicts', 'reject'],
    ['ip daddr vmap @absent', 'undecided'],
    ['jump other comment "a, b"', 'reject'],
    ['meta mark set meta mark | 0x00004000', 'accept'],
    ['queue num 3 bypass', 'undecided'],
    ['xt target "MARK"', 'accept'],
    ['xt target "FROBNICATE"', 'undecided'],
  ])('%s: %s', (rule, expected) => {
    const lines = [
      'map verdicts { ',
      'type ipv4_addr : verdict',
      'flags interval',
      'elements = { 10.244.2.0/24 : drop,',
      '* : goto other }',
      '}',
      'chain other {',
      'reject',
      '}',
      ...forward([rule]),
    ]
    expect(verdict(native(...lines))).toBe(expected)
  })
})

test('raw comes before the connection is looked up, mangle behind it', () => {
  expect(verdict(newDropped('raw'))).toBe('undecided')
  expect(verdict(newDropped('mangle'))).toBe('drop')
  expect(verdict(newDroppedNatively('raw'))).toBe('undecided')
  expect(verdict(newDroppedNatively('mangle'))).toBe('drop')
})

function newDropped(table: string): readonly BaseChain[] {
  const rule = '-A PREROUTING -m conntrack --ctstate NEW -j DROP'
  const text = [`*${table}`, ':PREROUTING ACCEPT [0:0]', rule, 'COMMIT', ''].join('\n')
  return [...parseText(iptablesSave, text).value.tables.values()].flatMap(iptablesBaseChains)
}

function newDroppedNatively(priority: string): readonly BaseChain[] {
  const head = `type filter hook prerouting priority ${priority}; policy accept;`
  const text = ['table inet host {', 'chain c {', head, 'ct state new drop', '}', '}', ''].join('\n')
  return parseText(nftRuleset, text).value.tables.flatMap(nftBaseChains)
}
