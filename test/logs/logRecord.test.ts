import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LogKind, type LogRecord, logRecord } from '../../analyzer/logs/logRecord.ts'

const AT = Date.parse('2026-11-21T00:31:01Z')
const klog = 'E0420 16:32:57.962067    4333 controller.go:187] failed to update lease'

interface Case {
  readonly form: string
  readonly kind: LogKind
  readonly text: string
  readonly record: Partial<LogRecord>
}

const cases: readonly Case[] = [
  {
    form: 'short-iso-precise around klog: the outer time counts',
    kind: 'journal',
    text: `2026-11-21T00:31:01.414798+0000 node-1 kubelet[3888]: ${klog}`,
    record: { epochMs: AT + 414.798, identifier: 'kubelet', message: 'failed to update lease' },
  },
  {
    form: 'short-iso of systemd 255',
    kind: 'journal',
    text: '2026-11-21T08:31:01+08:00 node-1 (sd-pam)[77]: x',
    record: { epochMs: AT, identifier: '(sd-pam)', message: 'x' },
  },
  {
    form: 'an identifier of two words, no PID',
    kind: 'journal',
    text: 'Nov 21 00:31:01 node-1 my daemon: started',
    record: { wall: { month: 11, day: 21, msOfDay: 1_861_000 }, identifier: 'my daemon', message: 'started' },
  },
  {
    form: 'a journal under zh_CN',
    kind: 'journal',
    text: `4月 20 16:32:57 k8s-node-1 kubelet[4333]: ${klog}`,
    record: {
      wall: { month: 4, day: 20, msOfDay: 59_577_000 },
      identifier: 'kubelet',
      message: 'failed to update lease',
    },
  },
  {
    form: 'a journal under fr_FR: the month is not known, klog tells the time',
    kind: 'journal',
    text: `avril 20 16:32:57 k8s-node-1 kubelet[4333]: ${klog}`,
    record: { wall: { month: 4, day: 20, msOfDay: 59_577_962.067 }, identifier: 'kubelet' },
  },
  {
    form: 'short-monotonic',
    kind: 'journal',
    text: '[ 2760.385590] node-1 systemd-journald[3856]: Journal started',
    record: { bootSeconds: 2760.38559, identifier: 'systemd-journald', message: 'Journal started' },
  },
  {
    form: 'dmesg, whose message looks like a host and an identifier',
    kind: 'kernel',
    text: '[   41.572930] ll header: 00000000: ff ff',
    record: { bootSeconds: 41.57293, message: 'll header: 00000000: ff ff' },
  },
  {
    form: 'dmesg -T',
    kind: 'kernel',
    text: '[Fri May 30 05:41:33 2025] neighbour: arp_cache: neighbor table overflow!',
    record: {
      wall: { year: 2025, month: 5, day: 30, msOfDay: 20_493_000 },
      message: 'neighbour: arp_cache: neighbor table overflow!',
    },
  },
  {
    form: 'dmesg -x',
    kind: 'kernel',
    text: 'kern  :warn  : [   41.572362] IPv4: martian source',
    record: { bootSeconds: 41.572362, message: 'IPv4: martian source' },
  },
  {
    form: 'dmesg -r',
    kind: 'kernel',
    text: '<4>[   41.572362] IPv4: martian source',
    record: { bootSeconds: 41.572362, message: 'IPv4: martian source' },
  },
  {
    form: '/var/log/messages with printk’s stamp',
    kind: 'kernel',
    text: 'Mar  3 10:00:00 node-1 kernel: [ 2296.282567] Neighbour table overflow.',
    record: {
      wall: { month: 3, day: 3, msOfDay: 36_000_000 },
      bootSeconds: 2296.282567,
      identifier: 'kernel',
      message: 'Neighbour table overflow.',
    },
  },
  {
    form: 'journalctl -k -o short-monotonic',
    kind: 'kernel',
    text: '[   41.572362] node-1 kernel: IPv4: martian source',
    record: { bootSeconds: 41.572362, identifier: 'kernel', message: 'IPv4: martian source' },
  },
  {
    form: 'JSON of the journal',
    kind: 'journal',
    text: JSON.stringify({
      __REALTIME_TIMESTAMP: String(AT * 1000),
      __MONOTONIC_TIMESTAMP: '2760385590',
      SYSLOG_IDENTIFIER: 'k3s',
      _SYSTEMD_UNIT: 'k3s.service',
      MESSAGE: 'time="2023-02-28T15:26:57+08:00" level=fatal msg="no \\"x\\""',
    }),
    record: {
      epochMs: AT,
      bootSeconds: 2760.38559,
      identifier: 'k3s',
      unit: 'k3s.service',
      message: 'no "x"',
    },
  },
  {
    form: 'JSON with a message of bytes',
    kind: 'journal',
    text: '{"__REALTIME_TIMESTAMP":"1795221063104638","MESSAGE":[255,104,105]}',
    record: { epochMs: 1_795_221_063_104.638, message: '\u{FFFD}hi' },
  },
  {
    form: 'JSON with a message that was too long',
    kind: 'journal',
    text: '{"__REALTIME_TIMESTAMP":"1795221063104638","MESSAGE":null}',
    record: { epochMs: 1_795_221_063_104.638, message: '' },
  },
  {
    form: 'JSON with several messages',
    kind: 'journal',
    text: '{"MESSAGE":["one","two"]}',
    record: { message: 'one\ntwo' },
  },
  {
    form: 'json-seq',
    kind: 'journal',
    text: '\u001E{"__REALTIME_TIMESTAMP":"1795221063104638","MESSAGE":"x"}',
    record: { epochMs: 1_795_221_063_104.638, message: 'x' },
  },
  {
    form: 'containerd’s own log',
    kind: 'journal',
    text: String.raw`time="2026-11-21T00:31:01Z" level=error msg="RunPodSandbox failed, error" error="sandbox \"5e8d\""`,
    record: { epochMs: AT, message: 'RunPodSandbox failed, error error="sandbox "5e8d""' },
  },
  {
    form: 'etcd’s own log (zap)',
    kind: 'journal',
    text: '{"level":"warn","ts":"2026-11-21T00:31:01Z","caller":"embed/etcd.go:117","msg":"rejected connection","error":"tls: x"}',
    record: { epochMs: AT, message: 'rejected connection error=tls: x' },
  },
  {
    form: 'etcd 3.3 (capnslog)',
    kind: 'journal',
    text: '2020-07-11 10:00:00.123456 W | etcdserver: read-only range request took too long',
    record: {
      wall: { year: 2020, month: 7, day: 11, msOfDay: 36_000_123.456 },
      message: 'etcdserver: read-only range request took too long',
    },
  },
  {
    form: 'Calico',
    kind: 'journal',
    text: '2020-07-19 06:19:39.767 [FATAL][1144] int_dataplane.go 1032: Kernel',
    record: {
      wall: { year: 2020, month: 7, day: 19, msOfDay: 22_779_767 },
      message: 'int_dataplane.go 1032: Kernel',
    },
  },
  {
    form: 'a CRI log file around klog',
    kind: 'journal',
    text: `2026-11-21T00:31:01.525393865Z stderr F ${klog}: again`,
    record: { epochMs: AT + 525.393865, message: 'failed to update lease: again' },
  },
  {
    form: 'a CRI log file with a message that looks like an identifier',
    kind: 'journal',
    text: '2026-11-21T00:31:01Z stderr F hello: world',
    record: { epochMs: AT, message: 'hello: world' },
  },
  {
    form: 'docker’s json-file',
    kind: 'journal',
    text: JSON.stringify({ log: `${klog}\n`, stream: 'stderr', time: '2026-11-21T00:31:01Z' }),
    record: { epochMs: AT, message: 'failed to update lease' },
  },
  {
    form: 'a broken line of JSON stays as it is',
    kind: 'journal',
    text: '{"MESSAGE":"cut o',
    record: { message: '{"MESSAGE":"cut o' },
  },
]

/** Fractions of a millisecond pass through binary floating point. */
function microseconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 1000)
}

describe.each(cases)('$form', ({ kind, text, record }) => {
  test('is taken apart', () => {
    const { epochMs, ...rest } = logRecord(text, kind)
    const { epochMs: expected, ...expectedRest } = record
    expect(rest).toMatchObject(expectedRest)
    expect(microseconds(epochMs)).toBe(microseconds(expected))
  })
})

test('no text makes it throw', () => {
  const piece = oneof(
    string({ unit: 'binary' }),
    constantFrom(...cases.map(({ text }) => text), '[', '{', '"', '\\', ' ', ': ', 'time="', '-- '),
  )
  assert(
    property(array(piece, { maxLength: 6 }), constantFrom<LogKind>('journal', 'kernel'), (pieces, kind) => {
      expect(typeof logRecord(pieces.join(''), kind).message).toBe('string')
    }),
  )
})
