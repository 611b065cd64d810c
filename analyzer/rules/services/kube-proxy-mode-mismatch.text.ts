import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Nodes by the mode of their kube-proxy. */
export interface ModeMismatch {
  readonly groups: readonly { readonly mode: ProxyMode['mode']; readonly nodes: readonly string[] }[]
}

type Reason = 'noProxy' | 'alone'

const group = ({ mode, nodes }: ModeMismatch['groups'][number]): string =>
  `${joinWords(nodes)} ${nodes.length === 1 ? 'works' : 'work'} with ${mode}`
const groupZh = ({ mode, nodes }: ModeMismatch['groups'][number]): string =>
  `${joinChinese(nodes)} 使用 ${mode}`

const COMMANDS = [
  'kubectl -n kube-system get configmap kube-proxy -o yaml | grep -n mode:',
  'kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=-1 --prefix | grep -i proxier',
]

/** The words of kube-proxy-mode-mismatch. */
export const text: RuleTexts<ModeMismatch, Reason, 'mode'> = {
  en: {
    name: 'kube-proxy works in different modes on different nodes',
    looksFor: 'What kube-proxy programmed on each node: IPVS, iptables or nftables.',
    why: 'Each mode works by itself, but they differ in what they support and in how packets pass: hairpin traffic, addresses on kube-ipvs0, firewalls and network policies, timeouts of idle connections. A cluster with two modes behaves differently depending on the node.',
    consequences:
      'A pod reaches itself through its Service on one node and not on another; external addresses, node ports and idle connections behave differently from node to node.',
    commonCauses: [
      'A change of the mode that has reached only the nodes whose kube-proxy was restarted since.',
      'Nodes without the IPVS modules, where an older kube-proxy falls back to iptables by itself.',
      'Nodes that joined by another script, or with another configuration of k3s.',
    ],
    mimics: [
      'A migration that is under way, node by node: the state is the same; finish it.',
      'Nodes on which kube-proxy programmed nothing, since another program serves the Services, do not count.',
      'What an earlier mode left behind is not taken for the mode: kube-proxy-leftover-mode tells it.',
    ],
    cure: 'Decide for one mode, set it in kube-proxy’s configuration, and restart kube-proxy on all nodes, cleaning up after the former mode.',
    title: (d) => `kube-proxy works in ${d.groups.length} different modes`,
    summary: (d) =>
      `${d.groups.map(group).join('; ')}. What works on the nodes of one mode may fail on those of the other.`,
    ruledOut: () => ['The modes are told by what is programmed, not by what an earlier mode left behind.'],
    remedy: () => [
      { text: 'See which mode is configured, and which one each kube-proxy chose.', commands: COMMANDS },
      {
        text: 'Restart kube-proxy on the nodes in the wrong mode, after kube-proxy --cleanup there.',
        commands: ['kubectl -n kube-system rollout restart daemonset kube-proxy'],
      },
    ],
    verify: () => [
      {
        text: 'Every node answers with the same mode.',
        commands: ['curl -s http://127.0.0.1:10249/proxyMode'],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      alone: 'There is no second node whose mode is known.',
    },
    notes: { mode: (mode) => `works with ${mode}` },
  },
  zh: {
    name: '各节点的 kube-proxy 模式不一致',
    looksFor: '各节点上 kube-proxy 实际写入的内容：IPVS、iptables 还是 nftables。',
    why: '每种模式单独都能工作，但支持的功能和报文路径不同：hairpin 流量、kube-ipvs0 上的地址、防火墙与网络策略、空闲连接的超时。两种模式并存的集群，行为取决于节点。',
    consequences:
      'Pod 通过自己的 Service 访问自己，在一个节点可行、在另一个节点失败；外部地址、NodePort 和空闲连接在各节点上表现不同。',
    commonCauses: [
      '修改模式后，只有之后重启过 kube-proxy 的节点生效。',
      '节点缺少 IPVS 内核模块，旧版 kube-proxy 自动退回 iptables。',
      '节点用不同的脚本加入，或 k3s 配置不同。',
    ],
    mimics: [
      '正在逐节点迁移：状态相同，完成迁移即可。',
      '由其他程序实现 Service、kube-proxy 没有写入任何规则的节点不计入。',
      '旧模式的残留不会被当作当前模式，由 kube-proxy-leftover-mode 报告。',
    ],
    cure: '确定一种模式写入 kube-proxy 配置，清理旧模式后重启所有节点的 kube-proxy。',
    title: (d) => `各节点的 kube-proxy 使用了 ${d.groups.length} 种模式`,
    summary: (d) =>
      `${d.groups.map(groupZh).join('；')}。在一种模式的节点上正常的访问，在另一种模式的节点上可能失败。`,
    ruledOut: () => ['模式由实际写入的内容判定，旧模式的残留没有计入。'],
    remedy: () => [
      { text: '查看配置的模式，以及各 kube-proxy 实际选择的模式。', commands: COMMANDS },
      {
        text: '在模式不对的节点上先执行 kube-proxy --cleanup，再重启 kube-proxy。',
        commands: ['kubectl -n kube-system rollout restart daemonset kube-proxy'],
      },
    ],
    verify: () => [
      { text: '所有节点返回相同的模式。', commands: ['curl -s http://127.0.0.1:10249/proxyMode'] },
    ],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点写入任何规则：Service 由其他程序实现。',
      alone: '没有第二个模式已知的节点。',
    },
    notes: { mode: (mode) => `使用 ${mode}` },
  },
}
