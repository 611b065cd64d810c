import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { restartProxy } from './restartProxy.ts'

/** A kube-proxy that does not program what it should. */
export type ProxyNotProgramming =
  | { readonly kind: 'rules'; readonly node: string; readonly peer: string; readonly mode: ProxyMode['mode'] }
  | { readonly kind: 'sync'; readonly node: string; readonly error: string }
  | {
      readonly kind: 'list'
      readonly node: string
      /** `EndpointSlice`. */
      readonly object: string
      readonly error: string
      readonly isForbidden: boolean
    }
  | { readonly kind: 'node'; readonly node: string; readonly assumed: string }

type Reason = 'replaced' | 'noLog' | 'noRules'

/** What there is to see in the lines. */
export type Note = 'runs' | 'peer' | 'first' | 'last' | 'assumed'

/** The words of kube-proxy-not-programming. */
export const text: RuleTexts<ProxyNotProgramming, Reason, Note> = {
  en: {
    name: 'kube-proxy does not program its rules',
    looksFor:
      'A node that runs kube-proxy and holds no rules for Services, while other nodes do; lines of kube-proxy that it cannot write its rules (iptables-restore, missing chains, nft), that the API server refuses it Services or EndpointSlices, or that it found no address of its node.',
    why: 'kube-proxy writes what the API server tells it. If it may not ask, or the kernel refuses what it writes, it tries again for ever, and the rules of the node stay as they were or never come.',
    consequences:
      'On this node new Services are unknown, and connections go to pods that are gone; if it never succeeded, no Service works there, not even DNS.',
    commonCauses: [
      'Modules of the kernel are missing or cannot be loaded, or iptables is older than what kube-proxy writes.',
      'The token, certificate or ClusterRoleBinding of kube-proxy is not valid, often after a restore or a renewed CA.',
      'kube-proxy is newer than the API server and asks for an API it does not have.',
      '--hostname-override differs from the name of the node.',
    ],
    mimics: [
      'The start of a control plane: refusals that end within a minute do not count.',
      'A single failed write, as when another program holds the lock of iptables: three lines over a minute or more, the last within five minutes of the capture, are asked for.',
      'The kubelet, which lists Services and nodes too: only kube-proxy’s own log counts, or lines that name it.',
      'No connection to the API server at all: that is told by api-server-unreachable.',
    ],
    cure: 'Give kube-proxy what the message says it lacks, then restart it.',
    title: (d) => TITLES[d.kind](d.node),
    summary(d) {
      switch (d.kind) {
        case 'rules':
          return `kube-proxy runs on ${d.node}, but neither iptables nor IPVS nor nftables holds a Service there; ${d.peer} has them in ${d.mode}. No Service can be reached from ${d.node}.`
        case 'sync':
          return `kube-proxy on ${d.node} fails to write its rules and tries again without success${d.error === '' ? '' : `: ${d.error}`}. The rules stay as they were after its last success.`
        case 'list':
          return `The API server refuses kube-proxy on ${d.node} the list of ${d.object} objects (${d.error}). It does not learn of changes: its rules stay as they were, or never came.`
        case 'node':
          return `kube-proxy on ${d.node} could not find out the address of its node and goes on with ${d.assumed}. It does not know which endpoints are on its node: Services with a traffic policy Local find none, and NodePorts may be bound to the wrong address.`
      }
    },
    ruledOut: (d) =>
      d.kind === 'rules'
        ? [
            'kube-proxy’s process or container is there.',
            'The dumps are whole, and the node booted more than five minutes before.',
          ]
        : d.kind === 'node'
          ? ['It was said in this boot and less than a day before the capture.']
          : [
              'The failures last for more than a minute and go on until the capture, where the log tells the time.',
            ],
    remedy: (d) => [
      {
        text:
          d.kind === 'list' && d.isForbidden
            ? 'Give kube-proxy its rights back: its user is bound to the ClusterRole system:node-proxier.'
            : d.kind === 'list'
              ? 'Renew the credentials in the kubeconfig of kube-proxy, and compare its version with the API server’s.'
              : d.kind === 'node'
                ? 'Start kube-proxy with --hostname-override as the node is named, or with --bind-address.'
                : 'Read the messages of kube-proxy, and try what it does by hand.',
        commands: commandsOf(d),
      },
      restartProxy.en([d.node]),
    ],
    verify: (d) => [{ text: `On ${d.node} the health check tells a recent lastUpdated.`, commands: HEALTH }],
    reasons: {
      replaced: 'Another program that can serve Services runs on this node, and kube-proxy does not.',
      noLog:
        'No log of kube-proxy was captured; as a pod it writes into /var/log/pods, and its log can be added as journal/kube-proxy.txt.',
      noRules: 'What kube-proxy programmed cannot be told from the captures.',
    },
    notes: {
      runs: () => 'kube-proxy runs here',
      peer: (node) => `${node} has Services`,
      first: () => 'the first such line',
      last: () => 'the last such line',
      assumed: () => 'it goes on with an address that is not the node’s',
    },
  },
  zh: {
    name: 'kube-proxy 没有写入规则',
    looksFor:
      '运行 kube-proxy、却没有 Service 规则而其他节点有的节点；kube-proxy 日志中无法写入规则（iptables-restore、缺少链、nft）、API server 拒绝它列出 Service 或 EndpointSlice、或者找不到本节点地址的记录。',
    why: 'kube-proxy 按 API server 给出的内容写规则。如果无权查询，或者内核拒绝写入，它会一直重试，节点上的规则停留在原状，或者始终没有。',
    consequences:
      '该节点不知道新的 Service，连接被发往已不存在的 Pod；如果从未成功过，则任何 Service 都不可用，包括 DNS。',
    commonCauses: [
      '内核模块缺失或无法加载，或者 iptables 版本低于 kube-proxy 所写规则的要求。',
      'kube-proxy 的 token、证书或 ClusterRoleBinding 无效，常见于恢复备份或更换 CA 之后。',
      'kube-proxy 比 API server 新，请求了后者没有的 API。',
      '--hostname-override 与节点名称不一致。',
    ],
    mimics: [
      '控制面启动过程：一分钟内结束的拒绝不计。',
      '单次写入失败，例如其他程序持有 iptables 锁：要求至少三行、持续一分钟以上，且最后一行在采集前五分钟之内。',
      'kubelet 也会列出 Service 和 Node：只计 kube-proxy 自己的日志，或指明它的行。',
      '完全连不上 API server：由 api-server-unreachable 报告。',
    ],
    cure: '按日志信息补上 kube-proxy 缺少的条件，然后重启它。',
    title: (d) => CHINESE_TITLES[d.kind](d.node),
    summary(d) {
      switch (d.kind) {
        case 'rules':
          return `${d.node} 上运行着 kube-proxy，但 iptables、IPVS 和 nftables 中都没有 Service；${d.peer} 的 ${d.mode} 中有。从 ${d.node} 无法访问任何 Service。`
        case 'sync':
          return `${d.node} 上的 kube-proxy 写入规则失败，反复重试仍不成功${d.error === '' ? '' : `：${d.error}`}。规则停留在上一次成功时的状态。`
        case 'list':
          return `API server 拒绝 ${d.node} 上的 kube-proxy 列出 ${d.object}（${d.error}）。它得不到变更：规则停留在原状，或者始终没有。`
        case 'node':
          return `${d.node} 上的 kube-proxy 找不到本节点的地址，改用 ${d.assumed}。它不知道哪些端点在本节点上：流量策略为 Local 的 Service 找不到端点，NodePort 也可能绑定到错误的地址。`
      }
    },
    ruledOut: (d) =>
      d.kind === 'rules'
        ? ['kube-proxy 的进程或容器在运行。', '规则导出完整，节点启动已超过五分钟。']
        : d.kind === 'node'
          ? ['该记录属于本次启动，且在采集前一天之内。']
          : ['在日志带有时间的情况下，失败持续一分钟以上，直到采集时仍在继续。'],
    remedy: (d) => [
      {
        text:
          d.kind === 'list' && d.isForbidden
            ? '恢复 kube-proxy 的权限：其用户应绑定到 ClusterRole system:node-proxier。'
            : d.kind === 'list'
              ? '更新 kube-proxy 的 kubeconfig 中的凭据，并核对它与 API server 的版本。'
              : d.kind === 'node'
                ? '启动 kube-proxy 时使用与节点名称一致的 --hostname-override，或者指定 --bind-address。'
                : '阅读 kube-proxy 的日志，并手工尝试它所做的操作。',
        commands: commandsOf(d),
      },
      restartProxy.zh([d.node]),
    ],
    verify: (d) => [{ text: `${d.node} 上健康检查返回的 lastUpdated 是最近的时间。`, commands: HEALTH }],
    reasons: {
      replaced: '该节点上运行着可以实现 Service 的其他程序，没有 kube-proxy。',
      noLog:
        '没有采集到 kube-proxy 的日志；作为 Pod 时它写入 /var/log/pods，可以把日志以 journal/kube-proxy.txt 加入采集包。',
      noRules: '无法从采集中判断 kube-proxy 写入了什么。',
    },
    notes: {
      runs: () => 'kube-proxy 在此运行',
      peer: (node) => `${node} 上有 Service`,
      first: () => '第一条这样的记录',
      last: () => '最后一条这样的记录',
      assumed: () => '它使用了不属于该节点的地址',
    },
  },
}

const TITLES: Readonly<Record<ProxyNotProgramming['kind'], (node: string) => string>> = {
  rules: (node) => `kube-proxy runs on ${node}, and no Service is programmed there`,
  sync: (node) => `kube-proxy on ${node} fails to write its rules`,
  list: (node) => `The API server refuses kube-proxy on ${node} what it needs to know`,
  node: (node) => `kube-proxy on ${node} does not know the address of its node`,
}

const CHINESE_TITLES: Readonly<Record<ProxyNotProgramming['kind'], (node: string) => string>> = {
  rules: (node) => `${node} 上运行着 kube-proxy，但没有任何 Service 规则`,
  sync: (node) => `${node} 上的 kube-proxy 写入规则失败`,
  list: (node) => `API server 拒绝 ${node} 上的 kube-proxy 获取所需对象`,
  node: (node) => `${node} 上的 kube-proxy 不知道本节点的地址`,
}

const HEALTH: readonly string[] = ['curl -s http://127.0.0.1:10256/healthz']

function commandsOf(d: ProxyNotProgramming): readonly string[] {
  if (d.kind === 'list') {
    return [
      'kubectl get clusterrolebinding -o wide | grep node-proxier',
      'kubectl auth can-i list endpointslices.discovery.k8s.io --as=system:serviceaccount:kube-system:kube-proxy',
    ]
  }
  if (d.kind === 'node') return ['kubectl get nodes -o wide', 'hostname']
  return [
    `kubectl -n kube-system get pods -o wide -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(d.node)}`,
    'journalctl -u kube-proxy -n 50',
    'iptables-save -t nat | grep -c KUBE-SVC',
    'lsmod | grep -E "^(ip_tables|iptable_nat|nf_tables|nf_nat)"',
  ]
}
