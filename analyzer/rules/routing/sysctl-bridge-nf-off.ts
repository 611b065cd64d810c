import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type NodeInterface, interfaces } from '../../facts/node/interfaces.ts'
import { isPodBridge } from '../../facts/node/isPodBridge.ts'
import { isPodPort } from '../../facts/node/isPodPort.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { type NumericSetting, sysctl } from '../../facts/node/sysctl.ts'
import { prefixContains, prefixOf } from '../../net/prefix.ts'
import type { ConntrackEntry } from '../../parsers/conntrackList.ts'
import { captured } from '../../sources/captured.ts'
import { type BridgeNfOff, text } from './sysctl-bridge-nf-off.text.ts'

type Note = 'setting' | 'bridge' | 'port' | 'unanswered' | 'log' | 'noKey'

const KEY = 'net.bridge.bridge-nf-call-iptables'
const needs = { values: captured.sysctlValues, sysctl, interfaces }
const wants = {
  // Taken from each node, since what is short of the mode is nothing to a node whose setting is right.
  modes: eachNode(proxyMode),
  modules: captured.modules,
  conntrack: captured.conntrackList,
  logs: logSignals,
}

/**
 * Packets between two pods of a bridge pass iptables by (br_netfilter, net.bridge.bridge-nf-call-iptables=0, or the module is not
 * loaded). Reproduced: a pod asks a Service whose endpoint is on the same node; the answer goes straight over the bridge, is not
 * translated back, and the client drops it.
 */
export default defineRule({
  id: 'sysctl-bridge-nf-off',
  area: 'routing',
  severity: 'high',
  references: [
    {
      title: 'Kubernetes documentation, Network Plugins: net.bridge.bridge-nf-call-iptables',
      url: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
    },
    { title: 'flannel 0.25 main.go: Failed to check br_netfilter' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { values, sysctl, interfaces, modes, modules, conntrack, logs } = inputs
    const mode = modes?.find((each) => each.node.id === node.id)?.value.mode
    if (mode === 'none') return notApplicable('noProxy')
    const bridge = interfaces.find((device) => isPodBridge(device, interfaces))
    if (bridge === undefined) return notApplicable('noBridge')
    const setting = sysctl.number(KEY)
    if (setting?.value === 1 || bridge.bridge?.nfCallIptables === true) return clear()
    const mayBeMissing = values.status !== 'ok' || modules?.value.has('br_netfilter') === true
    const hasOthers = [...values.value.keys()].some((key) => key.startsWith('net.bridge.'))
    if (setting === undefined && (mayBeMissing || hasOthers)) return unchecked('noKey')
    const ports = interfaces.filter((port) => port.master === bridge.name && isPodPort(port))
    const unanswered = conntrack && [...conntrack.value.entries].find((entry) => isStuckOn(bridge, entry))
    const logged = logs?.of('bridge-nf-missing')?.lines.slice(-1) ?? []
    return found<BridgeNfOff, Note>(
      {
        node: node.id,
        bridge: bridge.name,
        pods: ports.length,
        isProxied: mode !== undefined,
        isLoaded: setting !== undefined,
        ...(unanswered && { client: unanswered.original.source, service: unanswered.original.destination }),
      },
      {
        subject: bridge.name,
        confidence: unanswered === undefined ? 'likely' : 'certain',
        evidence: [
          ...settingEvidence(setting, inputs),
          ...(conntrack && unanswered ? [withNote<Note>(conntrack.cite(unanswered.line), 'unanswered')] : []),
          ...logged.map(({ origin }) => withNote<Note>(origin, 'log')),
          withNote<Note>(bridge.origin, 'bridge'),
          ...ports.slice(0, 2).map(({ origin }) => withNote<Note>(origin, 'port')),
        ],
        about: [`node:${node.id}`, `device:${node.id}/${bridge.name}`, `sysctl:${node.id}/${KEY}`],
      },
    )
  },
})

/** Where the key itself is missing, the whole capture is the evidence. */
function settingEvidence(
  setting: NumericSetting | undefined,
  { values }: Inputs<typeof needs, typeof wants>,
): (Citation<Note> | Evidence)[] {
  if (setting !== undefined) return [withNote<Note>(setting.origin, 'setting')]
  return [withNote<Note>(values.cite({ number: 0, text: '' }), 'noKey')]
}

/** A connection to a Service, from a pod on the bridge to a pod on the bridge, whose first packet was never answered. */
function isStuckOn(
  { addresses }: NodeInterface,
  { state, unreplied, original, reply }: ConntrackEntry,
): boolean {
  const onBridge = addresses.some(({ address, prefixLength, scope }) => {
    const network = prefixOf(address, prefixLength)
    return (
      scope === 'global' && prefixContains(network, original.source) && prefixContains(network, reply.source)
    )
  })
  return onBridge && unreplied && state === 'SYN_SENT' && reply.source !== original.destination
}
