import { expect, test } from 'vitest'
import { type NftChain, type NftRuleset, nftRuleset } from '../../analyzer/parsers/nftRuleset.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

function read(text: string): NftRuleset {
  const { value, unread } = parseText(nftRuleset, text)
  expect(unread).toEqual([])
  return value
}

function chain(ruleset: NftRuleset, table: string, name: string): NftChain {
  const found = ruleset.tables.find((candidate) => `${candidate.family} ${candidate.name}` === table)
  const chainFound = found?.chains.find((candidate) => candidate.name === name)
  if (!chainFound) throw new Error(`no chain ${table} ${name}`)
  return chainFound
}

test('reads tables of iptables-nft', () => {
  const ruleset = read(fixture('nft-ruleset/iptables-nft.txt'))
  const nat = ruleset.tables.find(({ family, name }) => family === 'ip' && name === 'nat')
  expect(nat?.comments.map(({ text }) => text)).toEqual([
    '# Warning: table ip nat is managed by iptables-nft, do not touch!',
  ])
  expect(chain(ruleset, 'ip nat', 'PREROUTING').base).toEqual({
    type: 'nat',
    hook: 'prerouting',
    priority: { text: 'dstnat', value: -100 },
    policy: 'accept',
  })
  expect(chain(ruleset, 'ip nat', 'KUBE-SVC-T2ECBIYT2WDZZK45').rules).toHaveLength(5)
  expect(chain(ruleset, 'ip nat', 'KUBE-MARK-MASQ').rules).toEqual([
    {
      text: 'counter packets 0 bytes 0 meta mark set mark or 0x4000',
      copies: 1,
      packets: 0,
      bytes: 0,
      line: { number: 54, text: '\t\tcounter packets 0 bytes 0 meta mark set mark or 0x4000' },
      lastLineNumber: 54,
    },
  ])
  expect(ruleset.complete).toBe(true)
})

test('reads the tables of kube-proxy in nftables mode', () => {
  const ruleset = read(fixture('nft-ruleset/kube-proxy-nftables.txt'))
  const [table] = ruleset.tables
  expect(table?.objects.slice(0, 3)).toMatchObject([
    { kind: 'set', name: 'cluster-ips' },
    { kind: 'set', name: 'nodeport-ips' },
    { kind: 'map', name: 'no-endpoint-services' },
  ])
  expect(table?.objects[0]?.elements.slice(0, 3)).toEqual(['10.96.0.1', '10.96.10.10', '10.96.10.11'])
  expect(table?.objects[2]?.verdicts).toEqual([
    {
      key: '10.96.10.13 . tcp . 80',
      verdict: 'goto reject-chain',
      chain: 'reject-chain',
      comment: 'default/noeps:http',
      line: {
        number: 20,
        text: '\t\telements = { 10.96.10.13 . tcp . 80 comment "default/noeps:http" : goto reject-chain }',
      },
    },
  ])
  expect(table?.objects[3]?.verdicts.map(({ key, verdict }) => `${key} ${verdict}`)).toEqual([
    'tcp . 30090 drop',
    'tcp . 30091 goto reject-chain',
  ])
  expect(chain(ruleset, 'ip kube-proxy', 'filter-prerouting').base?.priority).toEqual({
    text: 'dstnat - 10',
    value: -110,
  })
  expect(chain(ruleset, 'ip kube-proxy', 'reject-chain').rules.map(({ text }) => text)).toEqual(['reject'])
  expect(
    table?.chains.some(({ name }) => name === 'endpoint-7B3XHS4P-default/sticky/tcp/http__10.244.1.3/8080'),
  ).toBe(true)
})

test('reads every kind of block, and handles', () => {
  const ruleset = read(fixture('nft-ruleset/every-block.txt'))
  expect(ruleset.tables.map(({ family, name, handle }) => `${family} ${name} ${handle}`)).toEqual([
    'inet coldtest 1',
    'netdev ing 2',
    'bridge b 3',
    'arp a 4',
    'ip filter 5',
  ])
  const [first, , , arp] = ruleset.tables
  expect(first?.objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'counter c1',
    'ct helper ftp-std',
    'set allowed',
  ])
  expect(arp?.flags).toEqual(['dormant'])
  const input = chain(ruleset, 'inet coldtest', 'input')
  expect(input.base).toMatchObject({ priority: { text: 'filter + 10', value: 10 }, policy: 'drop' })
  expect(input.rules.map(({ handle, copies }) => [handle, copies])).toEqual([
    [8, 1],
    [11, 1],
    [12, 1],
    [14, 1],
    [15, 1],
    [16, 1],
    [17, 2],
  ])
  expect(input.rules[5]?.text).toBe('log prefix "drop # handle 3" counter packets 0 bytes 0')
  expect(chain(ruleset, 'inet coldtest', 'forward').base?.priority.value).toBe(-10)
  expect(chain(ruleset, 'netdev ing', 'i').base).toMatchObject({ hook: 'ingress', device: 'lo' })
  expect(chain(ruleset, 'bridge b', 'f').base?.priority).toEqual({ text: 'filter', value: -200 })
  expect(chain(ruleset, 'inet coldtest', 'helper')).not.toHaveProperty('base')
})

test('copies of a rule differ in handle and counters alone', () => {
  expect(chain(read(fixture('nft-ruleset/copies.txt')), 'ip filter', 'INPUT').rules).toMatchObject([
    { copies: 3, handle: 2, line: { number: 5 }, lastLineNumber: 7 },
  ])
  const ruleset = read(
    [
      'table ip t {',
      'chain c {',
      'counter packets 1 bytes 2 drop',
      'accept',
      'counter packets 3 bytes 4 drop',
      '}',
      '}',
    ].join('\n'),
  )
  expect(ruleset.ruleCount).toBe(3)
  expect(chain(ruleset, 'ip t', 'c').rules).toMatchObject([
    { text: 'counter packets 1 bytes 2 drop', copies: 2, packets: 4, bytes: 6, lastLineNumber: 5 },
    { text: 'accept', copies: 1 },
  ])
})

test('reads a rule that reaches over lines', () => {
  const text =
    'table ip t {\n\tchain c {\n\t\tip saddr { 192.0.2.1,\n\t\t\t192.0.2.2 } drop # handle 4\n\t\taccept\n\t}\n}\n'
  expect(chain(read(text), 'ip t', 'c').rules).toMatchObject([
    { text: 'ip saddr { 192.0.2.1, 192.0.2.2 } drop', handle: 4, line: { number: 3 }, lastLineNumber: 4 },
    { text: 'accept' },
  ])
})

test('knows a listing that breaks off', () => {
  const cut = read('table ip t {\n\tchain c {\n\t\taccept\n')
  expect(cut.complete).toBe(false)
  expect(chain(cut, 'ip t', 'c').rules).toHaveLength(1)
  expect(read('').complete).toBe(true)
})

test('lists lines that are no ruleset', () => {
  const lines = ['netlink: Error: cache initialization failed: Operation not permitted', 'table', '}']
  expect(parseText(nftRuleset, lines.join('\n')).unread.map(({ text }) => text)).toEqual(lines)
})
