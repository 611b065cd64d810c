import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { procModules } from '../../analyzer/parsers/procModules.ts'

test('reads modules and who needs them', () => {
  // kernel/module/procfs.c m_show and print_unload_info
  const text = [
    'br_netfilter 36864 0 - Live 0x0000000000000000',
    'bridge 311296 1 br_netfilter, Live 0x0000000000000000',
    'nf_conntrack 172032 3 xt_conntrack,nf_nat,ip_vs, Live 0x0000000000000000',
    'btrfs 1589248 0 [permanent], Live 0x0000000000000000 (O)',
  ].join('\n')
  const { value, unread } = parseText(procModules, text)
  expect(unread).toEqual([])
  expect(value.get('br_netfilter')).toEqual({
    sizeBytes: 36864,
    usedBy: [],
    line: { number: 1, text: 'br_netfilter 36864 0 - Live 0x0000000000000000' },
  })
  expect(value.get('bridge')?.usedBy).toEqual(['br_netfilter'])
  expect(value.get('nf_conntrack')?.usedBy).toEqual(['xt_conntrack', 'nf_nat', 'ip_vs'])
  expect(value.get('btrfs')?.usedBy).toEqual([])
})

test('lists lines that are no module', () => {
  const { value, unread } = parseText(procModules, 'Module Size Used by\n__proto__ 1 0 -\n\nip_vs')
  expect([...value.keys()]).toEqual(['__proto__'])
  expect(unread.map((line) => line.number)).toEqual([1, 4])
})
