import type { CertificateRole } from '../../facts/node/certificateRole.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { formatDay } from '../../text/formatTime.ts'
import { joinWords } from '../../text/joinWords.ts'

const ROLES: Readonly<Record<CertificateRole, string>> = {
  ca: 'an authority',
  'apiserver-serving': 'the API server’s',
  'kubelet-client': 'the kubelet’s login to the API server',
  etcd: 'one of etcd',
  'component-client': 'a login of a control-plane component',
  'kubelet-serving': 'the one that the kubelet serves logs and exec with',
  'front-proxy': 'the login to aggregated APIs',
  'kubeconfig-embedded': 'the login of a kubeconfig',
  other: 'one of unknown use',
}

/** `the API server’s and the kubelet’s login to the API server`: what the certificates are for. */
export function rolesInWords(certificates: readonly CertificateState[]): string {
  return joinWords([...new Set(certificates.map(({ role }) => ROLES[role]))])
}

/** `/etc/kubernetes/pki/apiserver.crt (2025-01-02)`: where they lie and the day that counts. */
export function pathsInWords(
  certificates: readonly CertificateState[],
  bound: 'notBeforeMs' | 'notAfterMs',
): string {
  return joinWords(
    certificates.map(
      ({ path, certificate }) => `${path} (${formatDay(new Date(certificate[bound]).toISOString())})`,
    ),
  )
}

/** What a refused certificate means to those who use it, by the most important one. */
export function consequence([first]: readonly CertificateState[]): string {
  switch (first?.role) {
    case 'ca':
      return 'Everything that this authority has signed is refused with it.'
    case 'apiserver-serving':
      return 'kubectl, kubelets and controllers refuse to talk to this API server; pods that run go on, but nothing changes any more.'
    case 'kubelet-client':
      return 'The API server refuses this kubelet: the node turns NotReady, and its pods are moved away.'
    case 'etcd':
      return 'etcd and its clients refuse each other; without etcd the API server does not answer.'
    case 'component-client':
      return 'The API server refuses the components that log in with it.'
    case 'front-proxy':
      return 'Aggregated APIs, such as the metrics server’s, stop answering.'
    case 'kubelet-serving':
      return first.distribution === 'kubeadm'
        ? 'The API server does not verify it by default; metrics-server does.'
        : 'kubectl logs, exec and port-forward to this node fail; traffic goes on.'
    case 'kubeconfig-embedded':
      return 'Who uses this kubeconfig is refused; the cluster itself is not concerned.'
    default:
      return 'What uses it is refused.'
  }
}
