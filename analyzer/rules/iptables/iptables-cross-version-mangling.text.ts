import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Networks that were cut to one address. */
export interface MangledNetworks {
  readonly node: string
  /** The address that stands in place of the network. */
  readonly address: string
  readonly rules: number
  readonly isShownByNft: boolean
  /** Releases of iptables-nft on the node. */
  readonly versions: readonly string[]
  readonly command: string
}

export type Note = 'rule' | 'nft' | 'version'

const listCommands = ({ address }: MangledNetworks): string[] => [`nft list ruleset | grep -n -e ${address}`]
const versionCommands = ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V']

/** The words of iptables-cross-version-mangling. */
export const text: RuleTexts<MangledNetworks, 'legacyOnly', Note> = {
  en: {
    name: 'The pod or Service network in iptables was cut to one address',
    looksFor:
      'Rules of flannel (“flanneld forward”, “flanneld masq”) and kube-router (“cluster IP range”) in the kernel that speak of the first address of a network in place of the network.',
    why: 'iptables-nft 1.8.7 and later keep a network of 8, 16 or 24 bits in a short form that 1.8.6 and earlier take for one address. When an older program saves and restores the rules, the network is lost for good. flannel then misses its rule, logs “Some iptables rules are missing; deleting and recreating rules” and adds another one, again and again.',
    consequences:
      'Packets of pods are accepted or masqueraded by these rules no more: with FORWARD on DROP pods are cut off, and connections to the outside leave with pods’ addresses. Rules grow in number.',
    commonCauses: [
      'A host with iptables 1.8.4 (RHEL 8) under k3s, kube-router or flannel with 1.8.7 or later.',
      'iptables-restore of a file that an older program saved.',
    ],
    mimics: [
      'A dump by an older iptables of rules that are sound in the kernel: nft shows the network, and iptables-dump-by-older-binary tells of it.',
      'flannel.1, whose address is the first of the node’s network (10.42.1.0/32): only rules are looked at that always have the whole network.',
    ],
    cure: 'Bring every iptables on the node to one release (1.8.8 or later, not 1.8.10), then reboot, or flush the rules and restart flannel, k3s or kube-router.',
    title: ({ node, address }) => `Rules for a whole network hold for ${address} alone on ${node}`,
    summary: ({ node, address, rules, isShownByNft, versions }) =>
      [
        `On ${node} ${rules === 1 ? 'a rule' : `${formatCount(rules)} rules`} of flannel or kube-router that should hold for a whole network ${rules === 1 ? 'holds' : 'hold'} for ${address} alone. Pods’ packets are no longer accepted or masqueraded by ${rules === 1 ? 'it' : 'them'}.`,
        isShownByNft
          ? 'nft shows the same: it is in force so.'
          : 'The program that made the dump reads what newer ones write: it is in force so.',
        versions.length > 1 ? `Releases of iptables-nft on the node: ${joinWords(versions)}.` : '',
      ]
        .filter((words) => words !== '')
        .join(' '),
    ruledOut: ({ isShownByNft }) => [
      isShownByNft
        ? 'It is not the dump alone: nft shows the same.'
        : 'The dump was made by a program that prints such networks.',
      'These components never write this rule for one address.',
    ],
    remedy: () => [
      {
        text: 'Bring the host’s iptables and those of the images to one release.',
        commands: versionCommands,
      },
      { text: 'Reboot the drained node; the rules are then written anew.', commands: ['reboot'] },
    ],
    verify: (d) => [{ text: 'The address has its mask again (/16, /24).', commands: listCommands(d) }],
    reasons: {
      legacyOnly: 'Only iptables-legacy has rules here; it has one form for a network in every release.',
    },
    notes: {
      rule: () => 'should hold for the whole network',
      nft: () => 'nft shows no mask either',
      version: (version) => `iptables-nft ${version}`,
    },
  },
  zh: {
    name: 'iptables 中的 Pod 或 Service 网段被截成了单个地址',
    looksFor:
      '内核中 flannel（“flanneld forward”、“flanneld masq”）和 kube-router（“cluster IP range”）的规则，本应匹配整个网段，却只匹配该网段的首地址。',
    why: 'iptables-nft 1.8.7 起以更短的形式保存 8、16、24 位掩码的网段，1.8.6 及以前会把它读成单个地址。旧版本程序保存再恢复规则时，网段就真的丢了。flannel 随后找不到自己的规则，打印 “Some iptables rules are missing; deleting and recreating rules” 并再加一条，如此反复。',
    consequences:
      '这些规则不再放行 Pod 流量、不再做 SNAT：FORWARD 策略为 DROP 时 Pod 断网，访问外部时源地址仍是 Pod 地址。规则数量会不断增长。',
    commonCauses: [
      '主机是 iptables 1.8.4（RHEL 8），而 k3s、kube-router 或 flannel 自带 1.8.7 或更高版本。',
      '用 iptables-restore 恢复了旧版本程序保存的文件。',
    ],
    mimics: [
      '内核中的规则完好，只是 dump 由旧版 iptables 导出：nft 能看到网段，由 iptables-dump-by-older-binary 说明。',
      'flannel.1 的地址本来就是本节点网段的首地址（10.42.1.0/32）：这里只看总是写整个网段的规则。',
    ],
    cure: '让节点上所有 iptables 统一到同一版本（1.8.8 或更高，但不要 1.8.10），然后重启节点，或清空规则并重启 flannel、k3s 或 kube-router。',
    title: ({ node, address }) => `${node} 上针对整个网段的规则只匹配 ${address}`,
    summary: ({ node, address, rules, isShownByNft, versions }) =>
      [
        `${node} 上有 ${formatCount(rules)} 条 flannel 或 kube-router 的规则，本应匹配整个网段，却只匹配 ${address}。Pod 的数据包不再被放行或做 SNAT。`,
        isShownByNft
          ? 'nft 的输出也是如此：内核中就是这样。'
          : '导出 dump 的程序能读懂新版本写入的规则：内核中就是这样。',
        versions.length > 1 ? `节点上的 iptables-nft 版本：${joinChinese(versions)}。` : '',
      ].join(''),
    ruledOut: ({ isShownByNft }) => [
      isShownByNft ? '不只是 dump 如此：nft 的输出也一样。' : '导出 dump 的程序能够打印这类网段。',
      '这些组件从不为单个地址写这条规则。',
    ],
    remedy: () => [
      { text: '让主机和镜像使用同一版本的 iptables。', commands: versionCommands },
      { text: '排空节点后重启，规则会重新写入。', commands: ['reboot'] },
    ],
    verify: (d) => [{ text: '地址后面恢复了掩码（/16、/24）。', commands: listCommands(d) }],
    reasons: { legacyOnly: '这里只有 iptables-legacy 有规则，它的各版本以同一形式保存网段。' },
    notes: {
      rule: () => '本应匹配整个网段',
      nft: () => 'nft 中同样没有掩码',
      version: (version) => `iptables-nft ${version}`,
    },
  },
}
