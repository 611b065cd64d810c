import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { isV4 } from '../../net/address.ts'
import { parsePrefix, smallestCoveringPrefix } from '../../net/prefix.ts'
import { asArray, asString, asStrings, field } from '../../parsers/jsonValue.ts'
import type { KubeService } from '../../parsers/kubeServices.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { type CitedPrefix, podNetworks } from '../node/podNetworks.ts'
import { kubeApi } from './kubeApi.ts'

/** The networks of the cluster beside the nodes' own. Derived from what the cluster does, never from labels alone. */
export interface ClusterNetworks {
  /** The whole networks that pods have addresses from, where a configuration declares them. */
  readonly pods: readonly CitedPrefix[]
  /** The parts that single nodes hand out. */
  readonly podsOfNodes: readonly CitedPrefix[]
  /** Where Service addresses come from: declared, else the smallest network around the known ones. */
  readonly services: readonly CitedPrefix[]
}

/** Flags of the control plane's processes, and keys of k3s and rke2, that declare the networks. */
const POD_KEYS = ['cluster-cidr', '--cluster-cidr', 'podSubnet', 'clusterCIDR']
const SERVICE_KEYS = ['service-cidr', '--service-cluster-ip-range', 'serviceSubnet']

/** Pod and service networks of the case. */
export const clusterNetworks = defineClusterFact({
  name: 'cluster networks',
  needs: {
    podNetworks: eachNode(podNetworks),
    flannel: eachNode(captured.flannelSubnetEnv),
    configs: eachNode(captured.kubeConfigFiles),
  },
  wants: { services: kubeApi.services },
  compute({ podNetworks, flannel, configs, services }): Availability<ClusterNetworks> {
    const flannelNetworks = flannel.flatMap(({ value }) =>
      [...value.value.networks, ...value.value.ipv6Networks].map((network) => ({
        prefix: network.value,
        origin: value.cite(network.line),
      })),
    )
    const declared = declaredIn(configs, SERVICE_KEYS)
    return available({
      pods: [...flannelNetworks, ...declaredIn(configs, POD_KEYS)],
      podsOfNodes: podNetworks.flatMap(({ value }) => value),
      services: declared.length > 0 ? declared : aroundServices(services),
    })
  },
})

function declaredIn(
  configs: readonly OfNode<readonly Capture<YamlConfig>[]>[],
  keys: readonly string[],
): readonly CitedPrefix[] {
  return configs.flatMap(({ value }) =>
    value.flatMap((config) => keys.flatMap((key) => declared(config, key))),
  )
}

/** A key of a configuration file, or a flag in the command of a static pod, with one network or a pair of them (dual-stack). */
function declared(config: Capture<YamlConfig>, key: string): readonly CitedPrefix[] {
  if (key.startsWith('--')) return inCommand(config, key)
  const setting = configValue(config.value, [key]) ?? configValue(config.value, ['networking', key])
  if (setting === undefined) return []
  const texts = asString(setting.value)?.split(',') ?? asStrings(setting.value)
  return prefixes(texts, config, setting.line.number)
}

function inCommand(config: Capture<YamlConfig>, flag: string): readonly CitedPrefix[] {
  const containers = config.value.documents.flatMap(({ value }) =>
    asArray(field(value, 'spec', 'containers')),
  )
  const commands = containers.flatMap((container) =>
    asStrings(field(container, 'command')).concat(asStrings(field(container, 'args'))),
  )
  const setting = commands.find((word) => word.startsWith(`${flag}=`))
  if (setting === undefined) return []
  const line = config.value.lines.find(({ text }) => text.includes(setting))
  return prefixes(setting.slice(flag.length + 1).split(','), config, line?.number ?? 0)
}

function prefixes(
  texts: readonly string[],
  config: Capture<YamlConfig>,
  lineNumber: number,
): readonly CitedPrefix[] {
  const text = config.value.lines[lineNumber - 1]?.text ?? ''
  return texts.flatMap((word) => {
    const prefix = parsePrefix(word.trim())
    return prefix === undefined ? [] : [{ prefix, origin: config.cite({ number: lineNumber, text }) }]
  })
}

function aroundServices(services: Capture<readonly KubeService[]> | undefined): readonly CitedPrefix[] {
  const first = services?.value.find(({ clusterAddresses }) => clusterAddresses.length > 0)
  if (services === undefined || first === undefined) return []
  const addresses = services.value.flatMap(({ clusterAddresses }) => clusterAddresses).filter(isV4)
  const prefix = smallestCoveringPrefix(addresses)
  return prefix === undefined ? [] : [{ prefix, origin: services.cite(first.line) }]
}
