import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Sessions of BIRD that are not there. */
export interface BgpNotEstablished {
  readonly node: string
  readonly lines: number
  /** Addresses of the peers, as the last line names them. */
  readonly peers: readonly string[]
}

type Reason = 'noCalico'
type Note = 'last'

/** The words of calico-bgp-not-established. */
export const text: RuleTexts<BgpNotEstablished, Reason, Note> = {
  en: {
    name: 'Calico’s BGP sessions are not established',
    looksFor:
      'Failures of calico-node’s readiness probe in the kubelet’s log: “calico/node is not ready: BIRD is not ready: BGP not established with …”.',
    why: 'Each node learns the routes to the pods of the others by BGP. Where a session is not established, the routes that it would bring are missing on both sides. Right after a start the probe fails for any peer that is away; later only when no peer is left.',
    consequences:
      'calico-node is 0/1; pods on this node and on the peers that are named do not reach each other.',
    commonCauses: [
      'TCP port 179 is blocked between the nodes (firewall, security group), or another routing daemon holds it.',
      'Calico chose an address that peers cannot reach (calico-wrong-autodetected-ip).',
      'The peers that are named were removed from the cluster, and still stand in the API.',
    ],
    mimics: [
      'Fewer than three lines: a start that took a moment.',
      'Clusters of Calico with VXLAN alone have no BIRD, and no such line.',
    ],
    cure: 'Open TCP port 179 between the nodes, set the address that Calico is to use, and remove nodes that are gone from the API.',
    title: (d) => `${d.node} has no BGP session with ${joinWords(d.peers)}`,
    summary: (d) =>
      `The readiness probe of calico-node on ${d.node} failed in at least ${formatCount(d.lines)} lines since BGP is not established with ${joinWords(d.peers)}. Routes to the pods there are missing, and theirs to the pods of ${d.node}.`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: 'See the sessions, and whether the port of the peers can be reached.',
        commands: ['calicoctl node status', ...d.peers.slice(0, 3).map((peer) => `nc -zvw3 ${peer} 179`)],
      },
      {
        text: 'See who listens on the port here: it has to be BIRD.',
        commands: ['ss -ltnp | grep :179'],
      },
    ],
    verify: () => [
      {
        text: 'calico-node is 1/1, and all sessions say Established.',
        commands: ['kubectl -n kube-system get pods -l k8s-app=calico-node -o wide', 'calicoctl node status'],
      },
    ],
    reasons: { noCalico: 'Calico routes no pods on this node.' },
    notes: { last: (lines) => `the last of at least ${lines} such lines` },
  },
  zh: {
    name: 'Calico 的 BGP 会话没有建立',
    looksFor:
      'kubelet 日志中 calico-node 就绪探针的失败：“calico/node is not ready: BIRD is not ready: BGP not established with …”。',
    why: '每个节点通过 BGP 学习到其他节点 Pod 的路由。会话没有建立时，两侧都缺少它带来的路由。刚启动时，只要有一个对端不在探针就会失败；之后只有全部对端都不在才会失败。',
    consequences: 'calico-node 为 0/1；该节点与日志所列对端上的 Pod 互相不通。',
    commonCauses: [
      '节点之间的 TCP 179 端口被阻断（防火墙、安全组），或被其他路由守护进程占用。',
      'Calico 选了对端到不了的地址（calico-wrong-autodetected-ip）。',
      '所列的对端已移出集群，但 API 中仍有记录。',
    ],
    mimics: ['少于三行：启动时的短暂现象。', '只用 VXLAN 的 Calico 集群没有 BIRD，也没有这样的日志。'],
    cure: '放行节点之间的 TCP 179 端口，指定 Calico 使用的地址，并从 API 中删除已不存在的节点。',
    title: (d) => `${d.node} 与 ${joinChinese(d.peers)} 之间没有 BGP 会话`,
    summary: (d) =>
      `${d.node} 上 calico-node 的就绪探针至少有 ${formatCount(d.lines)} 行因与 ${joinChinese(d.peers)} 的 BGP 没有建立而失败。缺少到那里 Pod 的路由，对方也缺少到 ${d.node} 的 Pod 的路由。`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: '查看会话，以及能否到达对端的端口。',
        commands: ['calicoctl node status', ...d.peers.slice(0, 3).map((peer) => `nc -zvw3 ${peer} 179`)],
      },
      { text: '查看本机是谁在监听该端口：必须是 BIRD。', commands: ['ss -ltnp | grep :179'] },
    ],
    verify: () => [
      {
        text: 'calico-node 为 1/1，所有会话为 Established。',
        commands: ['kubectl -n kube-system get pods -l k8s-app=calico-node -o wide', 'calicoctl node status'],
      },
    ],
    reasons: { noCalico: '该节点上的 Pod 不由 Calico 路由。' },
    notes: { last: (lines) => `至少 ${lines} 行中的最后一行` },
  },
}
