import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type Address, parseAddress } from '../../net/address.ts'
import { asString, asStrings } from '../../parsers/jsonValue.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'

/** A name server that the kubelet writes into the resolv.conf of pods. */
export interface ClusterDns {
  readonly address: Address
  /** The line that names it. */
  readonly origin: Evidence
}

/** A flag of the kubelet in kubeadm’s file or a unit. */
const FLAG = /--cluster-dns[= ]["']?([\dA-Fa-f.:,]{2,200})/

/**
 * The name servers of pods by the kubelet’s configuration (KubeletConfiguration clusterDNS), its flags, which go before it, or
 * `cluster-dns` of k3s and rke2. Empty where no captured configuration names one.
 */
export const clusterDns = defineNodeFact({
  name: 'DNS servers of pods',
  needs: { configs: captured.kubeConfigFiles },
  compute({ configs }): Availability<readonly ClusterDns[]> {
    const kubelet = configs.filter(({ path }) => /kubelet|kubeadm-flags/.test(path))
    const flags = kubelet.flatMap(flagsIn)
    if (flags.length > 0) return available(flags)
    const k3s = configs.filter(({ path }) => /\/rancher\/(?:k3s|rke2)\/config\.yaml/.test(path))
    return available([
      ...kubelet.flatMap((config) => settingIn(config, 'clusterDNS')),
      ...k3s.flatMap((config) => settingIn(config, 'cluster-dns')),
    ])
  },
})

function flagsIn(config: Capture<YamlConfig>): readonly ClusterDns[] {
  return config.value.lines.flatMap((line) => {
    const [, list = ''] = /^\s*#/.test(line.text) ? [] : (FLAG.exec(line.text) ?? [])
    return addressesIn(list.split(','), config.cite(line))
  })
}

function settingIn(config: Capture<YamlConfig>, key: string): readonly ClusterDns[] {
  const setting = configValue(config.value, [key])
  if (setting === undefined) return []
  const listed = asStrings(setting.value)
  const texts = listed.length > 0 ? listed : (asString(setting.value) ?? '').split(',')
  return addressesIn(texts, config.cite(setting.line))
}

function addressesIn(texts: readonly string[], origin: Evidence): readonly ClusterDns[] {
  return texts.flatMap((text) => {
    const address = parseAddress(text.trim())
    return address === undefined ? [] : [{ address, origin }]
  })
}
