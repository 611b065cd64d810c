import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { calicoBlocks } from '../../facts/cluster/calicoBlocks.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type BgpNotEstablished, text } from './calico-bgp-not-established.text.ts'

type Note = 'last'

/** The probe runs every ten seconds; fewer failures are a start that took a moment. */
const FEWEST_LINES = 3

/** calico-node’s readiness probe finds sessions of BIRD that are not established (projectcalico/calico node/pkg/health/health.go). */
export default defineRule({
  id: 'calico-bgp-not-established',
  area: 'cni',
  severity: 'high',
  isSymptom: true,
  references: [
    { title: 'projectcalico/calico node/pkg/health/health.go' },
    {
      title: 'projectcalico/calico#2561: BIRD is not ready: BGP not established',
      url: 'https://github.com/projectcalico/calico/issues/2561',
    },
  ],
  needs: { logs: logSignals },
  wants: { blocks: calicoBlocks },
  text,
  check({ logs, blocks }, node) {
    const logged = logs.of('calico-bgp-not-established')
    const last = logged?.lines.at(-1)
    if (logged === undefined || last === undefined || logged.count < FEWEST_LINES) {
      return blocks?.some((own) => own.node === node.id) === true ? clear() : notApplicable('noCalico')
    }
    const peers = (last.groups.get('peers') ?? '').split(',').map((peer) => peer.trim())
    return found<BgpNotEstablished, Note>(
      { node: node.id, lines: logged.count, peers },
      {
        subject: 'sessions',
        severity: last.old ? 'medium' : 'high',
        confidence: confidenceFromLog('likely', [last]),
        evidence: [withNote<Note>(last.origin, 'last', formatCount(logged.count))],
        about: [`node:${node.id}`],
      },
    )
  },
})
