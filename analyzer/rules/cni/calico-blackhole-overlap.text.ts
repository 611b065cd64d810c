import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Pods with addresses of another node’s block, which drops what is for them. */
export interface BlackholeOverlap {
  /** That announces the block. */
  readonly node: string
  /** That runs the pods. */
  readonly peer: string
  readonly block: string
  readonly pods: readonly string[]
}

type Reason = 'noBlocks'
type Note = 'blackhole' | 'pod'

/** The words of calico-blackhole-overlap. */
export const text: RuleTexts<BlackholeOverlap, Reason, Note> = {
  en: {
    name: 'Calico’s blackhole takes packets for borrowed addresses',
    looksFor:
      'Pods of one node (routes to cali devices) whose addresses lie in a block that another node announces (`blackhole … proto bird`), where that node has no route of its own to them.',
    why: 'A node whose blocks are full borrows single addresses from the block of another node. The owner keeps a blackhole route for the block, for addresses that no pod has; it needs a longer route to each borrowed one. Where that is missing, the owner drops what is for the pod.',
    consequences:
      'The pods with borrowed addresses cannot be reached from the node that owns the block, nor from pods on it.',
    commonCauses: [
      'BGP between the two nodes is not established, so that the single routes are not announced.',
      'Too few free blocks in the pool for the number of nodes.',
    ],
    mimics: [
      'A blackhole for the node’s own block is normal: longer routes to its pods win.',
      'Nodes of which nothing tells that they are of one cluster are not compared.',
    ],
    cure: 'Restore the BGP session; make the pool larger, or set strictAffinity so that nothing is borrowed.',
    title: (d) =>
      `${d.node} drops what is for ${d.pods.length} ${d.pods.length === 1 ? 'pod' : 'pods'} of ${d.peer} with addresses of ${d.block}`,
    summary: (d) =>
      `${joinWords(d.pods)} ${d.pods.length === 1 ? 'is the address of a pod' : 'are addresses of pods'} on ${d.peer}, of the block ${d.block} that ${d.node} announces. ${d.node} has no route to ${d.pods.length === 1 ? 'it' : 'them'}, so that its blackhole for the block takes the packets.`,
    ruledOut: () => ['No longer route on the owner leads to these pods.'],
    remedy: (d) => [
      {
        text: `See the BGP sessions between ${d.node} and ${d.peer}.`,
        commands: ['calicoctl node status', 'calicoctl ipam show --show-blocks'],
      },
      {
        text: 'Recreate the pods once the pool has free blocks; or forbid borrowing.',
        commands: ['calicoctl ipam configure --strictaffinity=true'],
      },
    ],
    verify: (d) => [
      {
        text: `On ${d.node} a route leads to each of them.`,
        commands: d.pods.slice(0, 3).map((pod) => `ip route get ${shellQuote(pod)}`),
      },
    ],
    reasons: { noBlocks: 'This node announces no block of Calico.' },
    notes: { blackhole: () => 'takes what has no longer route', pod: (peer) => `a pod on ${peer}` },
  },
  zh: {
    name: 'Calico 的 blackhole 路由丢弃了借用地址的报文',
    looksFor:
      '一个节点的 Pod（到 cali 设备的路由）的地址落在另一个节点宣告的地址块中（`blackhole … proto bird`），而那个节点没有到这些地址的路由。',
    why: '地址块用完的节点会从其他节点的地址块借用单个地址。所有者为整个地址块保留 blackhole 路由，用于没有 Pod 的地址；每个借出的地址都需要更长的路由。缺少时，所有者会丢弃发给该 Pod 的报文。',
    consequences: '从拥有地址块的节点及其 Pod 到不了使用借用地址的 Pod。',
    commonCauses: [
      '两个节点之间的 BGP 没有建立，单个路由没有宣告。',
      '相对于节点数，地址池的空闲地址块太少。',
    ],
    mimics: [
      '节点为自己的地址块保留 blackhole 是正常的：到其 Pod 的更长路由优先。',
      '无法判断属于同一集群的节点不做比较。',
    ],
    cure: '恢复 BGP 会话；扩大地址池，或设置 strictAffinity 禁止借用。',
    title: (d) => `${d.node} 丢弃发给 ${d.peer} 上 ${d.pods.length} 个 Pod 的报文（地址属于 ${d.block}）`,
    summary: (d) =>
      `${joinChinese(d.pods)} 是 ${d.peer} 上 Pod 的地址，属于 ${d.node} 宣告的地址块 ${d.block}。${d.node} 没有到它们的路由，因此其地址块的 blackhole 路由接收并丢弃了报文。`,
    ruledOut: () => ['所有者上没有到这些 Pod 的更长路由。'],
    remedy: (d) => [
      {
        text: `查看 ${d.node} 与 ${d.peer} 之间的 BGP 会话。`,
        commands: ['calicoctl node status', 'calicoctl ipam show --show-blocks'],
      },
      {
        text: '地址池有空闲地址块后重建这些 Pod；或者禁止借用。',
        commands: ['calicoctl ipam configure --strictaffinity=true'],
      },
    ],
    verify: (d) => [
      {
        text: `在 ${d.node} 上有到每个地址的路由。`,
        commands: d.pods.slice(0, 3).map((pod) => `ip route get ${shellQuote(pod)}`),
      },
    ],
    reasons: { noBlocks: '该节点没有宣告 Calico 的地址块。' },
    notes: { blackhole: () => '接收没有更长路由的报文', pod: (peer) => `${peer} 上的 Pod` },
  },
}
