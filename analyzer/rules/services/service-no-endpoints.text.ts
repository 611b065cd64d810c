import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ServiceRole } from './serviceRole.ts'
import type { UnreadyPod, WhyNoEndpoints } from './whyNoEndpoints.ts'

/** A Service that nodes refuse. */
export interface ServiceNoEndpoints {
  /** `namespace/name`. */
  readonly service: string
  readonly role: ServiceRole
  /** The nodes that refuse it. */
  readonly nodes: readonly string[]
  /** `10.96.10.13:80/tcp`. */
  readonly addresses: readonly string[]
  /** Commands that show how a node treats it. */
  readonly look: readonly string[]
  /** Ready endpoints that the API server lists all the same; undefined where it was not asked. */
  readonly inApi: number | undefined
  readonly why: WhyNoEndpoints
}

type Reason = 'noProxy' | 'noApi'

/** What there is to see in the lines. */
export type Note = 'rejects' | 'noServers' | 'api' | 'listed'

const isBehind = ({ inApi }: ServiceNoEndpoints): boolean => inApi !== undefined && inApi > 0

const MEANING: Readonly<Record<ServiceRole, string>> = {
  dns: 'No pod on these nodes can resolve a name.',
  api: 'Pods on these nodes cannot reach the API server through its Service.',
  webhook:
    'If a webhook configuration names this Service, the API server’s calls to it fail, and with failurePolicy Fail so do the requests it guards.',
  workload: 'Whoever connects to it is told at once that the connection is refused.',
}

const CHINESE_MEANING: Readonly<Record<ServiceRole, string>> = {
  dns: '这些节点上的 Pod 无法解析任何名称。',
  api: '这些节点上的 Pod 无法通过该 Service 到达 API server。',
  webhook:
    '如果有 webhook 配置引用该 Service，API server 对它的调用会失败；failurePolicy 为 Fail 时，其守护的请求也会失败。',
  workload: '连接它的客户端会立即被拒绝。',
}

/** The words of service-no-endpoints. */
export const text: RuleTexts<ServiceNoEndpoints, Reason, Note> = {
  en: {
    name: 'A Service has no endpoints',
    looksFor:
      'kube-proxy’s REJECT rules with the comment “has no endpoints” for cluster addresses, the same entries of its nftables map no-endpoint-services, and IPVS services without servers of which the API server lists no ready endpoint. The Service’s selector, its pods and its ports, where the API’s answers are in a bundle, tell why.',
    why: 'A Service sends traffic to the pods that its selector matches and that are ready. When there are none, kube-proxy lets the node answer “port unreachable” for the Service’s address, which clients report as “connection refused”. The network itself is sound.',
    consequences:
      'Clients are told “connection refused” at once; where the Service is DNS no name resolves, where it is a webhook the requests that it guards fail.',
    commonCauses: [
      'The workload is scaled to zero, or its pods crash or are not ready.',
      'The selector and the labels of the pods differ, often after a rename.',
      'targetPort names a port that no container has.',
    ],
    mimics: [
      'A workload that was scaled to zero on purpose: nothing in a bundle tells a purpose, so it is reported, and the pods that are missing are named.',
      '“has no local endpoints”: a Service with the traffic policy Local whose pods run on other nodes. Only the words “has no endpoints” count, and for a Service with internalTrafficPolicy Local only if no node has ready endpoints.',
      'A REJECT in KUBE-EXTERNAL-SERVICES alone, for a node port or an external address: only a refused cluster address counts.',
      'A headless Service or an ExternalName: kube-proxy programs neither.',
    ],
    cure: 'Find out why no pod stands behind the Service: the selector matches none, none is ready, or the targetPort is a name that no container has.',
    title: (d) =>
      isBehind(d)
        ? `${joinWords(d.nodes)} ${d.nodes.length === 1 ? 'refuses' : 'refuse'} the Service ${d.service}, which has ready endpoints`
        : `The Service ${d.service} has no endpoints`,
    summary(d) {
      const state = `${joinWords(d.nodes)} ${d.nodes.length === 1 ? 'refuses' : 'refuse'} ${joinWords(d.addresses)}, the address of the Service ${d.service}, since kube-proxy knows no endpoint for it.`
      return `${state} ${reasonOf(d)} ${MEANING[d.role]}`
    },
    ruledOut: (d) => [
      'The Service is neither headless nor an ExternalName: the nodes hold a cluster address for it.',
      ...(d.inApi === 0 ? ['kube-proxy is not behind: the API server lists no ready endpoint either.'] : []),
    ],
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => [
      {
        text: 'The Service lists ready addresses, and the nodes no longer refuse it.',
        commands: [listSlices(d), ...d.look],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      noApi:
        'IPVS services without servers are there, but the API’s Services and EndpointSlices, which would tell whether they should have any, are missing.',
    },
    notes: {
      rejects: (node) => `${node} refuses the cluster address`,
      noServers: (node) => `no server follows: ${node} refuses the cluster address`,
      api: () => 'as the API server knows it',
      listed: () => 'the API server lists ready endpoints',
    },
  },
  zh: {
    name: 'Service 没有端点',
    looksFor:
      'kube-proxy 为集群地址写下的注释为“has no endpoints”的 REJECT 规则、其 nftables 映射 no-endpoint-services 中的同类条目，以及 API server 没有列出就绪端点且没有后端的 IPVS 服务。如果采集包中有 API 的应答，Service 的 selector、Pod 和端口会说明原因。',
    why: 'Service 把流量发给 selector 匹配且就绪的 Pod。一个也没有时，kube-proxy 让节点对该 Service 的地址应答“port unreachable”，客户端看到的是“connection refused”。网络本身是正常的。',
    consequences:
      '客户端立即得到“connection refused”；如果是 DNS 则无法解析名称，如果是 webhook 则其守护的请求失败。',
    commonCauses: [
      '工作负载缩容为零，或者 Pod 崩溃、未就绪。',
      'selector 与 Pod 的标签不一致，常见于改名之后。',
      'targetPort 使用了容器没有的端口名。',
    ],
    mimics: [
      '有意缩容为零的工作负载：采集包无法说明意图，因此会报告，并指出缺少的 Pod。',
      '“has no local endpoints”：流量策略为 Local、Pod 在其他节点上的 Service。只有“has no endpoints”才计；internalTrafficPolicy 为 Local 的 Service 只有在所有节点都没有就绪端点时才计。',
      '只在 KUBE-EXTERNAL-SERVICES 中针对 NodePort 或外部地址的 REJECT：只计被拒绝的集群地址。',
      'headless Service 或 ExternalName：kube-proxy 不为它们写规则。',
    ],
    cure: '查明为什么 Service 后面没有 Pod：selector 一个也没匹配、没有就绪的，或者 targetPort 是容器没有的名称。',
    title: (d) =>
      isBehind(d)
        ? `${d.nodes.join('、')} 拒绝 Service ${d.service}，而它有就绪端点`
        : `Service ${d.service} 没有端点`,
    summary(d) {
      const state = `${d.nodes.join('、')} 拒绝 Service ${d.service} 的地址 ${d.addresses.join('、')}，因为 kube-proxy 没有它的任何端点。`
      return `${state}${chineseReason(d)}${CHINESE_MEANING[d.role]}`
    },
    ruledOut: (d) => [
      '该 Service 不是 headless 或 ExternalName：节点上有它的集群地址。',
      ...(d.inApi === 0 ? ['kube-proxy 没有落后：API server 也没有列出就绪端点。'] : []),
    ],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => [{ text: 'Service 列出就绪地址，节点不再拒绝它。', commands: [listSlices(d), ...d.look] }],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点上写规则：Service 由其他程序实现。',
      noApi: '存在没有后端的 IPVS 服务，但缺少 API 的 Service 和 EndpointSlice，无法判断它们是否应该有后端。',
    },
    notes: {
      rejects: (node) => `${node} 拒绝该集群地址`,
      noServers: (node) => `后面没有后端：${node} 拒绝该集群地址`,
      api: () => 'API server 所知的情况',
      listed: () => 'API server 列出了就绪端点',
    },
  },
}

function reasonOf(d: ServiceNoEndpoints): string {
  const { why } = d
  if (isBehind(d)) {
    return `The API server lists ${d.inApi} ready endpoint${d.inApi === 1 ? '' : 's'} for it, so kube-proxy there is behind.`
  }
  switch (why.kind) {
    case 'not-captured':
      return 'Why it has none cannot be told without the API’s Services and pods in a bundle; it may be scaled to zero on purpose.'
    case 'no-selector':
      return 'It has no selector: its endpoints are written by hand or by a controller, which has not done so.'
    case 'no-pod':
      return `No pod matches its selector ${why.selector}: the labels differ, or the workload is scaled to zero, on purpose or not.`
    case 'not-ready':
      return `${why.pods.length} pod${why.pods.length === 1 ? ' matches' : 's match'} its selector ${why.selector}, and none is ready: ${joinWords(why.pods.map(podState))}.`
    case 'port-name':
      return `Ready pods match its selector ${why.selector}, but no container of theirs has a port named ${why.targetPort}, which is its targetPort.`
    case 'unpublished':
      return `${why.readyPods} ready pod${why.readyPods === 1 ? ' matches' : 's match'} its selector ${why.selector}, yet the endpoints are not published: the capture fell into a change, or the endpoint controller does not work.`
  }
}

function podState({ name, nodeName, state }: UnreadyPod): string {
  return nodeName === undefined ? `${name} (${state})` : `${name} on ${nodeName} (${state})`
}

function inNamespace({ service }: ServiceNoEndpoints): { readonly kubectl: string; readonly name: string } {
  const [namespace = '', name = ''] = service.split('/')
  return { kubectl: `kubectl -n ${shellQuote(namespace)}`, name: shellQuote(name) }
}

function listSlices(d: ServiceNoEndpoints): string {
  const { kubectl, name } = inNamespace(d)
  return `${kubectl} get endpointslices -l kubernetes.io/service-name=${name}`
}

function remedyOf(d: ServiceNoEndpoints): readonly SaidStep[] {
  const { kubectl, name } = inNamespace(d)
  const { why } = d
  const describe = `${kubectl} describe service ${name}`
  if (isBehind(d)) {
    return [
      {
        text: {
          en: `Restart kube-proxy on ${joinWords(d.nodes)} (on k3s or rke2: restart the service of that name), and look in its log for failed syncs.`,
          zh: `在 ${d.nodes.join('、')} 上重启 kube-proxy（k3s 或 rke2：重启同名服务），并在其日志中查找失败的同步。`,
        },
        commands: d.nodes.map(
          (node) =>
            `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`,
        ),
      },
    ]
  }
  switch (why.kind) {
    case 'no-pod':
      return [
        {
          text: {
            en: 'See which labels the pods bear, and correct the selector; or scale the workload up.',
            zh: '查看 Pod 的标签并修正 selector；或者扩容工作负载。',
          },
          commands: [
            `${kubectl} get pods --show-labels`,
            `${kubectl} get deployments,statefulsets,daemonsets`,
          ],
        },
      ]
    case 'not-ready':
      return [
        {
          text: {
            en: 'Find out why the pods are not ready: their events, and the log of the container before its last restart.',
            zh: '查明 Pod 为什么未就绪：查看事件和容器上次重启前的日志。',
          },
          commands: [
            `${kubectl} describe pods -l ${shellQuote(why.selector)}`,
            `${kubectl} logs -l ${shellQuote(why.selector)} --all-containers --previous --tail=50`,
          ],
        },
      ]
    case 'port-name':
      return [
        {
          text: {
            en: 'Set the targetPort to the name or the number of a port that the containers have.',
            zh: '把 targetPort 设为容器实际拥有的端口名或端口号。',
          },
          commands: [`${kubectl} edit service ${name}`],
        },
      ]
    case 'no-selector':
      return [
        {
          text:
            d.role === 'api'
              ? {
                  en: 'Each API server writes its own address here when it is ready: see whether any runs, and what it logs.',
                  zh: '每个 API server 就绪后会把自己的地址写到这里：查看是否有在运行的，以及它的日志。',
                }
              : {
                  en: 'See who is to write the endpoints of this Service.',
                  zh: '查看该 Service 的端点应由谁写入。',
                },
          commands: [describe, ...(d.role === 'api' ? ['crictl ps -a --name kube-apiserver'] : [])],
        },
      ]
    case 'not-captured':
    case 'unpublished':
      return [
        {
          text: {
            en: 'Compare the Service’s selector and ports with the pods that should stand behind it.',
            zh: '对照 Service 的 selector、端口与应在其后的 Pod。',
          },
          commands: [describe, `${kubectl} get pods --show-labels -o wide`],
        },
      ]
  }
}

function chineseReason(d: ServiceNoEndpoints): string {
  const { why } = d
  if (isBehind(d)) return `API server 为它列出了 ${d.inApi} 个就绪端点，因此是那里的 kube-proxy 落后了。`
  switch (why.kind) {
    case 'not-captured':
      return '采集包里没有 API 的 Service 和 Pod，无法说明原因；也可能是有意缩容为零。'
    case 'no-selector':
      return '它没有 selector：端点由人工或控制器写入，而目前没有写入。'
    case 'no-pod':
      return `没有 Pod 匹配其 selector ${why.selector}：标签不同，或者工作负载缩容为零（有意或无意）。`
    case 'not-ready':
      return `有 ${why.pods.length} 个 Pod 匹配其 selector ${why.selector}，但都未就绪：${why.pods.map(chinesePod).join('、')}。`
    case 'port-name':
      return `有就绪的 Pod 匹配其 selector ${why.selector}，但没有容器有名为 ${why.targetPort} 的端口，而这正是它的 targetPort。`
    case 'unpublished':
      return `有 ${why.readyPods} 个就绪的 Pod 匹配其 selector ${why.selector}，但端点没有发布：采集正值变化期间，或者 endpoint controller 不工作。`
  }
}

function chinesePod({ name, nodeName, state }: UnreadyPod): string {
  return nodeName === undefined ? `${name}（${state}）` : `${nodeName} 上的 ${name}（${state}）`
}
