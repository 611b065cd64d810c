import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineClusterFact, defineNodeFact, eachNode } from '../../engine/fact.ts'
import { type Address, isLoopback, parseAddress } from '../../net/address.ts'
import { parseAddressPort } from '../../parsers/addressPort.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import { asString } from '../../parsers/jsonValue.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import type { Line } from '../../text/line.ts'
import { kubeApi } from './kubeApi.ts'

/** An address at which some node, or the cluster itself, knows the API server. */
export interface ApiServerAddress {
  readonly address: Address
  /** Left out where the URL names none. */
  readonly port?: number
  /**
   * `client`: a kubeconfig or a k3s/rke2 `server:`, as the components of a node use it; `endpoint`: behind the Service
   * default/kubernetes, as an API server announced itself.
   */
  readonly kind: 'client' | 'endpoint'
  readonly origin: Evidence
}

/** The Service of the API servers, as kube-proxy names it in its rules. */
const API_SERVICE = 'default/kubernetes:https'
/** A kubeconfig of a network plugin names the cluster address of that Service: no address of an API server. */
const PLUGIN_FOLDER = '/cni/'

/** What the node's own files and rules say; loopback addresses (a local load balancer) and names that /etc/hosts lacks are left out. */
const knownToNode = defineNodeFact({
  name: 'API server addresses of the node',
  needs: { configs: captured.kubeConfigFiles },
  wants: { kubeconfigs: captured.kubeConfigs, hosts: captured.hosts, iptables: captured.iptablesSave },
  compute({ configs, kubeconfigs, hosts, iptables }): Availability<readonly ApiServerAddress[]> {
    const servers: { readonly url: string; readonly origin: Evidence }[] = []
    for (const { path, server, line } of kubeconfigs?.value ?? []) {
      if (kubeconfigs && !path.includes(PLUGIN_FOLDER))
        servers.push({ url: server, origin: kubeconfigs.cite(line) })
    }
    for (const config of configs) {
      const server = serverOf(config)
      if (server !== undefined) servers.push({ url: server.url, origin: config.cite(server.line) })
    }
    const clients = servers.flatMap(({ url, origin }): ApiServerAddress[] => {
      const target = targetOf(url, hosts?.value ?? [])
      return target === undefined ? [] : [{ ...target, kind: 'client', origin }]
    })
    return available([...clients, ...(iptables === undefined ? [] : endpointsIn(iptables))])
  },
})

/** Those that a node uses: what its own files name, and those behind the Service of the API servers, which every node calls. */
export function serversKnownTo(
  node: string,
  servers: readonly ApiServerAddress[],
): readonly ApiServerAddress[] {
  return servers.filter(({ kind, origin }) => kind === 'endpoint' || origin.bundle === node)
}

/** All addresses of the API server that the case tells of. */
export const apiServerAddresses = defineClusterFact({
  name: 'API server addresses',
  needs: { known: eachNode(knownToNode) },
  wants: { endpoints: kubeApi.endpoints },
  compute({ known, endpoints }): Availability<readonly ApiServerAddress[]> {
    const announced: ApiServerAddress[] = []
    for (const { namespace, service, subsets, line } of endpoints?.value ?? []) {
      if (namespace !== 'default' || service !== 'kubernetes' || endpoints === undefined) continue
      for (const { addresses, ports } of subsets) {
        const port = ports[0]?.port
        for (const { address } of addresses) {
          const origin = endpoints.cite(line)
          announced.push({ address, kind: 'endpoint', origin, ...(port !== undefined && { port }) })
        }
      }
    }
    return available([...known.flatMap(({ value }) => value), ...announced])
  },
})

/** `server: https://…:6443` of an agent's k3s or rke2 configuration (rke2: port 9345, on the same host). */
function serverOf(config: Capture<YamlConfig>): { readonly url: string; readonly line: Line } | undefined {
  if (!/\/rancher\/(?:k3s|rke2)\/config\.yaml/.test(config.path)) return undefined
  const setting = configValue(config.value, ['server'])
  const url = asString(setting?.value)
  return setting === undefined || url === undefined ? undefined : { url, line: setting.line }
}

function targetOf(
  url: string,
  hosts: readonly Line[],
): { readonly address: Address; readonly port?: number } | undefined {
  const [, bracketed, host, digits] =
    /^https?:\/\/(?:\[([^\]]{2,45})\]|([^\s:/]{1,253}))(?::(\d{1,5}))?(?:\/|$)/.exec(url) ?? []
  const name = bracketed ?? host ?? ''
  const address = parseAddress(name) ?? inHostsFile(name, hosts)
  if (address === undefined || isLoopback(address)) return undefined
  return digits === undefined ? { address } : { address, port: Number(digits) }
}

/** The address of a name, by hosts(5): an address, then names; a # begins a comment. The first line that has the name counts. */
export function inHostsFile(name: string, hosts: readonly Line[]): Address | undefined {
  for (const { text } of hosts) {
    const [address = '', ...names] = (text.split('#')[0] ?? '').trim().split(/\s+/)
    if (names.some((known) => known.toLowerCase() === name.toLowerCase())) return parseAddress(address)
  }
  return undefined
}

/** The servers that kube-proxy's rules translate default/kubernetes to: `-m comment --comment "default/kubernetes:https" … DNAT`. */
function endpointsIn(iptables: Capture<IptablesSave>): ApiServerAddress[] {
  const found: ApiServerAddress[] = []
  for (const chain of iptables.value.tables.get('nat')?.chains.values() ?? []) {
    if (!chain.name.startsWith('KUBE-SEP-')) continue
    for (const rule of chain.rules) {
      if (!rule.spec.includes(API_SERVICE) || !rule.spec.includes('DNAT')) continue
      const to = parseIptablesRule(rule).targetOptions.get('--to-destination') ?? ''
      const { address, port } = parseAddressPort(to) ?? {}
      if (address === undefined || port === undefined) continue
      found.push({ address, port, kind: 'endpoint', origin: iptables.cite(rule.line) })
    }
  }
  return found
}
