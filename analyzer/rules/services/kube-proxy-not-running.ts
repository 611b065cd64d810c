import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, type Evidence, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode } from '../../engine/fact.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { kubeApi } from '../../facts/cluster/kubeApi.ts'
import { clock } from '../../facts/node/clock.ts'
import { type KubeProxyPresence, kubeProxyPresence } from '../../facts/node/kubeProxyPresence.ts'
import { type ProxyMode, proxyMode } from '../../facts/node/proxyMode.ts'
import { whole } from '../../facts/node/whole.ts'
import { isStarting } from '../../facts/node/startOfNode.ts'
import type { KubePod } from '../../parsers/kubePods.ts'
import { type ProxyNotRunning, type Note, type Rules, text } from './kube-proxy-not-running.text.ts'

/** What shows that kube-proxy belongs on the node. */
interface Expectation {
  readonly by: ProxyNotRunning['expected']
  readonly evidence: readonly Citation<Note>[]
}

/** kube-proxy is not among the node's processes: Services are not programmed there, or stay as it left them. */
export default defineRule({
  id: 'kube-proxy-not-running',
  area: 'services',
  severity: 'critical',
  references: [
    {
      title: 'Kubernetes documentation, Debug Services: is the kube-proxy working?',
      url: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/#is-the-kube-proxy-working',
    },
    {
      title: 'Kubernetes documentation, kube-proxy',
      url: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/',
    },
  ],
  needs: { presence: kubeProxyPresence },
  wants: {
    clock,
    mode: proxyMode,
    wholeMode: whole(proxyMode),
    everywhere: eachNode(kubeProxyPresence),
    pods: kubeApi.pods,
  },
  text,
  check({ presence, clock, mode, wholeMode, everywhere, pods }, node) {
    if (presence.state === 'running') return clear()
    if (presence.state === 'embedded' || presence.state === 'replaced') return notApplicable(presence.state)
    if (presence.state === 'untold') return unchecked('untold')
    if (isStarting(clock)) return unchecked('starting')
    const own = pods?.value.find((pod) => pod.nodeName === node.id && isOfKubeProxy(pod))
    if (own?.ready === true && !presence.isStopped) return unchecked('podReady')
    const rules = rulesOf(mode, wholeMode)
    const expected = expectationOf(presence, own && pods?.cite(own.line), everywhere ?? [])
    const weight = weightOf(rules, expected.by !== undefined)
    if (weight === undefined) return unchecked('unknown')
    const data: ProxyNotRunning = {
      node: node.id,
      rules,
      mode: mode?.mode,
      expected: expected.by,
      isStopped: presence.isStopped,
    }
    return found<ProxyNotRunning, Note>(data, {
      ...weight,
      subject: rules,
      about: [`node:${node.id}`],
      evidence: [
        ...presence.evidence.map((line) => withNote<Note>(line, noteOf(line))),
        ...(rules === 'frozen' ? (mode?.evidence ?? []) : []).map((line) => withNote<Note>(line, 'rule')),
        ...expected.evidence,
      ],
    })
  },
})

function isOfKubeProxy({ namespace, name, labels }: KubePod): boolean {
  return (
    namespace === 'kube-system' && (labels.get('k8s-app') === 'kube-proxy' || name.startsWith('kube-proxy-'))
  )
}

function rulesOf(mode: ProxyMode | undefined, wholeMode: ProxyMode | undefined): Rules {
  if (mode !== undefined && mode.mode !== 'none') return 'frozen'
  return wholeMode === undefined ? 'unknown' : 'none'
}

function expectationOf(
  { isStopped }: KubeProxyPresence,
  pod: Evidence | undefined,
  everywhere: readonly OfNode<KubeProxyPresence>[],
): Expectation {
  if (isStopped) return { by: 'container', evidence: [] }
  if (pod) return { by: 'pod', evidence: [withNote(pod, 'pod')] }
  const peer = everywhere.find(({ value }) => value.state === 'running')
  const [line] = peer?.value.evidence ?? []
  if (peer === undefined || line === undefined) return { by: undefined, evidence: [] }
  return { by: 'peer', evidence: [withNote(line, 'peer', peer.node.id)] }
}

/** Rules that stand without their writer, and nothing that shows it belongs there, may be what a change of the proxy left behind. */
function weightOf(
  rules: Rules,
  isExpected: boolean,
): { readonly confidence: Confidence; readonly severity: Severity } | undefined {
  if (rules === 'none') {
    return isExpected
      ? { confidence: 'certain', severity: 'critical' }
      : { confidence: 'possible', severity: 'high' }
  }
  if (isExpected) return { confidence: 'likely', severity: 'high' }
  return rules === 'frozen' ? { confidence: 'possible', severity: 'medium' } : undefined
}

function noteOf({ path, line }: Evidence): Note {
  if (path.startsWith('runtime/')) return 'stopped'
  return line === 0 ? 'sockets' : 'kubelet'
}
