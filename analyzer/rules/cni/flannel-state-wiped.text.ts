import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A node whose flannel plugin has lost its memory. */
export interface FlannelStateWiped {
  readonly node: string
  /** Sandboxes that the runtime knows. */
  readonly pods: number
}

type Reason = 'noFlannel'
type Note = 'state' | 'pods' | 'config'

/** The words of flannel-state-wiped. */
export const text: RuleTexts<FlannelStateWiped, Reason, Note> = {
  en: {
    name: 'The flannel plugin’s saved state is gone',
    looksFor:
      'An empty /var/lib/cni/flannel on a node whose network configuration calls the flannel plugin, while the runtime has pod sandboxes.',
    why: 'For each pod the flannel plugin saves there what it handed to the bridge plugin. When the pod is removed it reads that file to have the address given back. Without the file it reports success and gives nothing back: every pod that ran when the folder was emptied leaks its address.',
    consequences:
      'Nothing until these pods are removed; then their addresses stay taken, and the node runs out of pod addresses the sooner.',
    commonCauses: [
      'Advice from the field to run `rm -rf /var/lib/cni/flannel` against “no IP addresses available”.',
      'A clean-up script, or a restored disk image.',
    ],
    mimics: [
      'Pods on the host’s network have no file: with few sandboxes, or any file left, nothing is said.',
      'A node whose configuration calls another plugin.',
    ],
    cure: 'Drain the node, remove the reservations whose sandbox is gone (host-local-address-leak has the steps), and let pods in again.',
    title: (d) => `The flannel plugin of ${d.node} has forgotten its ${formatCount(d.pods)} pods`,
    summary: (d) =>
      `/var/lib/cni/flannel of ${d.node} is empty, although the runtime has ${formatCount(d.pods)} pod sandboxes and the network configuration calls flannel. When those pods that are not on the host’s network are removed, their addresses stay reserved.`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: 'Move the pods away; their addresses leak as they go.',
        commands: [`kubectl drain ${shellQuote(d.node)} --ignore-daemonsets --delete-emptydir-data`],
      },
      {
        text: 'Then remove the reservations whose sandbox is gone, and no others: collect again, and follow host-local-address-leak.',
        commands: ['ls /var/lib/cni/networks/cbr0 | wc -l', 'crictl pods -q | wc -l'],
      },
    ],
    verify: () => [
      {
        text: 'There is a file for each pod that is not on the host’s network.',
        commands: ['ls /var/lib/cni/flannel | wc -l'],
      },
    ],
    reasons: { noFlannel: 'No captured network configuration calls the flannel plugin.' },
    notes: {
      state: () => 'no file in it',
      pods: (count) => `${count} sandboxes`,
      config: () => 'calls flannel',
    },
  },
  zh: {
    name: 'flannel 插件保存的状态丢失',
    looksFor: '网络配置调用 flannel 插件且运行时有 Pod 沙箱的节点上，/var/lib/cni/flannel 为空。',
    why: 'flannel 插件为每个 Pod 在那里保存它交给 bridge 插件的内容。删除 Pod 时它读取该文件来归还地址。没有文件时它报告成功却什么也不归还：清空目录时正在运行的每个 Pod 都会泄漏自己的地址。',
    consequences: '这些 Pod 删除之前没有影响；删除之后其地址仍被占用，节点会更早耗尽 Pod 地址。',
    commonCauses: [
      '网上流传的处理“no IP addresses available”的办法：`rm -rf /var/lib/cni/flannel`。',
      '清理脚本，或恢复了磁盘镜像。',
    ],
    mimics: [
      '使用主机网络的 Pod 没有文件：沙箱很少，或目录中还有文件时不报告。',
      '网络配置调用其他插件的节点。',
    ],
    cure: '驱逐节点上的 Pod，删除沙箱已消失的地址预留（步骤见 host-local-address-leak），然后恢复调度。',
    title: (d) => `${d.node} 的 flannel 插件丢失了 ${formatCount(d.pods)} 个 Pod 的状态`,
    summary: (d) =>
      `${d.node} 的 /var/lib/cni/flannel 为空，而运行时有 ${formatCount(d.pods)} 个 Pod 沙箱，网络配置也调用 flannel。其中不使用主机网络的 Pod 删除后，地址仍会被占用。`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: '移走 Pod；它们离开时地址会泄漏。',
        commands: [`kubectl drain ${shellQuote(d.node)} --ignore-daemonsets --delete-emptydir-data`],
      },
      {
        text: '然后只删除沙箱已消失的地址预留：重新采集，并按 host-local-address-leak 的步骤处理。',
        commands: ['ls /var/lib/cni/networks/cbr0 | wc -l', 'crictl pods -q | wc -l'],
      },
    ],
    verify: () => [
      {
        text: '每个不使用主机网络的 Pod 都有一个文件。',
        commands: ['ls /var/lib/cni/flannel | wc -l'],
      },
    ],
    reasons: { noFlannel: '采集到的网络配置没有调用 flannel 插件。' },
    notes: {
      state: () => '其中没有文件',
      pods: (count) => `${count} 个沙箱`,
      config: () => '调用 flannel',
    },
  },
}
