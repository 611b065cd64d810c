import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { isOfStart } from '../../facts/node/startOfNode.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type CniNotReady, text } from './cni-not-ready.text.ts'

type Note = 'last'

/** The kubelet asks every five seconds; fewer lines are a start that took a moment. */
const FEWEST_LINES = 3
/** The kubelet repeats it for as long as it lasts: so long without it, it is over. */
const OVER_MS = 10 * 60_000

/** The runtime has no usable network for pods. An effect: of a missing or broken configuration, or of a plugin whose agent does not run. */
export default defineRule({
  id: 'cni-not-ready',
  area: 'cni',
  severity: 'critical',
  isSymptom: true,
  references: [
    { title: 'Kubernetes pkg/kubelet/kubelet.go, updateRuntimeUp' },
    {
      title: 'Kubernetes documentation, Troubleshooting CNI plugin-related errors',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/troubleshooting-cni-plugin-related-errors/',
    },
  ],
  needs: { logs: logSignals },
  wants: { clock },
  text,
  check({ logs, clock }, node) {
    const logged = logs.of('cni-network-not-ready')
    const last = logged?.lines.at(-1)
    if (logged === undefined || last === undefined || logged.count < FEWEST_LINES) return clear()
    // Plugins are installed by a pod, which has to start first.
    if (isOfStart(last.timeMs, clock)) return unchecked('starting')
    const isOver =
      last.old ||
      (last.timeMs !== undefined && clock !== undefined && clock.collectedAtMs - last.timeMs > OVER_MS)
    return notReady(node.id, logged.count, last, isOver)
  },
})

function notReady(node: string, lines: number, last: LoggedLine, isOver: boolean): Found<CniNotReady, Note> {
  return found<CniNotReady, Note>(
    { node, lines, isOver, message: last.groups.get('message') ?? '' },
    {
      subject: 'network',
      severity: isOver ? 'medium' : 'critical',
      confidence: isOver ? 'possible' : confidenceFromLog('likely', [last]),
      evidence: [withNote<Note>(last.origin, 'last', formatCount(lines))],
      about: [`node:${node}`],
    },
  )
}
