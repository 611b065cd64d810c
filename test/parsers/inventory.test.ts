import { expect, test } from 'vitest'
import { inventory } from '../../analyzer/parsers/inventory.ts'

const read = (text: string) => inventory.parse(text)

test('names, addresses, hardware addresses and roles', () => {
  const { value, unread } = read(
    'node,address,mac,role\nnode-4,192.0.2.14,02-00-00-00-00-04,control-plane\nnode-5,2001:DB8::5,,worker\n',
  )
  expect(unread).toEqual([])
  expect(value).toEqual([
    {
      name: 'node-4',
      address: '192.0.2.14',
      mac: '02:00:00:00:00:04',
      isControlPlane: true,
      line: { number: 2, text: 'node-4,192.0.2.14,02-00-00-00-00-04,control-plane' },
    },
    {
      name: 'node-5',
      address: '2001:db8::5',
      isControlPlane: false,
      line: { number: 3, text: 'node-5,2001:DB8::5,,worker' },
    },
  ])
})

test('other titles, separators, comments, Windows line ends, and columns in any order', () => {
  const { value } = read('# our machines\r\nRoles;IP;Hostname;MAC-Address\r\nmaster;192.0.2.14;node-4;-\r\n')
  expect(value).toMatchObject([{ name: 'node-4', address: '192.0.2.14', isControlPlane: true }])
  expect(value[0]).not.toHaveProperty('mac')
})

test.each([
  ['control-plane,etcd,master', true],
  ['etcd,controlplane', true],
  ['Server', true],
  ['worker', false],
  ['<none>', false],
  ['mastermind', false],
  ['', false],
])('the roles %j: an API server runs there: %s', (roles, isControlPlane) => {
  const { value } = read(`node;address;role\nnode-4;192.0.2.14;${roles}\n`)
  expect(value.map((node) => node.isControlPlane)).toEqual([isControlPlane])
})

test('a row without a name, an address, or with a mac that is none is left unread', () => {
  const { value, unread } = read(
    'node,address,mac\n,192.0.2.14,\nnode-5,node-5.example,\nnode-6,192.0.2.16,eth0\nnode-7,192.0.2.17,\n',
  )
  expect(value.map(({ name }) => name)).toEqual(['node-7'])
  expect(unread.map(({ number }) => number)).toEqual([2, 3, 4])
})

test('a table without the two columns is unread as a whole', () => {
  const { value, unread } = read('node,mac\nnode-4,02:00:00:00:00:04\n')
  expect(value).toEqual([])
  expect(unread).toHaveLength(2)
  expect(read('')).toEqual({ value: [], unread: [] })
})
