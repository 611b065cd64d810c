import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found: a resolver configuration that pods cannot use, or use in part only. */
export type BadResolvConf =
  | { readonly kind: 'none'; readonly node: string }
  | {
      readonly kind: 'loop'
      readonly node: string
      readonly servers: readonly string[]
      /** CoreDNS itself reported the loop. */
      readonly isLogged: boolean
      /** The kubelet’s configuration was captured. */
      readonly isKnown: boolean
    }
  | { readonly kind: 'replaced'; readonly node: string }
  | {
      readonly kind: 'in-cluster'
      readonly node: string
      readonly server: string
      readonly network: string
      readonly of: 'services' | 'pods'
    }
  | {
      readonly kind: 'too-many'
      readonly node: string
      readonly beyond: readonly string[]
      readonly isSearch: boolean
      readonly isServers: boolean
    }

type Note = 'nameserver' | 'kubelet' | 'log' | 'network' | 'none' | 'beyond'

const LOOK = [
  'cat /etc/resolv.conf /run/systemd/resolve/resolv.conf',
  'grep -rs resolvConf /var/lib/kubelet/config.yaml',
]
const RESTART = ['kubectl -n kube-system rollout restart deployment coredns']
const CHECK = [
  'kubectl run dns-check --rm -it --image=busybox:1.36 --restart=Never -- nslookup kubernetes.io',
]

/** The words of dns-resolv-conf-bad. */
export const text: RuleTexts<BadResolvConf, never, Note> = {
  en: {
    name: 'Pods cannot use the node’s resolv.conf',
    looksFor:
      '/etc/resolv.conf without a name server, with none but loopback ones while the kubelet hands that file to pods, with one inside the networks of Services or pods, or with more than three; complaints of CoreDNS (loop), of kubelet (limits exceeded) and of k3s (file replaced).',
    why: 'CoreDNS runs with the DNS policy Default: it gets the resolv.conf that the node’s kubelet names, and forwards to those servers what is not of the cluster. A loopback address is CoreDNS itself inside its pod, and so is the address of the DNS Service: a query goes round until the pod is ended or out of memory.',
    consequences:
      'CoreDNS pods on this node crash with “Loop … detected” or do not answer for names outside of the cluster; pulls and calls by name fail from pods, while the node resolves names well.',
    commonCauses: [
      'systemd-resolved (127.0.0.53) or dnsmasq (127.0.0.1) with a kubelet that still names /etc/resolv.conf.',
      'A node whose own resolv.conf was pointed at the cluster’s DNS Service.',
      'A DHCP server that hands out many name servers or search domains.',
    ],
    mimics: [
      'A kubelet whose resolvConf names another file, as kubeadm sets it where systemd-resolved runs.',
      'k3s and rke2 pass over a file with loopback servers, and take that of systemd-resolved: told only where they say that they wrote one of their own.',
      'NodeLocal DNSCache (169.254.20.10) is a name server on the node itself, outside of all networks of the cluster.',
      'Pods on the host’s network, and DNS policy None, do not use the file as CoreDNS does.',
    ],
    cure: 'Point the kubelet’s resolvConf to a file with the real name servers (/run/systemd/resolve/resolv.conf), restart it and CoreDNS.',
    title(d) {
      if (d.kind === 'none') return `${d.node} has no name server`
      if (d.kind === 'loop')
        return `CoreDNS on ${d.node} ${d.isLogged ? 'asks' : 'would ask'} itself${d.servers.length > 0 ? ` (${joinWords(d.servers)})` : ''}`
      if (d.kind === 'replaced') return `k3s on ${d.node} gives pods the name server 8.8.8.8`
      if (d.kind === 'in-cluster')
        return `The name server ${d.server} of ${d.node} is inside the network of ${d.of}`
      return `${d.node} has more ${d.isServers ? 'name servers' : 'search domains'} than pods can use`
    },
    summary(d) {
      if (d.kind === 'none') {
        return `/etc/resolv.conf of ${d.node} names no server. Resolvers then ask 127.0.0.1; images are not pulled by name, and CoreDNS on this node has nobody to forward to.`
      }
      if (d.kind === 'loop') {
        const servers =
          d.servers.length > 0
            ? `/etc/resolv.conf of ${d.node} names ${joinWords(d.servers)} alone, which inside a pod is the pod itself.`
            : `No loopback server stands in /etc/resolv.conf of ${d.node}.`
        const kubelet = d.isKnown
          ? ''
          : ' Which file the kubelet hands to pods was not captured: if it is another one, all is well.'
        const log = d.isLogged
          ? ' CoreDNS has reported the loop and ends: names are resolved by its other replicas only.'
          : ' A CoreDNS pod on this node forwards to itself, finds the loop and ends.'
        return `${servers}${kubelet}${log}`
      }
      if (d.kind === 'replaced') {
        return `The host’s resolv.conf of ${d.node} has loopback or multicast name servers, and k3s wrote one of its own for pods, with 8.8.8.8. Names of the site’s own DNS do not resolve in pods; without a way to the Internet none does.`
      }
      if (d.kind === 'in-cluster') {
        const effect =
          d.of === 'services'
            ? 'The node depends on the cluster’s DNS to start what the cluster’s DNS needs, and CoreDNS on this node forwards to itself.'
            : 'If it is a server of the site, its packets are routed into the pod network and never reach it.'
        return `${d.server} lies in ${d.network}, the network of ${d.of}. ${effect}`
      }
      const what = [
        ...(d.beyond.length > 0
          ? [
              `${joinWords(d.beyond)} come${d.beyond.length === 1 ? 's' : ''} after the third name server and ${d.beyond.length === 1 ? 'is' : 'are'} never asked`,
            ]
          : []),
        ...(d.isServers && d.beyond.length === 0 ? ['kubelet left out name servers beyond the third'] : []),
        ...(d.isSearch
          ? [
              'kubelet left out search domains beyond its limit, so that short names in them do not resolve in pods',
            ]
          : []),
      ]
      return `On ${d.node} ${joinWords(what)}.`
    },
    ruledOut: (d) =>
      d.kind === 'loop' && d.isKnown
        ? ['The kubelet names no other file, and is not that of k3s, which would look for one.']
        : [],
    remedy(d) {
      if (d.kind === 'too-many') {
        return [
          {
            text: 'Keep three name servers and few search domains: in the network configuration, or in a file for the kubelet alone.',
            commands: LOOK,
          },
        ]
      }
      return [
        {
          text: 'See where the real name servers stand, and name that file in the kubelet’s configuration (resolvConf), or in k3s’s (resolv-conf).',
          commands: LOOK,
        },
        { text: 'Restart the kubelet, then CoreDNS.', commands: ['systemctl restart kubelet', ...RESTART] },
      ]
    },
    verify: () => [{ text: 'A pod resolves a name outside of the cluster.', commands: CHECK }],
    reasons: {},
    notes: {
      nameserver: () => 'a name server of the node',
      kubelet: () => 'the file that the kubelet hands to pods',
      log: () => 'what the component said',
      network: () => 'a network of the cluster',
      none: () => 'no nameserver line is in it',
      beyond: () => 'beyond the third: never asked',
    },
  },
  zh: {
    name: '节点的 resolv.conf 不能供 Pod 使用',
    looksFor:
      '/etc/resolv.conf 中没有 nameserver；只有回环地址而 kubelet 又把该文件交给 Pod；nameserver 落在 Service 或 Pod 网段内；或超过三个；以及 CoreDNS（loop）、kubelet（超出限制）、k3s（替换文件）的日志。',
    why: 'CoreDNS 的 DNS 策略是 Default：使用节点 kubelet 指定的 resolv.conf，把集群外的域名转发给其中的服务器。回环地址在 Pod 里就是 CoreDNS 自己，DNS Service 的地址也一样：查询不断循环，直到 Pod 退出或内存耗尽。',
    consequences:
      '该节点上的 CoreDNS Pod 报 “Loop … detected” 崩溃，或无法解析集群外域名；Pod 内按域名访问失败，而节点自身解析正常。',
    commonCauses: [
      '使用 systemd-resolved（127.0.0.53）或 dnsmasq（127.0.0.1），而 kubelet 仍指向 /etc/resolv.conf。',
      '把节点自身的 resolv.conf 指向了集群的 DNS Service。',
      'DHCP 下发了过多的 nameserver 或搜索域。',
    ],
    mimics: [
      'kubelet 的 resolvConf 指向其他文件：有 systemd-resolved 时 kubeadm 会这样设置。',
      'k3s 和 rke2 会跳过含回环地址的文件，改用 systemd-resolved 的文件：只有日志说明它自己生成了文件时才提示。',
      'NodeLocal DNSCache（169.254.20.10）是节点上的 DNS 服务，不在集群网段内。',
      '使用宿主机网络或 DNS 策略为 None 的 Pod 不会像 CoreDNS 那样使用该文件。',
    ],
    cure: '让 kubelet 的 resolvConf 指向包含真实 nameserver 的文件（/run/systemd/resolve/resolv.conf），再重启 kubelet 和 CoreDNS。',
    title(d) {
      if (d.kind === 'none') return `${d.node} 没有配置 nameserver`
      if (d.kind === 'loop')
        return `${d.node} 上的 CoreDNS ${d.isLogged ? '正在' : '会'}查询自己${d.servers.length > 0 ? `（${joinChinese(d.servers)}）` : ''}`
      if (d.kind === 'replaced') return `${d.node} 上的 k3s 给 Pod 使用 nameserver 8.8.8.8`
      if (d.kind === 'in-cluster')
        return `${d.node} 的 nameserver ${d.server} 落在 ${d.of === 'services' ? 'Service' : 'Pod'} 网段内`
      return `${d.node} 的 ${d.isServers ? 'nameserver' : '搜索域'}超出 Pod 可用数量`
    },
    summary(d) {
      if (d.kind === 'none') {
        return `${d.node} 的 /etc/resolv.conf 中没有 nameserver，解析器会改为查询 127.0.0.1；无法按域名拉取镜像，该节点上的 CoreDNS 也没有可转发的上游。`
      }
      if (d.kind === 'loop') {
        const servers =
          d.servers.length > 0
            ? `${d.node} 的 /etc/resolv.conf 只有 ${joinChinese(d.servers)}，在 Pod 里它就是 Pod 自己。`
            : `${d.node} 的 /etc/resolv.conf 中没有回环地址。`
        const kubelet = d.isKnown ? '' : '没有采集到 kubelet 把哪个文件交给 Pod；如果是其他文件则没有问题。'
        const log = d.isLogged
          ? 'CoreDNS 已报告循环并退出，解析只能依靠其他副本。'
          : '该节点上的 CoreDNS Pod 会转发给自己，检测到循环后退出。'
        return `${servers}${kubelet}${log}`
      }
      if (d.kind === 'replaced') {
        return `${d.node} 主机的 resolv.conf 含有回环或组播 nameserver，k3s 为 Pod 另外生成了一个，只有 8.8.8.8。Pod 无法解析内部 DNS 的域名；没有外网时任何域名都无法解析。`
      }
      if (d.kind === 'in-cluster') {
        const effect =
          d.of === 'services'
            ? '节点启动集群 DNS 所需的组件时又依赖集群 DNS，该节点上的 CoreDNS 会转发给自己。'
            : '如果它是内部的 DNS 服务器，报文会被路由到 Pod 网络，永远到不了它。'
        return `${d.server} 属于 ${d.network}，即 ${d.of === 'services' ? 'Service' : 'Pod'} 网段。${effect}`
      }
      const what = [
        ...(d.beyond.length > 0
          ? [`${joinChinese(d.beyond)} 排在第三个 nameserver 之后，永远不会被查询`]
          : []),
        ...(d.isServers && d.beyond.length === 0 ? ['kubelet 舍弃了第三个之后的 nameserver'] : []),
        ...(d.isSearch ? ['kubelet 舍弃了超出上限的搜索域，Pod 中无法解析其中的短域名'] : []),
      ]
      return `${d.node} 上${what.join('；')}。`
    },
    ruledOut: (d) =>
      d.kind === 'loop' && d.isKnown ? ['kubelet 没有指向其他文件，也不是会自行选择文件的 k3s。'] : [],
    remedy(d) {
      if (d.kind === 'too-many') {
        return [
          {
            text: '在网络配置中（或单独给 kubelet 的文件中）只保留三个 nameserver 和少量搜索域。',
            commands: LOOK,
          },
        ]
      }
      return [
        {
          text: '找到真实 nameserver 所在的文件，写入 kubelet 配置（resolvConf）或 k3s 配置（resolv-conf）。',
          commands: LOOK,
        },
        { text: '先重启 kubelet，再重启 CoreDNS。', commands: ['systemctl restart kubelet', ...RESTART] },
      ]
    },
    verify: () => [{ text: 'Pod 能解析集群外的域名。', commands: CHECK }],
    reasons: {},
    notes: {
      nameserver: () => '节点的 nameserver',
      kubelet: () => 'kubelet 交给 Pod 的文件',
      log: () => '组件的日志',
      network: () => '集群网段',
      none: () => '其中没有 nameserver 行',
      beyond: () => '排在第三个之后，不会被查询',
    },
  },
}
