import { expect, test } from 'vitest'
import { iptablesVersionOf } from '../../analyzer/parsers/iptablesVersionOf.ts'

test.each([
  ['iptables v1.8.9 (nf_tables)', { version: '1.8.9', numbers: [1, 8, 9], backend: 'nf_tables' }],
  ['iptables v1.8.7 (legacy)', { version: '1.8.7', numbers: [1, 8, 7], backend: 'legacy' }],
  ['ip6tables v1.4.21', { version: '1.4.21', numbers: [1, 4, 21] }],
  ['iptables-save v1.8.10 (nf_tables)', { version: '1.8.10', numbers: [1, 8, 10], backend: 'nf_tables' }],
])('reads the version of %s', (output, version) => {
  expect(iptablesVersionOf(output)).toEqual(version)
})

test.each(['', 'nftables v1.0.6', 'iptables', 'iptables v1', 'xtables v1.8.9'])(
  '%j is no version of iptables',
  (output) => {
    expect(iptablesVersionOf(output)).toBeUndefined()
  },
)
