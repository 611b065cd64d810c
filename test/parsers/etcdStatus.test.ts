import { expect, test } from 'vitest'
import { etcdStatus } from '../../analyzer/parsers/etcdStatus.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

test('the members of a real etcd 3.4', () => {
  const { value, unread } = parseText(etcdStatus, fixture('etcd/member-list.json'))
  expect(unread).toEqual([])
  expect(value.endpoints).toEqual([])
  expect(value.members?.every(({ name, isLearner }) => name !== '' && !isLearner)).toBe(true)
  expect(value.line.number).toBe(1)
})

test('the status of a real etcd 3.4', () => {
  const { value } = parseText(etcdStatus, fixture('etcd/endpoint-status.json'))
  expect(value.members).toBeUndefined()
  expect(value.endpoints).toEqual([
    {
      endpoint: 'https://127.0.0.1:2379',
      version: '3.4.23',
      databaseBytes: 20_480,
      usedBytes: 16_384,
      hasLeader: true,
      isLearner: false,
      errors: [],
    },
  ])
})

test('what etcdctl leaves out is false, 0 or empty', () => {
  const { value } = parseText(
    etcdStatus,
    '[{"Endpoint":"a","Status":{"version":"3.3.27","isLearner":true}}]\n',
  )
  expect(value.endpoints[0]).toMatchObject({ hasLeader: false, isLearner: true, databaseBytes: undefined })
  const list = parseText(
    etcdStatus,
    '{"members":[{"ID":1,"peerURLs":["https://192.0.2.1:2380"],"isLearner":true}]}',
  )
  expect(list.value.members).toEqual([{ name: '', peerUrls: ['https://192.0.2.1:2380'], isLearner: true }])
})

test('an error message instead of JSON is unread, an empty file is nothing', () => {
  expect(parseText(etcdStatus, 'Error: context deadline exceeded\n').unread).toHaveLength(1)
  expect(parseText(etcdStatus, '')).toEqual({
    value: { members: undefined, endpoints: [], line: { number: 0, text: '' } },
    unread: [],
  })
})
