import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { captured } from '../../sources/captured.ts'
import { type Recycling, text } from './sysctl-tcp-tw-recycle.text.ts'

type Note = 'on' | 'rejected'

const KEY = 'net.ipv4.tcp_tw_recycle'

/**
 * net.ipv4.tcp_tw_recycle is on: the kernel compares TCP time stamps by address, and drops connections of clients that share one behind
 * NAT (net/ipv4/tcp_ipv4.c, tcp_v4_conn_request; removed with Linux 4.12).
 */
export default defineRule({
  id: 'sysctl-tcp-tw-recycle',
  area: 'routing',
  severity: 'high',
  references: [
    { title: 'tcp(7), tcp_tw_recycle', url: 'https://man7.org/linux/man-pages/man7/tcp.7.html' },
    { title: 'Linux 4.12, commit 4396e46187ca (tcp: remove tcp_tw_recycle)' },
  ],
  needs: { sysctl },
  wants: { values: captured.sysctlValues, netstat: captured.netstat },
  text,
  check({ sysctl, values, netstat }, node) {
    const setting = sysctl.number(KEY)
    // Newer kernels have no such key; a capture without any key of TCP does not tell.
    const hasTcp = [...(values?.value.keys() ?? [])].some((key) => key.startsWith('net.ipv4.tcp_tw'))
    if (setting === undefined) return hasTcp ? clear() : unchecked('noKey')
    if (setting.value === 0 || sysctl.number('net.ipv4.tcp_timestamps')?.value === 0) return clear()
    const rejected = netstat?.value.get('TcpExt')?.get('PAWSPassive')
    const isProved = rejected !== undefined && rejected.value > 0
    const evidence: Citation<Note>[] = [withNote<Note>(setting.origin, 'on')]
    if (netstat && isProved) {
      evidence.push(withNote<Note>(netstat.cite(rejected.line), 'rejected', rejected.value))
    }
    return found<Recycling, Note>(
      { node: node.id, ...(isProved && { rejected: rejected.value }) },
      {
        subject: 'tcp_tw_recycle',
        confidence: isProved ? 'certain' : 'likely',
        evidence,
        about: [`node:${node.id}`, `sysctl:${node.id}/${KEY}`],
      },
    )
  },
})
