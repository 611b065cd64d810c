import { defineRule } from '../../engine/defineRule.ts'
import { eachNode } from '../../engine/fact.ts'
import { unchecked } from '../../engine/verdict.ts'
import { certificateStates } from '../../facts/node/certificateStates.ts'
import { certificates } from '../../facts/node/certificates.ts'
import { logSignals } from '../../facts/node/logSignals.ts'
import { text } from './certificate-expired.text.ts'
import { refusedCertificates } from './lifetimeFault.ts'

/** Certificates that are past their end by the node's own clock, or that a log says are. */
export default defineRule({
  id: 'certificate-expired',
  area: 'certificates',
  severity: 'critical',
  references: [
    {
      title: 'Go crypto/x509, CertificateInvalidError (Expired)',
      url: 'https://pkg.go.dev/crypto/x509#CertificateInvalidError',
    },
    {
      title: 'Kubernetes documentation, Certificate Management with kubeadm',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
    },
    { title: 'k3s documentation, certificate', url: 'https://docs.k3s.io/cli/certificate' },
  ],
  needs: { certificates: eachNode(certificates), logs: eachNode(logSignals) },
  wants: { states: certificateStates },
  text,
  check({ certificates, logs, states }, node) {
    const found = refusedCertificates({
      node: node.id,
      state: 'expired',
      states: states ?? [],
      certificates,
      logs,
    })
    return found.length === 0 && states === undefined ? unchecked('noCertificates') : found
  },
})
