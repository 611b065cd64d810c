import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { type NumericSetting, type Sysctl, sysctl } from '../../facts/node/sysctl.ts'
import type { IpvsService } from '../../parsers/ipvsadm.ts'
import { captured } from '../../sources/captured.ts'
import { type ConnReuse, type Note, text } from './ipvs-conn-reuse-delay.text.ts'

/** The kernel that reuses a port without a delay (commit f0a5e4d7a594, Linux 5.9). */
const FIXED_KERNEL: readonly [number, number] = [5, 9]
/** So many closed connections to a server that is on its way out show a client that opens many. */
const MANY_INACTIVE = 10

/** What kube-proxy sets when it starts in IPVS mode, and what goes wrong with any other value. */
const REQUIRED = ['expire_nodest_conn', 'conntrack'] as const

/** Settings of IPVS that send new connections to servers that are gone, or lose their address translation. */
export default defineRule({
  id: 'ipvs-conn-reuse-delay',
  area: 'ipvs',
  severity: 'medium',
  needs: { proxyMode, sysctl },
  wants: { ipvsadm: captured.ipvsadm, uname: captured.uname },
  references: [
    {
      title: 'IPVS: connections that reuse a port go to a server of weight 0, or wait a second',
      url: 'https://github.com/kubernetes/kubernetes/issues/81775',
    },
    { title: 'Linux, Documentation/networking/ipvs-sysctl.rst' },
  ],
  text,
  check({ proxyMode, sysctl, ipvsadm, uname }, node) {
    if (proxyMode.mode !== 'ipvs') return notApplicable('notIpvs')
    const findings: Found<ConnReuse, Note>[] = []
    const wrong = REQUIRED.flatMap((key) => wrongSetting(sysctl, key) ?? [])
    if (wrong.length > 0) {
      findings.push(
        found(
          { kind: 'settings', node: node.id, settings: wrong.map(({ key, value }) => ({ key, value })) },
          {
            subject: 'settings',
            confidence: 'likely',
            about: wrong.map(({ key }) => `sysctl:${key}` as const),
            evidence: wrong.map(({ origin }) => withNote(origin, 'setting')),
          },
        ),
      )
    }
    const reuse = sysctl.number('net.ipv4.vs.conn_reuse_mode')
    const kernel = uname?.value
    const leaving =
      kernel && isOld(kernel.kernelVersion) && reuse?.value === 0
        ? busyLeavers(ipvsadm?.value.services ?? [])
        : []
    const [first] = leaving
    if (first && reuse && kernel && ipvsadm) {
      findings.push(
        found(
          {
            kind: 'reuse',
            node: node.id,
            kernel: kernel.release,
            servers: leaving.map(({ name }) => name),
          },
          {
            subject: 'reuse',
            confidence: 'possible',
            about: ['sysctl:net.ipv4.vs.conn_reuse_mode'],
            evidence: [
              withNote(reuse.origin, 'reuse'),
              withNote(uname.cite(kernel.line), 'kernel'),
              withNote(ipvsadm.cite(first.line), 'leaving'),
            ],
          },
        ),
      )
    }
    return findings.length > 0 ? findings : clear()
  },
})

function isOld([major = 0, minor = 0]: readonly number[]): boolean {
  return major > 0 && (major < FIXED_KERNEL[0] || (major === FIXED_KERNEL[0] && minor < FIXED_KERNEL[1]))
}

interface WrongSetting extends NumericSetting {
  readonly key: string
  readonly origin: Evidence
}

function wrongSetting(sysctl: Sysctl, name: (typeof REQUIRED)[number]): WrongSetting | undefined {
  const key = `net.ipv4.vs.${name}`
  const setting = sysctl.number(key)
  return setting === undefined || setting.value === 1 ? undefined : { key, ...setting }
}

/** Servers of weight 0 whose closed connections a new one may be taken for. */
function busyLeavers(services: readonly IpvsService[]) {
  return services.flatMap(({ servers }) =>
    servers
      .filter(({ weight, inactive = 0 }) => weight === 0 && inactive >= MANY_INACTIVE)
      .map(({ address, port, line }) => ({
        name: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
        line,
      })),
  )
}
