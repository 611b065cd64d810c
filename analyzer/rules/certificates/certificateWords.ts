import type { Step } from '../../engine/outcome.ts'
import type { CertificateRole, Distribution } from '../../facts/node/certificateRole.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { formatDay } from '../../text/formatTime.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

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

/** `openssl` over each file, with the dates. */
export function datesStep(certificates: readonly CertificateState[]): Step {
  return {
    text: 'The dates of the files, as openssl reads them.',
    commands: [...new Set(certificates.map(datesCommand))].slice(0, 8),
  }
}

/** The certificate of a kubeconfig has no file of its own: the collector made one, with a suffix behind the kubeconfig's name. */
export function datesCommand({ path }: CertificateState): string {
  const suffix = /\.(?<kind>client|ca)\.crt$/.exec(path)
  if (suffix === null) return `openssl x509 -in ${shellQuote(path)} -noout -subject -dates`
  const key = suffix.groups?.['kind'] === 'ca' ? 'certificate-authority-data' : 'client-certificate-data'
  const file = shellQuote(path.slice(0, suffix.index))
  return `awk '$1 == "${key}:" { print $2 }' ${file} | base64 -d | openssl x509 -noout -subject -dates`
}

/** How the certificates are renewed, by who made them. */
export function renewalSteps(certificates: readonly CertificateState[]): readonly Step[] {
  const steps: Step[] = []
  const leaves = certificates.filter(({ role }) => role !== 'ca')
  if (leaves.length > 0) {
    const makers = new Set(leaves.map(({ distribution }) => distribution))
    for (const maker of makers) steps.push(...leafSteps(leaves, maker))
  }
  if (leaves.length < certificates.length) steps.push(...authoritySteps(certificates))
  return steps
}

function leafSteps(certificates: readonly CertificateState[], maker: Distribution | undefined): Step[] {
  const own = certificates.filter(({ distribution }) => distribution === maker)
  switch (maker) {
    case 'k3s':
    case 'rke2':
      return [
        {
          text: `${maker} renews its certificates when it starts, once they have less than 120 days left (90 days before the releases of May 2025). Pods keep running over the restart.`,
          commands: [`systemctl restart ${unitOf(maker, own)}`],
        },
      ]
    case 'kubeadm':
      return kubeadmSteps(own)
    default:
      return [
        {
          text: 'Have the certificate issued anew by who manages it, and restart or reload what serves it.',
          commands: [],
        },
      ]
  }
}

/** The service that makes these certificates: a node with certificates of the server runs one. */
export function unitOf(maker: 'k3s' | 'rke2', certificates: readonly { readonly path: string }[]): string {
  const isServer = certificates.some(
    ({ path }) => path.includes('/server/') || path.startsWith('/etc/rancher/'),
  )
  if (maker === 'k3s') return isServer ? 'k3s' : 'k3s-agent'
  return isServer ? 'rke2-server' : 'rke2-agent'
}

function kubeadmSteps(certificates: readonly CertificateState[]): Step[] {
  const steps: Step[] = []
  const ofKubelet = certificates.filter(({ role }) => role === 'kubelet-client')
  const served = certificates.filter(({ role }) => role === 'kubelet-serving')
  if (ofKubelet.length + served.length < certificates.length) {
    steps.push(
      {
        text: 'On this control-plane node: renew them (`kubeadm alpha certs` before 1.20).',
        commands: ['kubeadm certs renew all'],
      },
      {
        text: 'Have the static pods read them: the kubelet starts the pods anew within a minute.',
        commands: [
          'mkdir /etc/kubernetes/manifests.away && mv /etc/kubernetes/manifests/*.yaml /etc/kubernetes/manifests.away/',
          'sleep 60; mv /etc/kubernetes/manifests.away/*.yaml /etc/kubernetes/manifests/ && rmdir /etc/kubernetes/manifests.away',
        ],
      },
    )
  }
  if (ofKubelet.length > 0) {
    steps.push({
      text: 'The kubelet renews its own login only while it is valid. Make a new one on a control-plane node that works, carry it to this node as /etc/kubernetes/kubelet.conf, and restart the kubelet there; it then asks for its next one itself.',
      commands: [
        `kubeadm kubeconfig user --org system:nodes --client-name ${shellQuote(loginName(ofKubelet))} >kubelet.conf`,
        'rm -f /var/lib/kubelet/pki/kubelet-client-*; systemctl restart kubelet',
      ],
    })
  }
  if (served.length > 0) {
    steps.push({
      text: 'The kubelet makes its serving certificate anew when the file is gone.',
      commands: [
        'rm -f /var/lib/kubelet/pki/kubelet.crt /var/lib/kubelet/pki/kubelet.key; systemctl restart kubelet',
      ],
    })
  }
  return steps
}

/** The name that a kubelet logs in with, as its certificate has it. */
export function loginName(certificates: readonly CertificateState[]): string {
  return certificates[0]?.certificate.subject.commonName ?? 'system:node:'
}

function authoritySteps(certificates: readonly CertificateState[]): Step[] {
  if (certificates.some(({ role, distribution }) => role === 'ca' && distribution === 'k3s')) {
    return [
      {
        text: 'An authority is not renewed by a restart: put new authorities, signed by the old ones, into a folder and have k3s take them over, as its documentation of `certificate rotate-ca` shows.',
        commands: ['k3s certificate rotate-ca --path /opt/k3s/server'],
      },
    ]
  }
  return [
    {
      text: 'An authority is not renewed by any of the usual commands: rotate it by the manual of Kubernetes, “Manual rotation of CA certificates”, which keeps the old and the new one side by side.',
      commands: [],
    },
  ]
}
