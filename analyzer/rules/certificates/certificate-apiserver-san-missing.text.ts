import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import type { Distribution } from '../../facts/node/certificateRole.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: names that clients call an API server by, and that its certificate lacks. */
export interface ServerSanMissing {
  readonly node: string
  readonly names: readonly string[]
  readonly path: string
  readonly distribution: Distribution | undefined
  /** What the certificate names. */
  readonly named: readonly string[]
  /** No node has these addresses: a load balancer or another name stands before the servers. */
  readonly isBalanced: boolean
  /** Log lines that refuse the certificate for such a name. */
  readonly refusals: number
}

type Reason = 'noApiServer' | 'listener' | 'noClients'

/** What there is to see in a line. */
export type Note = 'names' | 'called' | 'refused'

function remedy(
  { distribution, names, path }: ServerSanMissing,
  words: readonly [string, string, string],
): readonly Step[] {
  if (distribution === 'rke2') {
    return [
      {
        text: words[0],
        commands: [
          `printf 'tls-san:\\n${names.map((name) => `- "${name}"\\n`).join('')}' >/etc/rancher/rke2/config.yaml.d/tls-san.yaml`,
          'systemctl restart rke2-server',
        ],
      },
    ]
  }
  if (distribution !== 'kubeadm') return [{ text: words[2], commands: [] }]
  return [
    {
      text: words[1],
      commands: [
        'kubectl -n kube-system edit configmap kubeadm-config',
        `mkdir -p /root/pki.away && mv ${shellQuote(path)} ${shellQuote(path.replace(/crt$/, 'key'))} /root/pki.away/`,
        `kubeadm init phase certs apiserver --apiserver-cert-extra-sans ${shellQuote(names.join(','))}`,
        'crictl ps --name kube-apiserver -q | xargs crictl stop',
      ],
    },
  ]
}

function verification({ path, names }: ServerSanMissing, words: string): readonly Step[] {
  return [
    {
      text: words,
      commands: [
        `openssl x509 -in ${shellQuote(path)} -noout -ext subjectAltName`,
        ...names
          .slice(0, 2)
          .map(
            (name) =>
              `curl -s -m 5 --cacert /etc/kubernetes/pki/ca.crt -o /dev/null -w '%{http_code}\\n' ${shellQuote(`https://${name.includes(':') ? `[${name}]` : name}:6443/livez`)}`,
          ),
      ],
    },
  ]
}

/** The words of certificate-apiserver-san-missing. */
export const text: RuleTexts<ServerSanMissing, Reason, Note> = {
  en: {
    name: 'The API server’s certificate lacks the name it is called by',
    looksFor:
      'The hosts in the kubeconfigs of the components of all nodes, and the address of the Service default/kubernetes, against the names and addresses in the certificate of each API server (kubeadm’s apiserver.crt, rke2’s serving-kube-apiserver.crt).',
    why: 'A client accepts a certificate only when it names the host that was called; addresses count among the addresses, names among the names.',
    consequences:
      'Whoever calls by that name gets `x509: certificate is valid for …, not …`: kubelets do not register, pods cannot use the API.',
    commonCauses: [
      'A load balancer or virtual address that was added after `kubeadm init`, without certSANs.',
      'A node’s address that changed.',
      'A range of Service addresses that was changed.',
    ],
    mimics: [
      'The address of another node: only that node’s certificate must name it.',
      'k3s, whose listener on port 6443 has a certificate of its own and adds names as they are called.',
      'A person’s kubeconfig, which may be of another cluster.',
      'A load balancer that ends TLS itself: possible, or likely, never certain.',
    ],
    cure: 'Issue the certificate anew with these names (certSANs of kubeadm, tls-san of rke2).',
    title: (d) => `The certificate of the API server on ${d.node} does not name ${joinWords(d.names)}`,
    summary: (d) =>
      `Clients of the cluster call the API server by ${joinWords(d.names)}; ${d.path} on ${d.node} names ${joinWords(d.named, 8)}. ${d.isBalanced ? 'No node is known to have that address, so that it leads to one of the API servers by a load balancer. ' : ''}Every client that calls by ${d.names.length === 1 ? 'it' : 'them'} refuses the certificate.${d.refusals === 0 ? '' : ' Logs of the case show it.'}`,
    ruledOut: () => ['Addresses of other nodes: they are not asked of this certificate.'],
    remedy: (d) =>
      remedy(d, [
        'Add the names, and restart the server: the certificate is issued anew.',
        'Add the names to certSANs of the cluster’s configuration, have the certificate made anew, and restart the API server.',
        'Have the certificate issued anew with these names by who manages it.',
      ]),
    verify: (d) => verification(d, 'The names are listed, and a verified call is answered.'),
    reasons: {
      noApiServer: 'No certificate of an API server is on this node.',
      listener:
        'k3s serves the API with a certificate of its listener, which is kept in the cluster and not in a file.',
      noClients: 'No captured kubeconfig or Service tells by which name this API server is called.',
    },
    notes: {
      names: (addresses) => `its addresses: ${addresses}`,
      called: (name) => `calls ${name}`,
      refused: () => 'refused',
    },
  },
  zh: {
    name: 'API Server 证书缺少客户端访问所用的名称',
    looksFor:
      '所有节点组件 kubeconfig 中的主机名，以及 Service default/kubernetes 的地址，与各 API Server 证书（kubeadm 的 apiserver.crt、rke2 的 serving-kube-apiserver.crt）中的名称和地址对比。',
    why: '客户端只接受写有所访问主机的证书；IP 与证书中的 IP 比较，域名与证书中的域名比较。',
    consequences:
      '以该名称访问会报 `x509: certificate is valid for …, not …`：kubelet 无法注册，Pod 无法访问 API。',
    commonCauses: [
      '`kubeadm init` 之后才增加负载均衡或 VIP，没有写入 certSANs。',
      '节点地址变更。',
      'Service 网段变更。',
    ],
    mimics: [
      '其他节点的地址：只要求写在该节点的证书中。',
      'k3s 在 6443 端口使用监听器自己的证书，会按需增加名称。',
      '个人的 kubeconfig，可能属于其他集群。',
      '自行终结 TLS 的负载均衡：只判为可能或很可能。',
    ],
    cure: '用这些名称重新签发证书（kubeadm 的 certSANs，rke2 的 tls-san）。',
    title: (d) => `${d.node} 上 API Server 的证书没有 ${joinChinese(d.names)}`,
    summary: (d) =>
      `集群中的客户端通过 ${joinChinese(d.names)} 访问 API Server；而 ${d.node} 上的 ${d.path} 只写有 ${joinChinese(d.named, 8)}。${d.isBalanced ? '没有节点拥有该地址，应是通过负载均衡到达某个 API Server。' : ''}以此访问的客户端都会拒绝该证书。${d.refusals === 0 ? '' : '日志中已有体现。'}`,
    ruledOut: () => ['其他节点的地址：不要求写在此证书中。'],
    remedy: (d) =>
      remedy(d, [
        '加入这些名称并重启 server，证书会重新签发。',
        '把这些名称加入集群配置的 certSANs，重新生成证书，并重启 API Server。',
        '由证书的管理方用这些名称重新签发。',
      ]),
    verify: (d) => verification(d, '证书中列出了这些名称，校验证书的访问能得到响应。'),
    reasons: {
      noApiServer: '该节点上没有 API Server 证书。',
      listener: 'k3s 用监听器的证书提供 API，该证书保存在集群中而不是文件里。',
      noClients: '没有采集到的 kubeconfig 或 Service 能说明以什么名称访问这个 API Server。',
    },
    notes: {
      names: (addresses) => `证书中的地址：${addresses}`,
      called: (name) => `访问 ${name}`,
      refused: () => '被拒绝',
    },
  },
}
