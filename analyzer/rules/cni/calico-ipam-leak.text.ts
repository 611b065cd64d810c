import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Addresses of a node's blocks that Calico holds, and nobody is seen to have. */
export interface CalicoIpamLeak {
  readonly node: string
  /** `10.42.5.128/26` */
  readonly blocks: readonly string[]
  readonly capacity: number
  /** That a pod or device is seen to have. */
  readonly used: number
  /** The others. */
  readonly held: number
  /** Lines in the logs of a pod that got none. */
  readonly lines: number
}

type Reason = 'noCalico' | 'noBlocks' | 'notExhausted'
type Note = 'last' | 'block' | 'pod'

const MOST_NAMED = 4

function remedy(language: Language, { node }: CalicoIpamLeak): readonly Step[] {
  return stepsIn(language, [
    {
      text: {
        en: 'Have Calico compare its addresses with the pods: it lists those that nobody uses. Nothing is released yet.',
        zh: '让 Calico 把地址与 Pod 对照：它会列出无人使用的地址。此时还不释放任何地址。',
      },
      commands: [
        'calicoctl ipam check --show-problem-ips -o ipam-check.json',
        'calicoctl ipam show --show-blocks',
      ],
    },
    {
      text: {
        en: 'Release what the check found, with the datastore locked so that nothing is assigned meanwhile.',
        zh: '锁定数据存储，避免期间分配新地址，然后释放检查发现的地址。',
      },
      commands: [
        'calicoctl datastore migrate lock',
        'calicoctl ipam check --show-problem-ips -o ipam-check.json',
        'calicoctl ipam release --from-report=ipam-check.json',
        'calicoctl datastore migrate unlock',
      ],
    },
    {
      text: {
        en: 'See that calico-kube-controllers runs: it collects leaked addresses by itself, and says so.',
        zh: '确认 calico-kube-controllers 正在运行：它会自动回收泄漏的地址并记录日志。',
      },
      commands: [
        'kubectl get pods -A -l k8s-app=calico-kube-controllers',
        'kubectl logs -A -l k8s-app=calico-kube-controllers --tail=-1 | grep "IP leak"',
      ],
    },
    {
      text: {
        en: 'Look for pods that ask for another pool by annotation: for them the blocks of this node may be full of nothing, and their pool is.',
        zh: '查看是否有 Pod 通过注解指定了其他地址池：那样用完的可能是它们的地址池，而不是本节点的这些地址块。',
      },
      commands: [
        `kubectl get pods -A --field-selector spec.nodeName=${shellQuote(node)} -o yaml | grep cni.projectcalico.org`,
        'calicoctl get ippools -o wide',
      ],
    },
  ])
}

function verify(language: Language, { node }: CalicoIpamLeak): readonly Step[] {
  return stepsIn(language, [
    {
      text: {
        en: 'The check finds no further problems, and pods start on the node.',
        zh: '检查不再发现问题，Pod 可以在该节点上启动。',
      },
      commands: [
        'calicoctl ipam check',
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(node)},status.phase=Pending`,
      ],
    },
  ])
}

/** The words of calico-ipam-leak. */
export const text: RuleTexts<CalicoIpamLeak, Reason, Note> = {
  en: {
    name: 'Calico has no address for pods, while its blocks seem free',
    looksFor:
      'Lines by which Calico’s plugin got no address (“Assigned 0 out of 1 requested IPv4 addresses”, “IPAM allocated only 0”, “cannot allocate new block due to per host block limit”) on a node whose own blocks (`blackhole … proto bird`) hold many more addresses than pods and devices are seen to have.',
    why: 'Calico notes each address in a block of its datastore, and releases it when the pod is removed. Where the release fails (a power cut, a datastore that cannot be reached, a node deleted without its pods), the address stays taken. A node assigns from its own blocks first: it gets none only when all of them are noted as taken.',
    consequences:
      'New pods of the node stay in ContainerCreating; before that, it borrows addresses from other nodes’ blocks.',
    commonCauses: [
      'Nodes that were cut off or deleted while pods ran on them.',
      'Removals of pods while Calico’s datastore could not be reached.',
      'calico-kube-controllers, which collects leaked addresses, does not run.',
    ],
    mimics: [
      'Blocks that are full of pods: the pool is too small, and nothing leaks.',
      'Tunnel devices of the node and borrowed addresses, which are counted as used.',
      'Pods that ask for another pool by annotation, reserved addresses (IPReservation): they are not in the bundle, so that it is never certain.',
      'Without such lines nothing is said: what Calico notes in its datastore is not captured.',
    ],
    cure: 'Let `calicoctl ipam check` find the addresses that nobody uses, and release them; see that calico-kube-controllers runs.',
    title: (d) =>
      `Calico has no address for pods of ${d.node}, though ${formatCount(d.held)} of ${formatCount(d.capacity)} are with nobody`,
    summary(d) {
      const named = joinWords(d.blocks.slice(0, MOST_NAMED))
      const more = d.blocks.length > MOST_NAMED ? ` and ${d.blocks.length - MOST_NAMED} more` : ''
      return `The logs of ${d.node} say ${howOften(d.lines)} that Calico had no address for a pod. Its own blocks (${named}${more}) have ${formatCount(d.capacity)} addresses; ${formatCount(d.used)} of them belong to pods and devices that are seen. Calico seems to hold the other ${formatCount(d.held)} for pods that are gone.`
    },
    ruledOut: () => [
      'Pods elsewhere with addresses of these blocks: routes to single addresses, and the pods of the API where they were captured, are counted.',
      'Addresses of the node’s own tunnel devices: they are counted.',
    ],
    remedy: (d) => remedy('en', d),
    verify: (d) => verify('en', d),
    reasons: {
      noCalico: 'Calico routes no pods on this node.',
      noBlocks:
        'This node announces no IPv4 block of Calico by BGP, and what its datastore says of blocks is not captured.',
      notExhausted:
        'What Calico’s datastore says of the blocks is not captured: leaked addresses show only once a pod gets none, and no log says that.',
    },
    notes: {
      last: (count) =>
        count === '1' ? 'a pod got no address' : `a pod got no address; one of ${count} such lines`,
      block: () => 'a block of this node',
      pod: (count) => (count === '1' ? 'the only pod in them' : `one of ${count} pods in them`),
    },
  },
  zh: {
    name: 'Calico 没有地址可分配，而其地址块看起来空闲',
    looksFor:
      'Calico 插件没有得到地址的日志（“Assigned 0 out of 1 requested IPv4 addresses”、“IPAM allocated only 0”、“cannot allocate new block due to per host block limit”），而节点自己的地址块（`blackhole … proto bird`）中的地址远多于 Pod 和设备所占用的地址。',
    why: 'Calico 在数据存储的地址块中记录每个地址，删除 Pod 时再释放。如果释放失败（断电、数据存储不可达、节点连同其 Pod 被直接删除），地址就一直被占用。节点先从自己的地址块分配：只有这些地址块全部记为已占用时才会分配不到。',
    consequences: '该节点的新 Pod 停留在 ContainerCreating；在此之前它会从其他节点的地址块借用地址。',
    commonCauses: [
      '节点在运行 Pod 时断电或被删除。',
      '删除 Pod 时 Calico 的数据存储不可达。',
      '负责回收泄漏地址的 calico-kube-controllers 没有运行。',
    ],
    mimics: [
      '地址块确实被 Pod 用满：地址池太小，没有泄漏。',
      '节点的隧道设备和借出的地址：计为已占用。',
      '通过注解指定其他地址池的 Pod、保留的地址（IPReservation）：采集包中没有，因此从不判定为确定。',
      '没有这类日志时不作判断：没有采集 Calico 数据存储中的记录。',
    ],
    cure: '用 `calicoctl ipam check` 找出无人使用的地址并释放；确认 calico-kube-controllers 正在运行。',
    title: (d) =>
      `Calico 没有地址分配给 ${d.node} 的 Pod，但 ${formatCount(d.capacity)} 个地址中有 ${formatCount(d.held)} 个无人使用`,
    summary(d) {
      const named = joinChinese(d.blocks.slice(0, MOST_NAMED))
      const more = d.blocks.length > MOST_NAMED ? `等 ${d.blocks.length} 个` : ''
      return `${d.node} 的日志中有 ${formatCount(d.lines)} 次记录 Calico 没有地址可分配给 Pod。它自己的地址块（${named}${more}）共有 ${formatCount(d.capacity)} 个地址，其中 ${formatCount(d.used)} 个属于可见的 Pod 和设备。其余 ${formatCount(d.held)} 个很可能是 Calico 为已消失的 Pod 保留的。`
    },
    ruledOut: () => [
      '其他节点上使用这些地址块地址的 Pod：到单个地址的路由以及采集到的 API Pod 已计入。',
      '节点自己的隧道设备的地址：已计入。',
    ],
    remedy: (d) => remedy('zh', d),
    verify: (d) => verify('zh', d),
    reasons: {
      noCalico: 'Calico 没有在该节点上为 Pod 配置路由。',
      noBlocks: '该节点没有通过 BGP 宣告 Calico 的 IPv4 地址块，而数据存储中的地址块记录没有采集。',
      notExhausted:
        '没有采集 Calico 数据存储中的地址块记录：只有 Pod 分配不到地址时才能看出泄漏，而日志中没有这种情况。',
    },
    notes: {
      last: (count) =>
        count === '1' ? '一个 Pod 没有得到地址' : `一个 Pod 没有得到地址；共 ${count} 行，这是其中之一`,
      block: () => '该节点的地址块',
      pod: (count) => (count === '1' ? '其中唯一的 Pod' : `其中 ${count} 个 Pod 之一`),
    },
  },
}
