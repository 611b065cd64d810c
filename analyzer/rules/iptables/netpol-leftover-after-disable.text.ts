import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Chains of network policies on a node that should have none. */
export interface NetpolLeftover {
  readonly node: string
  /** KUBE-POD-FW-… and KUBE-NWPLCY-…, of all backends. */
  readonly chains: number
}

type Reason = 'notDisabled' | 'kubeRouter' | 'noRules'
type Note = 'disabled' | 'chain'

/** The words of netpol-leftover-after-disable. */
export const text: RuleTexts<NetpolLeftover, Reason, Note> = {
  en: {
    name: 'Network policies are switched off, but their chains still filter',
    looksFor:
      'Chains KUBE-POD-FW-… and KUBE-NWPLCY-… in the filter table of a node whose k3s configuration has disable-network-policy, and on which no kube-router runs.',
    why: 'With disable-network-policy k3s no longer starts the controller that makes and removes these chains. What it made before stays until a reboot, and goes on refusing by policies and addresses of that time.',
    consequences:
      'Connections to some pods are refused though no policy applies, above all where an address has gone to another pod.',
    commonCauses: [
      'disable-network-policy was set and k3s was restarted without a reboot.',
      'The network plugin was changed for one with policies of its own, such as Calico or Cilium.',
    ],
    mimics: [
      'A kube-router that was installed beside k3s makes the same chains: with its container or its devices the rule does not apply.',
      'The setting was written and k3s not restarted yet: the chains are still in use. The configuration alone does not tell.',
    ],
    cure: 'Drain the node and reboot it, or run k3s-killall.sh and start k3s again.',
    title: (d) =>
      `${d.node} keeps ${formatCount(d.chains)} chains of network policies that k3s no longer tends`,
    summary: (d) =>
      `The configuration of k3s on ${d.node} switches network policies off, and ${formatCount(d.chains)} chains KUBE-POD-FW-… and KUBE-NWPLCY-… are still in the filter table. If k3s was restarted since, nobody updates them: they refuse by policies and pod addresses of the past.`,
    ruledOut: () => ['No device or running container of a separate kube-router was captured.'],
    remedy: () => [
      {
        text: 'Drain the node, then remove the rules with all others of k3s, and start it again. The pods of the node are stopped by this.',
        commands: ['/usr/local/bin/k3s-killall.sh', 'systemctl start k3s'],
      },
    ],
    verify: () => [
      { text: 'No such chain is left.', commands: ["iptables-save | grep -cE '^:KUBE-(POD-FW|NWPLCY)-'"] },
    ],
    reasons: {
      notDisabled: 'No captured k3s configuration switches network policies off.',
      kubeRouter: 'A kube-router of its own serves the network policies here.',
      noRules: 'No filter table was captured.',
    },
    notes: {
      disabled: () => 'network policies are off',
      chain: (chains) => `the first of ${chains} such chains`,
    },
  },
  zh: {
    name: '网络策略已关闭，但其链仍在过滤',
    looksFor:
      'k3s 配置中有 disable-network-policy 且没有运行 kube-router 的节点，其 filter 表中的 KUBE-POD-FW-… 和 KUBE-NWPLCY-… 链。',
    why: '设置 disable-network-policy 后，k3s 不再启动负责建立和删除这些链的控制器。之前建立的链会保留到重启节点，并继续按当时的策略和地址拒绝报文。',
    consequences: '没有策略生效，但到某些 Pod 的连接仍被拒绝，尤其是地址已分给别的 Pod 时。',
    commonCauses: [
      '设置 disable-network-policy 后只重启了 k3s，没有重启节点。',
      '换用了自带网络策略的插件，例如 Calico 或 Cilium。',
    ],
    mimics: [
      '与 k3s 并存的 kube-router 会建立相同的链：有其容器或设备时本规则不适用。',
      '写入了该设置但还没有重启 k3s：这些链仍在使用。仅凭配置无法判断。',
    ],
    cure: '驱逐 Pod 后重启节点，或者运行 k3s-killall.sh 再启动 k3s。',
    title: (d) => `${d.node} 上留有 ${formatCount(d.chains)} 条 k3s 不再维护的网络策略链`,
    summary: (d) =>
      `${d.node} 的 k3s 配置关闭了网络策略，但 filter 表中仍有 ${formatCount(d.chains)} 条 KUBE-POD-FW-… 和 KUBE-NWPLCY-… 链。如果此后重启过 k3s，就没有程序更新它们：报文会按过去的策略和 Pod 地址被拒绝。`,
    ruledOut: () => ['没有采集到独立 kube-router 的设备或正在运行的容器。'],
    remedy: () => [
      {
        text: '驱逐节点上的 Pod，再连同 k3s 的其他规则一并清除，然后重新启动 k3s。此操作会停止该节点的 Pod。',
        commands: ['/usr/local/bin/k3s-killall.sh', 'systemctl start k3s'],
      },
    ],
    verify: () => [
      { text: '不再有这样的链。', commands: ["iptables-save | grep -cE '^:KUBE-(POD-FW|NWPLCY)-'"] },
    ],
    reasons: {
      notDisabled: '采集到的 k3s 配置没有关闭网络策略。',
      kubeRouter: '该节点的网络策略由独立的 kube-router 负责。',
      noRules: '没有采集到 filter 表。',
    },
    notes: {
      disabled: () => '网络策略已关闭',
      chain: (chains) => `共 ${chains} 条这样的链，这是第一条`,
    },
  },
}
