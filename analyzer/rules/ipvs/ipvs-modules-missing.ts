import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './ipvs-modules-missing.text.ts'

/** kube-proxy was told to work with IPVS and does not, for modules of the kernel are missing (pkg/proxy/ipvs/proxier.go, 1.8 to 1.26). */
export default defineRule({
  id: 'ipvs-modules-missing',
  area: 'ipvs',
  severity: 'medium',
  needs: { proxyMode, logs: logSignals },
  wants: { modules: captured.modules },
  references: [
    { title: 'Kubernetes 1.20, pkg/proxy/ipvs/proxier.go (CanUseIPVSProxier)' },
    {
      title: 'Run kube-proxy in IPVS mode',
      url: 'https://github.com/kubernetes/kubernetes/tree/master/pkg/proxy/ipvs',
    },
  ],
  text,
  check({ proxyMode, logs, modules }, node) {
    if (proxyMode.mode === 'ipvs') return notApplicable('isIpvs')
    const logged = logs.of('ipvs-modules-missing')
    const last = logged?.lines.at(-1)
    if (logged === undefined || last === undefined) return clear()
    const named = modulesIn(last.groups.get('modules') ?? '')
    // Modules that are built into the kernel are not listed, but those are not missed by kube-proxy either.
    const absent = named.filter((name) => modules?.status === 'ok' && !modules.value.has(name))
    return found(
      { node: node.id, mode: proxyMode.mode, modules: named, absent },
      {
        subject: 'modules',
        about: [`node:${node.id}`],
        confidence: confidenceFromLog(absent.length > 0 ? 'certain' : 'likely', logged.lines),
        evidence: [
          withNote(last.origin, 'log'),
          ...proxyMode.evidence.slice(0, 1).map((line) => withNote(line, 'mode', proxyMode.mode)),
          ...(modules && absent.length > 0 ? [withNote(modules.cite({ number: 0, text: '' }), 'list')] : []),
        ],
      },
    )
  },
})

/** `ip_vs_rr nf_conntrack_ipv4(or nf_conntrack for Linux kernel 4.19 and later)` */
function modulesIn(list: string): readonly string[] {
  return list
    .replace('(or nf_conntrack for Linux kernel 4.19 and later)', '')
    .split(' ')
    .filter((name) => name !== '')
}
