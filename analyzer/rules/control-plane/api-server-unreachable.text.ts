import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ApiFailureKind, ApiTarget } from './apiFailures.ts'

/** Requests of a node to an API server that fail. */
export interface ApiServerUnreachable extends ApiTarget {
  readonly node: string
  readonly kind: ApiFailureKind
  /** As it was logged. */
  readonly error?: string
  /** The node's lease or status is among what failed. */
  readonly heartbeat: boolean
  /** Log lines, at least. */
  readonly count: number
  /** Nodes of the case that hold the server's address. */
  readonly owners: readonly string[]
  /** The log goes on for long without another failure. */
  readonly over: boolean
}

type Reason = 'starting' | 'noKubeletLog'

/** What there is to see in the lines. */
export type Note = 'last' | 'more'

const MEANING: Readonly<Record<ApiFailureKind, string>> = {
  refused:
    'The host answers that nobody listens on that port: the API server is not running there, a firewall rejects the connection, or, where it is a Service’s address, the node has no endpoint behind it.',
  'no-route':
    'The kernel finds no way to the host: its hardware address is not resolved, a route is missing, or a firewall on the way answers so.',
  timeout:
    'No answer comes: packets are dropped on the way, large ones do not pass, or the address leads somewhere else than to the API server.',
  reset:
    'The connection is cut once it is made: by a load balancer without a server behind it, or by a firewall.',
  certificate:
    'The network is sound: the node does not accept the certificate that the API server shows, or the clock of one of them is wrong.',
  rejected:
    'The network is sound: the API server does not accept the node’s credentials. They have expired, are of another cluster, or a clock is wrong.',
  unnamed: 'The lines that were kept do not say why.',
}

const CHINESE_MEANING: Readonly<Record<ApiFailureKind, string>> = {
  refused:
    '主机应答说该端口没有监听：API server 没有在那里运行、防火墙拒绝了连接，或者它是 Service 地址而节点没有其端点。',
  'no-route': '内核找不到通往该主机的路径：硬件地址没有解析、缺少路由，或者途中的防火墙这样应答。',
  timeout: '没有应答：报文在途中被丢弃、大报文通不过，或者该地址通向 API server 以外的地方。',
  reset: '连接建立后被切断：来自没有后端的负载均衡，或者防火墙。',
  certificate: '网络正常：节点不接受 API server 出示的证书，或者其中一方时钟不准。',
  rejected: '网络正常：API server 不接受节点的凭据。它已过期、属于另一个集群，或者时钟不准。',
  unnamed: '保留下来的行没有说明原因。',
}

/** The words of api-server-unreachable. */
export const text: RuleTexts<ApiServerUnreachable, Reason, Note> = {
  en: {
    name: 'The API server cannot be reached',
    looksFor:
      'Lines of the kubelet, k3s and other components that say that the node’s lease, its status or another request to the API server failed, by server and by the error they name.',
    why: 'A kubelet that cannot renew its lease is marked NotReady after 40 seconds, and its pods are moved after five minutes. Nothing that changes in the cluster reaches the node: new pods, Services and endpoints. It is nearly always the effect of something else, which the error’s words narrow down.',
    consequences:
      'The node turns NotReady, its pods are moved away after five minutes, and what changes in the cluster does not reach it.',
    commonCauses: [
      'The API server, or the load balancer before it, is down or restarting.',
      'A Service or another machine has taken the server’s address.',
      'A certificate that has expired, or a clock that is wrong.',
      'A firewall, a route or an MTU between the node and the server.',
    ],
    mimics: [
      'A node that is starting: the API server’s own pod may come after the kubelet. Lines of the first five minutes after a boot are left out.',
      'A request that fails once: fewer than three lines are not reported.',
      'Other connections of the same components, such as probes of pods: only those to a known API server, or with a URL of the API, count.',
      'An outage that is over: the log goes on for more than ten minutes without another such line (for more than two where k3s or rke2 ask their own machine). It is reported as past, with less weight, and with the least where it lasted no longer than the five minutes that a restart may take.',
      'A log of an earlier boot or of the day before: it counts one step less.',
    ],
    cure: 'Follow the error: refused, look at the API server; no route or a timeout, at the way to it; certificates or credentials, at their dates and at the clocks.',
    title(d) {
      const { over, node } = d
      if (d.kind === 'rejected') return `${server(d)} ${over ? 'turned' : 'turns'} ${node} away: Unauthorized`
      return `${node} ${over ? 'could not' : 'cannot'} reach ${lowered(server(d))}${d.error === undefined ? '' : `: ${errorOf(d)}`}`
    },
    summary(d) {
      const lines = `At least ${formatCount(d.count)} log line${d.count === 1 ? '' : 's'} of ${d.node} ${d.count === 1 ? 'says' : 'say'} that requests to ${lowered(server(d))} failed${d.error === undefined ? '' : ` (${errorOf(d)})`}.`
      const owner = d.owners.length === 0 ? '' : ` The address is held by ${joinWords(d.owners)}.`
      const effect = d.over
        ? 'The log goes on without them: at the time of the capture the API server was reached again.'
        : d.heartbeat
          ? `While this lasts ${d.node} is NotReady and learns of no change in the cluster; what runs goes on.`
          : `While this lasts whoever asks there on ${d.node} goes without: network plugins cannot set up pods, controllers and agents stand still.`
      return `${lines}${owner} ${MEANING[d.kind]} ${effect}`
    },
    ruledOut: (d) => (d.over ? [] : ['A failure that ended: the log does not go on for long without one.']),
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => [
      {
        text: 'The API server answers, and the node is Ready.',
        commands: [...probe(d), `kubectl get node ${shellQuote(d.node)}`],
      },
    ],
    reasons: {
      starting: 'The node had started less than five minutes before; failures are usual then.',
      noKubeletLog: 'No log of the kubelet, of k3s or of rke2 was captured.',
    },
    notes: {
      last: (count) => (count === '1' ? 'the only one' : `the last of at least ${count} such lines`),
      more: () => 'another',
    },
  },
  zh: {
    name: '无法访问 API server',
    looksFor:
      'kubelet、k3s 等组件的日志中，节点 lease、节点状态或其他发往 API server 的请求失败的行，按服务器和错误分类。',
    why: 'kubelet 无法续租 lease，40 秒后节点会被标记为 NotReady，五分钟后其 Pod 会被迁走。集群的任何变化都到不了该节点：新的 Pod、Service 和端点。它几乎总是别的问题的结果，错误的措辞可以缩小范围。',
    consequences: '节点变为 NotReady，其 Pod 五分钟后被迁走，集群的变化到不了该节点。',
    commonCauses: [
      'API server 或其前面的负载均衡停止或正在重启。',
      '某个 Service 或其他机器占用了服务器的地址。',
      '证书过期，或者时钟不准。',
      '节点与服务器之间的防火墙、路由或 MTU。',
    ],
    mimics: [
      '正在启动的节点：API server 自己的 Pod 可能比 kubelet 晚。启动后五分钟内的行不计。',
      '偶尔失败一次的请求：少于三行不报告。',
      '同一组件的其他连接，例如对 Pod 的探测：只计已知 API server 的地址，或带有 API URL 的请求。',
      '已经结束的中断：之后十分钟以上的日志（k3s、rke2 访问本机时为两分钟）没有再出现。它会以较低的把握作为过去的问题报告；持续不超过一次重启可能用的五分钟时，把握最低。',
      '上一次启动或前一天的日志：降一级计。',
    ],
    cure: '按错误排查：refused 看 API server；no route 或超时看通往它的路径；证书或凭据错误看有效期和时钟。',
    title(d) {
      const { over, node } = d
      if (d.kind === 'rejected')
        return `${chineseServer(d)}${over ? '曾经拒绝' : '拒绝'} ${node}：Unauthorized`
      return `${node} ${over ? '曾经无法' : '无法'}访问${chineseServer(d)}${d.error === undefined ? '' : `：${errorOf(d)}`}`
    },
    summary(d) {
      const lines = `${d.node} 至少有 ${formatCount(d.count)} 行日志说明发往${chineseServer(d)}的请求失败${d.error === undefined ? '' : `（${errorOf(d)}）`}。`
      const owner = d.owners.length === 0 ? '' : `该地址在 ${d.owners.join('、')} 上。`
      const effect = d.over
        ? '之后的日志没有再出现：采集时已能访问 API server。'
        : d.heartbeat
          ? `期间 ${d.node} 处于 NotReady，得不到集群的任何变化；已在运行的继续运行。`
          : `期间 ${d.node} 上访问它的组件都得不到应答：网络插件无法建立 Pod，控制器和代理停滞。`
      return `${lines}${owner}${CHINESE_MEANING[d.kind]}${effect}`
    },
    ruledOut: (d) => (d.over ? [] : ['已结束的故障：之后没有长时间不再失败的日志。']),
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => [
      {
        text: 'API server 有应答，节点为 Ready。',
        commands: [...probe(d), `kubectl get node ${shellQuote(d.node)}`],
      },
    ],
    reasons: {
      starting: '节点启动不到五分钟；此时失败是常见的。',
      noKubeletLog: '没有采集到 kubelet、k3s 或 rke2 的日志。',
    },
    notes: {
      last: (count) => (count === '1' ? '仅此一行' : `至少 ${count} 行中的最后一行`),
      more: () => '另一行',
    },
  },
}

function endpoint({ host, port }: ApiTarget): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return port === undefined ? bracketed : `${bracketed}:${port}`
}

function server(d: ApiTarget): string {
  return d.host === '' ? 'The API server' : `The API server at ${endpoint(d)}`
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function errorOf({ error = '' }: ApiServerUnreachable): string {
  return error.trim()
}

/** Any answer, 401 and 403 among them, shows that the way is free. */
function probe(d: ApiTarget): readonly string[] {
  if (d.host === '') return []
  return [`curl -sk -m 5 -o /dev/null -w '%{http_code}\\n' ${shellQuote(`https://${endpoint(d)}/livez`)}`]
}

function remedyOf(d: ApiServerUnreachable): readonly SaidStep[] {
  const host = shellQuote(d.host)
  switch (d.kind) {
    case 'refused':
      return [
        {
          text: {
            en: `On the host of the API server${d.owners.length > 0 ? ` (${joinWords(d.owners)})` : ''}: see whether it runs and listens, and what its last log says.`,
            zh: `在 API server 所在的主机${d.owners.length > 0 ? `（${d.owners.join('、')}）` : ''}上：查看它是否在运行和监听，以及最近的日志。`,
          },
          commands: [
            `ss -ltnp${d.port === undefined ? '' : ` 'sport = :${d.port}'`}`,
            'crictl ps -a --name kube-apiserver',
            'journalctl -u kubelet --since -15min | grep -i apiserver',
          ],
        },
      ]
    case 'no-route':
    case 'timeout':
    case 'reset':
      return [
        {
          text: {
            en: `On ${d.node}: see which way the address takes, whether the neighbour answers, and whether a large packet passes.`,
            zh: `在 ${d.node} 上：查看该地址走哪条路由、邻居是否应答、大报文能否通过。`,
          },
          commands:
            d.host === ''
              ? ['grep -H server: /etc/kubernetes/*.conf']
              : [`ip route get ${host}`, `ip neigh show ${host}`, `ping -c 2 -M do -s 1472 ${host}`],
        },
        {
          text: {
            en: 'The route must lead to the network card, not to lo, kube-ipvs0 or a tunnel. On both ends look for firewall rules that reject or drop.',
            zh: '路由必须通向网卡，而不是 lo、kube-ipvs0 或隧道。在两端查找拒绝或丢弃的防火墙规则。',
          },
          commands: ['iptables-save | grep -E "REJECT|DROP"'],
        },
      ]
    case 'certificate':
      return [
        {
          text: {
            en: 'Compare the dates and the issuer of the certificate that the server shows with the node’s clock and authority.',
            zh: '把服务器出示的证书的有效期和签发者与节点的时钟和 CA 对照。',
          },
          commands: [
            'date -u',
            ...(d.host === ''
              ? []
              : [
                  `openssl s_client -connect ${shellQuote(endpoint(d))} </dev/null 2>/dev/null | openssl x509 -noout -dates -issuer`,
                ]),
          ],
        },
      ]
    case 'rejected':
      return [
        {
          text: {
            en: `On ${d.node}: see whether the kubelet’s certificate is still valid, and whether the clock is right.`,
            zh: `在 ${d.node} 上：查看 kubelet 的证书是否仍然有效，以及时钟是否正确。`,
          },
          commands: [
            'openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -dates -issuer',
            'date -u',
          ],
        },
        {
          text: {
            en: 'An expired one is replaced by joining anew (kubeadm), or by a restart of k3s or rke2.',
            zh: '过期的证书通过重新加入（kubeadm）或重启 k3s、rke2 来更换。',
          },
          commands: ['kubeadm token create --print-join-command'],
        },
      ]
    case 'unnamed':
      return [
        {
          text: { en: 'Read the lines in full on the node.', zh: '在节点上查看完整的日志行。' },
          commands: ['journalctl -u kubelet --since -1h | grep -iE "lease|node status"'],
        },
      ]
  }
}

function chineseServer(d: ApiTarget): string {
  return d.host === '' ? ' API server ' : ` API server ${endpoint(d)} `
}
