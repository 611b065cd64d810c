import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** DNS of the cluster that pods cannot use. */
export type DnsServiceMissing =
  | {
      readonly kind: 'missing'
      readonly node: string
      readonly address: string
      readonly mode: ProxyMode['mode']
      /** The protocols that nothing serves at port 53. */
      readonly missing: readonly string[]
      /** Addresses of the DNS Service by the API server; undefined where it was not asked. */
      readonly inApi: readonly string[] | undefined
    }
  | { readonly kind: 'forbidden'; readonly node: string; readonly object: string; readonly user: string }

type Reason = 'noProxy' | 'noConfig' | 'noServices' | 'noNetwork'

/** What there is to see in the lines. */
export type Note = 'configured' | 'other' | 'rules' | 'api' | 'first' | 'last'

/** The words of dns-service-missing. */
export const text: RuleTexts<DnsServiceMissing, Reason, Note> = {
  en: {
    name: 'The cluster DNS is missing',
    looksFor:
      'A clusterDNS address of the kubelet, or cluster-dns of k3s, from the service network at which the node’s iptables, IPVS or nftables rules serve no port 53; and lines of CoreDNS that the API server forbids it to list Services, EndpointSlices or namespaces.',
    why: 'The kubelet writes this address into the resolv.conf of every pod. If no Service has it, nobody answers; if CoreDNS may not read Services, it answers only from what it knew, or not at all.',
    consequences:
      'Pods resolve no name, neither of Services nor of the outside, until a time-out of seconds for each try.',
    commonCauses: [
      'The DNS Service was deleted and made anew with another clusterIP.',
      'The service network was changed, and the kubelet’s configuration was not.',
      'CoreDNS was updated without its ClusterRole, which lacks discovery.k8s.io/endpointslices.',
    ],
    mimics: [
      'NodeLocal DNSCache: a link-local address, or one that an interface of the node holds.',
      'A name server outside the service network needs no Service.',
      'A DNS Service without endpoints: its address is programmed and refused, which service-no-endpoints tells.',
      'Refusals while the control plane starts: those that end within a minute do not count.',
    ],
    cure: 'Give the DNS Service the address that the kubelets know, or the kubelets the address of the Service; give CoreDNS its rights.',
    title: (d) =>
      d.kind === 'missing'
        ? `No Service serves ${d.address}:53/${d.missing.join('+')}, the DNS server of pods on ${d.node}`
        : `CoreDNS on ${d.node} may not list ${d.object} objects`,
    summary: (d) =>
      d.kind === 'missing'
        ? `The kubelet of ${d.node} tells pods to ask ${d.address}, but the node’s ${d.mode} rules serve no port 53 over ${joinWords(d.missing)} there. ${inApiWords(d.inApi, d.address)} ${d.missing.includes('udp') ? 'New pods on this node resolve no name.' : 'Answers that are too long for UDP fail.'}`
        : `The API server forbids ${d.user} to list ${d.object} objects, again and again. CoreDNS does not learn of Services: names resolve to old addresses or not at all.`,
    ruledOut: (d) =>
      d.kind === 'missing'
        ? [
            'The address lies in the service network, and no interface of the node holds it.',
            'The node’s rules were captured as a whole.',
          ]
        : ['The refusals go on for more than a minute, where the log tells the time.'],
    remedy: (d) =>
      d.kind === 'missing'
        ? [
            {
              text: 'Compare the DNS Service with what the kubelets are told.',
              commands: COMPARE,
            },
            {
              text: 'If it has another address, set clusterDNS in the kubelets’ configuration and restart them and the pods, or create the Service with the known clusterIP.',
              commands: [],
            },
          ]
        : [{ text: 'Add what is missing to the ClusterRole of CoreDNS.', commands: ROLE }],
    verify: (d) => [
      {
        text: 'The DNS server answers from a pod or from the node.',
        commands: [
          d.kind === 'missing'
            ? `dig +short @${d.address} kubernetes.default.svc.cluster.local`
            : roleCheck(d.user),
        ],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      noConfig: 'No captured configuration of the kubelet, k3s or rke2 names the DNS server of pods.',
      noNetwork: 'No capture tells the service network, in which the DNS server of pods would lie.',
      noServices: 'The Services of this node were not captured as a whole.',
    },
    notes: {
      configured: () => 'pods are told to ask this address',
      other: () => 'the address serves something else',
      rules: () => 'the node has rules for other Services',
      api: () => 'the DNS Service of the API server',
      first: () => 'the first such line',
      last: () => 'the last such line',
    },
  },
  zh: {
    name: '集群 DNS 缺失',
    looksFor:
      'kubelet 的 clusterDNS（或 k3s 的 cluster-dns）地址位于 Service 网段，但节点的 iptables、IPVS 或 nftables 规则中没有该地址的 53 端口；以及 CoreDNS 日志中 API server 禁止它列出 Service、EndpointSlice 或 Namespace 的记录。',
    why: 'kubelet 把该地址写入每个 Pod 的 resolv.conf。没有 Service 拥有它，就无人应答；CoreDNS 无权读取 Service 时，只能用旧数据应答，或者完全不应答。',
    consequences: 'Pod 无法解析任何名称，无论集群内外，每次尝试都要等待数秒才超时。',
    commonCauses: [
      'DNS Service 被删除后以其他 clusterIP 重建。',
      '更换了 Service 网段，但没有修改 kubelet 的配置。',
      '升级 CoreDNS 时没有更新 ClusterRole，缺少 discovery.k8s.io/endpointslices。',
    ],
    mimics: [
      'NodeLocal DNSCache：使用 link-local 地址，或节点网卡上的地址。',
      'Service 网段之外的 DNS 服务器不需要 Service。',
      'DNS Service 没有端点：地址有规则但被拒绝，由 service-no-endpoints 报告。',
      '控制面启动期间的拒绝：一分钟内结束的不计。',
    ],
    cure: '让 DNS Service 使用 kubelet 所知的地址，或让 kubelet 使用该 Service 的地址；补全 CoreDNS 的权限。',
    title: (d) =>
      d.kind === 'missing'
        ? `${d.node} 上 Pod 的 DNS 服务器 ${d.address}:53/${d.missing.join('+')} 没有对应的 Service`
        : `${d.node} 上的 CoreDNS 无权列出 ${d.object}`,
    summary: (d) =>
      d.kind === 'missing'
        ? `${d.node} 的 kubelet 让 Pod 查询 ${d.address}，但该节点的 ${d.mode} 规则中没有该地址的 53 端口（${joinChinese(d.missing)}）。${chineseInApi(d.inApi, d.address)}${d.missing.includes('udp') ? '该节点上新建的 Pod 无法解析任何名称。' : '超过 UDP 长度的应答会失败。'}`
        : `API server 反复拒绝 ${d.user} 列出 ${d.object}。CoreDNS 得不到 Service 的变更：名称解析到旧地址，或者无法解析。`,
    ruledOut: (d) =>
      d.kind === 'missing'
        ? ['该地址位于 Service 网段，且节点上没有网卡持有它。', '该节点的规则采集完整。']
        : ['在日志带有时间的情况下，拒绝持续一分钟以上。'],
    remedy: (d) =>
      d.kind === 'missing'
        ? [
            { text: '对比 DNS Service 与 kubelet 的配置。', commands: COMPARE },
            {
              text: '如果它使用其他地址，修改 kubelet 配置中的 clusterDNS 并重启 kubelet 和 Pod，或者以原来的 clusterIP 创建该 Service。',
              commands: [],
            },
          ]
        : [{ text: '在 CoreDNS 的 ClusterRole 中补上缺少的权限。', commands: ROLE }],
    verify: (d) => [
      {
        text: '从 Pod 或节点查询 DNS 服务器有应答。',
        commands: [
          d.kind === 'missing'
            ? `dig +short @${d.address} kubernetes.default.svc.cluster.local`
            : roleCheck(d.user),
        ],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点上写规则：Service 由其他程序实现。',
      noConfig: '采集到的 kubelet、k3s 或 rke2 配置没有指明 Pod 的 DNS 服务器。',
      noNetwork: '没有采集到 Service 网段，无法判断 Pod 的 DNS 服务器是否应由 Service 提供。',
      noServices: '该节点的 Service 没有完整采集。',
    },
    notes: {
      configured: () => 'Pod 被要求查询该地址',
      other: () => '该地址提供的是其他服务',
      rules: () => '该节点有其他 Service 的规则',
      api: () => 'API server 中的 DNS Service',
      first: () => '第一条这样的记录',
      last: () => '最后一条这样的记录',
    },
  },
}

const COMPARE = [
  'kubectl -n kube-system get service -l k8s-app=kube-dns -o wide',
  'grep -A2 clusterDNS /var/lib/kubelet/config.yaml',
]
const ROLE = ['kubectl get clusterrole system:coredns -o yaml', 'kubectl edit clusterrole system:coredns']

function roleCheck(user: string): string {
  return `kubectl auth can-i list endpointslices.discovery.k8s.io --as=${shellQuote(user)}`
}

function inApiWords(inApi: readonly string[] | undefined, address: string): string {
  if (inApi === undefined) return 'Whether the API server knows a DNS Service was not captured.'
  if (inApi.length === 0) return 'The API server lists no DNS Service.'
  return inApi.includes(address)
    ? 'The API server lists the DNS Service with this address: kube-proxy on the node is behind.'
    : `The DNS Service of the API server has ${joinWords(inApi)}.`
}

function chineseInApi(inApi: readonly string[] | undefined, address: string): string {
  if (inApi === undefined) return '没有采集到 API server 是否有 DNS Service。'
  if (inApi.length === 0) return 'API server 中没有 DNS Service。'
  return inApi.includes(address)
    ? 'API server 中 DNS Service 使用该地址：节点上的 kube-proxy 落后了。'
    : `API server 中 DNS Service 的地址是 ${joinChinese(inApi)}。`
}
