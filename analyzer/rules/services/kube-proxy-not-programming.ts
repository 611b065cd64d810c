import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Inputs, eachNode } from '../../engine/fact.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { kubeProxyPresence } from '../../facts/node/kubeProxyPresence.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { proxyMode } from '../../facts/node/proxyMode.ts'
import { whole } from '../../facts/node/whole.ts'
import { isStarting } from '../../facts/node/startOfNode.ts'
import { captured } from '../../sources/captured.ts'
import { lastingFailure } from './lastingFailure.ts'
import { type Note, type ProxyNotProgramming, text } from './kube-proxy-not-programming.text.ts'

/** kube-proxy and k3s, which runs it inside itself. */
const PROXY_LOG = /^journal\/(?:.*\/)?(?:kube-proxy|k3s)[^/]*$/
const OWN_LOG = /^journal\/(?:.*\/)?kube-proxy[^/]*$/
const KUBELET_LOG = /^journal\/(?:.*\/)?kubelet[^/]*$/
/** As kubeadm, k3s and systemd units name it to the API server. */
const PROXY_USER = /^system:(?:kube-proxy|serviceaccount:kube-system:kube-proxy)$/

const wants = {
  clock,
  mode: proxyMode,
  wholeMode: whole(proxyMode),
  modes: eachNode(proxyMode),
  logs: logSignals,
  journals: captured.journals,
}
const needs = { presence: kubeProxyPresence }
type Given = Inputs<typeof needs, typeof wants>
type ProxyFound = Found<ProxyNotProgramming, Note>

/** kube-proxy runs, and its rules do not follow the cluster: it cannot write them, or does not learn what they should be. */
export default defineRule({
  id: 'kube-proxy-not-programming',
  area: 'services',
  severity: 'critical',
  references: [
    {
      title: 'Kubernetes documentation, Debug Services: is the kube-proxy working?',
      url: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#is-the-kube-proxy-working',
    },
    {
      title: 'kube-proxy cannot create its chains, and retries for ever',
      url: 'https://github.com/kubernetes/kubernetes/issues/108877',
    },
    { title: 'Kubernetes pkg/proxy/iptables/proxier.go and client-go tools/cache/reflector.go' },
  ],
  needs,
  wants,
  text,
  check(inputs, node) {
    const { presence, mode, journals } = inputs
    const all = [
      ...withoutRules(inputs, node.id),
      ...failedSyncs(inputs, node.id),
      ...refusedLists(inputs, node.id),
      ...assumedAddress(inputs, node.id),
    ]
    if (all.length > 0) return all
    if (presence.state === 'replaced') return notApplicable('replaced')
    if (!(journals ?? []).some(({ path }) => PROXY_LOG.test(path))) return unchecked('noLog')
    if (mode === undefined) return unchecked('noRules')
    return clear()
  },
})

/** Peers show that the cluster has Services for kube-proxy to write. */
function withoutRules({ presence, wholeMode, modes, clock }: Given, node: string): readonly ProxyFound[] {
  if (presence.state !== 'running' || wholeMode?.mode !== 'none') return []
  const peer = (modes ?? []).find(({ value }) => value.mode !== 'none')
  if (isStarting(clock) || peer === undefined) return []
  return [
    found<ProxyNotProgramming, Note>(
      { kind: 'rules', node, peer: peer.node.id, mode: peer.value.mode },
      {
        subject: 'rules',
        confidence: 'certain',
        about: [`node:${node}`],
        evidence: [
          ...presence.evidence.map((line) => withNote<Note>(line, 'runs')),
          ...peer.value.evidence.map((line) => withNote<Note>(line, 'peer', peer.node.id)),
        ],
      },
    ),
  ]
}

function failedSyncs({ logs, clock }: Given, node: string): readonly ProxyFound[] {
  const lines = logs?.of('proxy-sync-failed')?.lines ?? []
  return fromLog(
    lines.filter(({ origin }) => !KUBELET_LOG.test(origin.path)),
    clock,
    (last) => ({ kind: 'sync', node, error: last.groups.get('error') ?? '' }),
  )
}

/** Lines of kube-proxy’s own log, and those of k3s that name it. */
function refusedLists({ logs, clock }: Given, node: string): readonly ProxyFound[] {
  const lines = logs?.of('list-refused')?.lines ?? []
  const own = lines.filter(({ origin, groups }) => {
    const user = groups.get('user')
    return user === undefined ? OWN_LOG.test(origin.path) : PROXY_USER.test(user)
  })
  return fromLog(own, clock, (last) => ({
    kind: 'list',
    node,
    object: last.groups.get('kind') ?? '',
    error: last.groups.get('error') ?? last.groups.get('refusal') ?? '',
    isForbidden: last.groups.has('user'),
  }))
}

function fromLog(
  lines: readonly LoggedLine[],
  clock: Given['clock'],
  dataOf: (last: LoggedLine) => ProxyNotProgramming,
): readonly ProxyFound[] {
  const failure = lastingFailure(lines, clock)
  if (failure === undefined) return []
  const { first, last, confidence } = failure
  const data = dataOf(last)
  return [
    found<ProxyNotProgramming, Note>(data, {
      subject: data.kind,
      severity: 'high',
      confidence,
      about: [`node:${data.node}`],
      evidence: [withNote<Note>(last.origin, 'last'), withNote<Note>(first.origin, 'first')],
    }),
  ]
}

/** It is said once, when kube-proxy starts, and holds until it is started again. */
function assumedAddress({ logs }: Given, node: string): readonly ProxyFound[] {
  const lines = logs?.of('proxy-node-address-assumed')?.lines ?? []
  const last = lines.at(-1)
  if (last === undefined || last.old) return []
  return [
    found<ProxyNotProgramming, Note>(
      { kind: 'node', node, assumed: last.groups.get('assumed') ?? '' },
      {
        subject: 'node',
        severity: 'medium',
        confidence: confidenceFromLog('likely', [last]),
        about: [`node:${node}`],
        evidence: [withNote<Note>(last.origin, 'assumed')],
      },
    ),
  ]
}
