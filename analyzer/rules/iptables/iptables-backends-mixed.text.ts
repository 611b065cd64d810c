import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Who has rules in which backend. */
export interface MixedBackends {
  readonly node: string
  /** Those with rules in both. */
  readonly both: readonly string[]
  readonly legacy: readonly string[]
  readonly nft: readonly string[]
}

const countCommands = ['iptables-legacy-save | grep -c ^-A', 'iptables-nft-save | grep -c ^-A']

const chooseCommands = [
  'update-alternatives --set iptables /usr/sbin/iptables-nft',
  'update-alternatives --set ip6tables /usr/sbin/ip6tables-nft',
  'reboot',
]

/** The words of iptables-backends-mixed. */
export const text: RuleTexts<MixedBackends, 'noBackend', 'legacy' | 'nft'> = {
  en: {
    name: 'Rules of Kubernetes stand in both backends of iptables',
    looksFor:
      'Chains with rules of kube-proxy, kubelet, Calico, flannel or CNI plugins in the dump of iptables-legacy and in that of iptables-nft.',
    why: 'The kernel keeps the rules of the two backends apart and lets every packet pass both. A program sees and mends only those of its own: what it wrote into the other one before stays in force, unseen, until the node is rebooted. Old DNAT rules then lead to endpoints that are gone, and an accept in one backend does not save a packet from a drop in the other.',
    consequences:
      'Services that answer now and then, or lead to pods that are gone; rules that return after they were deleted; policies that seem to have no effect.',
    commonCauses: [
      'The host was switched to the other backend (update-alternatives, an upgrade of the distribution) without a reboot.',
      'An image of kube-proxy or of the network plugin that brings the other backend and does not look which one the host uses.',
      'k3s with its own iptables next to programs that use that of the host.',
    ],
    mimics: [
      'Empty tables of the other backend: who once lists them makes the kernel load them.',
      'Rules of others in the other backend (Docker, an administrator’s policy): what they stop is told by iptables-reject-before-accept.',
      'Two dumps of one backend, by the host’s program and by the one that k3s brings.',
    ],
    cure: 'Choose one backend for the host and for every image, then reboot the node, which empties the other.',
    title: ({ node, both }) =>
      both.length > 0
        ? `${joinWords(both)} has rules in iptables-legacy and in iptables-nft on ${node}`
        : `Rules of Kubernetes are spread over iptables-legacy and iptables-nft on ${node}`,
    summary: ({ node, both, legacy, nft }) =>
      `On ${node} iptables-legacy holds rules of ${joinWords(legacy)}, iptables-nft those of ${joinWords(nft)}. ${
        both.length > 0
          ? `${joinWords(both)} has rules in both: those of one are most likely left behind, still in force, and nobody mends them.`
          : 'Every packet passes both; each program sees only its own.'
      }`,
    ruledOut: () => ['Both dumps show rules, not only empty chains.'],
    remedy: () => [
      { text: 'See which backend holds what.', commands: countCommands },
      {
        text: 'Choose one backend for the host (here nft), and reboot the drained node, which empties the other.',
        commands: chooseCommands,
      },
    ],
    verify: () => [{ text: 'Only one of the two counts rules.', commands: countCommands }],
    reasons: { noBackend: 'Nothing tells which backend the dumps show.' },
    notes: {
      legacy: () => 'in the tables of iptables-legacy',
      nft: () => 'in the tables of iptables-nft',
    },
  },
  zh: {
    name: 'iptables 的两个后端中都有 Kubernetes 的规则',
    looksFor:
      'iptables-legacy 和 iptables-nft 的 dump 中，都有 kube-proxy、kubelet、Calico、flannel 或 CNI 插件的带规则的链。',
    why: '内核分别保存两个后端的规则，每个包都要依次经过两边。程序只能看见和维护自己那个后端的规则：以前写到另一个后端的规则一直生效，却没人看得见，直到节点重启。旧的 DNAT 规则会指向已不存在的 Endpoint；一边 ACCEPT 了，另一边照样可以 DROP。',
    consequences: 'Service 时通时不通，或被转到已不存在的 Pod；删除的规则似乎又回来了；策略看上去不生效。',
    commonCauses: [
      '主机切换了后端（update-alternatives、发行版升级）而没有重启。',
      'kube-proxy 或网络插件的镜像自带另一个后端，且没有检测主机用的是哪个。',
      'k3s 使用自带的 iptables，而其他程序使用主机的。',
    ],
    mimics: [
      '另一个后端只有空表：有人列出过一次，内核就会加载它们。',
      '另一个后端中是别人的规则（Docker、管理员设置的策略）：它们挡住了什么，由 iptables-reject-before-accept 说明。',
      '同一个后端的两份 dump，分别由主机的和 k3s 自带的程序导出。',
    ],
    cure: '主机和所有镜像统一使用一个后端，然后重启节点，清空另一个后端。',
    title: ({ node, both }) =>
      both.length > 0
        ? `${node} 上 ${joinChinese(both)} 在 iptables-legacy 和 iptables-nft 中都有规则`
        : `${node} 上 Kubernetes 的规则分散在 iptables-legacy 和 iptables-nft 中`,
    summary: ({ node, both, legacy, nft }) =>
      `${node} 上 iptables-legacy 中有 ${joinChinese(legacy)} 的规则，iptables-nft 中有 ${joinChinese(nft)} 的规则。${
        both.length > 0
          ? `${joinChinese(both)} 在两边都有规则：其中一边很可能是遗留的，仍然生效，却没有程序维护。`
          : '每个包都要经过两边，而每个程序只看得见自己的规则。'
      }`,
    ruledOut: () => ['两份 dump 中都有规则，而不只是空链。'],
    remedy: () => [
      { text: '查看各后端中有什么。', commands: countCommands },
      {
        text: '主机统一使用一个后端（此处为 nft），排空节点后重启，清空另一个后端。',
        commands: chooseCommands,
      },
    ],
    verify: () => [{ text: '只有一个后端还有规则。', commands: countCommands }],
    reasons: { noBackend: '无从判断这些 dump 属于哪个后端。' },
    notes: {
      legacy: () => '在 iptables-legacy 的表中',
      nft: () => '在 iptables-nft 的表中',
    },
  },
}
