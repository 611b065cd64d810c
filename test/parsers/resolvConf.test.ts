import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { resolvConf } from '../../analyzer/parsers/resolvConf.ts'

test('reads name servers, search list and options', () => {
  const text = [
    '# generated',
    '; also a comment',
    'nameserver 192.0.2.53 # first',
    '\tnameserver fe80::1%eth0',
    'domain example.org',
    'search a.example b.example',
    'options ndots:5 rotate',
    'options single-request',
    'sortlist 130.155.160.0/255.255.240.0',
  ].join('\n')
  const { value, unread } = parseText(resolvConf, text)
  expect(unread).toEqual([])
  expect(value.nameservers).toEqual([
    { address: '192.0.2.53', line: { number: 3, text: 'nameserver 192.0.2.53 # first' } },
    { address: 'fe80::1', zone: 'eth0', line: { number: 4, text: '\tnameserver fe80::1%eth0' } },
  ])
  expect(value.search).toMatchObject({ value: ['a.example', 'b.example'], line: { number: 6 } })
  expect(value.options.map((option) => option.value)).toEqual(['ndots:5', 'rotate', 'single-request'])
})

test('the last of search and domain counts', () => {
  expect(parseText(resolvConf, 'search a b\ndomain c d').value.search?.value).toEqual(['c'])
})

test('lists lines the resolver does not know', () => {
  const { value, unread } = parseText(
    resolvConf,
    'nameserver\nnameserver dns.example\nnameserver 010.0.0.1\n__proto__ x\nnameservers 192.0.2.1',
  )
  expect(value).toEqual({ nameservers: [], options: [] })
  expect(unread).toHaveLength(5)
})

test('an empty file asks nobody', () => {
  expect(parseText(resolvConf, '')).toEqual({ value: { nameservers: [], options: [] }, unread: [] })
})

test('a carriage return behind a name server is told; behind others it does no harm', () => {
  const returned = parseText(resolvConf, 'nameserver 192.0.2.53\r\nsearch a.example\r\n').value
  expect(returned.carriageReturn).toEqual({ number: 1, text: 'nameserver 192.0.2.53' })
  expect(parseText(resolvConf, '# a\r\nnameserver 192.0.2.53\n').value.carriageReturn).toBeUndefined()
})
