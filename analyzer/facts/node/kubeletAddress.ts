import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import { asString, asStrings } from '../../parsers/jsonValue.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { kubeNodeOf } from './nodeAddresses.ts'

/** Where the API server calls a kubelet. */
export interface KubeletAddress {
  readonly address: Address
  /** Who says so: the API server's list of nodes, or `node-ip` of k3s and rke2. */
  readonly source: 'api' | 'config'
  readonly origin: Evidence
}

/**
 * The address at which the API server calls the node's kubelet for logs, exec and metrics: its first InternalIP, which is what
 * kubeadm, k3s and rke2 have it prefer. Where no bundle has the list of nodes: the first `node-ip` of k3s's configuration.
 */
export const kubeletAddress = defineNodeFact({
  name: 'address of the kubelet',
  needs: { configs: captured.kubeConfigFiles },
  wants: { kubeNodes: kubeApi.nodes },
  compute({ configs, kubeNodes }, node): Availability<KubeletAddress> {
    const known = kubeNodeOf(node, kubeNodes)
    const [address] = known?.internalAddresses ?? []
    if (known !== undefined && kubeNodes !== undefined && address !== undefined) {
      return available({ address, source: 'api', origin: kubeNodes.cite(known.line) })
    }
    const configured = configs.map(nodeIp).findLast((setting) => setting !== undefined)
    if (configured !== undefined) return available(configured)
    return unavailable({
      code: 'undetermined',
      node: node.id,
      what: { en: 'the address of the kubelet', zh: 'kubelet 的地址' },
    })
  },
})

/** `node-ip: 192.168.3.123`, also a list, also with commas; 0.0.0.0 names no address. */
function nodeIp(config: Capture<YamlConfig>): KubeletAddress | undefined {
  if (!/\/rancher\/(?:k3s|rke2)\/config\.yaml/.test(config.path)) return undefined
  const setting = configValue(config.value, ['node-ip'])
  const text = asString(setting?.value) ?? asStrings(setting?.value)[0]
  const address = parseAddress((text ?? '').split(',')[0] ?? '')
  if (setting === undefined || address === undefined || address === '0.0.0.0' || address === '::')
    return undefined
  return { address, source: 'config', origin: config.cite(setting.line) }
}
