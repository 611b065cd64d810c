import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Links of pods that are left over. */
export interface LinksLeft {
  readonly kind: 'links'
  readonly node: string
  /** Undefined for the links of Calico. */
  readonly bridge: string | undefined
  readonly links: number
  /** Names of those that lead to no pod that answers. */
  readonly idle: readonly string[]
  /** How many there are beyond the pods; by `idle`, how many lead nowhere. */
  readonly excess: number
  readonly by: 'sandboxes' | 'pods' | 'idle'
  /** The most pods that can have a link. */
  readonly pods: number
  readonly isNearlyFull: boolean
}

/** A plugin refused a pod, since its link was there already. */
export interface LinkExists {
  readonly kind: 'exists'
  readonly node: string
  readonly lines: number
  /** `eth0`; '' where no free name was found. */
  readonly name: string
}

/** What cni-stale-veth tells. */
export type StaleVeth = LinksLeft | LinkExists

type Reason = 'noLinks' | 'noList'
type Note = 'links' | 'link' | 'idle' | 'list' | 'last'

const englishList = { sandboxes: 'The container runtime knows', pods: 'The API server knows' }
const chineseList = { sandboxes: '容器运行时', pods: 'API server ' }

function list({ bridge }: LinksLeft): string {
  return bridge === undefined
    ? 'ip -br link show type veth | grep ^cali'
    : `ip -br link show master ${shellQuote(bridge)}`
}

function linkSteps(d: LinksLeft): readonly SaidStep[] {
  const [first = d.bridge === undefined ? 'caliX' : 'vethX'] = d.idle
  const look =
    d.bridge === undefined ? `ip route show dev ${shellQuote(first)}` : `ip -d link show ${shellQuote(first)}`
  return [
    {
      text: {
        en: 'The safe way: move the pods away and reboot the node, which takes all links with it.',
        zh: '稳妥的做法：驱逐 Pod 并重启节点，所有链路随之消失。',
      },
      commands: [
        `kubectl drain ${shellQuote(d.node)} --ignore-daemonsets`,
        'reboot',
        `kubectl uncordon ${shellQuote(d.node)}`,
      ],
    },
    {
      text: {
        en: 'Without a reboot: list the links, see of each that no pod uses it (no carrier, no namespace with a name; for Calico no route), and delete only those.',
        zh: '不重启的做法：列出链路，逐个确认没有 Pod 使用（无载波、没有具名的网络命名空间；Calico 则是没有路由），只删除这些链路。',
      },
      commands: [list(d), look, `ip link delete ${shellQuote(first)}`],
    },
  ]
}

function existsSteps({ node }: LinkExists): readonly SaidStep[] {
  return [
    {
      text: {
        en: 'See which pods it is about, and delete them: their sandbox is made anew, with a network namespace of its own.',
        zh: '查看涉及哪些 Pod 并删除它们：sandbox 会重建，并使用新的网络命名空间。',
      },
      commands: [
        'kubectl get events -A --field-selector reason=FailedCreatePodSandBox',
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(node)}`,
      ],
    },
    {
      text: {
        en: 'Where it comes back: look for sandboxes of the same pod that are still there, and remove them.',
        zh: '如果再次出现：查找同一 Pod 仍然存在的旧 sandbox 并删除。',
      },
      commands: ['crictl pods --state NotReady', 'crictl rmp SANDBOX'],
    },
  ]
}

function remedy(language: Language, d: StaleVeth): readonly Step[] {
  return stepsIn(language, d.kind === 'links' ? linkSteps(d) : existsSteps(d))
}

function verify(language: Language, d: StaleVeth): readonly Step[] {
  const steps: readonly SaidStep[] =
    d.kind === 'links'
      ? [
          {
            text: { en: 'There are about as many links as pods.', zh: '链路数与 Pod 数大致相同。' },
            commands: [`${list(d)} | wc -l`, 'crictl pods -q | wc -l'],
          },
        ]
      : [
          {
            text: {
              en: 'The line does not come again, and the pods start.',
              zh: '不再出现该日志，Pod 能够启动。',
            },
            commands: [
              'journalctl -u kubelet -u containerd -u k3s -u k3s-agent --since -10m | grep "veth name"',
            ],
          },
        ]
  return stepsIn(language, steps)
}

/** The words of cni-stale-veth. */
export const text: RuleTexts<StaleVeth, Reason, Note> = {
  en: {
    name: 'Links of pods that are gone were left on the node',
    looksFor:
      'More veth devices on a bridge of a network plugin, or of Calico (cali…), than pods that can have one, and such whose far end is down or to which no route leads; “container veth name provided (eth0) already exists” in the logs.',
    why: 'Each pod has a pair of veth devices, one end in its own network namespace. The pair goes when the namespace goes. Where something keeps the namespace, or the plugin failed half way, the host’s end stays. A bridge takes 1023 ports, and floods broadcasts to each of them.',
    consequences:
      'Few of them do no harm. Many cost the node time at each broadcast, and a full bridge takes no further pod. Where the pod’s own end is there before it is made, that pod does not start.',
    commonCauses: [
      'The runtime was killed or its state wiped while pods ran; force-deleted pods.',
      'Processes that outlive their pod keep its network namespace.',
      'A plugin that fails after the link was made, and does not take it back.',
    ],
    mimics: [
      'Containers of Docker and podman: the ports of their bridges are not counted.',
      'Sandboxes that have exited and were not removed yet are counted as pods.',
      'Pods that come and go between the captures: up to five are no finding.',
      'Containers that were started by hand on the plugin’s bridge (ctr run --cni) look the same, so that it is never certain.',
    ],
    cure: 'Drain and reboot the node, or delete the links that no pod uses.',
    title(d) {
      if (d.kind === 'exists') return `${d.node} cannot make the link of a pod: one is there already`
      const where = d.bridge === undefined ? '(cali…)' : `on ${d.bridge}`
      return d.by === 'idle'
        ? `${d.node} has ${formatCount(d.excess)} links of pods ${where} that lead nowhere`
        : `${d.node} has ${formatCount(d.excess)} links of pods ${where} too many`
    },
    summary(d) {
      if (d.kind === 'exists') {
        const what =
          d.name === ''
            ? 'that it found no free name for a link'
            : `that a link named ${d.name} exists already`
        return `A network plugin on ${d.node} reported ${howOften(d.lines)} ${what}. The namespace of the sandbox still holds what an earlier try made, so that the pod does not start.`
      }
      const where = d.bridge === undefined ? 'devices of Calico (cali…)' : `links of pods on ${d.bridge}`
      const idle =
        d.idle.length === 0
          ? ''
          : ` ${formatCount(d.idle.length)} of them ${d.bridge === undefined ? 'have no route' : 'have no carrier: their far end is down'}.`
      const against =
        d.by === 'idle'
          ? 'No list of pods was captured to hold them against.'
          : `${englishList[d.by]} ${formatCount(d.pods)} that can have one.`
      const full = d.isNearlyFull ? ' A bridge takes 1023.' : ''
      return `${d.node} has ${formatCount(d.links)} ${where}. ${against}${idle}${full}`
    },
    ruledOut: (d) =>
      d.kind === 'links' && d.by === 'sandboxes'
        ? [
            'Sandboxes that have exited and still have a link: the list has them, and they are counted.',
            'Containers of Docker or podman: they hang on other bridges.',
          ]
        : [],
    remedy: (d) => remedy('en', d),
    verify: (d) => verify('en', d),
    reasons: {
      noLinks:
        'This node has no links of pods that are known: no ports on a plugin’s bridge, and no devices of Calico.',
      noList: 'No list of sandboxes or pods of this node was captured to hold the links against.',
    },
    notes: {
      links: (count) => `has ${count} links of pods`,
      link: () => 'one of the links',
      idle: () => 'leads to no pod that answers',
      list: (count) => (count === '1' ? '1 pod can have a link' : `${count} pods can have a link`),
      last: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`),
    },
  },
  zh: {
    name: '已消失的 Pod 在节点上留下了链路',
    looksFor:
      '网络插件网桥上或 Calico（cali…）的 veth 设备多于可能拥有链路的 Pod，以及对端已关闭或没有路由的设备；日志中的“container veth name provided (eth0) already exists”。',
    why: '每个 Pod 有一对 veth 设备，其中一端在自己的网络命名空间中。命名空间消失时这对设备随之消失。如果命名空间被占住，或者插件中途失败，主机端就会留下。一个网桥最多 1023 个端口，并且广播会泛洪到每个端口。',
    consequences:
      '少量遗留没有影响。数量多时每次广播都要耗费节点时间，端口用满后网桥不再接受新的 Pod。如果 Pod 自己的一端在创建之前就已存在，该 Pod 无法启动。',
    commonCauses: [
      'Pod 运行时运行时进程被杀或其状态被清空；强制删除 Pod。',
      'Pod 结束后仍存活的进程占住其网络命名空间。',
      '插件在创建链路之后失败，并且没有回收。',
    ],
    mimics: [
      'Docker 和 podman 的容器：它们网桥上的端口不计入。',
      '已退出但尚未删除的 sandbox 按 Pod 计数。',
      '采集期间启动或结束的 Pod：五个以内不报告。',
      '手工在插件网桥上启动的容器（ctr run --cni）看起来相同，因此从不判定为确定。',
    ],
    cure: '驱逐 Pod 并重启节点，或者删除没有 Pod 使用的链路。',
    title(d) {
      if (d.kind === 'exists') return `${d.node} 无法创建 Pod 的链路：已经存在`
      const where = d.bridge === undefined ? `${d.node}（cali…）` : `${d.node} 的 ${d.bridge} 上`
      return d.by === 'idle'
        ? `${where}有 ${formatCount(d.excess)} 条 Pod 链路没有去向`
        : `${where}多出 ${formatCount(d.excess)} 条 Pod 链路`
    },
    summary(d) {
      if (d.kind === 'exists') {
        const what = d.name === '' ? '找不到可用的链路名称' : `名为 ${d.name} 的链路已经存在`
        return `${d.node} 上的网络插件报告 ${formatCount(d.lines)} 次${what}。sandbox 的命名空间中仍留有之前尝试创建的设备，因此该 Pod 无法启动。`
      }
      const where = d.bridge === undefined ? '个 Calico 设备（cali…）' : `条 Pod 链路位于 ${d.bridge}`
      const idle =
        d.idle.length === 0
          ? ''
          : `其中 ${formatCount(d.idle.length)} 条${d.bridge === undefined ? '没有路由' : '没有载波：对端已关闭'}。`
      const against =
        d.by === 'idle'
          ? '没有采集到可供对照的 Pod 列表。'
          : `${chineseList[d.by]}所知的 Pod 中最多 ${formatCount(d.pods)} 个可能拥有链路。`
      const full = d.isNearlyFull ? '一个网桥最多 1023 个端口。' : ''
      return `${d.node} 有 ${formatCount(d.links)} ${where}。${against}${idle}${full}`
    },
    ruledOut: (d) =>
      d.kind === 'links' && d.by === 'sandboxes'
        ? [
            '已退出但仍有链路的 sandbox：列表中有它们，已计入。',
            'Docker 或 podman 的容器：它们位于其他网桥。',
          ]
        : [],
    remedy: (d) => remedy('zh', d),
    verify: (d) => verify('zh', d),
    reasons: {
      noLinks: '该节点没有已知的 Pod 链路：插件网桥上没有端口，也没有 Calico 设备。',
      noList: '没有采集到该节点的 sandbox 或 Pod 列表，无法与链路对照。',
    },
    notes: {
      links: (count) => `有 ${count} 条 Pod 链路`,
      link: () => '其中一条链路',
      idle: () => '没有通向能应答的 Pod',
      list: (count) => `最多 ${count} 个 Pod 可能拥有链路`,
      last: (count) => (count === '1' ? '记录了一次' : `共 ${count} 行，这是其中之一`),
    },
  },
}
