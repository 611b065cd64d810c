import type { RuleTexts } from '../../engine/ruleText.ts'
import type { LeakProof } from '../../facts/node/leakedAddresses.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: reservations that no pod accounts for. */
export interface HostLocalLeak {
  readonly node: string
  readonly network: string
  readonly subnet: string
  readonly count: number
  readonly used: number
  readonly capacity: number
  readonly proof: LeakProof
  /** Pods being made, which were left out of the count. */
  readonly starting: number
  /** Empty where only the number is known. */
  readonly addresses: readonly string[]
  /** Docker is the runtime. */
  readonly isDocker: boolean
}

const gone: Readonly<Record<LeakProof, string>> = {
  sandboxes: 'belong to no pod sandbox that the container runtime knows, running or not',
  pods: 'belong to no pod that the API server has on this node',
  links: 'are more than there are links of pods on the bridge',
}

const chineseGone: Readonly<Record<LeakProof, string>> = {
  sandboxes: '不属于容器运行时所知的任何 Pod 沙箱（无论是否在运行）',
  pods: '不属于 API server 上该节点的任何 Pod',
  links: '多于网桥上的 Pod 链路数',
}

/** Goes through the reservations and does `action` to each whose sandbox is gone; to none where the list of sandboxes is empty. */
function forEachOrphan({ network, addresses, isDocker }: HostLocalLeak, action: string): string {
  const list = isDocker ? 'docker ps -aq --no-trunc' : 'crictl pods -q --no-trunc'
  const names = addresses.some((address) => address.includes(':')) ? '*:*' : '*.*.*.*'
  const folder = shellQuote(`/var/lib/cni/networks/${network}`)
  return `cd ${folder} && ids=$(${list}) && [ -n "$ids" ] && for f in ${names}; do echo "$ids" | grep -qxF "$(head -n 1 "$f" | tr -d '\\r')" || ${action} "$f"; done`
}

/** The words of host-local-address-leak. */
export const text: RuleTexts<HostLocalLeak, 'otherPlugin', 'reserved' | 'list'> = {
  en: {
    name: 'host-local holds addresses for pods that are gone',
    looksFor:
      'The reservations of the host-local plugin (/var/lib/cni/networks/<network>/<address>, each with the id of its sandbox) against the sandboxes that the container runtime knows; where that list is not whole, against the API server’s pods of the node and the links on the bridge.',
    why: 'host-local writes a file for each address it gives to a pod, and removes it when the runtime asks it to. A power cut, a runtime whose state was wiped, or a plugin that fails after the address was given leave the file behind. Nothing ever clears it: the pool shrinks until no pod can start on the node.',
    consequences:
      'Nothing at first; the pool shrinks with every power cut or failed start, until no pod can start on the node.',
    commonCauses: [
      'A power cut, or a node that was reset while pods ran.',
      'A container runtime whose state was wiped.',
      'A hostPort pod on a node without the iptables program: each retry leaks one address.',
      '/var/lib/cni/flannel was removed, as some advise.',
    ],
    mimics: [
      'Sandboxes that have exited and were not removed yet keep their address until the kubelet cleans up: the list holds them too.',
      'Pods being made have an address before they have a sandbox: as many as the API server knows to be starting are left out, and fewer than three are never reported.',
      'Networks whose addresses lie elsewhere (dataDir), second networks of Multus whose subnet is configured in the API, and folders left over from a former network that no pod uses, or from before another plugin took over.',
      'The gateway’s address, which some set aside by hand: it is not handed out, and not counted.',
    ],
    cure: 'Drain the node, remove the files whose sandbox is gone, and no others. Do not remove /var/lib/cni/flannel.',
    title: ({ node, network, count, capacity }) =>
      `${formatCount(count)} of ${formatCount(capacity)} pod addresses of ${node} are held for pods that are gone (network ${network})`,
    summary(d) {
      const which = d.addresses.length === 0 ? '' : `: ${joinWords(d.addresses)}`
      const starting =
        d.starting === 0
          ? ''
          : ` ${d.starting === 1 ? 'One more may belong' : `${d.starting} more may belong`} to pods that are starting.`
      return `host-local on ${d.node} has ${formatCount(d.used)} of ${formatCount(d.capacity)} addresses of ${d.subnet} reserved; ${formatCount(d.count)} of them ${gone[d.proof]}${which}.${starting} They come back by themselves neither now nor after a restart. When none is left, no pod starts on this node any more.`
    },
    ruledOut: ({ proof }) =>
      proof === 'sandboxes'
        ? [
            'Sandboxes that have exited and still hold their address: the list has them.',
            'A list that is not whole: it was read to its end.',
          ]
        : [],
    remedy: (d) => [
      {
        text: `Move the pods away from ${d.node}, so that none starts meanwhile.`,
        commands: [`kubectl drain ${shellQuote(d.node)} --ignore-daemonsets --delete-emptydir-data`],
      },
      {
        text: `On ${d.node}: list the reservations whose sandbox is gone. Nothing is removed yet.`,
        commands: [forEachOrphan(d, 'echo')],
      },
      {
        text: 'Remove these files, and only these. Then let pods in again.',
        commands: [forEachOrphan(d, 'rm -v'), `kubectl uncordon ${shellQuote(d.node)}`],
      },
      {
        text: 'Do not remove /var/lib/cni/flannel, as some advise: it holds no reservations, but what flannel’s plugin needs to give them back. Without it, removing a pod succeeds and its address stays taken, so that every pod that runs at that moment leaks its own.',
        commands: [],
      },
      {
        text: 'Find what leaves them behind: power cuts and resets, a wiped runtime, or a plugin that fails after the address was given (a hostPort without the iptables program leaks one at each try).',
        commands: ['journalctl -u kubelet -u k3s -u k3s-agent --since -1d | grep "failed (add)" | tail'],
      },
    ],
    verify: (d) => [
      {
        text: 'No reservation without a sandbox is left, and the number of files is near that of the pods.',
        commands: [
          forEachOrphan(d, 'echo'),
          `ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | wc -l`,
        ],
      },
    ],
    reasons: {
      otherPlugin: 'The node’s CNI configuration takes pod addresses from another plugin than host-local.',
    },
    notes: {
      reserved: (address) => `holds ${address}`,
      list: () => 'the list that they are missing from',
    },
  },
  zh: {
    name: 'host-local 为已消失的 Pod 保留着地址',
    looksFor:
      'host-local 插件的预留（/var/lib/cni/networks/<网络>/<地址>，每个文件含其沙箱的 id）与容器运行时所知的沙箱对照；如果该列表不完整，则与 API server 上该节点的 Pod 以及网桥上的链路对照。',
    why: 'host-local 为分配给 Pod 的每个地址写一个文件，运行时请求释放时再删除。断电、运行时状态被清空，或者插件在分配地址之后失败，都会留下文件。没有任何机制会清理它：地址池不断缩小，直到节点上再也无法启动 Pod。',
    consequences: '起初没有影响；每次断电或启动失败后地址池都会缩小，直到节点上无法启动任何 Pod。',
    commonCauses: [
      '断电，或者在 Pod 运行时硬重启节点。',
      '容器运行时的状态被清空。',
      '没有 iptables 程序的节点上运行 hostPort Pod：每次重试泄漏一个地址。',
      '按某些文章的建议删除了 /var/lib/cni/flannel。',
    ],
    mimics: [
      '已退出但尚未删除的沙箱在 kubelet 清理之前仍占用地址：列表中也有它们。',
      '正在创建的 Pod 先有地址后有沙箱：按 API server 所知的启动中数量扣除，少于三个从不报告。',
      '地址存放在别处（dataDir）的网络、子网在 API 中配置的 Multus 第二网络、没有 Pod 使用的旧网络遗留目录，以及换插件之前的遗留目录。',
      '有人手工保留的网关地址：它不会分配，也不计入。',
    ],
    cure: '先驱逐节点上的 Pod，只删除沙箱已消失的那些文件。不要删除 /var/lib/cni/flannel。',
    title: ({ node, network, count, capacity }) =>
      `${node} 的 ${formatCount(capacity)} 个 Pod 地址中有 ${formatCount(count)} 个被已消失的 Pod 占用（网络 ${network}）`,
    summary(d) {
      const which = d.addresses.length === 0 ? '' : `：${joinWords(d.addresses)}`
      const starting = d.starting === 0 ? '' : `另有 ${d.starting} 个可能属于正在启动的 Pod。`
      return `${d.node} 上的 host-local 已预留 ${d.subnet} 的 ${formatCount(d.used)} / ${formatCount(d.capacity)} 个地址；其中 ${formatCount(d.count)} 个${chineseGone[d.proof]}${which}。${starting}它们现在和重启之后都不会自行释放。用完之后，该节点上再也无法启动 Pod。`
    },
    ruledOut: ({ proof }) =>
      proof === 'sandboxes' ? ['已退出但仍占用地址的沙箱：列表中有它们。', '列表不完整：已读到末尾。'] : [],
    remedy: (d) => [
      {
        text: `把 Pod 从 ${d.node} 移走，避免期间有新的 Pod 启动。`,
        commands: [`kubectl drain ${shellQuote(d.node)} --ignore-daemonsets --delete-emptydir-data`],
      },
      {
        text: `在 ${d.node} 上列出沙箱已消失的预留，此时还不删除任何东西。`,
        commands: [forEachOrphan(d, 'echo')],
      },
      {
        text: '删除这些文件，且只删除这些。然后恢复调度。',
        commands: [forEachOrphan(d, 'rm -v'), `kubectl uncordon ${shellQuote(d.node)}`],
      },
      {
        text: '不要像有些文章建议的那样删除 /var/lib/cni/flannel：里面没有预留，而是 flannel 插件归还地址所需的信息。没有它，删除 Pod 会成功而地址仍被占用，当时运行的每个 Pod 都会泄漏自己的地址。',
        commands: [],
      },
      {
        text: '查明遗留的原因：断电和硬重启、运行时被清空，或者插件在分配地址后失败（没有 iptables 程序时，hostPort 每次尝试泄漏一个）。',
        commands: ['journalctl -u kubelet -u k3s -u k3s-agent --since -1d | grep "failed (add)" | tail'],
      },
    ],
    verify: (d) => [
      {
        text: '不再有没有沙箱的预留，文件数与 Pod 数接近。',
        commands: [
          forEachOrphan(d, 'echo'),
          `ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | wc -l`,
        ],
      },
    ],
    reasons: { otherPlugin: '该节点的 CNI 配置由 host-local 以外的插件分配 Pod 地址。' },
    notes: { reserved: (address) => `占用 ${address}`, list: () => '列表中没有它们' },
  },
}
