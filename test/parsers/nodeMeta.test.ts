import { expect, test } from 'vitest'
import { nodeMeta } from '../../analyzer/parsers/nodeMeta.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

test('reads every key', () => {
  const text = [
    'hostname=node-1',
    'collector_version=0.1.0',
    'started_utc=1795242300',
    'finished_utc=1795242312',
    'timezone=UTC',
    'boot_id=6f6e0e0c-6d5b-4b9e-8f0e-3c1f4b8f9a01',
    'machine_id_hash=aa',
    'product_uuid_hash=bb',
    'uptime_seconds=86400.31',
    'user=root',
    'shell=/bin/sh',
    'ntp_synchronized=yes',
    'added_later=x=y',
  ].join('\n')
  const { value, unread } = parseText(nodeMeta, text)
  expect(unread).toEqual([])
  const { lines, ...fields } = value
  expect(fields).toEqual({
    hostname: 'node-1',
    collectorVersion: '0.1.0',
    startedUtcSeconds: 1795242300,
    finishedUtcSeconds: 1795242312,
    timezone: 'UTC',
    bootId: '6f6e0e0c-6d5b-4b9e-8f0e-3c1f4b8f9a01',
    machineIdHash: 'aa',
    productUuidHash: 'bb',
    uptimeSeconds: 86400,
    user: 'root',
    shell: '/bin/sh',
    ntpSynchronized: true,
  })
  expect(lines.size).toBe(13)
  expect(lines.get('started_utc')).toEqual({ number: 3, text: 'started_utc=1795242300' })
})

test.each(['ntp_synchronized=', 'ntp_synchronized=unknown', 'hostname=', 'started_utc=', 'uptime_seconds='])(
  'a value that was not found out is read and left out: %s',
  (text) => {
    const { value, unread } = parseText(nodeMeta, text)
    expect(unread).toEqual([])
    expect(value).toEqual({ lines: expect.any(Map) })
  },
)

test('lists what is no key and value, and values that cannot be', () => {
  const { value, unread } = parseText(
    nodeMeta,
    'hello\n__proto__=1\nstarted_utc=soon\nntp_synchronized=maybe\nntp_synchronized=no',
  )
  expect(value.ntpSynchronized).toBe(false)
  expect(value).not.toHaveProperty('startedUtcSeconds')
  expect(unread.map((line) => line.number)).toEqual([1, 2, 3, 4])
})
