import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import type { LoggedLine } from '../../facts/node/logSignals.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { type JoinFault, type JoinKind, text } from './k3s-agent-join.text.ts'

const JOURNAL = /^journal\/(?:.*\/)?(?:k3s|rke2)[^/]*$/
/** k3s asks again every few seconds. */
const FEWEST_LINES = 3
/** A log that goes on for so long without another such line is of a node that has joined. */
const JOINED_MS = 600_000

/** The first that is found says why; the other lines are its effect. */
const KINDS: readonly (readonly [SignalId, JoinKind])[] = [
  ['node-password-rejected', 'password'],
  ['token-authority-differs', 'token'],
  ['cluster-not-validated', 'unreachable'],
]

/** A node of k3s or rke2 that its server does not let join. */
export default defineRule({
  id: 'k3s-agent-join',
  area: 'control-plane',
  severity: 'high',
  references: [
    {
      title: 'Node registration: node password (K3s documentation)',
      url: 'https://docs.k3s.io/architecture#how-agent-node-registration-works',
    },
    { title: 'k3s token (K3s documentation)', url: 'https://docs.k3s.io/cli/token' },
  ],
  needs: { logs: logSignals, journals: captured.journals },
  wants: { clock },
  text,
  check({ logs, journals, clock }, node) {
    const own = journals.filter(({ path }) => JOURNAL.test(path))
    if (own.length === 0) return journals.length > 0 ? notApplicable('noK3s') : unchecked('noLog')
    const hasJoined = ({ timeMs, origin }: LoggedLine): boolean => {
      const end = own.find(({ path }) => path === origin.path)?.value.lastTimeMs
      return timeMs !== undefined && end !== undefined && end - timeMs > JOINED_MS
    }
    for (const [signal, kind] of KINDS) {
      const logged = logs.of(signal)
      const last = logged?.lines.at(-1)
      if (logged === undefined || last === undefined || hasJoined(last)) continue
      const goesOn = logged.count >= FEWEST_LINES && isRecent(logged.lines, clock)
      const reason = last.groups.get('reason')
      const url = last.groups.get('url')
      const data: JoinFault = {
        node: node.id,
        kind,
        count: logged.count,
        distribution: own.some(({ path }) => path.includes('rke2')) ? 'rke2' : 'k3s',
        ...(reason !== undefined && { reason: reason.trim() }),
        ...(url !== undefined && { url }),
      }
      return found(data, {
        subject: kind,
        confidence: confidenceFromLog(goesOn ? 'likely' : 'possible', logged.lines),
        about: [`node:${node.id}`],
        evidence: logged.lines.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
      })
    }
    return []
  },
})
