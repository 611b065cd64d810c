import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
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

function rancherSteps(d: KubeletSanMissing): readonly SaidStep[] {
  const config = `/etc/rancher/${d.distribution === 'rke2' ? 'rke2' : 'k3s'}/config.yaml`
  const stem = d.path.replace(/\.crt$/, '')
  return [
    ...(d.why.cause === 'other-node'
      ? [
          {
            text: {
              en: 'First see that no two nodes bear one host name; give one of them another (`node-name` in the configuration).',
              zh: '先确认没有两个节点使用同一主机名；给其中一个改名（配置中的 `node-name`）。',
            },
            commands: ['kubectl get nodes -o wide', 'hostname'],
          },
        ]
      : []),
    ...(d.configured
      ? []
      : [
          {
            text: {
              en: `On ${d.node}: fix the address that the node registers with. Where the file has a line node-ip already, change that one.`,
              zh: `在 ${d.node} 上：固定节点注册的地址。如果文件中已有 node-ip，就修改那一行。`,
            },
            commands: [
              `grep -n node-ip ${config} || echo ${shellQuote(`node-ip: ${d.address}`)} >>${config}`,
            ],
          },
        ]),
    {
      text: {
        en: 'Restart the service: it has the certificate issued anew, because the list of addresses differs. Pods keep running.',
        zh: '重启服务：地址列表不同，证书会重新签发。Pod 继续运行。',
      },
      commands: [`systemctl restart ${unitOf(d)}`],
    },
    {
      text: {
        en: 'Only where the certificate is still the old one after that: remove it with its key, and restart once more.',
        zh: '只有在此之后证书仍是旧的时才执行：删除证书和私钥，再重启一次。',
      },
      commands: [
        `rm ${shellQuote(`${stem}.crt`)} ${shellQuote(`${stem}.key`)}`,
        `systemctl restart ${unitOf(d)}`,
      ],
    },
    {
      text: {
        en: 'For nodes to come: set node-ip before the first start, so that a card that is there only during the installation is never picked.',
        zh: '对于以后的节点：首次启动之前就设置 node-ip，以免选中只在安装期间存在的网卡。',
      },
      commands: [],
    },
  ]
}

const otherSteps = (d: KubeletSanMissing): readonly SaidStep[] => [
  {
    text: {
      en: `On ${d.node}: have the kubelet register ${d.address} (--node-ip), then make its serving certificate anew. One that the cluster signs has to be approved.`,
      zh: `在 ${d.node} 上：让 kubelet 以 ${d.address} 注册（--node-ip），然后重新生成服务证书。由集群签发的证书需要批准。`,
    },
    commands: [
      `mv ${shellQuote(d.path)} ${shellQuote(`${d.path}.bak`)}`,
      'systemctl restart kubelet',
      'kubectl get csr',
    ],
  },
]

function remedyOf(d: KubeletSanMissing): readonly SaidStep[] {
  return d.distribution === 'k3s' || d.distribution === 'rke2' ? rancherSteps(d) : otherSteps(d)
}

/** The words of certificate-kubelet-san-missing-node-ip. */
export const text: RuleTexts<KubeletSanMissing, Reason, Note> = {
  en: {
    name: 'The kubelet’s certificate does not name the node’s address',
    looksFor:
      'The addresses in the certificate that the kubelet serves on port 10250 (k3s and rke2: agent/serving-kubelet.crt; kubeadm: /var/lib/kubelet/pki/kubelet.crt or kubelet-server-current.pem), held against the InternalIP that the API server has for the node, or `node-ip` of the configuration, and the message `x509: certificate is valid for …, not …` in the logs of all nodes.',
    why: 'For logs, exec, port-forward and metrics the API server calls the kubelet at the node’s InternalIP and verifies that its certificate names that address. k3s puts the address that it finds at the first start into the certificate; when the node’s address changes, or the network card that it belonged to is taken out, the old certificate stays. Pods and Services are not concerned.',
    consequences:
      'kubectl logs, exec and port-forward fail for pods of this node, and its metrics are missing; traffic goes on.',
    commonCauses: [
      'The node’s address changed, or the card that it had at the first start was taken out.',
      'docker0 or another bridge was taken for the node’s own network.',
      'Two nodes with one host name.',
    ],
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
    remedy: (d) => stepsIn('en', remedyOf(d)),
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
  zh: {
    name: 'kubelet 的证书没有写入节点地址',
    looksFor:
      'kubelet 在 10250 端口使用的证书中的地址（k3s、rke2：agent/serving-kubelet.crt；kubeadm：/var/lib/kubelet/pki/kubelet.crt 或 kubelet-server-current.pem），与 API server 上该节点的 InternalIP 或配置中的 `node-ip` 对照；以及所有节点日志中的 `x509: certificate is valid for …, not …`。',
    why: 'kubectl logs、exec、port-forward 以及指标采集时，API server 按节点的 InternalIP 访问 kubelet，并校验其证书是否包含该地址。k3s 把首次启动时找到的地址写进证书；节点地址变化，或者它所在的网卡被拆除后，旧证书仍然保留。Pod 和 Service 不受影响。',
    consequences: '该节点上 Pod 的 kubectl logs、exec、port-forward 失败，指标缺失；流量不受影响。',
    commonCauses: [
      '节点地址变化，或者首次启动时的网卡被拆除。',
      'docker0 或其他网桥被当成节点自己的网络。',
      '两个节点使用同一主机名。',
    ],
    mimics: [
      'API server 自己的证书（serving-kube-apiserver.crt）写有其他地址。被拒绝的不是它，这里不看。',
      'kubeadm 的 kubelet.crt 由 kubelet 自签，只写节点名；除非另行设置，API server 不校验它。',
      '另一地址族的第二个 InternalIP：API server 访问的是第一个。',
    ],
    cure: 'k3s 和 rke2：在 config.yaml 中设置 node-ip 并重启服务，证书会重新签发。',
    title: ({ node, address }) => `${node} 的 kubelet 证书没有写入 ${address}`,
    summary(d) {
      const names = d.named.length === 0 ? '没有任何地址' : d.named.join('、')
      const refused = d.calls === 0 ? '' : `本案例的日志中有 ${d.calls} 行因此拒绝它。`
      return `API server 以 ${d.address} 访问 ${d.node} 的 kubelet；${d.path} 中写的是 ${names}。${refused}${chineseCause(d)}其上 Pod 的 kubectl logs、exec 和 port-forward 失败，指标缺失；Pod 之间的流量不受影响。`
    },
    ruledOut: ({ distribution }) =>
      distribution === 'k3s' || distribution === 'rke2'
        ? ['API server 的证书：那是另一个文件。', `${distribution} 会让 API server 校验 kubelet 的证书。`]
        : ['API server 的证书：那是另一个文件。'],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: ({ address, path, node }) => [
      {
        text: `文件中的和实际使用的证书都写有 ${address}。`,
        commands: [
          `openssl x509 -in ${shellQuote(path)} -noout -ext subjectAltName`,
          `openssl s_client -connect ${address.includes(':') ? `[${address}]` : address}:10250 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
        ],
      },
      {
        text: `可以读取 ${node} 上 Pod 的日志。`,
        commands: [
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(node)}`,
          'kubectl logs -n "$NAMESPACE" "$POD" --tail=1',
        ],
      },
    ],
    reasons: {
      noServingCertificate: '采集到的证书中没有 kubelet 使用的服务证书。',
      addressUnknown: '采集内容看不出 API server 以哪个地址访问该 kubelet。',
    },
    notes: {
      names: (addresses) => `kubelet 的证书；其中的地址：${addresses}`,
      api: (address) => `InternalIP ${address}`,
      config: () => '节点应注册的地址',
      refused: (lines) => (lines === '1' ? '被拒绝' : `被拒绝；共 ${lines} 行，这是其中之一`),
      holder: (address) => `拥有 ${address}`,
    },
  },
}

function chineseCause({ node, why }: KubeletSanMissing): string {
  const address = why.address ?? ''
  switch (why.cause) {
    case 'address-changed':
      return `${node} 的接口上已没有 ${address}：证书早于节点地址的变化，或者它的网卡已被拆除。`
    case 'container-bridge':
      return `${address} 是${why.holder ?? '容器网桥'}的地址，容器运行时的网桥被当成了节点自己的网络。`
    case 'other-interface':
      return `${address} 在 ${why.holder ?? '另一个接口'} 上：证书是为节点的另一个接口签发的。`
    case 'other-node':
      return `${address} 属于 ${why.holder ?? '另一个节点'}：两者可能以同一主机名注册。`
    case 'no-address':
      return '证书中除回环地址外没有任何地址。'
    default:
      return ''
  }
}
