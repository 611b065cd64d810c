import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { asString } from '../../parsers/jsonValue.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'

/** Which resolv.conf the kubelet gives to pods whose DNS policy is Default, such as those of CoreDNS. */
export interface KubeletResolvConf {
  /** Its path; /etc/resolv.conf where nothing names another one. */
  readonly path: string
  /** k3s and rke2 look for a usable file themselves, and write one where there is none. */
  readonly isChosenByK3s: boolean
  /** The line that names it; left out for the default. */
  readonly origin?: Evidence
}

const DEFAULT_PATH = '/etc/resolv.conf'
/** A flag of the kubelet in kubeadm's file, a unit or k3s's `kubelet-arg`; k3s has `resolv-conf:` itself. */
const FLAG = /resolv-conf["']?(?:=|:\s*)["']?(\/[^\s"',]{1,255})/

/**
 * The file by the kubelet's configuration and flags (kubelet(8), --resolv-conf); kubeadm names that of systemd-resolved where it runs.
 * Undefined where no configuration of a kubelet was captured.
 */
export const kubeletResolvConf = defineNodeFact({
  name: 'resolv.conf of the kubelet',
  needs: { configs: captured.kubeConfigFiles },
  compute({ configs }): Availability<KubeletResolvConf | undefined> {
    const isChosenByK3s = configs.some(({ path }) => /\/rancher\/(?:k3s|rke2)\//.test(path))
    const own = configs.filter(({ path }) => /kubelet|\/rancher\//.test(path))
    const named = own.map(settingIn).find((setting) => setting !== undefined)
    if (named !== undefined) return available({ ...named, isChosenByK3s: false })
    return available(own.length === 0 ? undefined : { path: DEFAULT_PATH, isChosenByK3s })
  },
})

function settingIn(
  config: Capture<YamlConfig>,
): { readonly path: string; readonly origin: Evidence } | undefined {
  const setting = configValue(config.value, ['resolvConf'])
  const path = asString(setting?.value)
  if (setting !== undefined && path !== undefined && path !== '') {
    return { path, origin: config.cite(setting.line) }
  }
  for (const line of config.value.lines) {
    const [, flag] = /^\s*#/.test(line.text) ? [] : (FLAG.exec(line.text) ?? [])
    if (flag !== undefined) return { path: flag, origin: config.cite(line) }
  }
  return undefined
}
