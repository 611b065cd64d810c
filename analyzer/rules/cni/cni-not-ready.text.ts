import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** The runtime says that the pod network is not ready. */
export interface CniNotReady {
  readonly node: string
  readonly lines: number
  /** The log goes on without it. */
  readonly isOver: boolean
  /** The runtime’s own words. */
  readonly message: string
}

type Reason = 'starting'
type Note = 'last'

/** The words of cni-not-ready. */
export const text: RuleTexts<CniNotReady, Reason, Note> = {
  en: {
    name: 'The pod network of the node is not ready',
    looksFor:
      'The kubelet’s lines `reason:NetworkPluginNotReady`, how often they came, and whether they still came at the time of the capture.',
    why: 'The container runtime reports the pod network ready once it has read a network configuration and found its plugins. Until then the kubelet keeps the node NotReady and starts no pod that is not on the host’s network.',
    consequences:
      'The node is NotReady with “container runtime network not ready: cni config uninitialized”; its pods stay in ContainerCreating or Pending.',
    commonCauses: [
      'No network plugin was installed, or its pod on this node does not start (image missing at an air-gapped site).',
      'The configuration in /etc/cni/net.d is missing, has a syntax error, or names a plugin that is not in /opt/cni/bin.',
      'SELinux or a read-only file system kept the plugin’s installer from writing.',
    ],
    mimics: [
      'The first five minutes after a boot: the plugin’s own pod has to start first.',
      'Fewer than three lines, and lines that ended more than ten minutes before the capture: reported as past, with the least weight.',
    ],
    cure: 'Look at the plugin’s pod on this node, and at the files in /etc/cni/net.d and /opt/cni/bin.',
    title: (d) => `The pod network of ${d.node} ${d.isOver ? 'was' : 'is'} not ready`,
    summary: (d) =>
      `The kubelet of ${d.node} says in at least ${formatCount(d.lines)} lines that the runtime’s network is not ready (${d.message.trim()}). ${
        d.isOver
          ? 'The log goes on without them: at the time of the capture it was ready again.'
          : 'While this lasts the node is NotReady, and no pod outside of the host’s network starts there.'
      }`,
    ruledOut: (d) =>
      d.isOver ? [] : ['The node has been up for longer than the five minutes in which this is usual.'],
    remedy: (d) => [
      {
        text: 'See whether the plugin’s pod runs on this node, and what it says.',
        commands: [
          `kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
        ],
      },
      {
        text: 'On the node: see whether there is a configuration, and whether the plugins that it names are there.',
        commands: ['ls -l /etc/cni/net.d /opt/cni/bin', 'crictl info | grep -A5 NetworkReady'],
      },
    ],
    verify: (d) => [{ text: 'The node is Ready.', commands: [`kubectl get node ${shellQuote(d.node)}`] }],
    reasons: { starting: 'The node had started less than five minutes before; the message is usual then.' },
    notes: { last: (lines) => `the last of at least ${lines} such lines` },
  },
  zh: {
    name: '节点的 Pod 网络未就绪',
    looksFor: 'kubelet 日志中的 `reason:NetworkPluginNotReady`、出现的次数，以及采集时是否仍在出现。',
    why: '容器运行时读到网络配置并找到其插件之后，才报告 Pod 网络就绪。在此之前 kubelet 让节点保持 NotReady，不使用主机网络的 Pod 都不会启动。',
    consequences:
      '节点为 NotReady，提示“container runtime network not ready: cni config uninitialized”；其 Pod 停留在 ContainerCreating 或 Pending。',
    commonCauses: [
      '没有安装网络插件，或者它在该节点上的 Pod 起不来（离线环境缺少镜像）。',
      '/etc/cni/net.d 中缺少配置、配置有语法错误，或者引用了 /opt/cni/bin 中没有的插件。',
      'SELinux 或只读文件系统阻止了插件的安装程序写入。',
    ],
    mimics: [
      '启动后的头五分钟：插件自己的 Pod 要先启动。',
      '少于三行，或在采集前十分钟以上已经结束：以最低的把握作为过去的问题报告。',
    ],
    cure: '查看该节点上插件的 Pod，以及 /etc/cni/net.d 和 /opt/cni/bin 中的文件。',
    title: (d) => `${d.node} 的 Pod 网络${d.isOver ? '曾经' : ''}未就绪`,
    summary: (d) =>
      `${d.node} 的 kubelet 至少有 ${formatCount(d.lines)} 行日志说明运行时网络未就绪（${d.message.trim()}）。${
        d.isOver
          ? '之后的日志没有再出现：采集时已经就绪。'
          : '期间节点为 NotReady，不使用主机网络的 Pod 都不会在其上启动。'
      }`,
    ruledOut: (d) => (d.isOver ? [] : ['节点启动已超过五分钟，而只有头五分钟内这是常见的。']),
    remedy: (d) => [
      {
        text: '查看插件的 Pod 是否在该节点上运行，以及它的输出。',
        commands: [
          `kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
        ],
      },
      {
        text: '在节点上查看是否有配置，以及配置引用的插件是否存在。',
        commands: ['ls -l /etc/cni/net.d /opt/cni/bin', 'crictl info | grep -A5 NetworkReady'],
      },
    ],
    verify: (d) => [{ text: '节点为 Ready。', commands: [`kubectl get node ${shellQuote(d.node)}`] }],
    reasons: { starting: '节点启动不到五分钟；此时出现该消息是常见的。' },
    notes: { last: (lines) => `至少 ${lines} 行中的最后一行` },
  },
}
