import { expect, test } from 'vitest'
import { parseAddressPort, parsePort } from '../../analyzer/parsers/addressPort.ts'

test.each([
  ['10.0.0.1:443', { address: '10.0.0.1', port: 443 }],
  ['10.0.0.1', { address: '10.0.0.1' }],
  ['10.0.0.1:0', { address: '10.0.0.1', port: 0 }],
  ['[fd00::1]:443', { address: 'fd00::1', port: 443 }],
  ['[fd00::1]', { address: 'fd00::1' }],
  ['[10.0.0.1]:80', { address: '10.0.0.1', port: 80 }],
  ['fd00::1', { address: 'fd00::1' }],
  ['::1', { address: '::1' }],
  ['::', { address: '::' }],
  // Without brackets it is one address: RFC 5952 section 6.
  ['fd00::1:443', { address: 'fd00::1:443' }],
  ['10.0.0.1:', undefined],
  ['10.0.0.1:65536', undefined],
  ['10.0.0.1:http', undefined],
  ['10.0.0.1:80:80', undefined],
  ['10.0.0.1:80-90', undefined],
  [':443', undefined],
  ['[fd00::1', undefined],
  ['[fd00::1]443', undefined],
  ['[fd00::1]:', undefined],
  ['fd00::1]:443', undefined],
  ['[]:443', undefined],
  ['[[fd00::1]]:443', undefined],
  ['db.example:5432', undefined],
  ['', undefined],
])('%j is read as %j', (text, expected) => {
  expect(parseAddressPort(text)).toEqual(expected)
})

test.each([
  ['0', 0],
  ['65535', 65_535],
  ['00080', 80],
  ['65536', undefined],
  ['000080', undefined],
  ['', undefined],
  ['+1', undefined],
  [' 1', undefined],
])('port %j is %s', (digits, port) => {
  expect(parsePort(digits)).toBe(port)
})
