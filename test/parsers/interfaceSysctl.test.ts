import { expect, test } from 'vitest'
import { interfaceSysctl } from '../../analyzer/parsers/interfaceSysctl.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { sysctlValues } from '../../analyzer/parsers/sysctlValues.ts'
import { fixture } from '../support/fixture.ts'

test('finds the setting of an interface with a dot in its name', () => {
  const { value } = parseText(sysctlValues, fixture('sysctl-values/flannel-node.txt'))
  expect(interfaceSysctl(value, 'rp_filter', 'flannel.1')?.line.text).toBe(
    'net.ipv4.conf.flannel/1.rp_filter = 0',
  )
  expect(interfaceSysctl(value, 'rp_filter', 'all')?.line.text).toMatch(/^net\.ipv4\.conf\.all\.rp_filter = /)
  expect(interfaceSysctl(value, 'rp_filter', 'flannel.1', 'ipv6')).toBeUndefined()
})
