import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found, unchecked } from '../../engine/verdict.ts'
import { clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './certificate-key-mismatch.text.ts'

/** A process that stops at it is started again and logs it anew. */
const FEWEST_LINES = 2
/** Logs of processes that load certificates of the cluster. */
const LOADS = /^journal\/(?:.*\/)?(?:kube|k3s|rke2|etcd)[^/]*$/
const FILE = /(?<file>\/[^\s"',:()]{1,300}\.(?:crt|pem|key|cert))/

/** A certificate and a private key that do not belong together, by what the process that loads them logs. */
export default defineRule({
  id: 'certificate-key-mismatch',
  area: 'certificates',
  severity: 'high',
  references: [{ title: 'Go 1.22, crypto/tls/tls.go: X509KeyPair' }],
  needs: { logs: logSignals, journals: captured.journals },
  wants: { clock },
  text,
  check({ logs, journals, clock }, node) {
    const refused = logs.of('certificate-key-mismatch')
    // A component that still fails logs it anew: what is of an earlier boot, or a day old, is over.
    const lines = refused?.lines.filter(({ old }) => !old) ?? []
    if (refused === undefined || lines.length === 0)
      return journals.some(({ path }) => LOADS.test(path)) ? [] : unchecked('noLog')
    const { count } = refused
    const file = lines
      .map(({ message }) => FILE.exec(message)?.groups?.['file'])
      .findLast((path) => path !== undefined)
    const goesOn = count >= FEWEST_LINES && isRecent(lines, clock)
    return found(
      { node: node.id, count, ...(file !== undefined && { file }) },
      {
        subject: '',
        confidence: confidenceFromLog(goesOn ? 'likely' : 'possible', lines),
        about: [`node:${node.id}`, ...(file === undefined ? [] : [`certificate:${file}` as const])],
        evidence: lines.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
      },
    )
  },
})
