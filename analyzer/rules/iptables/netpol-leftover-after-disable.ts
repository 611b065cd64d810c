import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { type TableOfDump, iptablesTables } from '../../facts/node/iptablesTables.ts'
import type { CriContainer } from '../../parsers/criContainers.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './netpol-leftover-after-disable.text.ts'

const CONFIG = /^kube\/config\/etc\/rancher\/k3s\/config\.yaml(?:\.d\/|$)/
const CHAIN = /^KUBE-(?:POD-FW|NWPLCY)-/
/** Of kube-router with its own pod network. */
const ROUTER_DEVICE = /^kube-(?:bridge|dummy-if)/
const ROUTER = 'kube-router'

/** k3s was told to leave network policies alone, and the chains that it made before are still there (k3s-io/k3s#7244). */
export default defineRule({
  id: 'netpol-leftover-after-disable',
  area: 'iptables',
  severity: 'medium',
  references: [
    {
      title: 'k3s-io/k3s#7244: rules stay after --disable-network-policy',
      url: 'https://github.com/k3s-io/k3s/issues/7244',
    },
    { title: 'kube-router pkg/controllers/netpol/network_policy_controller.go' },
  ],
  needs: { configs: captured.kubeConfigFiles, filter: iptablesTables.filter },
  wants: { containers: captured.criContainers, interfaces },
  text,
  check({ configs, filter, containers, interfaces }, node) {
    const setting = disabling(configs)
    if (setting === undefined) return notApplicable('notDisabled')
    const isForeign =
      (interfaces ?? []).some(({ name }) => ROUTER_DEVICE.test(name)) ||
      (containers?.value ?? []).some(runsRouter)
    if (isForeign) return notApplicable('kubeRouter')
    const chains = filter.flatMap(chainsOf)
    const [first] = chains
    if (first === undefined) return filter.length === 0 ? unchecked('noRules') : clear()
    return found(
      { node: node.id, chains: chains.length },
      {
        subject: 'chains',
        // Another kube-router can be ruled out only where the containers are listed.
        confidence: containers?.status === 'ok' ? 'likely' : 'possible',
        evidence: [withNote(setting, 'disabled'), withNote(first, 'chain', chains.length)],
        about: [`node:${node.id}`],
      },
    )
  },
})

/** The line that turns network policies off; a later file overrides an earlier one. */
function disabling(configs: readonly Capture<YamlConfig>[]): Evidence | undefined {
  const settings = configs
    .filter(({ path }) => CONFIG.test(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap((config) => {
      const told = configValue(config.value, ['disable-network-policy'])
      return told === undefined ? [] : [{ value: told.value, origin: config.cite(told.line) }]
    })
  const last = settings.at(-1)
  return last !== undefined && (last.value === true || last.value === 'true') ? last.origin : undefined
}

function runsRouter({ name, state }: CriContainer): boolean {
  return name === ROUTER && state === 'RUNNING'
}

function chainsOf({ dump, table }: TableOfDump): readonly Evidence[] {
  return [...table.chains.values()]
    .filter(({ name }) => CHAIN.test(name))
    .map(({ line }) => dump.capture.cite(line))
}
