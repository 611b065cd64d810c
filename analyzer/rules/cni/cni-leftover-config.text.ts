import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** A configuration that was left behind, and comes first. */
export interface CniLeftoverConfig {
  readonly node: string
  /** `absent`: the plugin's program is not on the node; `standard`: it needs none, and another plugin's runs. */
  readonly kind: 'absent' | 'standard'
  /** A log of this boot and day has the plugin refusing a pod. */
  readonly isFailing: boolean
  readonly folder: string
  /** The file that the runtime uses. */
  readonly used: string
  readonly usedPlugin: string
  /** The one that it should use. */
  readonly behind: string
  readonly behindPlugin: string
  readonly isBehindRunning: boolean
}

type Reason = 'noConfig' | 'single' | 'broken' | 'unknownPlugin' | 'untold' | 'noneRuns'
type Note = 'used' | 'behind' | 'runs' | 'list' | 'failed' | 'pod'

function remedy(language: Language, { node, folder, used }: CniLeftoverConfig): readonly Step[] {
  const file = shellQuote(`${folder}/${used}`)
  return stepsIn(language, [
    {
      text: {
        en: `On ${node}: see which configurations there are, and which plugin’s pods run here. Go on only where nothing needs ${used} any more.`,
        zh: `在 ${node} 上查看有哪些配置，以及哪个插件的 Pod 在此运行。确认不再需要 ${used} 之后再继续。`,
      },
      commands: [
        `ls -l ${shellQuote(folder)}`,
        `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(node)}`,
      ],
    },
    {
      text: {
        en: 'Move the file out of the folder, so that it can be brought back. The runtime notices by itself.',
        zh: '把文件移出该目录，以便恢复。运行时会自动感知。',
      },
      commands: [`mv ${file} /root/`],
    },
    {
      text: {
        en: 'Pods that have their network by it keep it until they are made anew: recreate those of this node.',
        zh: '已经通过它获得网络的 Pod 在重建之前不会改变：重建该节点上的这些 Pod。',
      },
      commands: [
        `kubectl drain ${shellQuote(node)} --ignore-daemonsets`,
        `kubectl uncordon ${shellQuote(node)}`,
      ],
    },
  ])
}

function verify(language: Language, { folder, behind }: CniLeftoverConfig): readonly Step[] {
  return stepsIn(language, [
    {
      text: {
        en: `${behind} is the first of the folder, and the runtime has loaded it.`,
        zh: `${behind} 是该目录中的第一个文件，并且运行时已加载它。`,
      },
      commands: [`ls ${shellQuote(folder)} | head -n 1`, 'crictl info | grep -A8 cniconfig'],
    },
  ])
}

/** The words of cni-leftover-config. */
export const text: RuleTexts<CniLeftoverConfig, Reason, Note> = {
  en: {
    name: 'A CNI configuration that was left behind comes before the one in use',
    looksFor:
      'Several configurations in the folder that the runtime reads, the first of which is of a plugin whose program is not among the containers and processes of the node, or of a standard plugin while another plugin’s program runs.',
    why: 'The runtime makes the network of every pod by the first file of the folder, by name. Removing a network plugin from the cluster does not remove the file that it wrote on the nodes. Where that file comes first, new pods are given to a plugin that nobody serves.',
    consequences:
      'New pods stay in ContainerCreating; or they start with addresses of another network, and pods of other nodes do not reach them.',
    commonCauses: [
      'The network plugin was replaced, and the configuration of the former one stayed on the nodes (10-calico.conflist before 10-flannel.conflist).',
      '10-containerd-net.conflist, which comes with some packages of containerd, before 10-flannel.conflist.',
      'Multus was removed, but not its 00-multus.conf.',
    ],
    mimics: [
      'A plugin whose program is on the node but does not run is broken, not left behind.',
      'Leftover files behind the one in use do nothing.',
      'A CRI-O that is told the name of its network (cni_default_network) does not take the first file.',
      'Files in a folder that the runtime does not read.',
    ],
    cure: 'Move the file out of the folder; recreate the pods that got their network by it.',
    title: (d) => `${d.node} makes pods’ networks by ${d.used}, which was left behind`,
    summary(d) {
      const running = d.isBehindRunning ? `that of ${d.behindPlugin} runs` : `${d.behindPlugin} needs none`
      const which =
        d.kind === 'absent'
          ? `The program of ${d.usedPlugin} is not on this node; ${running}, but its configuration ${d.behind} comes later.`
          : `Its plugin ${d.usedPlugin} needs no program; that of ${d.behindPlugin} runs, but its configuration ${d.behind} comes later.`
      const effect = d.isFailing
        ? `The log has ${d.usedPlugin} refusing pods.`
        : d.kind === 'absent'
          ? 'New pods cannot start on this node, or have a network that nobody keeps.'
          : `New pods of this node are not in the network of ${d.behindPlugin}.`
      return `The runtime of ${d.node} uses the first configuration of ${d.folder}, ${d.used}. ${which} ${effect}`
    },
    ruledOut: (d) => [
      ...(d.kind === 'absent'
        ? ['The program is there and does not run: no list of containers, pods or sockets names it.']
        : []),
      'No configuration of the runtime that was captured names another network.',
    ],
    remedy: (d) => remedy('en', d),
    verify: (d) => verify('en', d),
    reasons: {
      noConfig: 'No CNI configuration was captured.',
      single: 'There is one CNI configuration only.',
      broken: 'The first CNI configuration cannot be read, so that its plugin is not known.',
      unknownPlugin: 'What program the plugin of the first CNI configuration needs is not known.',
      untold:
        'Whether the program of the first CNI configuration’s plugin runs is not told: no list of containers or pods was captured, or it may run outside of them.',
      noneRuns: 'No program of any configured network plugin was seen on this node.',
    },
    notes: {
      used: (name) => `${name} comes first`,
      behind: (name) => `${name} comes later`,
      runs: (plugin) => `the program of ${plugin} runs`,
      list: (plugin) => `no program of ${plugin} in it`,
      failed: () => 'the first configuration is in use, and fails',
      pod: () => 'its address is of the first configuration',
    },
  },
  zh: {
    name: '遗留的 CNI 配置排在正在使用的配置之前',
    looksFor:
      '运行时读取的目录中有多个配置，其中第一个所属插件的程序不在节点的容器和进程中；或者第一个是标准插件，而运行着的是另一个插件的程序。',
    why: '运行时按文件名顺序用目录中的第一个配置为每个 Pod 建立网络。从集群中移除网络插件时，它在节点上写入的文件并不会被删除。如果该文件排在最前，新 Pod 就会交给一个已无人维护的插件。',
    consequences:
      '新 Pod 停留在 ContainerCreating；或者启动后使用另一个网络的地址，其他节点的 Pod 无法访问它们。',
    commonCauses: [
      '更换了网络插件，但旧插件的配置留在节点上（10-calico.conflist 排在 10-flannel.conflist 之前）。',
      '某些 containerd 安装包自带的 10-containerd-net.conflist 排在 10-flannel.conflist 之前。',
      '移除了 Multus，但没有删除 00-multus.conf。',
    ],
    mimics: [
      '程序在节点上但没有运行：是插件故障，不是遗留。',
      '排在正在使用的配置之后的遗留文件不起作用。',
      'CRI-O 指定了网络名称（cni_default_network）时不取第一个文件。',
      '运行时不读取的目录中的文件。',
    ],
    cure: '把该文件移出目录；重建通过它获得网络的 Pod。',
    title: (d) => `${d.node} 用遗留的 ${d.used} 为 Pod 建立网络`,
    summary(d) {
      const running = d.isBehindRunning ? `${d.behindPlugin} 的程序在运行` : `${d.behindPlugin} 不需要程序`
      const which =
        d.kind === 'absent'
          ? `该节点上没有 ${d.usedPlugin} 的程序；${running}，但其配置 ${d.behind} 排在后面。`
          : `其插件 ${d.usedPlugin} 不需要程序；${d.behindPlugin} 的程序在运行，但其配置 ${d.behind} 排在后面。`
      const effect = d.isFailing
        ? `日志中 ${d.usedPlugin} 拒绝了 Pod。`
        : d.kind === 'absent'
          ? '新 Pod 无法在该节点上启动，或者其网络无人维护。'
          : `该节点的新 Pod 不在 ${d.behindPlugin} 的网络中。`
      return `${d.node} 的运行时使用 ${d.folder} 中的第一个配置 ${d.used}。${which}${effect}`
    },
    ruledOut: (d) => [
      ...(d.kind === 'absent' ? ['程序存在但没有运行：容器、Pod 和套接字列表中都没有它。'] : []),
      '采集到的运行时配置没有指定其他网络。',
    ],
    remedy: (d) => remedy('zh', d),
    verify: (d) => verify('zh', d),
    reasons: {
      noConfig: '没有采集到 CNI 配置。',
      single: '只有一个 CNI 配置。',
      broken: '第一个 CNI 配置无法读取，不知道它属于哪个插件。',
      unknownPlugin: '不知道第一个 CNI 配置的插件需要什么程序。',
      untold:
        '无法判断第一个 CNI 配置的插件程序是否在运行：没有采集到容器或 Pod 列表，或者它可能运行在容器之外。',
      noneRuns: '该节点上没有发现任何已配置网络插件的程序。',
    },
    notes: {
      used: (name) => `${name} 排在最前`,
      behind: (name) => `${name} 排在后面`,
      runs: (plugin) => `${plugin} 的程序在运行`,
      list: (plugin) => `其中没有 ${plugin} 的程序`,
      failed: () => '第一个配置正在使用，并且失败',
      pod: () => '地址属于第一个配置',
    },
  },
}
