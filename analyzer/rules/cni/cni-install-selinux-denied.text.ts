import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What SELinux denied. */
export interface SelinuxDenied {
  readonly node: string
  readonly lines: number
  /** `write`, `add_name` … */
  readonly permission: string
  /** The context of the process. */
  readonly source: string
  /** The context of the file. */
  readonly target: string
}

type Note = 'denied'

/** The words of cni-install-selinux-denied. */
export const text: RuleTexts<SelinuxDenied, never, Note> = {
  en: {
    name: 'SELinux keeps the network plugin from being installed',
    looksFor:
      'Denials of SELinux (`avc: denied`) for the folders of CNI (/etc/cni/net.d, /opt/cni/bin) in the kernel’s log and the journal, where the node enforces them.',
    why: 'The pod of a network plugin copies its configuration and its programs to the node. On a node with SELinux enforcing, a container may write there only where the policy of the container runtime is installed and the folders bear the right labels.',
    consequences:
      'The plugin’s installer ends with “Permission denied”, there is no network configuration, and the node stays NotReady.',
    commonCauses: [
      'container-selinux, k3s-selinux or rke2-selinux is not installed.',
      'The folders were made by hand, copied or restored, and lack their labels.',
    ],
    mimics: [
      'Permissive mode (permissive=1): the kernel tells, and lets it pass.',
      'Denials for other folders.',
    ],
    cure: 'Install the policy and restore the labels. Switching SELinux off is not needed.',
    title: (d) => `SELinux on ${d.node} keeps a container from writing to the folders of CNI`,
    summary: (d) =>
      `SELinux on ${d.node} denied { ${d.permission.trim()} } in at least ${formatCount(d.lines)} cases to a process with the context ${d.source} on ${d.target}. The network plugin cannot put its configuration or programs there.`,
    ruledOut: () => ['The node enforces the policy: the denials are not marked permissive.'],
    remedy: () => [
      {
        text: 'Install the policy of the runtime (k3s: k3s-selinux, rke2: rke2-selinux, others: container-selinux), and restore the labels.',
        commands: ['dnf install container-selinux', 'restorecon -Rv /etc/cni /opt/cni'],
      },
      { text: 'Then have the plugin’s pod on this node start anew.', commands: [] },
    ],
    verify: () => [
      {
        text: 'No new denial comes, and the configuration is there.',
        commands: ['ausearch -m avc -ts recent | grep cni', 'ls -Z /etc/cni/net.d'],
      },
    ],
    reasons: {},
    notes: { denied: (lines) => (lines === '1' ? 'denied' : `denied; one of ${lines} such lines`) },
  },
  zh: {
    name: 'SELinux 阻止了网络插件的安装',
    looksFor:
      '内核日志和 journal 中针对 CNI 目录（/etc/cni/net.d、/opt/cni/bin）的 SELinux 拒绝（`avc: denied`），且节点处于 enforcing。',
    why: '网络插件的 Pod 会把配置和程序复制到节点上。在 SELinux 为 enforcing 的节点上，只有安装了容器运行时的策略且目录带有正确的标签，容器才能写入那里。',
    consequences: '插件的安装程序以“Permission denied”结束，没有网络配置，节点一直为 NotReady。',
    commonCauses: [
      '没有安装 container-selinux、k3s-selinux 或 rke2-selinux。',
      '目录是手工建立、复制或恢复的，缺少标签。',
    ],
    mimics: ['permissive 模式（permissive=1）：内核只是记录，仍然放行。', '针对其他目录的拒绝。'],
    cure: '安装策略并恢复标签。不需要关闭 SELinux。',
    title: (d) => `${d.node} 的 SELinux 阻止容器写入 CNI 目录`,
    summary: (d) =>
      `${d.node} 的 SELinux 至少 ${formatCount(d.lines)} 次拒绝了上下文为 ${d.source} 的进程对 ${d.target} 的 { ${d.permission.trim()} }。网络插件无法把配置或程序放到那里。`,
    ruledOut: () => ['节点处于 enforcing：拒绝没有标为 permissive。'],
    remedy: () => [
      {
        text: '安装运行时的策略（k3s：k3s-selinux，rke2：rke2-selinux，其他：container-selinux），并恢复标签。',
        commands: ['dnf install container-selinux', 'restorecon -Rv /etc/cni /opt/cni'],
      },
      { text: '然后让该节点上的插件 Pod 重新启动。', commands: [] },
    ],
    verify: () => [
      {
        text: '不再有新的拒绝，且配置已存在。',
        commands: ['ausearch -m avc -ts recent | grep cni', 'ls -Z /etc/cni/net.d'],
      },
    ],
    reasons: {},
    notes: { denied: (lines) => (lines === '1' ? '被拒绝' : `被拒绝；共 ${lines} 行，这是其中之一`) },
  },
}
