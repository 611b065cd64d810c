import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** A process of the node that waits at a port whose packets go to a pod. */
export interface ListenerConflict {
  readonly node: string
  readonly by: 'hostPort' | 'nodePort'
  readonly protocol: string
  readonly port: number
  /** `namespace/name` of the pod or the Service, where it is known. */
  readonly owner: string | undefined
  /** Names of the processes; empty where they were not captured. */
  readonly processes: readonly string[]
}

type Reason = 'noPorts' | 'noProcesses'

/** What there is to see in the lines. */
export type Note = 'listener' | 'hostPort' | 'nodePort'

/** The words of hostport-nodeport-listener-conflict. */
export const text: RuleTexts<ListenerConflict, Reason, Note> = {
  en: {
    name: 'A port of the node is taken from the process that listens on it',
    looksFor:
      'hostPorts of pods (CNI-HOSTPORT-DNAT) and node ports of Services, as the node’s kube-proxy programmed them, on which a process of the node listens as well.',
    why: 'Both redirect packets for the port before the kernel looks for a socket. The process binds the port without an error, and no connection from outside ever reaches it: all of them go to the pod.',
    consequences:
      'Clients of the host’s process get the answers of the pod, or an error: a web server of the host answers with the 404 of Traefik. The process logs nothing; nothing is wrong with it.',
    commonCauses: [
      'A web server or a proxy on port 80 or 443 of a node whose k3s runs Traefik behind its own load balancer (pods svclb-…, which have hostPorts).',
      'A daemon of the host whose port is within the range of node ports.',
      'An entry that a deleted pod left behind.',
    ],
    mimics: [
      'kube-proxy itself holds node ports open until Kubernetes 1.24; k3s, rke2 and MicroK8s run it within their own process.',
      'Sockets that listen on a loopback address alone: nobody outside asks for them.',
      'UDP sockets above port 1023, which may be those of clients.',
      'A process on one address of the node, where kube-proxy may serve node ports on other addresses (--nodeport-addresses): the finding is only possible.',
      'hostPorts that no rule of PREROUTING leads to.',
    ],
    cure: 'Give one of the two another port. On k3s, switch its own load balancer or Traefik off where the host is to have ports 80 and 443.',
    title: (d) => `${port(d)} of ${d.node} goes to ${taker(d)}, not to ${listener(d)} that listens on it`,
    summary: (d) =>
      `On ${d.node}, ${listener(d)} listens on ${port(d)}, and a rule sends what comes for that port to ${taker(d)} before a socket is looked for. Nobody outside reaches the process by that port.`,
    ruledOut: (d) => [
      'The socket is not bound to a loopback address.',
      ...(d.by === 'nodePort'
        ? ['kube-proxy does not hold the port itself.']
        : ['Packets from outside are led to the hostPorts.']),
    ],
    remedy: (d) => stepsIn('en', remedyOf(d)),
    verify: (d) => stepsIn('en', verifyOf(d)),
    reasons: {
      noPorts:
        'No pod of the node has a hostPort by the portmap plugin’s rules, and no Service has a node port.',
      noProcesses:
        'Sockets listen on node ports, and whether kube-proxy holds them was not captured: it takes root to see the processes.',
    },
    notes: {
      listener: () => 'listens here',
      hostPort: (owner) =>
        owner === ''
          ? 'takes the packets of this port'
          : `takes the packets of this port for the pod ${owner}`,
      nodePort: (owner) =>
        owner === ''
          ? 'takes the packets of this port'
          : `takes the packets of this port for the Service ${owner}`,
    },
  },
  zh: {
    name: '节点端口的报文没有到达在其上监听的进程',
    looksFor:
      '节点上 Pod 的 hostPort（CNI-HOSTPORT-DNAT）和 kube-proxy 写入的 Service NodePort，与同一端口上监听的主机进程。',
    why: '两者都在内核查找套接字之前把该端口的报文转走。进程可以正常绑定端口、不报错，但外部的连接全部进入 Pod，永远到不了该进程。',
    consequences:
      '访问主机进程的客户端得到的是 Pod 的应答或错误：例如主机上的 Web 服务返回 Traefik 的 404。进程没有任何日志，它本身也没有问题。',
    commonCauses: [
      '节点的 80 或 443 端口上有 Web 服务器或代理，而 k3s 又用自带的负载均衡（带 hostPort 的 svclb-… Pod）运行 Traefik。',
      '主机守护进程的端口落在 NodePort 范围内。',
      '已删除的 Pod 留下的条目。',
    ],
    mimics: [
      'Kubernetes 1.24 之前 kube-proxy 自己会占住 NodePort；k3s、rke2 和 MicroK8s 把它运行在自己的进程里。',
      '只监听环回地址的套接字：外部不会访问它们。',
      '1023 以上的 UDP 套接字：可能属于客户端。',
      '只监听节点某一个地址的进程，而 kube-proxy 可能只在其他地址上提供 NodePort（--nodeport-addresses）：只报“可能”。',
      'PREROUTING 没有规则指向的 hostPort。',
    ],
    cure: '为两者之一更换端口。在 k3s 上，如果要让主机使用 80 和 443 端口，请关闭其自带的负载均衡或 Traefik。',
    title: (d) => `${d.node} 的 ${port(d)} 被转给${chineseTaker(d)}，到不了在其上监听的${chineseListener(d)}`,
    summary: (d) =>
      `${chineseListener(d)}在 ${d.node} 的 ${port(d)} 上监听，但有规则在查找套接字之前就把该端口的报文转给${chineseTaker(d)}。外部无法通过该端口访问这个进程。`,
    ruledOut: (d) => [
      '该套接字没有绑定在环回地址上。',
      ...(d.by === 'nodePort'
        ? ['该端口不是由 kube-proxy 自己占住的。']
        : ['来自外部的报文会经过 hostPort 规则。']),
    ],
    remedy: (d) => stepsIn('zh', remedyOf(d)),
    verify: (d) => stepsIn('zh', verifyOf(d)),
    reasons: {
      noPorts: '从 portmap 插件的规则看，该节点没有带 hostPort 的 Pod，也没有 Service 使用 NodePort。',
      noProcesses: '有套接字在 NodePort 上监听，但没有采集到是否由 kube-proxy 占住：查看进程需要 root 权限。',
    },
    notes: {
      listener: () => '在此监听',
      hostPort: (owner) => (owner === '' ? '该端口的报文被它转走' : `该端口的报文被转给 Pod ${owner}`),
      nodePort: (owner) => (owner === '' ? '该端口的报文被它转走' : `该端口的报文被转给 Service ${owner}`),
    },
  },
}

const port = (d: ListenerConflict): string => `${d.protocol}/${d.port}`

function taker({ by, owner }: ListenerConflict): string {
  if (by === 'hostPort') return owner === undefined ? 'a pod with that hostPort' : `the pod ${owner}`
  return owner === undefined ? 'a Service with that node port' : `the Service ${owner}`
}

function listener({ processes }: ListenerConflict): string {
  return processes.length === 0 ? 'a process' : joinWords(processes)
}

function chineseTaker({ by, owner }: ListenerConflict): string {
  if (by === 'hostPort') return owner === undefined ? '使用该 hostPort 的 Pod' : ` Pod ${owner}`
  return owner === undefined ? '使用该 NodePort 的 Service' : ` Service ${owner}`
}

function chineseListener({ processes }: ListenerConflict): string {
  return processes.length === 0 ? '进程' : `进程 ${joinChinese(processes)} `
}

function lookAt({ by, protocol, port }: ListenerConflict): readonly string[] {
  const rule =
    by === 'hostPort'
      ? `iptables-save -t nat | grep -E -- '-A CNI-HOSTPORT-DNAT .*dports (.*,)?${port}\\b'`
      : `kubectl get services -A | grep -w ${port}`
  return [`ss -${protocol === 'udp' ? 'u' : 't'}lnp 'sport = :${port}'`, rule]
}

function remedyOf(d: ListenerConflict): readonly SaidStep[] {
  const choose: SaidStep =
    d.by === 'hostPort'
      ? {
          text: {
            en: 'See who wants the port, and give the process of the host or the pod another one. The port of a pod is the hostPort of its template; of pods svclb-… it is the port of a Service of the type LoadBalancer.',
            zh: '查看谁在使用该端口，并为主机进程或 Pod 更换端口。Pod 的端口是其模板中的 hostPort；svclb-… Pod 的端口来自 LoadBalancer 类型 Service 的端口。',
          },
          commands: lookAt(d),
        }
      : {
          text: {
            en: 'See who wants the port, and give the process of the host a port outside of the range of node ports, or the Service another nodePort.',
            zh: '查看谁在使用该端口；让主机进程使用 NodePort 范围之外的端口，或者为 Service 更换 nodePort。',
          },
          commands: lookAt(d),
        }
  if (d.by !== 'hostPort' || (d.port !== 80 && d.port !== 443)) return [choose]
  return [
    choose,
    {
      text: {
        en: 'On k3s, where the host is to have the port: switch its load balancer off (on every server), and start k3s again.',
        zh: '在 k3s 上，如果要让主机使用该端口：在每个 server 上关闭其自带的负载均衡，然后重启 k3s。',
      },
      commands: [
        "mkdir -p /etc/rancher/k3s/config.yaml.d && printf 'disable+:\\n  - servicelb\\n' >/etc/rancher/k3s/config.yaml.d/servicelb.yaml",
        'systemctl restart k3s',
      ],
    },
  ]
}

function verifyOf(d: ListenerConflict): readonly SaidStep[] {
  return [
    {
      text: {
        en: 'Only one of the two has the port.',
        zh: '该端口只属于两者之一。',
      },
      commands: lookAt(d),
    },
  ]
}
