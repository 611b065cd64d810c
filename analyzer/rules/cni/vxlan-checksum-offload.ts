import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, type Subject, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import {
  type ChecksumSender,
  type ChecksumVictim,
  checksumSenders,
} from '../../facts/cluster/checksumSenders.ts'
import { checksumTrigger } from '../../facts/node/checksumTrigger.ts'
import { captured } from '../../sources/captured.ts'
import { type ChecksumOffload, text } from './vxlan-checksum-offload.text.ts'

type Note = 'offload' | 'kernel' | 'rule' | 'log' | 'counters'

/** Without another sign, so many and so large a part of all UDP packets are told. */
const MANY_ERRORS = 100
const LARGE_SHARE = 0.01

/**
 * VXLAN packets with a wrong checksum: the kernel of the receiver drops them before the device, so that the first packets of connections
 * from nodes to Services are lost and sent anew after 1, 3, 7… 63 seconds.
 */
export default defineRule({
  id: 'vxlan-checksum-offload',
  area: 'cni',
  severity: 'high',
  references: [
    {
      title: 'kubernetes#88986: 63 seconds until a Service answers from a node',
      url: 'https://github.com/kubernetes/kubernetes/issues/88986',
    },
    {
      title: 'kubernetes#92035: take the mark off before masquerading',
      url: 'https://github.com/kubernetes/kubernetes/pull/92035',
    },
    {
      title: 'flannel#1279: UDP: bad checksum',
      url: 'https://github.com/flannel-io/flannel/issues/1279',
    },
    {
      title: 'Linux ea64d8d6c675: netfilter: nat: never update the UDP checksum when it’s 0',
      url: 'https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/commit/?id=ea64d8d6c675',
    },
  ],
  needs: { state: checksumTrigger, senders: checksumSenders },
  wants: { snmp: captured.snmp },
  text,
  check({ state, senders, snmp }, node) {
    const own = senders.filter(
      ({ name, victims }) => name === node.id || victims.some((victim) => victim.node === node.id),
    )
    if (own.length > 0) return own.map(wrongChecksums)
    if (state.devices.length === 0) return notApplicable('noDevice')
    const udp = snmp?.value.get('Udp')
    const errors = udp?.get('InCsumErrors')
    const received = (udp?.get('InDatagrams')?.value ?? 0) + (udp?.get('InErrors')?.value ?? 0)
    if (snmp && errors && errors.value >= MANY_ERRORS && errors.value >= received * LARGE_SHARE) {
      return found<ChecksumOffload, Note>(
        { kind: 'counted', node: node.id, errors: errors.value },
        {
          subject: 'received',
          confidence: 'possible',
          severity: 'medium',
          evidence: [withNote<Note>(snmp.cite(errors.line), 'counters', errors.value)],
          about: [`node:${node.id}`],
        },
      )
    }
    return state.isUnknown ? unchecked('unknown') : []
  },
})

function wrongChecksums(sender: ChecksumSender): Found<ChecksumOffload, Note> {
  const { name, isPresent, trigger, isMended, victims } = sender
  const [confidence, severity] = judged(sender)
  const evidence: Citation<Note>[] = [
    ...victims.slice(0, 3).flatMap(signs),
    ...(trigger
      ? [
          withNote<Note>(trigger.offload, 'offload', trigger.device.name),
          withNote<Note>(trigger.rule, 'rule'),
          withNote<Note>(trigger.kernel, 'kernel'),
        ]
      : []),
  ]
  const nodes = victims.map(({ node }) => node)
  return found<ChecksumOffload, Note>(
    {
      kind: 'sent',
      sender: name,
      device: trigger?.device.name ?? 'flannel.1',
      victims: nodes,
      isLogged: victims.some(({ logged }) => logged !== undefined),
      isMended,
      ...(trigger && { release: trigger.release }),
    },
    {
      subject: name,
      confidence,
      severity,
      evidence,
      nodes: isPresent ? [name, ...nodes] : nodes,
      about: [name, ...nodes].map((node): Subject => `node:${node}`),
    },
  )
}

function judged({ trigger, isMended, victims }: ChecksumSender): readonly [Confidence, Severity] {
  // It may have been mended since.
  if (isMended) return ['possible', 'medium']
  const logged = victims.filter((victim) => victim.logged !== undefined)
  if (logged.some(({ errors }) => errors > 0)) return ['certain', 'high']
  if (logged.length > 0) return ['likely', 'high']
  return trigger !== undefined && victims.length > 0 ? ['likely', 'high'] : ['possible', 'medium']
}

function signs({ logged, counters, errors, node }: ChecksumVictim): readonly Citation<Note>[] {
  return [
    ...(logged ? [withNote<Note>(logged.origin, 'log', node)] : []),
    ...(counters && errors > 0 ? [withNote<Note>(counters, 'counters', errors)] : []),
  ]
}
