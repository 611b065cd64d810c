import type { RuleTexts } from '../../engine/ruleText.ts'

/** An endpoint of default/kubernetes at which nobody listens. */
export interface ApiEndpointDead {
  readonly node: string
  readonly address: string
  readonly port: number
  /** Further endpoints, on other addresses. */
  readonly others: number
  /** The port that an API server of the node listens on instead. */
  readonly listensOn?: number
}

type Reason = 'noEndpoints' | 'elsewhere' | 'noNames'

/** What there is to see in the lines. */
export type Note = 'endpoint' | 'sockets' | 'server' | 'agent'

/** The words of apiserver-via-service-unreachable. */
export const text: RuleTexts<ApiEndpointDead, Reason, Note> = {
  en: {
    name: 'The API server’s Service leads nowhere',
    looksFor:
      'Endpoints of the Service default/kubernetes, in the API or in kube-proxy’s rules, that lie on this node, where the whole list of sockets shows no listener at that address and port.',
    why: 'Pods reach the API server through this Service, whose endpoints the API servers write themselves. An endpoint at which nobody listens takes its share of the connections and refuses them.',
    consequences:
      'CoreDNS, network plugins, controllers and operators in pods get “connection refused” from the cluster address of the API server, always or by turns.',
    commonCauses: [
      'The API server of the node has stopped or crashes.',
      'A control plane node was removed or restored, and its endpoint was left behind.',
      'The API server was given another port or --advertise-address.',
    ],
    mimics: [
      'A refusal with 403 Forbidden: the API server was reached, and rights are missing (RBAC). It is no fault of the network.',
      'The load balancer of a k3s agent at 127.0.0.1:6444: it is no endpoint of the Service.',
      'A port that is redirected by iptables needs no listener.',
      'A list of sockets without process names is not believed.',
    ],
    cure: 'Start the API server of the node, or remove the endpoint that is left behind.',
    title: (d) => `Nobody listens at ${d.address}:${d.port} on ${d.node}, an endpoint of default/kubernetes`,
    summary: (d) =>
      `The Service default/kubernetes sends connections to ${d.address}:${d.port} on ${d.node}, where nothing listens${d.listensOn === undefined ? '' : `; its API server listens on port ${d.listensOn}`}. ${d.others === 0 ? 'It is the only endpoint: pods cannot reach the API server.' : `It is one of ${d.others + 1} endpoints: pods fail to reach the API server by turns.`}`,
    ruledOut: () => [
      'The list of sockets is whole and names processes.',
      'No rule of iptables outside kube-proxy’s redirects the port.',
    ],
    remedy: (d) => [
      { text: `See whether an API server should run on ${d.node}, and why it does not.`, commands: LOOK },
      {
        text: 'If it should not, delete what it left behind: its lease, from which the endpoints are made anew.',
        commands: ['kubectl -n default get endpoints kubernetes', 'kubectl -n kube-system get leases'],
      },
    ],
    verify: (d) => [
      { text: 'The endpoint answers.', commands: [`curl -ks https://${hostOf(d)}:${d.port}/version`] },
    ],
    reasons: {
      noEndpoints:
        'Neither the API’s answers nor iptables rules in the bundles name the endpoints of default/kubernetes.',
      elsewhere: 'No endpoint of default/kubernetes lies on this node.',
      noNames: 'The list of sockets is not whole, or names no process of the node such as the kubelet.',
    },
    notes: {
      endpoint: () => 'an endpoint of default/kubernetes',
      sockets: (port) => `no listener on port ${port} in the whole list`,
      server: () => 'the API server listens here',
      agent: () => 'the list names processes',
    },
  },
  zh: {
    name: 'API server 的 Service 指向无人监听的地址',
    looksFor:
      'API 或 kube-proxy 规则中位于本节点的 default/kubernetes 端点，而完整的套接字列表中没有该地址和端口的监听。',
    why: 'Pod 通过该 Service 访问 API server，其端点由各 API server 自行写入。无人监听的端点仍会分到连接，并全部拒绝。',
    consequences:
      'Pod 中的 CoreDNS、网络插件、控制器和 operator 访问 API server 的集群地址时总是或间歇性得到“connection refused”。',
    commonCauses: [
      '该节点的 API server 已停止或崩溃。',
      '控制面节点被移除或恢复后，其端点残留。',
      'API server 更换了端口或 --advertise-address。',
    ],
    mimics: [
      '403 Forbidden：已经到达 API server，只是缺少权限（RBAC），不是网络故障。',
      'k3s agent 在 127.0.0.1:6444 的负载均衡：它不是该 Service 的端点。',
      '被 iptables 重定向的端口不需要监听。',
      '没有进程名的套接字列表不可信。',
    ],
    cure: '启动该节点的 API server，或删除残留的端点。',
    title: (d) => `${d.node} 上 default/kubernetes 的端点 ${d.address}:${d.port} 无人监听`,
    summary: (d) =>
      `Service default/kubernetes 把连接发往 ${d.node} 的 ${d.address}:${d.port}，但那里无人监听${d.listensOn === undefined ? '' : `；该节点的 API server 监听端口 ${d.listensOn}`}。${d.others === 0 ? '这是唯一的端点：Pod 无法访问 API server。' : `这是 ${d.others + 1} 个端点之一：Pod 访问 API server 间歇性失败。`}`,
    ruledOut: () => ['套接字列表完整且包含进程名。', 'kube-proxy 之外没有 iptables 规则重定向该端口。'],
    remedy: (d) => [
      { text: `确认 ${d.node} 上是否应该运行 API server，以及为什么没有运行。`, commands: LOOK },
      {
        text: '如果不应该运行，删除残留的 lease，端点会据此重新生成。',
        commands: ['kubectl -n default get endpoints kubernetes', 'kubectl -n kube-system get leases'],
      },
    ],
    verify: (d) => [
      { text: '该端点有应答。', commands: [`curl -ks https://${hostOf(d)}:${d.port}/version`] },
    ],
    reasons: {
      noEndpoints: '采集包中的 API 应答和 iptables 规则都没有 default/kubernetes 的端点。',
      elsewhere: 'default/kubernetes 的端点不在该节点上。',
      noNames: '套接字列表不完整，或者没有 kubelet 这类节点进程的名称。',
    },
    notes: {
      endpoint: () => 'default/kubernetes 的端点',
      sockets: (port) => `完整的列表中没有监听端口 ${port} 的套接字`,
      server: () => 'API server 在此监听',
      agent: () => '列表包含进程名',
    },
  },
}

const LOOK: readonly string[] = [
  'crictl ps -a --name kube-apiserver',
  'ss -tlnp',
  'kubectl get endpoints kubernetes -o yaml',
]

function hostOf({ address }: ApiEndpointDead): string {
  return address.includes(':') ? `[${address}]` : address
}
