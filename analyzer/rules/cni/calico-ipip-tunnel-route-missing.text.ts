import type { RuleTexts } from '../../engine/ruleText.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A peer’s block that a node has no way to. */
export interface TunnelRouteMissing {
  readonly kind: 'no-route' | 'tunnel-down'
  readonly node: string
  readonly peer: string
  readonly block: string
}

type Reason = 'noCalico' | 'alone' | 'strangers'
type Note = 'block' | 'route' | 'tunnel'

/** The words of calico-ipip-tunnel-route-missing. */
export const text: RuleTexts<TunnelRouteMissing, Reason, Note> = {
  en: {
    name: 'Calico’s route to a peer’s pods is missing, or its tunnel is down',
    looksFor:
      'For each block of addresses that a peer announces (`blackhole … proto bird` among its routes), a route to it on this node; and the state of tunl0 where the route leads through it.',
    why: 'Each node announces its blocks by BGP, and BIRD on every other node puts a route to them: in IP-in-IP mode through tunl0, with the peer’s address as the far end. Without the route, packets to these pods go to the default gateway and are lost.',
    consequences:
      'Pods of this node cannot reach the pods of that peer’s block; Services fail for the endpoints there.',
    commonCauses: [
      'The BGP session between the two is not established: port 179 blocked, another daemon on it, a wrong address chosen.',
      'The ipip module or tunl0 is missing, or tunl0 was set down.',
      'An import or export filter, or a pool with another encapsulation than the nodes have.',
    ],
    mimics: [
      'A wider route that covers the block (route reflectors that aggregate) does as well.',
      'tunl0 that is there but unused (VXLAN, or no encapsulation): only a route through it asks for it.',
      'Nodes of which nothing tells that they are of one cluster are not compared.',
    ],
    cure: 'See why the BGP session is down (calicoctl node status), and restart calico-node on this node.',
    title: (d) =>
      d.kind === 'no-route'
        ? `${d.node} has no route to ${d.block}, a block of pods on ${d.peer}`
        : `tunl0 of ${d.node} is down, by which it reaches ${d.block} on ${d.peer}`,
    summary: (d) =>
      d.kind === 'no-route'
        ? `${d.peer} announces the block ${d.block}, and ${d.node} has no route to it beside the default. Pods with these addresses cannot be reached from ${d.node}.`
        : `${d.node} has its route to ${d.block} on ${d.peer} through tunl0, which is not up. Pods with these addresses cannot be reached from ${d.node}.`,
    ruledOut: (d) => [`Both nodes are of one cluster, and Calico routes pods on ${d.node}.`],
    remedy: (d) => [
      {
        text: `On ${d.node}: see the state of the BGP sessions, and whether port 179 of ${d.peer} can be reached.`,
        commands: ['calicoctl node status', 'ss -tnp | grep :179'],
      },
      {
        text: 'Restart calico-node there; it makes routes and tunnel anew.',
        commands: [
          `kubectl -n kube-system delete pod -l k8s-app=calico-node --field-selector spec.nodeName=${shellQuote(d.node)}`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'There is a route to the block.',
        commands: [`ip route show ${d.block}`, 'ip link show tunl0'],
      },
    ],
    reasons: {
      noCalico: 'Calico routes no pods on this node.',
      alone: 'No other node of the case announces blocks of Calico.',
      strangers: 'Other nodes announce blocks of Calico, but nothing tells whether they are of this cluster.',
    },
    notes: {
      block: (peer) => `a block of ${peer}`,
      route: () => 'the way to it',
      tunnel: () => 'not up',
    },
  },
  zh: {
    name: 'Calico 到其他节点 Pod 的路由缺失，或其隧道已关闭',
    looksFor:
      '其他节点宣告的每个地址块（其路由中的 `blackhole … proto bird`）在本节点上是否有路由；如果路由经由 tunl0，则看 tunl0 的状态。',
    why: '每个节点用 BGP 宣告自己的地址块，其他节点的 BIRD 会写入到它们的路由：IPIP 模式下经由 tunl0，远端为对方的地址。没有该路由时，发往这些 Pod 的报文去了默认网关而丢失。',
    consequences: '本节点的 Pod 到不了对方地址块中的 Pod；端点在那里的 Service 会失败。',
    commonCauses: [
      '两者之间的 BGP 会话没有建立：179 端口被阻断、被其他守护进程占用，或选错了地址。',
      '缺少 ipip 模块或 tunl0，或者 tunl0 被关闭。',
      '导入或导出过滤器，或者地址池的封装方式与节点不同。',
    ],
    mimics: [
      '覆盖该地址块的更大的路由（做聚合的路由反射器）同样有效。',
      '存在但没有使用的 tunl0（VXLAN 或无封装）：只有经由它的路由才需要它。',
      '无法判断属于同一集群的节点不做比较。',
    ],
    cure: '查明 BGP 会话为何没有建立（calicoctl node status），并在该节点上重启 calico-node。',
    title: (d) =>
      d.kind === 'no-route'
        ? `${d.node} 没有到 ${d.block} 的路由，那是 ${d.peer} 上的 Pod 地址块`
        : `${d.node} 经由 tunl0 到达 ${d.peer} 上的 ${d.block}，而 tunl0 已关闭`,
    summary: (d) =>
      d.kind === 'no-route'
        ? `${d.peer} 宣告了地址块 ${d.block}，而 ${d.node} 除默认路由外没有到它的路由。从 ${d.node} 到不了使用这些地址的 Pod。`
        : `${d.node} 到 ${d.peer} 上 ${d.block} 的路由经由 tunl0，而 tunl0 不是 up。从 ${d.node} 到不了使用这些地址的 Pod。`,
    ruledOut: (d) => [`两个节点属于同一集群，且 ${d.node} 上的 Pod 由 Calico 路由。`],
    remedy: (d) => [
      {
        text: `在 ${d.node} 上：查看 BGP 会话的状态，以及能否到达 ${d.peer} 的 179 端口。`,
        commands: ['calicoctl node status', 'ss -tnp | grep :179'],
      },
      {
        text: '在该节点上重启 calico-node，它会重新写入路由和隧道。',
        commands: [
          `kubectl -n kube-system delete pod -l k8s-app=calico-node --field-selector spec.nodeName=${shellQuote(d.node)}`,
        ],
      },
    ],
    verify: (d) => [
      { text: '有到该地址块的路由。', commands: [`ip route show ${d.block}`, 'ip link show tunl0'] },
    ],
    reasons: {
      noCalico: '该节点上的 Pod 不由 Calico 路由。',
      alone: '本案例中没有其他节点宣告 Calico 的地址块。',
      strangers: '有其他节点宣告 Calico 的地址块，但无法判断它们是否属于本集群。',
    },
    notes: { block: (peer) => `${peer} 的地址块`, route: () => '通往它的路由', tunnel: () => '不是 up' },
  },
}
