import type { RuleTexts } from '../../engine/ruleText.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What the runtime does not find: a configuration, or a plugin that it names. */
export type CniConfigMissing =
  | { readonly kind: 'config'; readonly node: string; readonly folder: string }
  | { readonly kind: 'plugin'; readonly node: string; readonly plugin: string; readonly path: string }

type Note = 'noConfig' | 'noPlugin' | 'names' | 'list'

/** The words of cni-config-missing. */
export const text: RuleTexts<CniConfigMissing, never, Note> = {
  en: {
    name: 'The runtime has no network configuration, or lacks a plugin that it names',
    looksFor:
      'The runtime’s and the kubelet’s lines “no network config found in …” where no configuration was captured, and “failed to find plugin … in path …” held against the names in the plugin folder.',
    why: 'The container runtime makes pods’ networks with the first configuration in /etc/cni/net.d (k3s: below /var/lib/rancher/k3s/agent) and the programs that it names. Without one of them no pod gets a network.',
    consequences: 'Pods stay in ContainerCreating; without any configuration the node itself is NotReady.',
    commonCauses: [
      'The pod of the network plugin, which writes both, has not run on this node.',
      'The package with the standard plugins (bridge, host-local, portmap, loopback) is not installed.',
      'The runtime looks into another folder than the plugin writes to (k3s beside containerd).',
    ],
    mimics: [
      'The line of a first boot, before the plugin was installed: with a configuration there now it does not count.',
      'A plugin that is in the folder now: it does not count.',
    ],
    cure: 'Install the network plugin, or the package of the standard plugins; see that runtime and plugin use one folder.',
    title: (d) =>
      d.kind === 'config'
        ? `${d.node} has no network configuration in ${d.folder}`
        : `${d.node} lacks the network plugin ${d.plugin}`,
    summary: (d) =>
      d.kind === 'config'
        ? `The runtime of ${d.node} finds no network configuration in ${d.folder}, and none was captured. The node stays NotReady until there is one.`
        : `The runtime of ${d.node} does not find the program ${d.plugin} in ${d.path}. No pod of the networks that need it gets started or removed in good order.`,
    ruledOut: (d) => (d.kind === 'config' ? ['No configuration came since: none is in the bundle.'] : []),
    remedy: (d) =>
      d.kind === 'config'
        ? [
            {
              text: 'See whether the plugin’s pod runs on this node, and where it writes.',
              commands: [
                `kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
                `ls -l ${shellQuote(d.folder)}`,
              ],
            },
          ]
        : [
            {
              text: 'Install the plugin: the standard ones come with containernetworking-plugins, the others with their own pod.',
              commands: ['apt-get install containernetworking-plugins', 'ls -l /opt/cni/bin'],
            },
          ],
    verify: (d) => [
      {
        text: 'The runtime reports its network ready.',
        commands: ['crictl info | grep -A5 NetworkReady', `kubectl get node ${shellQuote(d.node)}`],
      },
    ],
    reasons: {},
    notes: {
      noConfig: () => 'nothing to read',
      noPlugin: (lines) => (lines === '1' ? 'not found' : `not found; one of ${lines} such lines`),
      names: (plugin) => `names ${plugin}`,
      list: (plugin) => `${plugin} is not in the list`,
    },
  },
  zh: {
    name: '运行时没有网络配置，或缺少配置引用的插件',
    looksFor:
      '运行时和 kubelet 日志中的“no network config found in …”（且没有采集到任何配置），以及“failed to find plugin … in path …”与插件目录内容的对照。',
    why: '容器运行时用 /etc/cni/net.d（k3s 在 /var/lib/rancher/k3s/agent 之下）中的第一个配置及其引用的程序建立 Pod 网络。缺少任何一样，Pod 都得不到网络。',
    consequences: 'Pod 停留在 ContainerCreating；完全没有配置时节点本身为 NotReady。',
    commonCauses: [
      '网络插件的 Pod 负责写入两者，但没有在该节点上运行过。',
      '没有安装标准插件（bridge、host-local、portmap、loopback）的软件包。',
      '运行时查看的目录与插件写入的目录不同（k3s 与 containerd 并存）。',
    ],
    mimics: ['首次启动、插件安装之前的日志：现在已有配置就不计。', '插件现在已在目录中：不计。'],
    cure: '安装网络插件或标准插件的软件包；确认运行时与插件使用同一目录。',
    title: (d) =>
      d.kind === 'config' ? `${d.node} 的 ${d.folder} 中没有网络配置` : `${d.node} 缺少网络插件 ${d.plugin}`,
    summary: (d) =>
      d.kind === 'config'
        ? `${d.node} 的运行时在 ${d.folder} 中没有找到网络配置，采集包中也没有。在有配置之前节点一直为 NotReady。`
        : `${d.node} 的运行时在 ${d.path} 中没有找到程序 ${d.plugin}。需要它的网络的 Pod 既不能正常启动，也不能正常删除。`,
    ruledOut: (d) => (d.kind === 'config' ? ['之后也没有配置：采集包中没有。'] : []),
    remedy: (d) =>
      d.kind === 'config'
        ? [
            {
              text: '查看插件的 Pod 是否在该节点上运行，以及它写入哪里。',
              commands: [
                `kubectl -n kube-system get pods -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
                `ls -l ${shellQuote(d.folder)}`,
              ],
            },
          ]
        : [
            {
              text: '安装该插件：标准插件来自 containernetworking-plugins，其他插件由各自的 Pod 安装。',
              commands: ['apt-get install containernetworking-plugins', 'ls -l /opt/cni/bin'],
            },
          ],
    verify: (d) => [
      {
        text: '运行时报告网络就绪。',
        commands: ['crictl info | grep -A5 NetworkReady', `kubectl get node ${shellQuote(d.node)}`],
      },
    ],
    reasons: {},
    notes: {
      noConfig: () => '没有可读的配置',
      noPlugin: (lines) => (lines === '1' ? '没有找到' : `没有找到；共 ${lines} 行，这是其中之一`),
      names: (plugin) => `引用了 ${plugin}`,
      list: (plugin) => `列表中没有 ${plugin}`,
    },
  },
}
