import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './collected-in-container.text.ts'

/** Fallback devices that the kernel puts into every namespace when a tunnel module is loaded. */
const IN_EVERY_NAMESPACE = /^(?:tunl0|sit0|gre0|gretap0|erspan0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)$/

/** The bundle shows the inside of a container. */
export default defineRule({
  id: 'collected-in-container',
  area: 'evidence',
  severity: 'medium',
  references: [{ title: 'network_namespaces(7)' }],
  needs: { interfaces, iptables: captured.iptablesSave },
  text,
  check({ interfaces, iptables }, node) {
    const own = interfaces.filter(({ name, role }) => role !== 'loopback' && !IN_EVERY_NAMESPACE.test(name))
    if (own.length === 0 || !own.every(isFarEnd) || iptables.value.ruleCount > 0) return clear()
    return found(
      { node: node.id, devices: own.map(({ name }) => name) },
      {
        subject: 'namespace',
        confidence: 'likely',
        evidence: own.slice(0, 4).map(({ origin }) => withNote(origin, 'device')),
      },
    )
  },
})

/** `eth0@if7`: the other end has this index in another namespace (rtnetlink, IFLA_LINK with IFLA_LINK_NETNSID). */
function isFarEnd({ role, peer, kind }: NodeInterface): boolean {
  return role === 'host' && /^if\d+$/.test(peer ?? '') && (kind === undefined || kind === 'veth')
}
