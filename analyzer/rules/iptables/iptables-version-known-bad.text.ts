import type { RuleTexts } from '../../engine/ruleText.ts'

/** A release with a defect, or two that misread each other. */
export interface BadVersion {
  readonly node: string
  readonly kind: 'check-fails' | 'loops' | 'interfaces-ignored' | 'mixed'
  /** One, or the oldest and the newest. */
  readonly versions: readonly string[]
}

export type Note = 'version'

const DEFECT: Readonly<Record<BadVersion['kind'], string>> = {
  'check-fails':
    'Its iptables -C does not find rules whose comment is not the last match: kubelet, kube-router and CNI plugins add them again at every sync, and nobody takes them out.',
  loops: 'Of this release it is known that iptables-nft may hang in an endless loop.',
  'interfaces-ignored':
    'As released, its iptables -C takes a rule for present that differs in the interfaces alone (-i, -o): such rules are then not added. Packages of distributions may have the repair.',
  mixed:
    'The older one reads networks, marks or ports that the newer one wrote otherwise than they are, or not at all: checks fail, rules are added again, and what it saves and restores loses its conditions.',
}

const DEFECT_IN_CHINESE: Readonly<Record<BadVersion['kind'], string>> = {
  'check-fails':
    '它的 iptables -C 找不到 comment 不在最后的规则：kubelet、kube-router 和 CNI 插件每次同步都会再添加一遍，且没有程序清理。',
  loops: '已知该版本的 iptables-nft 可能陷入死循环。',
  'interfaces-ignored':
    '按官方发布的版本，它的 iptables -C 会把仅接口（-i、-o）不同的规则当作已存在，于是该添加的规则没有添加。发行版的软件包可能已包含修复。',
  mixed:
    '旧版本会把新版本写入的网段、mark 或端口读错或读不出来：检查失败、规则重复添加，经它保存再恢复的规则会丢失条件。',
}

const versionCommands = ['iptables -V', '/var/lib/rancher/k3s/data/current/bin/aux/iptables -V']
const countCommands = ['iptables-save | grep ^-A | sort | uniq -c | sort -rn | head']

/** The words of iptables-version-known-bad. */
export const text: RuleTexts<BadVersion, 'notUsed', Note> = {
  en: {
    name: 'An iptables with a known defect is in use',
    looksFor:
      'Releases of iptables-nft, by the heads of the dumps and by iptables -V, that are known to duplicate or lose rules of Kubernetes: 1.8.0 to 1.8.3, 1.8.11 as released, and two releases on both sides of 1.8.7 or 1.8.8.',
    why: 'Components check with iptables -C whether their rule is there, and add it if not. 1.8.0 to 1.8.2 do not find what they wrote themselves; and what 1.8.7 writes of networks, 1.8.8 of marks and ports, earlier releases misread. The legacy mode of the same packages is free of this.',
    consequences:
      'Rules that grow in number until packets and syncs crawl (k3s#3117), or rules that lose their conditions. It may take months to be felt.',
    commonCauses: [
      'Debian 10 (1.8.2), RHEL 8 (1.8.4) as host of k3s, which brings 1.8.8.',
      'Images of kube-proxy, flannel or kube-router with another release than the host.',
    ],
    mimics: [
      'iptables-legacy of the same release.',
      '1.8.4 to 1.8.6 alone on a node: no defect could be shown there.',
      'A program that is installed and not used: nodes without chains of Kubernetes in nf_tables are passed over.',
    ],
    cure: 'One release on the host and in every image, 1.8.8 or later (not 1.8.10, nor 1.8.11 without the repair); or the legacy mode, with a reboot; or k3s with --prefer-bundled-bin.',
    title: ({ node, kind, versions }) =>
      kind === 'mixed'
        ? `iptables-nft ${versions.join(' and ')} misread each other’s rules on ${node}`
        : `iptables-nft ${versions.join('')} on ${node} has a known defect`,
    summary: ({ node, kind, versions }) =>
      `${node} uses iptables-nft ${versions.join(' and ')}. ${DEFECT[kind]} What of it is already there, other findings tell.`,
    ruledOut: () => [
      'Rules of Kubernetes are kept in nf_tables on this node: it is no matter of the legacy mode.',
    ],
    remedy: () => [
      { text: 'Look which releases are in use, on the host and in the images.', commands: versionCommands },
      {
        text: 'Upgrade the host’s iptables to 1.8.8 or later, or let k3s use its own.',
        commands: [
          'echo "prefer-bundled-bin: true" >> /etc/rancher/k3s/config.yaml',
          'systemctl restart k3s',
        ],
      },
    ],
    verify: () => [{ text: 'No rule grows in number over ten minutes.', commands: countCommands }],
    reasons: {
      notUsed: 'No rules of Kubernetes are kept in nf_tables by an iptables whose release is known.',
    },
    notes: { version: (version) => `iptables-nft ${version}` },
  },
  zh: {
    name: '正在使用有已知缺陷的 iptables 版本',
    looksFor:
      '从 dump 头部和 iptables -V 得知的 iptables-nft 版本中，已知会重复或丢失 Kubernetes 规则的：1.8.0 至 1.8.3、官方发布的 1.8.11，以及分处 1.8.7 或 1.8.8 两侧的两个版本。',
    why: '各组件用 iptables -C 检查自己的规则是否存在，不存在就添加。1.8.0 至 1.8.2 找不到自己写入的规则；1.8.7 写入的网段、1.8.8 写入的 mark 和端口，更早的版本会读错。同一软件包的 legacy 模式没有这些问题。',
    consequences:
      '规则不断增长，直到转发和同步都慢得无法工作（k3s#3117），或规则丢失条件。可能几个月后才会显现。',
    commonCauses: [
      'k3s 自带 1.8.8，而主机是 Debian 10（1.8.2）或 RHEL 8（1.8.4）。',
      'kube-proxy、flannel 或 kube-router 的镜像与主机版本不同。',
    ],
    mimics: [
      '同一版本的 iptables-legacy。',
      '节点上只有 1.8.4 至 1.8.6：未能证实存在缺陷。',
      '装了但没用的程序：nf_tables 中没有 Kubernetes 链的节点会跳过。',
    ],
    cure: '主机和所有镜像统一到 1.8.8 或更高的同一版本（不要 1.8.10，也不要未修复的 1.8.11）；或改用 legacy 模式并重启；或让 k3s 使用 --prefer-bundled-bin。',
    title: ({ node, kind, versions }) =>
      kind === 'mixed'
        ? `${node} 上的 iptables-nft ${versions.join(' 和 ')} 会互相读错规则`
        : `${node} 上的 iptables-nft ${versions.join('')} 有已知缺陷`,
    summary: ({ node, kind, versions }) =>
      `${node} 使用 iptables-nft ${versions.join(' 和 ')}。${DEFECT_IN_CHINESE[kind]}已经造成的后果见其他发现。`,
    ruledOut: () => ['该节点的 Kubernetes 规则保存在 nf_tables 中，与 legacy 模式无关。'],
    remedy: () => [
      { text: '查看主机和镜像各用哪个版本。', commands: versionCommands },
      {
        text: '把主机的 iptables 升级到 1.8.8 或更高，或让 k3s 使用自带的版本。',
        commands: [
          'echo "prefer-bundled-bin: true" >> /etc/rancher/k3s/config.yaml',
          'systemctl restart k3s',
        ],
      },
    ],
    verify: () => [{ text: '十分钟内没有规则增多。', commands: countCommands }],
    reasons: { notUsed: 'nf_tables 中没有由已知版本的 iptables 保存的 Kubernetes 规则。' },
    notes: { version: (version) => `iptables-nft ${version}` },
  },
}
