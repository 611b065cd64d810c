import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/cni/vxlan-checksum-offload.ts'
import { type FlannelEdit, tellOfFlannel } from '../../support/flannelNodes.ts'

const META = 'started_utc=1795219245\nuptime_seconds=864000\n'
const OFFLOAD = 'Features for flannel.1:\ntx-checksumming: on\n\ttx-checksum-ip-generic: on\n'
const RULE = '-m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully'

interface Known {
  readonly release?: string
  readonly rules?: readonly string[]
  readonly offload?: string | null
  readonly device?: string
}

/** The files of a node where all comes together, but for what is said. */
function sender({ release = '4.19.0-9-amd64', rules = [RULE], offload = OFFLOAD, device }: Known = {}) {
  const chain = rules.map((spec) => `-A KUBE-POSTROUTING ${spec}\n`).join('')
  return {
    'meta/node.txt': META,
    'meta/uname.txt': `Linux node-1 ${release} #1 SMP Debian x86_64 GNU/Linux\n`,
    'netfilter/iptables-save.txt': `*nat\n:POSTROUTING ACCEPT [0:0]\n:KUBE-POSTROUTING - [0:0]\n-A POSTROUTING -j KUBE-POSTROUTING\n${chain}COMMIT\n`,
    ...(offload !== null && { [`net/ethtool/${device ?? 'flannel.1'}.txt`]: offload }),
  }
}

function counters(errors: number, received = 10_000): string {
  return `Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors\nUdp: ${received} 0 ${errors} 9 0 0 ${errors}\n`
}

type Files = Readonly<Record<string, string>>

async function told(first: Files, second: Files = {}, edits: readonly FlannelEdit[] = []) {
  const result = await tellOfFlannel(rule, edits, {
    'node-1': first,
    'node-2': { 'meta/node.txt': META, ...second },
  })
  if (result?.state !== 'found') return result?.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}

const POSSIBLE = [['node-1', 'medium', 'possible']]

test.each([
  ['4.19.0-9-amd64', POSSIBLE],
  ['3.10.0-1127.el7.x86_64', POSSIBLE],
  ['5.6.12-300.fc32.x86_64', POSSIBLE],
  ['5.7.0-1-default', 'clear'],
  ['6.8.0-31-generic', 'clear'],
])('kernel %s', async (release, expected) => {
  expect(await told(sender({ release }))).toEqual(expected)
})

test.each([
  ['takes the mark off first', ['-j MARK --set-xmark 0x4000/0x0', RULE]],
  ['keeps the port', [RULE.replace(' --random-fully', '')]],
  ['has no such chain', []],
])('a kube-proxy that %s', async (_, rules) => {
  expect(await told(sender({ rules }))).toBe('clear')
})

test('offload that is off, is another device’s, or was not captured', async () => {
  expect(await told(sender({ offload: OFFLOAD.replace('generic: on', 'generic: off') }))).toBe('clear')
  expect(await told(sender({ device: 'cni0' }))).toBe('unchecked')
  expect(await told(sender({ offload: null }))).toBe('unchecked')
})

test('a peer that counted enough of them makes it likely', async () => {
  const likely = [['node-1', 'high', 'likely']]
  expect(await told(sender(), { 'net/snmp.txt': counters(10) })).toEqual(likely)
  expect(await told(sender(), { 'net/snmp.txt': counters(9) })).toEqual(POSSIBLE)
})

const own = (errors: number, received?: number) =>
  told({ 'meta/node.txt': META, 'net/snmp.txt': counters(errors, received) })

test('counters alone: many, and a large part', async () => {
  expect(await own(99, 100)).not.toEqual([['received', 'medium', 'possible']])
  expect(await own(100, 9000)).toEqual([['received', 'medium', 'possible']])
  expect(await own(100, 90_000)).not.toEqual([['received', 'medium', 'possible']])
})

const LOG = '[863990.882119] UDP: bad checksum. From 192.168.50.12:27503 to 192.168.50.11:8472 ulen 75\n'
const OLD = LOG.replace('863990', '600000')

test('log lines of this day, with and without the counter', async () => {
  const files = { 'meta/node.txt': META, 'kernel/dmesg.txt': LOG }
  expect(await told(files)).toEqual([['node-2', 'high', 'likely']])
  expect(await told({ ...files, 'net/snmp.txt': counters(3) })).toEqual([['node-2', 'high', 'certain']])
  expect(await told({ ...sender({ offload: null, rules: [] }), 'kernel/dmesg.txt': OLD })).toBe('clear')
})

test('the port is that of the node’s own device, where it has one', async () => {
  const files = { ...sender({ rules: [] }), 'kernel/dmesg.txt': LOG }
  const otherPort: FlannelEdit = ['node-1/net/ip-addr.txt', 'dstport 8472', 'dstport 4789']
  expect(await told(files, {}, [otherPort])).toBe('clear')
})
