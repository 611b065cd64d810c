import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, notApplicable } from '../../engine/verdict.ts'
import { type HostPort, hostPortsOf } from '../../facts/node/hostPorts.ts'
import { iptablesDumps } from '../../facts/node/iptablesDumps.ts'
import type { IptablesDump } from '../../facts/node/iptablesReadings.ts'
import { liveSandboxes } from '../../facts/node/liveSandboxes.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesRule } from '../../parsers/iptablesTables.ts'
import { type HostPortStale, text } from './cni-hostport-stale.text.ts'

type Note = 'stale' | 'behind' | 'target' | 'list'

/** The portmap plugin’s entry for a pod that is gone: the first one for a port wins (plugins/meta/portmap/portmap_iptables.go). */
export default defineRule({
  id: 'cni-hostport-stale',
  area: 'iptables',
  severity: 'high',
  references: [
    { title: 'containernetworking/plugins plugins/meta/portmap/portmap_iptables.go' },
    {
      title: 'containernetworking/plugins#683: stale CNI-HOSTPORT-DNAT entries',
      url: 'https://github.com/containernetworking/plugins/issues/683',
    },
  ],
  needs: { dumps: iptablesDumps, sandboxes: liveSandboxes },
  text,
  check({ dumps, sandboxes }, node) {
    const entries = dumps.filter(({ counted }) => counted).flatMap(({ capture }) => hostPortsOf(capture))
    if (entries.length === 0) return notApplicable('noHostPorts')
    const stale = entries.filter(({ sandbox }) => !sandboxes.knows(sandbox))
    if (stale.length === 0) return clear()
    return stale.map((entry) => {
      const behind = entries.slice(entries.indexOf(entry) + 1).find((later) => takesFrom(entry, later))
      return tell(entry, behind, node.id, { dumps, list: sandboxes.origins })
    })
  },
})

/** Both take a packet for one port of one protocol, on one address. */
function takesFrom(first: HostPort, later: HostPort): boolean {
  return (
    first.protocol === later.protocol &&
    first.sandbox !== later.sandbox &&
    (first.address === '' || first.address === later.address) &&
    later.ports.some((port) => first.ports.includes(port))
  )
}

function tell(
  entry: HostPort,
  behind: HostPort | undefined,
  node: string,
  { dumps, list }: { readonly dumps: readonly IptablesDump[]; readonly list: readonly Evidence[] },
): Found<HostPortStale, Note> {
  const target = dumps.map((dump) => destination(dump, entry.chain)).find((found) => found !== undefined)
  const ports = entry.ports.map((port) => `${port}/${entry.protocol}`)
  return found<HostPortStale, Note>(
    { node, ports, chain: entry.chain, isInFront: behind !== undefined, ...(target && { to: target.to }) },
    {
      subject: `${entry.protocol} ${entry.ports.join(',')} ${entry.sandbox.slice(0, 12)}`,
      severity: behind === undefined ? 'medium' : 'high',
      confidence: behind === undefined ? 'likely' : 'certain',
      evidence: [
        withNote<Note>(entry.origin, 'stale'),
        ...(behind ? [withNote<Note>(behind.origin, 'behind')] : []),
        ...(target ? [withNote<Note>(target.origin, 'target')] : []),
        ...list.map((origin) => withNote<Note>(origin, 'list')),
      ],
      about: [`node:${node}`, `chain:nat/${entry.chain}`],
    },
  )
}

function destination(
  { capture }: IptablesDump,
  chain: string,
): { readonly to: string; readonly origin: Evidence } | undefined {
  const rules: readonly IptablesRule[] = capture.value.tables.get('nat')?.chains.get(chain)?.rules ?? []
  for (const rule of rules) {
    const to = parseIptablesRule(rule).targetOptions.get('--to-destination')
    if (to !== undefined) return { to, origin: capture.cite(rule.line) }
  }
  return undefined
}
