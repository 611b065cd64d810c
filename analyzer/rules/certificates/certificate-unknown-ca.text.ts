import type { Step } from '../../engine/outcome.ts'
import type { RuleText, RuleTexts } from '../../engine/ruleText.ts'
import type { TrustDomain } from '../../facts/node/trustHolders.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { RefusedKind } from './unknownAuthorityLines.ts'

/** Files of nodes that trust different authorities for one purpose. */
export interface TrustDisagreement {
  readonly kind: 'disagreement'
  readonly nodes: readonly string[]
  readonly domain: TrustDomain
  /** The files that differ. */
  readonly paths: readonly string[]
  readonly reference: { readonly node: string; readonly path: string }
  /** None of them can be told to be the wrong one. */
  readonly isDispute: boolean
  /** All of them are on the reference's own node. */
  readonly isSingleNode: boolean
  /** Log lines of the case that refuse an authority. */
  readonly lines: number
}

/** Certificates of a node whose authority their verifier does not trust. */
export interface StrangerCertificates {
  readonly kind: 'stranger'
  readonly nodes: readonly string[]
  readonly domain: TrustDomain
  readonly paths: readonly string[]
  /** The file with the trusted authorities. */
  readonly reference: { readonly node: string; readonly path: string }
  readonly issuer: string
  /** The trusted authority has the issuer's name, and another key. */
  readonly sameName: boolean
  readonly lines: number
}

/** What only logs tell. */
export interface LoggedAuthority {
  readonly kind: 'logged'
  readonly nodes: readonly string[]
  readonly refused: RefusedKind
  readonly host: string
  readonly lines: number
  /** The authority of that name which the verifier does trust, and which did not sign. */
  readonly hint?: string
}

/** What was found. */
export type UnknownAuthority = TrustDisagreement | StrangerCertificates | LoggedAuthority

type Reason = 'nothingToCompare'

/** What there is to see in a line. */
export type Note = 'reference' | 'foreign' | 'leaf' | 'trusted' | 'refused'

type Words = RuleText<UnknownAuthority, Reason, Note>

const PURPOSE: Readonly<Record<TrustDomain, string>> = {
  server: 'API servers',
  client: 'clients of the API',
  etcd: 'etcd and its clients',
  'etcd-peer': 'members of etcd',
  'front-proxy': 'aggregated APIs',
}

const PURPOSE_ZH: Readonly<Record<TrustDomain, string>> = {
  server: 'API Server',
  client: 'API 客户端',
  etcd: 'etcd 与其客户端',
  'etcd-peer': 'etcd 成员之间',
  'front-proxy': '聚合 API',
}

const REFUSED: Readonly<Record<RefusedKind, string>> = {
  api: 'the certificate of the API server',
  client: 'a client’s certificate',
  registry: 'the certificate of an image registry',
  webhook: 'the certificate of an admission webhook',
  other: 'a certificate',
}

const REFUSED_ZH: Readonly<Record<RefusedKind, string>> = {
  api: 'API Server 的证书',
  client: '客户端证书',
  registry: '镜像仓库的证书',
  webhook: '准入 webhook 的证书',
  other: '某个证书',
}

const en: Words = {
  name: 'A certificate is of an authority that its verifier does not trust',
  looksFor:
    'The authorities in the trust files of all nodes (ca.crt of kubeadm; server-ca.crt, client-ca.crt and etcd’s of k3s and rke2; the authority in kubeconfigs), held against each other by name, key and fingerprint; every certificate of the control plane and of the kubelets, held against the authorities beside it by issuer name and key identifier; and log lines `x509: certificate signed by unknown authority`. Signatures are not computed: names and key identifiers tell which key signed.',
  why: 'Whoever verifies a certificate looks for its issuer among the authorities it trusts: one of that name whose key verifies the signature. An authority that was made anew often has the old name (“kubernetes” with kubeadm) and another key, so that all looks right and every signature fails.',
  consequences:
    'Kubelets cannot reach the API server, or are turned away by it; `kubectl` says `x509: certificate signed by unknown authority`; the other side logs `remote error: tls: bad certificate`. Image pulls fail where it is the registry’s.',
  commonCauses: [
    'A control-plane node that was set up anew (`kubeadm init`, or k3s with an empty data folder) while other nodes kept the old authority.',
    'A kubeconfig of an earlier cluster.',
    'Custom authorities that were put in place on one server only.',
    'A private registry whose authority the runtime was not told.',
  ],
  mimics: [
    'A file that holds the old and the new authority during a rotation: two files agree that have one authority in common.',
    'An authority that was made anew of the same key: it verifies the same certificates, whatever its fingerprint.',
    'The kubelet’s own serving certificate of kubeadm, which is of an authority of its own and which the API server does not verify.',
    'A certificate or an authority without key identifier (Kubernetes before 1.19): the name alone proves nothing, and nothing is told.',
    'Lines from before a certificate of the case was made: a renewal has followed.',
  ],
  cure: 'Give every node the authority of the running cluster, or have the certificate issued by it; then restart what reads it.',
  title(d) {
    if (d.kind === 'disagreement') {
      if (d.isDispute) return `${joinWords(d.nodes)} trust different authorities for ${PURPOSE[d.domain]}`
      return `${joinWords(d.nodes)} ${d.nodes.length === 1 ? 'trusts' : 'trust'} another authority for ${PURPOSE[d.domain]} than the cluster has`
    }
    if (d.kind === 'stranger') {
      const what =
        d.paths.length === 1
          ? `A certificate of ${d.nodes[0]} is`
          : `${d.paths.length} certificates of ${d.nodes[0]} are`
      return `${what} of an authority that is not trusted: ${joinWords(d.paths)}`
    }
    return `${d.nodes[0]} logs that ${REFUSED[d.refused]}${at(d)} is of an unknown authority`
  },
  summary(d) {
    if (d.kind === 'disagreement') {
      const meaning = d.isDispute
        ? 'Certificates of one are refused by the other.'
        : `What the cluster’s own authority has signed is refused by what reads ${d.paths.length === 1 ? 'this file' : 'these files'}, and the other way round.`
      return `${joinWords(d.paths)}${d.isSingleNode ? '' : ` on ${joinWords(d.nodes.filter((node) => !d.isDispute || node !== d.reference.node))}`} and ${d.reference.path} on ${d.reference.node} have no authority in common. ${meaning}${linesOf(d.lines)}`
    }
    if (d.kind === 'stranger') {
      const why = d.sameName
        ? `${d.reference.path} has an authority of that name, but with another key: one of the two was made anew`
        : `${d.reference.path} on ${d.reference.node} has none of that name`
      return `${joinWords(d.paths)} of ${d.nodes[0]} ${d.paths.length === 1 ? 'was' : 'were'} issued by “${d.issuer}”; ${why}. Whoever verifies with that file refuses ${d.paths.length === 1 ? 'it' : 'them'}.${linesOf(d.lines)}`
    }
    const hint =
      d.hint === undefined
        ? ''
        : ` An authority named “${d.hint}” is trusted, but it is another key’s: it was made anew under the same name.`
    return `At least ${d.lines} recent log line${d.lines === 1 ? '' : 's'} of ${d.nodes[0]} refuse${d.lines === 1 ? 's' : ''} ${REFUSED[d.refused]}${at(d)}: signed by an unknown authority.${hint} The captured certificates do not show whose fault it is.`
  },
  ruledOut: (d) =>
    d.kind === 'logged'
      ? ['A renewal since: no certificate of the case was made after these lines.']
      : [
          'A rotation with both authorities side by side: none is in common.',
          'The same key in a new certificate: the keys differ.',
        ],
  remedy: (d) => remedy(d, STEPS_EN),
  verify: (d) => verification(d, 'The verification succeeds, and the logs complain no more.'),
  reasons: {
    nothingToCompare:
      'No two files with authorities, nor a certificate together with the authorities of its verifier, were captured, and no log complains.',
  },
  notes: {
    reference: (name) => (name === '' ? 'the cluster’s own' : `held against: ${name}`),
    foreign: (name) => (name === '' ? 'another fingerprint' : `another authority: ${name}`),
    leaf: (issuer) => `issued by ${issuer}`,
    trusted: (name) => `trusted: ${name}`,
    refused: () => 'refused',
  },
}

const zh: Words = {
  name: '证书的签发者不被校验方信任',
  looksFor:
    '对比各节点信任文件中的 CA（kubeadm 的 ca.crt；k3s 与 rke2 的 server-ca.crt、client-ca.crt 以及 etcd 的 CA；kubeconfig 中的 CA）的名称、公钥和指纹；控制面与 kubelet 的每个证书与对应 CA 的签发者名称、密钥标识是否吻合；以及日志 `x509: certificate signed by unknown authority`。不计算签名：名称与密钥标识足以判断由哪个密钥签发。',
  why: '校验证书时，会在信任的 CA 中查找签发者：名称相同，且其公钥能验证签名。重新生成的 CA 往往沿用旧名称（kubeadm 一律为 “kubernetes”）而密钥不同，看上去一切正常，签名却全部验证失败。',
  consequences:
    'kubelet 无法访问 API Server，或被其拒绝；`kubectl` 报 `x509: certificate signed by unknown authority`；对端日志出现 `remote error: tls: bad certificate`。若是镜像仓库的证书，则拉取镜像失败。',
  commonCauses: [
    '控制面节点被重新初始化（`kubeadm init`，或 k3s 数据目录为空），其他节点仍保留旧 CA。',
    'kubeconfig 来自以前的集群。',
    '自定义 CA 只放到了其中一台 server 上。',
    '私有镜像仓库的 CA 没有配置给容器运行时。',
  ],
  mimics: [
    '轮换期间新旧 CA 同在一个文件中：两个文件只要有一个共同的 CA 就视为一致。',
    '用同一密钥重新签发的 CA：指纹不同，但验证的是同一批证书。',
    'kubeadm 下 kubelet 自签的服务证书：由它自己的 CA 签发，API Server 默认不校验。',
    '证书或 CA 没有密钥标识（Kubernetes 1.19 之前）：仅凭名称无法证明，不作判断。',
    '早于本次采集中某个证书签发时间的日志：之后已经更换过证书。',
  ],
  cure: '让每个节点使用当前集群的 CA，或由该 CA 重新签发证书；然后重启读取它的组件。',
  title(d) {
    if (d.kind === 'disagreement') {
      return d.isDispute
        ? `${joinChinese(d.nodes)} 用于${PURPOSE_ZH[d.domain]}的 CA 互不相同`
        : `${joinChinese(d.nodes)} 用于${PURPOSE_ZH[d.domain]}的 CA 与集群的不同`
    }
    if (d.kind === 'stranger') return `${d.nodes[0]} 的证书由不受信任的 CA 签发：${joinChinese(d.paths)}`
    return `${d.nodes[0]} 的日志称${REFUSED_ZH[d.refused]}${atZh(d)}由未知的 CA 签发`
  },
  summary(d) {
    if (d.kind === 'disagreement') {
      const where = d.isSingleNode
        ? ''
        : `${joinChinese(d.nodes.filter((node) => !d.isDispute || node !== d.reference.node))} 上的 `
      const meaning = d.isDispute
        ? '一方的证书会被另一方拒绝。'
        : '集群 CA 签发的证书会被读取这些文件的组件拒绝，反之亦然。'
      return `${where}${joinChinese(d.paths)} 与 ${d.reference.node} 上的 ${d.reference.path} 没有任何共同的 CA。${meaning}${linesZh(d.lines)}`
    }
    if (d.kind === 'stranger') {
      const why = d.sameName
        ? `${d.reference.path} 中有同名的 CA，但密钥不同：其中一方是重新生成的`
        : `${d.reference.node} 上的 ${d.reference.path} 中没有这个名称的 CA`
      return `${d.nodes[0]} 的 ${joinChinese(d.paths)} 由 “${d.issuer}” 签发；${why}。用该文件校验的一方会拒绝它。${linesZh(d.lines)}`
    }
    const hint =
      d.hint === undefined ? '' : `信任的 CA 中有名为 “${d.hint}” 的，但密钥不同：它以同名重新生成过。`
    return `${d.nodes[0]} 近期至少有 ${d.lines} 行日志拒绝${REFUSED_ZH[d.refused]}${atZh(d)}：签发者未知。${hint}采集到的证书看不出是哪一方的问题。`
  },
  ruledOut: (d) =>
    d.kind === 'logged'
      ? ['之后已更换证书：没有任何证书的签发时间晚于这些日志。']
      : ['轮换期间新旧 CA 并存：两边没有共同的 CA。', '同一密钥的新证书：密钥不同。'],
  remedy: (d) => remedy(d, STEPS_ZH),
  verify: (d) => verification(d, '校验通过，日志不再报错。'),
  reasons: {
    nothingToCompare:
      '没有采集到两份可对比的 CA 文件，也没有证书与其校验方的 CA 同时存在，日志中也没有相关报错。',
  },
  notes: {
    reference: (name) => (name === '' ? '集群自己的' : `对比基准：${name}`),
    foreign: (name) => (name === '' ? '指纹不同' : `另一个 CA：${name}`),
    leaf: (issuer) => `签发者：${issuer}`,
    trusted: (name) => `受信任：${name}`,
    refused: () => '被拒绝',
  },
}

/** The words of certificate-unknown-ca. */
export const text: RuleTexts<UnknownAuthority, Reason, Note> = { en, zh }

function at({ host }: LoggedAuthority): string {
  return host === '' ? '' : ` at ${host}`
}

function atZh({ host }: LoggedAuthority): string {
  return host === '' ? '' : `（${host}）`
}

function linesOf(lines: number): string {
  return lines === 0 ? '' : ' Logs of the case say so: signed by unknown authority.'
}

function linesZh(lines: number): string {
  return lines === 0 ? '' : '日志中也有 signed by unknown authority。'
}

type StepName = 'compare' | 'k3s' | 'kubeadm' | 'reissue' | 'registry' | 'look'

const STEPS_EN: Readonly<Record<StepName, string>> = {
  compare:
    'See which authority each node has; the one that signs what the API server serves is the cluster’s.',
  k3s: 'An agent fetches the authorities when it starts: remove its old copies, and restart it. Never remove server/tls of a server that runs.',
  kubeadm:
    'Copy pki/ca.crt and pki/ca.key from the control-plane node that the cluster runs with, and make certificates and kubeconfigs anew from them; a worker is joined anew.',
  reissue:
    'Have the certificate issued anew by the trusted authority: remove it with its key, and restart what makes it.',
  registry:
    'Give the runtime the authority of the registry: /etc/docker/certs.d, hosts.toml of containerd, or /etc/rancher/k3s/registries.yaml; then restart it.',
  look: 'See who issued the certificate that is shown, and compare it with what the caller trusts.',
}

const STEPS_ZH: Readonly<Record<StepName, string>> = {
  compare: '确认各节点使用的是哪个 CA；签发 API Server 服务证书的那个才是集群的 CA。',
  k3s: 'agent 启动时会从 server 获取 CA：删除旧的副本后重启即可。切勿删除运行中 server 的 server/tls 目录。',
  kubeadm:
    '从集群实际使用的控制面节点复制 pki/ca.crt 与 pki/ca.key，并据此重新生成证书和 kubeconfig；worker 重新加入集群。',
  reissue: '由受信任的 CA 重新签发：删除证书和私钥，重启生成它的组件。',
  registry:
    '把镜像仓库的 CA 配置给容器运行时：/etc/docker/certs.d、containerd 的 hosts.toml 或 /etc/rancher/k3s/registries.yaml，然后重启。',
  look: '查看对端出示的证书由谁签发，并与调用方信任的 CA 对比。',
}

function remedy(d: UnknownAuthority, steps: Readonly<Record<StepName, string>>): readonly Step[] {
  if (d.kind === 'logged') {
    if (d.refused === 'registry') return [{ text: steps.registry, commands: [] }]
    return [{ text: steps.look, commands: [showIssuer(d.host)] }]
  }
  const files = [...new Set([d.reference.path, ...d.paths])].filter((path) => /\.(?:crt|pem)$/.test(path))
  const compare = {
    text: steps.compare,
    commands: files
      .slice(0, 4)
      .map((path) => `openssl x509 -in ${shellQuote(path)} -noout -subject -issuer -fingerprint -sha256`),
  }
  const isRancher = d.reference.path.includes('/rancher/')
  if (d.kind === 'stranger')
    return [compare, { text: steps.reissue, commands: isRancher ? [] : ['kubeadm certs renew all'] }]
  if (!isRancher) return [compare, { text: steps.kubeadm, commands: [] }]
  const distribution = d.reference.path.includes('/rke2/') ? 'rke2' : 'k3s'
  const agent = `/var/lib/rancher/${distribution}/agent`
  return [
    compare,
    {
      text: steps.k3s,
      commands: [
        `rm ${agent}/server-ca.crt ${agent}/client-ca.crt`,
        `systemctl restart ${distribution}-agent`,
      ],
    },
  ]
}

function showIssuer(host: string): string {
  const target = host === '' ? '"$HOST:$PORT"' : shellQuote(/:\d+$/.test(host) ? host : `${host}:443`)
  return `openssl s_client -connect ${target} -showcerts </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -ext authorityKeyIdentifier`
}

function verification(d: UnknownAuthority, words: string): readonly Step[] {
  const commands =
    d.kind === 'stranger'
      ? d.paths.map((path) => `openssl verify -CAfile ${shellQuote(d.reference.path)} ${shellQuote(path)}`)
      : ['journalctl --since -5min | grep "signed by unknown authority"']
  return [{ text: words, commands: commands.slice(0, 4) }]
}
