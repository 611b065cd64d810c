import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './ipvs-timeouts-idle-reset.text.ts'

/** What the kernel waits before it asks whether an idle connection is alive (tcp(7), tcp_keepalive_time). */
const DEFAULT_KEEPALIVE_SECONDS = 7200

/** IPVS forgets an idle connection long before either side asks whether it is alive. */
export default defineRule({
  id: 'ipvs-timeouts-idle-reset',
  area: 'ipvs',
  severity: 'info',
  needs: { proxyMode, everywhere: eachNode(captured.ipvsadmTimeouts) },
  wants: { timeouts: captured.ipvsadmTimeouts, sysctl },
  references: [
    { title: 'ipvsadm(8), --set' },
    {
      title: 'kube-proxy, --ipvs-tcp-timeout',
      url: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/',
    },
  ],
  text,
  check({ proxyMode, timeouts, everywhere, sysctl }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    const { tcpSeconds, line } = timeouts?.value ?? {}
    if (timeouts === undefined || tcpSeconds === undefined || line === undefined)
      return unchecked('noTimeouts')
    const keepalive = sysctl?.number('net.ipv4.tcp_keepalive_time')
    const keepaliveSeconds = keepalive?.value ?? DEFAULT_KEEPALIVE_SECONDS
    if (keepaliveSeconds < tcpSeconds) return clear()
    const alike = everywhere.filter(({ value }) => value.value.tcpSeconds === tcpSeconds)
    return found(
      {
        nodes: alike.map(({ node: { id } }) => id),
        tcpSeconds,
        keepaliveSeconds,
        isDefault: keepalive === undefined,
      },
      {
        subject: `tcp-${tcpSeconds}`,
        confidence: 'possible',
        nodes: [...new Set([...alike.map(({ node: { id } }) => id), node.id])],
        evidence: [
          withNote(timeouts.cite(line), 'timeout'),
          ...(keepalive ? [withNote(keepalive.origin, 'keepalive')] : []),
        ],
      },
    )
  },
})
