import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/addresses/link-errors-or-flaps.ts'
import { textNode } from '../../support/textCluster.ts'

const link = (
  errors: number,
  dropped: number,
) => `2: eno1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    RX:  bytes packets errors dropped  missed   mcast
      90000000  100000 ${errors} ${dropped} 0 0
    TX:  bytes packets errors dropped carrier collsns
      90000000  100000      0       0       0       0
`
const down = (second: number) => `[  10${second}.000000] e1000e 0000:00:1f.6 eno1: NIC Link is Down\n`

async function judged(files: Readonly<Record<string, string>>) {
  const result = rule.check(await textNode(files), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, confidence }) => [subject, confidence])
}

test('errors of one packet in a hundred are possible, fewer are none', async () => {
  const kernel = { 'kernel/dmesg.txt': 'x\n' }
  expect(await judged({ ...kernel, 'net/ip-link.txt': link(1000, 0) })).toEqual([['eno1', 'possible']])
  expect(await judged({ ...kernel, 'net/ip-link.txt': link(999, 50_000) })).toBe('clear')
})

test('a link that goes down is likely bad where the counters say so too', async () => {
  const flaps = { 'kernel/dmesg.txt': [1, 2, 3].map(down).join('') }
  expect(await judged({ ...flaps, 'net/ip-link.txt': link(0, 0) })).toEqual([['eno1', 'possible']])
  expect(await judged({ ...flaps, 'net/ip-link.txt': link(2000, 0) })).toEqual([['eno1', 'likely']])
})

test('twice down is no flapping', async () => {
  expect(await judged({ 'kernel/dmesg.txt': down(1) + down(2), 'net/ip-link.txt': link(0, 0) })).toBe('clear')
})

test('counters alone do not clear a link', async () => {
  expect(await judged({ 'net/ip-link.txt': link(0, 0) })).toBe('unchecked')
})

test('a queue that overflowed', async () => {
  const softnet = '00010000 00000400 00000000\n'
  expect(await judged({ 'net/ip-link.txt': link(0, 0), 'net/softnet-stat.txt': softnet })).toEqual([
    ['backlog', 'possible'],
  ])
})
