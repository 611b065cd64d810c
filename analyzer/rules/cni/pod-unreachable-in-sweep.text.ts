import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

interface SilentPod {
  readonly name: string
  readonly address: string
  readonly node: string
}

/** What was found: running pods that a ping sweep did not reach. */
export interface SilentPods {
  /** `node`: all pods of one node, while others answer; `pods`: some; `all`: every one that was looked for. */
  readonly kind: 'node' | 'pods' | 'all'
  /** The node that the sweep was made from, as a rule. */
  readonly from: string
  /** Of `node`: the node whose pods are silent. */
  readonly node: string
  readonly silent: readonly SilentPod[]
  /** How many pods answered. */
  readonly answering: number
}

type Reason = 'noSweep' | 'unreadable' | 'noApi' | 'noPods'
type Note = 'silent' | 'pod' | 'answers' | 'unlisted'

const podWords = (pods: readonly SilentPod[]): string =>
  joinWords(pods.map(({ name, address }) => `${name} (${address})`))
const podWordsInChinese = (pods: readonly SilentPod[]): string =>
  joinChinese(pods.map(({ name, address }) => `${name}（${address}）`))

const nodesOf = ({ silent }: SilentPods): string[] => [...new Set(silent.map(({ node }) => node))]
const first = ({ silent }: SilentPods): string => silent[0]?.address ?? ''

/** The words of pod-unreachable-in-sweep. */
export const text: RuleTexts<SilentPods, Reason, Note> = {
  en: {
    name: 'Running pods do not answer a ping sweep',
    looksFor:
      'Pods that the API server lists as running, and that an `nmap -sn` of pod addresses (put into the bundle as extra/nmap.xml) found down, or did not find among the addresses that it was told to look for. They are grouped by node.',
    why: 'A pod answers a ping whatever runs in it, as long as its link is up and the way there and back is open. Where all pods of one node are silent and pods elsewhere answer, it is the way to that node: a route, the overlay, forwarding, a filter.',
    consequences:
      'Connections from this place to these pods time out; Services reach them in their share of connections.',
    commonCauses: [
      'A missing or wrong route, forwarding entry or neighbour of the overlay on either node.',
      'ip_forward=0 or a FORWARD policy of DROP on the node of the pods.',
      'A firewall or security group that drops the overlay’s packets (UDP 8472, 4789, IP protocol 4).',
    ],
    mimics: [
      'A NetworkPolicy that lets no ICMP through to some pods.',
      'Pods that were replaced between the sweep and the API’s answer.',
      'A sweep from a machine that has no way to pods at all: then none answers, and the finding is only possible.',
      'Pods on the host’s network, finished pods and those being deleted are left out.',
    ],
    cure: 'Follow the packets to one of the pods: by which interface they leave, whether they arrive at the other node, and whether it forwards them. Other findings about that node say why.',
    title(d) {
      if (d.kind === 'node') return `No pod of ${d.node} answers ${d.from}, pods of other nodes do`
      if (d.kind === 'all')
        return `None of ${formatCount(d.silent.length)} pods answers the sweep from ${d.from}`
      return `${formatCount(d.silent.length)} running pods do not answer the sweep from ${d.from}`
    },
    summary(d) {
      const who = `${podWords(d.silent)} ${d.silent.length === 1 ? 'runs' : 'run'} on ${joinWords(nodesOf(d))} by the API server, and did not answer a ping from ${d.from}.`
      if (d.kind === 'node') {
        return `${who} All pods of ${d.node} that were looked for are silent, while ${formatCount(d.answering)} on other nodes answered: the way to ${d.node} is at fault, not its pods.`
      }
      if (d.kind === 'all') {
        return `${who} No pod answered at all, so that the sweep may have been made from where pods cannot be reached.`
      }
      return `${who} ${formatCount(d.answering)} others answered, so that no whole node is cut off: a NetworkPolicy or the pods themselves may be why.`
    },
    ruledOut: (d) =>
      d.kind === 'node'
        ? [
            'Pods of other nodes answered the same sweep: ICMP is not filtered everywhere, and the sweep works.',
          ]
        : [],
    remedy: (d) => [
      {
        text: `On ${d.from}: see which way packets to a silent pod take, and whether they leave.`,
        commands: [`ip route get ${first(d)}`, `ping -c 3 ${first(d)}`],
      },
      {
        text: `On ${joinWords(nodesOf(d))}: see whether they arrive, and whether the node hands them on.`,
        commands: [
          `tcpdump -ni any host ${first(d)}`,
          'sysctl net.ipv4.ip_forward',
          'iptables -S FORWARD | head -n 20',
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'The pods answer.',
        commands: [
          `nmap -sn -n -PE ${d.silent
            .slice(0, 8)
            .map(({ address }) => address)
            .join(' ')}`,
        ],
      },
    ],
    reasons: {
      noSweep: 'The bundle holds no sweep (extra/nmap.xml).',
      noApi: 'No bundle holds the API server’s list of pods.',
      unreadable: 'The sweep could not be read.',
      noPods: 'The sweep looked for no address of a running pod.',
    },
    notes: {
      silent: (address) => `${address} did not answer`,
      unlisted: (address) => `${address} was looked for, and is not among the hosts that answered`,
      pod: (address) => `the pod with ${address} runs`,
      answers: (address) => `${address}, a pod elsewhere, answered`,
    },
  },
  zh: {
    name: '运行中的 Pod 没有应答 ping 扫描',
    looksFor:
      'API server 显示为运行中的 Pod，在对 Pod 地址的 `nmap -sn` 扫描（放入采集包的 extra/nmap.xml）中为 down，或在扫描目标之内却没有出现在应答列表中。结果按节点归类。',
    why: '只要 Pod 的网卡正常、往返路径畅通，不论其中运行什么程序都会应答 ping。如果某个节点的 Pod 全部不应答，而其他节点的 Pod 正常，问题就在通往该节点的路径上：路由、隧道、转发或过滤规则。',
    consequences: '从扫描所在位置到这些 Pod 的连接超时；Service 分配到它们的那部分连接也会失败。',
    commonCauses: [
      '任一端缺少路由、隧道的 FDB 或邻居条目，或条目有误。',
      'Pod 所在节点 ip_forward=0，或 FORWARD 策略为 DROP。',
      '防火墙或安全组丢弃隧道报文（UDP 8472、4789，IP 协议号 4）。',
    ],
    mimics: [
      'NetworkPolicy 不允许 ICMP 到达某些 Pod。',
      '扫描与 API 数据之间 Pod 已被重建。',
      '扫描所在机器本来就无法到达 Pod：此时全部不应答，只判为可能。',
      '使用宿主机网络、已结束以及正在删除的 Pod 不参与判断。',
    ],
    cure: '跟踪到其中一个 Pod 的报文：从哪个接口发出、是否到达对端节点、对端是否转发。关于该节点的其他结论会说明原因。',
    title(d) {
      if (d.kind === 'node') return `${d.node} 的 Pod 全部不应答 ${d.from}，其他节点的 Pod 正常`
      if (d.kind === 'all') return `从 ${d.from} 扫描的 ${formatCount(d.silent.length)} 个 Pod 全部不应答`
      return `从 ${d.from} 扫描时有 ${formatCount(d.silent.length)} 个运行中的 Pod 不应答`
    },
    summary(d) {
      const who = `API server 显示 ${podWordsInChinese(d.silent)} 运行在 ${joinChinese(nodesOf(d))} 上，但没有应答来自 ${d.from} 的 ping。`
      if (d.kind === 'node') {
        return `${who}${d.node} 上被扫描的 Pod 全部没有应答，而其他节点上有 ${formatCount(d.answering)} 个 Pod 应答：问题在通往 ${d.node} 的路径，而不是这些 Pod。`
      }
      if (d.kind === 'all') return `${who}没有任何 Pod 应答，扫描所在的位置可能本来就无法到达 Pod。`
      return `${who}另有 ${formatCount(d.answering)} 个 Pod 应答，并非整个节点不通：原因可能是 NetworkPolicy 或 Pod 本身。`
    },
    ruledOut: (d) =>
      d.kind === 'node' ? ['其他节点的 Pod 应答了同一次扫描：ICMP 没有被全面过滤，扫描本身有效。'] : [],
    remedy: (d) => [
      {
        text: `在 ${d.from} 上：查看到不应答 Pod 的报文走哪条路径、是否发出。`,
        commands: [`ip route get ${first(d)}`, `ping -c 3 ${first(d)}`],
      },
      {
        text: `在 ${joinChinese(nodesOf(d))} 上：查看报文是否到达、是否被转发。`,
        commands: [
          `tcpdump -ni any host ${first(d)}`,
          'sysctl net.ipv4.ip_forward',
          'iptables -S FORWARD | head -n 20',
        ],
      },
    ],
    verify: (d) => [
      {
        text: '这些 Pod 能够应答。',
        commands: [
          `nmap -sn -n -PE ${d.silent
            .slice(0, 8)
            .map(({ address }) => address)
            .join(' ')}`,
        ],
      },
    ],
    reasons: {
      noSweep: '采集包中没有扫描结果（extra/nmap.xml）。',
      noApi: '没有采集包包含 API server 的 Pod 列表。',
      unreadable: '扫描结果无法读取。',
      noPods: '扫描目标中没有运行中的 Pod 地址。',
    },
    notes: {
      silent: (address) => `${address} 没有应答`,
      unlisted: (address) => `${address} 在扫描目标之内，但不在应答列表中`,
      pod: (address) => `地址为 ${address} 的 Pod 正在运行`,
      answers: (address) => `其他节点的 Pod ${address} 有应答`,
    },
  },
}
