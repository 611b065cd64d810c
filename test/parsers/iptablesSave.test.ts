import { describe, expect, test } from 'vitest'
import { leakDump, uniqueDump } from '../../fixtures/generators/leakDump.ts'
import { iptablesSave } from '../../analyzer/parsers/iptablesSave.ts'
import type { IptablesSave } from '../../analyzer/parsers/iptablesTables.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

function read(text: string): IptablesSave {
  const { value, unread } = parseText(iptablesSave, text)
  expect(unread).toEqual([])
  return value
}

function chain(dump: IptablesSave, table: string, name: string) {
  const found = dump.tables.get(table)?.chains.get(name)
  if (!found) throw new Error(`no chain ${table}/${name}`)
  return found
}

describe('real dumps', () => {
  test('kube-proxy, nftables variant', () => {
    const dump = read(fixture('iptables-save/kube-proxy.txt'))
    expect([...dump.tables.keys()]).toEqual(['mangle', 'filter', 'nat'])
    expect(dump).toMatchObject({ complete: true, warnings: [], incompatibleTables: [] })
    expect(dump.generators).toHaveLength(3)
    expect(dump.generators[0]).toMatchObject({
      tool: 'iptables-save',
      version: '1.8.9',
      backend: 'nf_tables',
    })
    const services = chain(dump, 'nat', 'KUBE-SERVICES')
    expect(services).not.toHaveProperty('policy')
    expect(services.rules.map((rule) => rule.spec.split(' -j ')[1])).toEqual([
      'KUBE-SVC-GC7YPRXAEGOKCMA3',
      'KUBE-SVC-YNJYMJDKLTTP7BP6',
      'KUBE-SVC-3ENVKKDUT2EZ6WIE',
      'KUBE-SVC-T2ECBIYT2WDZZK45',
      'KUBE-SVC-NPX46M4PTMTKRN6Y',
      'KUBE-SVC-CDGGSHYLG3RE2FKL',
      'KUBE-EXT-CDGGSHYLG3RE2FKL',
      'KUBE-SVC-HU4V4G33K736ANSA',
      'KUBE-NODEPORTS',
    ])
  })

  test('policy and counters of a chain that drops', () => {
    const dump = read(fixture('iptables-save/forward-drop-counted.txt'))
    expect(chain(dump, 'filter', 'FORWARD')).toMatchObject({
      policy: 'DROP',
      packets: 4,
      bytes: 240,
      line: { number: 4, text: ':FORWARD DROP [4:240]' },
    })
    const counted = [...dump.tables.values()].flatMap(({ chains }) =>
      [...chains.values()].flatMap(({ rules }) => rules),
    )
    expect(dump.ruleCount).toBe(counted.length)
    expect(counted.every((rule) => rule.copies === 1)).toBe(true)
    expect(
      counted.some(
        (rule) => rule.packets > 0 && rule.line.text.startsWith(`[${rule.packets}:${rule.bytes}] -A `),
      ),
    ).toBe(true)
  })

  test.each(['kube-proxy-ipvs', 'cni-hostport', 'every-match-nft-save', 'every-match-legacy'])(
    '%s',
    (name) => {
      const text = fixture(`iptables-save/${name}.txt`)
      const dump = read(text)
      expect(dump.complete).toBe(true)
      expect(dump.ruleCount).toBe(
        text.split('\n').filter((line) => /^(?:\[\d+:\d+\] )?-A /.test(line)).length,
      )
    },
  )

  test('a rule that is there twice is one record, where the first stands', () => {
    const input = chain(read(fixture('iptables-save/every-match-legacy.txt')), 'filter', 'INPUT')
    expect(input.rules.find(({ spec }) => spec === '-i lo -j ACCEPT')).toMatchObject({
      chain: 'INPUT',
      spec: '-i lo -j ACCEPT',
      copies: 2,
      packets: 0,
      bytes: 0,
      line: { number: 34, text: '[0:0] -A INPUT -i lo -j ACCEPT' },
      lastLineNumber: 35,
    })
  })

  test('a table that iptables-nft cannot print is not an empty one', () => {
    const dump = read(fixture('iptables-save/incompatible.txt'))
    expect(dump.incompatibleTables).toEqual([
      { name: 'filter', line: { number: 1, text: "# Table `filter' is incompatible, use 'nft' tool." } },
    ])
    expect([...dump.tables.keys()]).toEqual(['nat'])
  })

  test('the hint at legacy tables', () => {
    const dump = read(fixture('iptables-save/legacy-tables-present.txt'))
    expect(dump.warnings.map((line) => line.text)).toEqual([
      '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them',
    ])
  })

  test('an `iptables -S -v` listing: counters inside the rule, no table named, no end', () => {
    const dump = read(fixture('iptables-save/listing.txt'))
    expect(dump.complete).toBe(false)
    expect(chain(dump, 'filter', 'FORWARD')).toMatchObject({ policy: 'DROP', packets: 0 })
    expect(chain(dump, 'filter', 'flanneld').rules).toEqual([])
    expect(chain(dump, 'filter', 'INPUT').rules[1]).toMatchObject({ spec: '-p sctp -j DROP', packets: 0 })
  })
})

describe('headers', () => {
  test.each([
    ['iptables-save v1.4.21', { tool: 'iptables-save', version: '1.4.21', backend: 'legacy' }],
    ['iptables-save v1.6.1', { tool: 'iptables-save', version: '1.6.1', backend: 'legacy' }],
    ['xtables-save v1.8.2', { tool: 'xtables-save', version: '1.8.2', backend: 'nf_tables' }],
    ['iptables-save v1.8.2', { tool: 'iptables-save', version: '1.8.2', backend: 'legacy' }],
    ['iptables-save v1.8.4', { tool: 'iptables-save', version: '1.8.4' }],
    ['iptables-save v1.8.7', { tool: 'iptables-save', version: '1.8.7' }],
    ['iptables-nft-save v1.8.7', { tool: 'iptables-nft-save', version: '1.8.7', backend: 'nf_tables' }],
    ['iptables-save v1.8.8 (nf_tables)', { tool: 'iptables-save', version: '1.8.8', backend: 'nf_tables' }],
    ['iptables-save v1.8.9', { tool: 'iptables-save', version: '1.8.9', backend: 'legacy' }],
    [
      'ip6tables-save v1.8.11 (nf_tables)',
      { tool: 'ip6tables-save', version: '1.8.11', backend: 'nf_tables' },
    ],
  ])('%s', (words, generator) => {
    const text = `# Generated by ${words} on Fri Nov 20 23:45:00 2026`
    expect(read(`${text}\n*filter\nCOMMIT\n`).generators).toEqual([
      { ...generator, line: { number: 1, text } },
    ])
  })
})

describe('copies', () => {
  test('are counted by table and chain, and their counters summed', () => {
    const dump = read(
      [
        '*filter',
        ':INPUT ACCEPT [1:2]',
        '[3:300] -A INPUT -j ACCEPT',
        '[0:0] -A INPUT -j DROP',
        '[4:400] -A INPUT -j ACCEPT',
        '[9:900] -A OTHER -j ACCEPT',
        'COMMIT',
        '*nat',
        '[5:500] -A INPUT -j ACCEPT',
        'COMMIT',
      ].join('\n'),
    )
    expect(dump.ruleCount).toBe(5)
    const [accept, drop] = chain(dump, 'filter', 'INPUT').rules
    expect(accept).toMatchObject({
      copies: 2,
      packets: 7,
      bytes: 700,
      line: { number: 3 },
      lastLineNumber: 5,
    })
    expect(drop).toMatchObject({ spec: '-j DROP', copies: 1, lastLineNumber: 4 })
    expect(chain(dump, 'filter', 'OTHER')).toMatchObject({ line: { number: 6 }, rules: [{ copies: 1 }] })
    expect(chain(dump, 'nat', 'INPUT').rules).toMatchObject([{ copies: 1, packets: 5 }])
  })

  test.each([
    { header: 'xtables-save v1.8.2', counters: true },
    { header: 'iptables-save v1.8.9', counters: false },
  ] as const)('of a leaking node: $header', (form) => {
    const dump = read(leakDump(7, 400, form))
    expect(dump.complete).toBe(true)
    expect(dump.ruleCount).toBe(1200 + read(leakDump(7, 0, form)).ruleCount)
    expect(chain(dump, 'filter', 'KUBE-FIREWALL').rules.map(({ copies }) => copies)).toEqual([400])
    expect(chain(dump, 'filter', 'KUBE-ROUTER-INPUT').rules.map(({ copies }) => copies)).toEqual([
      1, 400, 400,
    ])
  })

  test('a large sound node has none', () => {
    const dump = read(uniqueDump(3))
    const chains = [...(dump.tables.get('nat')?.chains.values() ?? [])]
    expect(dump.ruleCount).toBe(198_000)
    expect(chains.filter(({ name }) => /^KUBE-(?:SVC|SEP)-/.test(name))).toHaveLength(72_000)
    expect(chains.flatMap(({ rules }) => rules).every(({ copies }) => copies === 1)).toBe(true)
  })
})

test('the generators give the same text for the same arguments', () => {
  expect(leakDump(7, 3)).toBe(leakDump(7, 3))
  expect(leakDump(7, 3)).not.toBe(leakDump(8, 3))
  expect(
    leakDump(7, 3)
      .split('\n')
      .filter((line) => line.startsWith('[0:0] -A ')),
  ).toHaveLength(read(leakDump(7, 3)).ruleCount)
})

describe('odd dumps', () => {
  test('cut short: inside a table, and behind a header', () => {
    expect(read('*filter\n:INPUT ACCEPT [0:0]\n').complete).toBe(false)
    const header = '# Generated by iptables-save v1.8.9 on Fri Nov 20 23:45:00 2026'
    expect(read(`*filter\nCOMMIT\n${header}\n`).complete).toBe(false)
    expect(read('').complete).toBe(true)
  })

  test('chains with doubled counters, and a space at the end of a rule', () => {
    const dump = read('*filter\n:KUBE-X - [0:0] - [0:0]\n-A KUBE-X -j ACCEPT \n-A KUBE-X\nCOMMIT\n')
    expect(chain(dump, 'filter', 'KUBE-X').rules.map(({ spec }) => spec)).toEqual(['-j ACCEPT', ''])
  })

  test('what the printing tool did not understand, and what modprobe said, is a warning', () => {
    const rule = '-A X -p tcp -j DNAT [unsupported revision]'
    const dump = read(`modprobe: FATAL: Module ip_tables not found\n*nat\n${rule}\n${rule}\nCOMMIT\n`)
    expect(dump.warnings.map(({ number }) => number)).toEqual([1, 3])
  })

  test('a second dump of a table is left unread: it would look like copies', () => {
    const text = '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n'
    const { value, unread } = parseText(iptablesSave, text + text)
    expect(value.ruleCount).toBe(1)
    expect(unread.map(({ number }) => number)).toEqual([4, 5, 6])
  })

  test('lists lines that are no dump', () => {
    const lines = ['COMMIT', 'nonsense', ':X - [0:0]', '[1:2]', '[1:2] -N X', '[x:y] -A X', '-A', '-Z X', '*']
    const { value, unread } = parseText(iptablesSave, ['*raw', 'COMMIT', ...lines].join('\n'))
    expect(unread.map(({ text }) => text)).toEqual(lines)
    expect(value.ruleCount).toBe(0)
  })

  test('names of objects are only names', () => {
    const dump = read('*__proto__\n:constructor - [0:0]\n-A __proto__ -j constructor\nCOMMIT\n')
    expect(chain(dump, '__proto__', '__proto__').rules).toHaveLength(1)
  })
})
