import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import type { Distribution } from '../../facts/node/certificateRole.ts'
import { howOften } from '../../text/howOften.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { SanExplanation } from './kubeletSan.ts'

/** What was found: an address of the kubelet that its certificate does not name. */
export interface KubeletSanMissing {
  readonly node: string
  /** At which the API server calls the kubelet. */
  readonly address: string
  /** What the certificate names. */
  readonly named: readonly string[]
  /** Of the certificate, on the node. */
  readonly path: string
  readonly distribution: Distribution | undefined
  /** The node runs the control plane of k3s or rke2. */
  readonly isServer: boolean
  readonly why: SanExplanation
  /** Lines in logs of the case that refuse the certificate for this address. */
  readonly calls: number
  /** The address is `node-ip` of the configuration: already as it should be. */
  readonly configured: boolean
}

type Reason = 'noServingCertificate' | 'addressUnknown'
type Note = 'names' | 'api' | 'config' | 'refused' | 'holder'

function causeInWords({ node, why }: KubeletSanMissing): string {
  const address = why.address ?? ''
  switch (why.cause) {
    case 'address-changed':
      return `No interface of ${node} has ${address} any more: the certificate is from before the node’s address changed, or its network card was taken out.`
    case 'container-bridge':
      return `${address} is the address of ${why.holder ?? 'a bridge of containers'}, a bridge of the container runtime that was taken for the node’s own network.`
    case 'other-interface':
      return `${address} is on ${why.holder ?? 'another interface'}: the certificate was made for another interface of the node.`
    case 'other-node':
      return `${address} belongs to ${why.holder ?? 'another node'}: the two may have registered under one host name.`
    case 'no-address':
      return 'The certificate names no address but loopback ones.'
    default:
      return ''
  }
}

function unitOf({ distribution, isServer }: KubeletSanMissing): string {
  if (distribution === 'rke2') return isServer ? 'rke2-server' : 'rke2-agent'
  return isServer ? 'k3s' : 'k3s-agent'
}

function rancherSteps(d: KubeletSanMissing): readonly Step[] {
  const config = `/etc/rancher/${d.distribution === 'rke2' ? 'rke2' : 'k3s'}/config.yaml`
  const stem = d.path.replace(/\.crt$/, '')
  return [
    ...(d.why.cause === 'other-node'
      ? [
          {
            text: 'First see that no two nodes bear one host name; give one of them another (`node-name` in the configuration).',
            commands: ['kubectl get nodes -o wide', 'hostname'],
          },
        ]
      : []),
    ...(d.configured
      ? []
      : [
          {
            text: `On ${d.node}: fix the address that the node registers with. Where the file has a line node-ip already, change that one.`,
            commands: [
              `grep -n node-ip ${config} || echo ${shellQuote(`node-ip: ${d.address}`)} >>${config}`,
            ],
          },
        ]),
    {
      text: 'Restart the service: it has the certificate issued anew, because the list of addresses differs. Pods keep running.',
      commands: [`systemctl restart ${unitOf(d)}`],
    },
    {
      text: 'Only where the certificate is still the old one after that: remove it with its key, and restart once more.',
      commands: [
        `rm ${shellQuote(`${stem}.crt`)} ${shellQuote(`${stem}.key`)}`,
        `systemctl restart ${unitOf(d)}`,
      ],
    },
    {
      text: 'For nodes to come: set node-ip before the first start, so that a card that is there only during the installation is never picked.',
      commands: [],
    },
  ]
}

const otherSteps = (d: KubeletSanMissing): readonly Step[] => [
  {
    text: `On ${d.node}: have the kubelet register ${d.address} (--node-ip), then make its serving certificate anew. One that the cluster signs has to be approved.`,
    commands: [
      `mv ${shellQuote(d.path)} ${shellQuote(`${d.path}.bak`)}`,
      'systemctl restart kubelet',
      'kubectl get csr',
    ],
  },
]

/** The words of certificate-kubelet-san-missing-node-ip. */
export const text: RuleTexts<KubeletSanMissing, Reason, Note> = {
  en: {
    name: 'The kubelet’s certificate does not name the node’s address',
    looksFor:
      'The addresses in the certificate that the kubelet serves on port 10250 (k3s and rke2: agent/serving-kubelet.crt; kubeadm: /var/lib/kubelet/pki/kubelet.crt or kubelet-server-current.pem), held against the InternalIP that the API server has for the node, or `node-ip` of the configuration, and the message `x509: certificate is valid for …, not …` in the logs of all nodes.',
    why: 'For logs, exec, port-forward and metrics the API server calls the kubelet at the node’s InternalIP and verifies that its certificate names that address. k3s puts the address that it finds at the first start into the certificate; when the node’s address changes, or the network card that it belonged to is taken out, the old certificate stays. Pods and Services are not concerned.',
    mimics: [
      'The API server’s own certificate (serving-kube-apiserver.crt) names other addresses. It is not the one that is refused here, and is not looked at.',
      'kubelet.crt of kubeadm is signed by the kubelet itself and names the node only; the API server does not verify it unless told to.',
      'A second InternalIP of the other address family: the API server calls the first.',
    ],
    cure: 'k3s and rke2: set node-ip in config.yaml and restart the service, which has the certificate issued anew.',
    title: ({ node, address }) => `The kubelet certificate of ${node} does not name ${address}`,
    summary(d) {
      const names = d.named.length === 0 ? 'no address' : joinWords(d.named)
      const refused = d.calls === 0 ? '' : ` Logs of the case refuse it for that ${howOften(d.calls)}.`
      return `The API server calls the kubelet of ${d.node} at ${d.address}; ${d.path} names ${names}.${refused} ${causeInWords(d)} kubectl logs, exec and port-forward to its pods fail, and metrics are missing; traffic between pods goes on.`.replaceAll(
        '  ',
        ' ',
      )
    },
    ruledOut: ({ distribution }) =>
      distribution === 'k3s' || distribution === 'rke2'
        ? [
            'The certificate of the API server, which is another file.',
            `${distribution} has the API server verify what kubelets serve.`,
          ]
        : ['The certificate of the API server, which is another file.'],
    remedy: (d) => (d.distribution === 'k3s' || d.distribution === 'rke2' ? rancherSteps(d) : otherSteps(d)),
    verify: ({ address, path, node }) => [
      {
        text: `The certificate names ${address}, in the file and as it is served.`,
        commands: [
          `openssl x509 -in ${shellQuote(path)} -noout -ext subjectAltName`,
          `openssl s_client -connect ${address.includes(':') ? `[${address}]` : address}:10250 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
        ],
      },
      {
        text: `Logs of a pod on ${node} can be read.`,
        commands: [
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(node)}`,
          'kubectl logs -n "$NAMESPACE" "$POD" --tail=1',
        ],
      },
    ],
    reasons: {
      noServingCertificate: 'The certificate that the kubelet serves is not among the captured ones.',
      addressUnknown: 'Nothing captured tells at which address the API server calls this kubelet.',
    },
    notes: {
      names: (addresses) => `the kubelet’s certificate; addresses in it: ${addresses}`,
      api: (address) => `InternalIP ${address}`,
      config: () => 'the address that the node is to register',
      refused: (lines) => (lines === '1' ? 'refused' : `refused; one of ${lines} such lines`),
      holder: (address) => `has ${address}`,
    },
  },
}
