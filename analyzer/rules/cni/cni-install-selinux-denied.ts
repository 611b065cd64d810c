import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type SelinuxDenied, text } from './cni-install-selinux-denied.text.ts'

type Note = 'denied'

/** SELinux keeps the installer of a network plugin, a container, from writing its configuration or programs to the node. */
export default defineRule({
  id: 'cni-install-selinux-denied',
  area: 'cni',
  severity: 'high',
  references: [
    { title: 'Linux security/selinux/avc.c, avc_audit_pre_callback' },
    { title: 'k3s documentation, SELinux Support', url: 'https://docs.k3s.io/advanced' },
  ],
  needs: { logs: logSignals },
  text,
  check({ logs }, node) {
    const denied = logs.of('selinux-denied')
    // With permissive=1 the kernel told, and let it pass.
    const lines = denied?.lines.filter(({ groups }) => groups.get('permissive') !== '1') ?? []
    const last = lines.at(-1)
    if (denied === undefined || last === undefined) return clear()
    return found<SelinuxDenied, Note>(
      {
        node: node.id,
        lines: denied.count,
        permission: last.groups.get('permission') ?? '',
        source: last.groups.get('source') ?? '',
        target: last.groups.get('target') ?? '',
      },
      {
        subject: 'install',
        confidence: confidenceFromLog('likely', lines),
        evidence: lines
          .slice(-2)
          .map(({ origin }) => withNote<Note>(origin, 'denied', formatCount(denied.count))),
        about: [`node:${node.id}`],
      },
    )
  },
})
