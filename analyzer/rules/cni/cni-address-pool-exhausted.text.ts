import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a pool of pod addresses with none, or few, left. */
export interface ExhaustedPool {
  readonly node: string
  /** '' where a log alone tells, and only by its addresses. */
  readonly network: string
  readonly subnet: string
  readonly state: 'full' | 'nearly-full' | 'was-full'
  readonly used: number
  /** 0 where the reservations were not captured. */
  readonly capacity: number
  /** Reservations of pods that are gone, as far as they could be told. */
  readonly leaked: number
  /** Captured lines that say that there was none left. */
  readonly refused: number
}

const nameOf = ({ network, subnet }: ExhaustedPool): string =>
  network === '' ? subnet : `network ${network}`

const chineseName = ({ network, subnet }: ExhaustedPool): string =>
  network === '' ? ` ${subnet} ` : `网络 ${network} `

/** The words of cni-address-pool-exhausted. */
export const text: RuleTexts<
  ExhaustedPool,
  'notCaptured' | 'otherPlugin',
  'refused' | 'subnet' | 'reserved'
> = {
  en: {
    name: 'A node has no pod addresses left',
    looksFor:
      'The reservations of host-local against what its ranges hold (a /24: 253, without the network’s, the broadcast and the gateway’s address), and log lines `no IP addresses available in range set: …` (`… in network: cbr0` with plugins before 0.7).',
    why: 'Every pod that is not on the host’s network needs an address of the node’s own range. With none left the runtime cannot make its sandbox: new pods stay in ContainerCreating on this node, while those that run go on.',
    consequences:
      'New pods on this node stay in ContainerCreating with FailedCreatePodSandBox; running pods go on.',
    commonCauses: [
      'Reservations that were left behind by pods that are gone.',
      'More pods on the node than its range has addresses.',
      'Jobs or CronJobs that start pods faster than old sandboxes are removed.',
    ],
    mimics: [
      'Many pods on a small range: with 110 pods a node, a /25 holds just enough. Nothing is leaked, and the range has to be wider.',
      'A log line of an earlier boot: the pool may have been cleared since; it counts one step less.',
      'Networks whose reservations lie in another folder (dataDir), and the gateway’s address, which is never handed out.',
    ],
    cure: 'Free what is held for pods that are gone (host-local-address-leak). Where all are in use: fewer pods a node, or a wider range for each.',
    title(d) {
      if (d.state === 'full') return `${d.node} has no pod address left in ${nameOf(d)}`
      if (d.state === 'was-full') return `${d.node} had no pod address left in ${nameOf(d)}`
      return `${d.node} has ${formatCount(d.capacity - d.used)} of ${formatCount(d.capacity)} pod addresses left in ${nameOf(d)}`
    },
    summary(d) {
      const fill =
        d.capacity === 0
          ? `The reservations of ${nameOf(d)} on ${d.node} are not among the captures.`
          : `${formatCount(d.used)} of ${formatCount(d.capacity)} addresses of ${d.subnet} are reserved on ${d.node}.`
      const leaked =
        d.leaked === 0 ? '' : ` ${formatCount(d.leaked)} of them are held for pods that are gone.`
      const logged =
        d.refused === 0
          ? ''
          : ` Captured log lines say ${howOften(d.refused)} that there was none left for a pod.`
      const effect = {
        full: ' New pods stay in ContainerCreating on this node; those that run go on.',
        'nearly-full': ' With none left, new pods would stay in ContainerCreating on this node.',
        'was-full':
          d.capacity === 0
            ? ' Pods that were to start then stayed in ContainerCreating.'
            : ' At the time of the capture there was room again: the range may be too small for pods that come and go at once.',
      }
      return `${fill}${leaked}${logged}${effect[d.state]}`
    },
    ruledOut: () => [],
    remedy: (d) => [
      d.leaked > 0
        ? {
            text: 'Free the addresses that are held for pods that are gone: the finding host-local-address-leak of this node has the steps.',
            commands: [],
          }
        : {
            text: `Take pods from ${d.node}, so that the others can start.`,
            commands: [
              `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
              `kubectl cordon ${shellQuote(d.node)}`,
            ],
          },
      {
        text: 'Do not remove /var/lib/cni/flannel to free addresses, as some advise: every pod that runs at that moment then keeps its address for good.',
        commands: [],
      },
      {
        text: 'Where all are in use: lower the kubelet’s maxPods below the number of addresses, or give nodes wider ranges (--node-cidr-mask-size of the controller manager; it counts for nodes that join later).',
        commands: [
          `kubectl get node ${shellQuote(d.node)} -o jsonpath='{.spec.podCIDR} {.status.allocatable.pods}{"\\n"}'`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'There are fewer files than addresses, and waiting pods get theirs.',
        commands: [
          ...(d.network === ''
            ? []
            : [`ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | grep -c '[.:].*[.:]'`]),
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)},status.phase=Pending`,
        ],
      },
    ],
    reasons: {
      notCaptured: 'No reservations of pod addresses were captured, and no log speaks of a lack of them.',
      otherPlugin: 'The node’s CNI configuration takes pod addresses from another plugin than host-local.',
    },
    notes: {
      refused: (lines) => (lines === '1' ? 'none left' : `none left; one of ${lines} captured lines`),
      subnet: (capacity) => `the range: ${capacity} addresses`,
      reserved: (address) => `holds ${address}`,
    },
  },
  zh: {
    name: '节点没有可用的 Pod 地址了',
    looksFor:
      'host-local 的预留数与其网段容量的比较（/24 为 253 个，不含网络地址、广播地址和网关），以及日志 `no IP addresses available in range set: …`（0.7 之前的插件为 `… in network: cbr0`）。',
    why: '不使用主机网络的 Pod 都需要节点自己网段里的一个地址。用完之后，运行时无法创建沙箱：新 Pod 在该节点上停留在 ContainerCreating，运行中的 Pod 不受影响。',
    consequences:
      '该节点上的新 Pod 停留在 ContainerCreating，事件为 FailedCreatePodSandBox；运行中的 Pod 正常。',
    commonCauses: [
      '已消失的 Pod 遗留的地址预留。',
      '节点上的 Pod 数超过网段的地址数。',
      'Job 或 CronJob 启动 Pod 的速度快于旧沙箱的清理。',
    ],
    mimics: [
      '小网段上的 Pod 较多：每节点 110 个 Pod 时，/25 刚好够用。没有泄漏，需要的是更大的网段。',
      '上一次启动的日志：地址池可能已经清理；降一级计。',
      '预留存放在其他目录（dataDir）的网络，以及从不分配的网关地址。',
    ],
    cure: '释放为已消失的 Pod 保留的地址（host-local-address-leak）。如果全部在用：减少每节点的 Pod 数，或给每个节点更大的网段。',
    title(d) {
      if (d.state === 'full') return `${d.node} 的${chineseName(d)}没有可用的 Pod 地址了`
      if (d.state === 'was-full') return `${d.node} 的${chineseName(d)}曾经没有可用的 Pod 地址`
      return `${d.node} 的${chineseName(d)}只剩 ${formatCount(d.capacity - d.used)} / ${formatCount(d.capacity)} 个 Pod 地址`
    },
    summary(d) {
      const fill =
        d.capacity === 0
          ? `没有采集到 ${d.node} 上${chineseName(d)}的地址预留。`
          : `${d.node} 上 ${d.subnet} 的 ${formatCount(d.capacity)} 个地址已预留 ${formatCount(d.used)} 个。`
      const leaked = d.leaked === 0 ? '' : `其中 ${formatCount(d.leaked)} 个属于已消失的 Pod。`
      const logged =
        d.refused === 0 ? '' : `采集到的日志有 ${formatCount(d.refused)} 行说明没有地址可分配给 Pod。`
      const effect = {
        full: '新 Pod 在该节点上停留在 ContainerCreating；运行中的 Pod 不受影响。',
        'nearly-full': '用完之后，新 Pod 会在该节点上停留在 ContainerCreating。',
        'was-full':
          d.capacity === 0
            ? '当时要启动的 Pod 停留在 ContainerCreating。'
            : '采集时已有空余：对于同时启停的 Pod，该网段可能太小。',
      }
      return `${fill}${leaked}${logged}${effect[d.state]}`
    },
    ruledOut: () => [],
    remedy: (d) => [
      d.leaked > 0
        ? {
            text: '释放为已消失的 Pod 保留的地址：步骤见该节点的发现 host-local-address-leak。',
            commands: [],
          }
        : {
            text: `从 ${d.node} 移走一些 Pod，让其他 Pod 能够启动。`,
            commands: [
              `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
              `kubectl cordon ${shellQuote(d.node)}`,
            ],
          },
      {
        text: '不要像有些文章建议的那样删除 /var/lib/cni/flannel 来释放地址：当时正在运行的每个 Pod 的地址都会永远无法释放。',
        commands: [],
      },
      {
        text: '如果全部在用：把 kubelet 的 maxPods 调到地址数以下，或给节点更大的网段（controller manager 的 --node-cidr-mask-size；只对之后加入的节点生效）。',
        commands: [
          `kubectl get node ${shellQuote(d.node)} -o jsonpath='{.spec.podCIDR} {.status.allocatable.pods}{"\\n"}'`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: '文件数少于地址数，等待中的 Pod 得到了地址。',
        commands: [
          ...(d.network === ''
            ? []
            : [`ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | grep -c '[.:].*[.:]'`]),
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)},status.phase=Pending`,
        ],
      },
    ],
    reasons: {
      notCaptured: '没有采集到 Pod 地址的预留，日志也没有提到地址不足。',
      otherPlugin: '该节点的 CNI 配置由 host-local 以外的插件分配 Pod 地址。',
    },
    notes: {
      refused: (lines) => (lines === '1' ? '没有剩余地址' : `没有剩余地址；共 ${lines} 行，这是其中之一`),
      subnet: (capacity) => `网段：${capacity} 个地址`,
      reserved: (address) => `占用 ${address}`,
    },
  },
}
