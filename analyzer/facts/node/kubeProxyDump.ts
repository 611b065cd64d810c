import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'
import { iptablesDumps } from './iptablesDumps.ts'
import { tableShortfalls } from './iptablesShortfalls.ts'

/**
 * The dump that shows kube-proxy's rules: the first of those that count whose nat table has its KUBE-SERVICES, else the first. A table
 * that the dump does not show as the kernel holds it, or not to its end, is a shortfall.
 */
export const kubeProxyDump = defineNodeFact({
  name: 'iptables dump of kube-proxy',
  needs: { dumps: iptablesDumps },
  compute({ dumps }, node): Availability<Capture<IptablesSave>> {
    const counted = dumps.filter((dump) => dump.counted)
    const dump =
      counted.find(({ capture }) => capture.value.tables.get('nat')?.chains.has('KUBE-SERVICES') === true) ??
      counted[0]
    if (dump === undefined) {
      return unavailable({
        code: 'unreliable',
        node: node.id,
        what: { en: 'every iptables dump', zh: '所有 iptables 导出' },
      })
    }
    const shortfalls = ['nat', 'filter'].flatMap((table) => tableShortfalls(dump, table, node.id))
    return available(dump.capture, shortfalls)
  },
})
