import { expect, test } from 'vitest'
import { gzipSync } from 'node:zlib'
import { bundleFrom, manifestOf, tarOf } from './testBundle.ts'

const TOP = 'coldcase-node-1-20261120T234500Z/'
const FILES = [
  ['meta/node.txt', 'hostname=node-1.example\nstarted_utc=1795218300\n'],
  ['net/ip-addr.txt', '1: lo\n?what\n2: eth0\r\n'],
  ['net/ip-addr.txt.stderr', 'Dump was interrupted\n'],
  ['certs/etc/ca.crt', '?x\nCERT\n'],
] as const

test('reads a packed bundle to its captures, ledger and identity', async () => {
  const bytes = await tarOf([['manifest.tsv', manifestOf(FILES)], ...FILES], TOP)
  const { info, captures, row } = await bundleFrom(gzipSync(bytes), { file: '/tmp/b.tar.gz' })
  expect(info).toMatchObject({
    id: 'n1',
    node: 'node-1.example',
    collectedAt: '2026-11-20T23:45:00Z',
    complete: true,
    problems: [],
  })
  expect(captures.get('ipAddr')).toMatchObject({
    status: 'ok',
    value: ['1: lo', '2: eth0'],
    command: 'cat net/ip-addr.txt',
    stderr: [{ number: 1, text: 'Dump was interrupted' }],
  })
  expect(row('net/ip-addr.txt')).toMatchObject({
    bytes: 21,
    parsed: 15,
    skipped: 6,
    dropped: 0,
    unreadLines: 1,
  })
})
