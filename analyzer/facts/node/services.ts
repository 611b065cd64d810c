import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, type Shortfall, available, unavailable } from '../../engine/availability.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { NodeScope } from '../../engine/scope.ts'
import type { NftRuleset } from '../../parsers/nftRuleset.ts'
import { captured } from '../../sources/captured.ts'
import { type ServiceInApi, kubeServices } from '../cluster/kubeServices.ts'
import { interfaces } from './interfaces.ts'
import { type NamedServicePort, iptablesServices } from './iptablesServices.ts'
import { ipvsServices } from './ipvsServices.ts'
import { servicePortName } from './kubeChainName.ts'
import { kubeProxyDump } from './kubeProxyDump.ts'
import { nftablesServices } from './nftablesServices.ts'
import { type ProxiedService, serviceAddressKey } from './proxiedService.ts'
import { proxyMode } from './proxyMode.ts'

/** Services that every cluster has under these names, for chains without comments where the API's answer is missing. */
const ALWAYS_THERE: readonly NamedServicePort[] = [
  { name: 'default/kubernetes:https', protocol: 'tcp' },
  { name: 'kube-system/kube-dns:dns', protocol: 'udp' },
  { name: 'kube-system/kube-dns:dns-tcp', protocol: 'tcp' },
]

/**
 * The addresses and ports of Services as this node's kube-proxy programmed them with iptables, IPVS or nftables. Empty on a node
 * without kube-proxy; unavailable where the mode is not known.
 */
export const services = defineNodeFact({
  name: 'services of the node',
  needs: { proxyMode },
  wants: {
    iptables: kubeProxyDump,
    ip6tables: captured.ip6tablesSave,
    ipvsadm: captured.ipvsadm,
    procIpVs: captured.procIpVs,
    nftRuleset: captured.nftRuleset,
    sets: captured.ipsetSave,
    interfaces,
    api: kubeServices,
  },
  compute(
    { proxyMode, iptables, ip6tables, ipvsadm, procIpVs, nftRuleset, sets, interfaces, api },
    node,
  ): Availability<readonly ProxiedService[]> {
    if (proxyMode.mode === 'iptables' && iptables) {
      const known = [...ALWAYS_THERE, ...portsInApi(api)]
      return available([iptables, ip6tables].flatMap((dump) => (dump ? iptablesServices(dump, known) : [])))
    }
    if (proxyMode.mode === 'ipvs') {
      const surroundings = { sets: sets?.value, interfaces, api }
      const [first = [], second = []] = [ipvsadm, procIpVs].flatMap((table) =>
        table?.value.supported === true ? [ipvsServices(table, surroundings)] : [],
      )
      return available(withServersOf(first, second))
    }
    if (proxyMode.mode === 'nftables' && nftRuleset) {
      return available(nftablesServices(nftRuleset), breaksOff(nftRuleset, node))
    }
    if (proxyMode.mode === 'none') return available([])
    return unavailable({
      code: 'undetermined',
      node: node.id,
      what: { en: 'the services of kube-proxy', zh: 'kube-proxy 的 Service' },
    })
  },
})

function breaksOff({ value, path }: Capture<NftRuleset>, { id }: NodeScope): readonly Shortfall[] {
  return value.complete ? [] : [{ code: 'truncated', node: id, what: path }]
}

/** ipvsadm's listing may have been cut by hand: what it lacks is taken from the kernel's own list. */
function withServersOf(
  first: readonly ProxiedService[],
  second: readonly ProxiedService[],
): readonly ProxiedService[] {
  const merged = new Map(first.map((service) => [serviceAddressKey(service), service]))
  for (const service of second) {
    const key = serviceAddressKey(service)
    const known = merged.get(key)
    if (known === undefined || (known.endpoints.length === 0 && service.endpoints.length > 0)) {
      merged.set(key, service)
    }
  }
  return [...merged.values()]
}

function portsInApi(api: ReadonlyMap<string, ServiceInApi> | undefined): readonly NamedServicePort[] {
  return [...(api?.values() ?? [])].flatMap(({ service }) =>
    service.ports.map(({ name, protocol }) => ({
      name: servicePortName(service.namespace, service.name, name),
      protocol,
    })),
  )
}
