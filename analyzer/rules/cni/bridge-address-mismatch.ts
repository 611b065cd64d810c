import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Evidence, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { interfaces } from '../../facts/node/interfaces.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import { hostLocalRange } from '../../facts/node/hostLocalRange.ts'
import { isV4 } from '../../net/address.ts'
import { type Prefix, formatPrefix, prefixOf } from '../../net/prefix.ts'
import type { CniConf, CniPlugin, CniRange } from '../../parsers/cniConf.ts'
import { captured } from '../../sources/captured.ts'
import { type BridgeAddressMismatch, text } from './bridge-address-mismatch.text.ts'

type Note = 'told' | 'held' | 'bridge' | 'log'

const needs = { interfaces }
const wants = { confs: captured.cniConf, flannel: captured.flannelSubnetEnv, logs: logSignals }

/** The address that the plugin wants on its bridge, and where that is told. */
interface Wanted {
  readonly bridge: string
  readonly gateway: Prefix
  readonly isForced: boolean
  readonly origin: Evidence
}

/**
 * The bridge of the pods has another IPv4 address than the plugin wants to give it. The bridge plugin then refuses every new pod, unless
 * it may force the address (containernetworking/plugins bridge.go, ensureAddr). Reproduced with bridge 1.1.1.
 */
export default defineRule({
  id: 'bridge-address-mismatch',
  area: 'cni',
  severity: 'critical',
  references: [
    {
      title: 'containernetworking/plugins plugins/main/bridge/bridge.go, ensureAddr',
      url: 'https://github.com/containernetworking/plugins/blob/main/plugins/main/bridge/bridge.go',
    },
    {
      title: 'flannel#1850: cni0 keeps the address of a former subnet',
      url: 'https://github.com/flannel-io/flannel/issues/1850',
    },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { interfaces, confs, flannel, logs } = inputs
    const plugin = confs === undefined ? undefined : mainPlugin(confs)
    if (plugin?.kind === 'broken') return unchecked('broken')
    if (plugin?.kind === 'other') return notApplicable('otherPlugin')
    const wanted =
      plugin === undefined ? wantedByFlannel(inputs) : wantedBy(plugin.conf, plugin.main, flannel)
    if (wanted === undefined) {
      if (plugin === undefined && flannel === undefined) return unchecked('unknown')
      return plugin?.main.type === 'flannel' ? unchecked('noAddress') : notApplicable('noAddress')
    }
    const bridge = interfaces.find(({ name }) => name === wanted.bridge)
    const held = bridge?.addresses.filter(({ address, scope }) => isV4(address) && scope === 'global') ?? []
    if (bridge === undefined || held.length === 0) return []
    const { address, length } = wanted.gateway
    if (held.some((own) => own.address === address && own.prefixLength === length)) return []
    const refused = logs?.of('bridge-address-differs')?.lines.filter(isOf(wanted)) ?? []
    const pods = interfaces.filter((port) => port.master === bridge.name && isPodPort(port)).length
    return [mismatch(node.id, wanted, held, pods, refused, bridge.origin)]
  },
})

function isOf({ bridge }: Wanted): (line: LoggedLine) => boolean {
  return ({ groups, old }) => !old && groups.get('bridge') === bridge
}

function mismatch(
  node: string,
  wanted: Wanted,
  held: readonly { readonly address: string; readonly prefixLength: number; readonly origin: Evidence }[],
  pods: number,
  refused: readonly LoggedLine[],
  origin: Evidence,
): Found<BridgeAddressMismatch, Note> {
  const { bridge, gateway, isForced } = wanted
  const isMild = isForced && refused.length === 0
  return found<BridgeAddressMismatch, Note>(
    {
      node,
      bridge,
      wanted: `${gateway.address}/${gateway.length}`,
      held: held.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
      pods,
      isForced,
      isLogged: refused.length > 0,
    },
    {
      subject: bridge,
      severity: isMild ? 'medium' : 'critical',
      confidence: isMild ? 'likely' : 'certain',
      evidence: [
        withNote<Note>(wanted.origin, 'told', `${gateway.address}/${gateway.length}`),
        withNote<Note>(origin, 'bridge'),
        ...held.slice(0, 2).map((own) => withNote<Note>(own.origin, 'held')),
        ...refused.slice(-2).map((line) => withNote<Note>(line.origin, 'log')),
      ],
      about: [
        `node:${node}`,
        `device:${node}/${bridge}`,
        `network:${formatPrefix(prefixOf(gateway.address, gateway.length))}`,
      ],
    },
  )
}

type Main =
  | { readonly kind: 'bridge'; readonly conf: Capture<CniConf>; readonly main: CniPlugin }
  | { readonly kind: 'other' }
  | { readonly kind: 'broken' }

/** The first plugin of the first file by name: the runtime takes no other (libcni, ConfFiles). */
function mainPlugin(confs: readonly Capture<CniConf>[]): Main | undefined {
  const [conf] = confs.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  if (conf === undefined) return undefined
  if (conf.value.error !== undefined) return { kind: 'broken' }
  const main = conf.value.plugins.find(({ type }) => type === 'bridge' || type === 'flannel')
  return main === undefined ? { kind: 'other' } : { kind: 'bridge', conf, main }
}

/** Without a configuration flannel’s own file tells, where the bridge of its plugin has pods. */
function wantedByFlannel({ flannel, interfaces }: Inputs<typeof needs, typeof wants>): Wanted | undefined {
  const subnet = flannel?.value.subnet
  if (flannel === undefined || subnet === undefined) return undefined
  if (!interfaces.some((port) => port.master === 'cni0' && isPodPort(port))) return undefined
  const gateway = gatewayOf({ subnet: subnet.value })
  return gateway && { bridge: 'cni0', gateway, isForced: false, origin: flannel.cite(subnet.line) }
}

function wantedBy(
  conf: Capture<CniConf>,
  main: CniPlugin,
  flannel: Inputs<typeof needs, typeof wants>['flannel'],
): Wanted | undefined {
  const own = main.type === 'flannel' ? main.delegate : main
  const common = { bridge: own?.bridge ?? 'cni0', isForced: own?.forceAddress === true }
  if (main.type === 'flannel') {
    const subnet = flannel?.value.subnet
    if (flannel === undefined || subnet === undefined) return undefined
    const gateway = gatewayOf({ subnet: subnet.value })
    return gateway && { ...common, gateway, origin: flannel.cite(subnet.line) }
  }
  const range = main.ipam?.rangeSets.find(([first]) => first !== undefined && isV4(first.subnet.address))?.[0]
  const { line } = conf.value
  if (!main.isGateway || main.ipam?.type !== 'host-local' || range === undefined || line === undefined)
    return undefined
  const gateway = gatewayOf(range)
  return gateway && { ...common, gateway, origin: conf.cite(line) }
}

/** What host-local names as gateway, with the length of its subnet. */
function gatewayOf(range: CniRange): Prefix | undefined {
  const known = isV4(range.subnet.address) ? hostLocalRange(range) : undefined
  return known && { address: known.gateway, length: range.subnet.length }
}
