import { defineRule } from '../../engine/defineRule.ts'
import { eachNode } from '../../engine/fact.ts'
import { unchecked } from '../../engine/verdict.ts'
import { certificateStates } from '../../facts/node/certificateStates.ts'
import { certificates } from '../../facts/node/certificates.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { text } from './certificate-not-yet-valid.text.ts'
import { refusedCertificates } from './lifetimeFault.ts'

/** Certificates whose life has not begun by the node's own clock, or that a log says are. */
export default defineRule({
  id: 'certificate-not-yet-valid',
  area: 'certificates',
  severity: 'critical',
  references: [
    {
      title: 'Go crypto/x509, CertificateInvalidError (Expired covers both ends)',
      url: 'https://pkg.go.dev/crypto/x509#CertificateInvalidError',
    },
  ],
  needs: { certificates: eachNode(certificates), logs: eachNode(logSignals) },
  wants: { states: certificateStates },
  text,
  check({ certificates, logs, states }, node) {
    const found = refusedCertificates({
      node: node.id,
      state: 'not-yet-valid',
      states: states ?? [],
      certificates,
      logs,
    })
    return found.length === 0 && states === undefined ? unchecked('noCertificates') : found
  },
})
