import type { Language } from '../../engine/language.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: an interface that is down, or not where it belongs. */
export type InterfaceDown =
  /** The interface with the node's own address; up, but without carrier, where `isUp`. */
  | {
      readonly kind: 'uplink'
      readonly node: string
      readonly device: string
      readonly address: string
      readonly isUp: boolean
    }
  /** A bridge, and how many links of pods are on it. */
  | { readonly kind: 'bridge'; readonly node: string; readonly device: string; readonly pods: number }
  /** A VXLAN device by which a peer sends to this node's pods. */
  | { readonly kind: 'tunnel'; readonly node: string; readonly device: string; readonly peer: string }
  /** Links of pods on a bridge that are down. */
  | {
      readonly kind: 'ports'
      readonly node: string
      readonly bridge: string
      readonly devices: readonly string[]
    }
  /** Links that stand outside of the bridge in which those of other pods are; surely of pods, where `isOfPods`. */
  | {
      readonly kind: 'outside'
      readonly node: string
      readonly bridge: string
      readonly devices: readonly string[]
      readonly isOfPods: boolean
    }

type Reason = never
type Note =
  'down' | 'noCarrier' | 'address' | 'named' | 'underlay' | 'gateway' | 'port' | 'bridge' | 'outside'

function remedy(d: InterfaceDown): readonly SaidStep[] {
  switch (d.kind) {
    case 'uplink':
      return d.isUp
        ? [
            {
              text: {
                en: `On ${d.node}: ${d.device} is up, but its link is not. Look at the cable, the port of the switch or the virtual card; of a bond or a bridge, at what it stands on.`,
                zh: `在 ${d.node} 上：${d.device} 已启用，但链路不通。检查网线、交换机端口或虚拟网卡；如果是 bond 或网桥，检查其下层设备。`,
              },
              commands: [`ethtool ${shellQuote(d.device)}`, `ip -d link show dev ${shellQuote(d.device)}`],
            },
          ]
        : [
            {
              text: {
                en: `On ${d.node}, by its console: set ${d.device} up through what configures the network, which sets the routes too.`,
                zh: `通过控制台登录 ${d.node}，用管理网络的服务启用 ${d.device}，这样路由也会恢复。`,
              },
              commands: [
                `nmcli device connect ${shellQuote(d.device)} || networkctl up ${shellQuote(d.device)} || ifup ${shellQuote(d.device)}`,
                'ip route',
              ],
            },
            restartPlugin(d.node),
          ]
    case 'bridge':
      return [setUp(d.node, [d.device])]
    case 'tunnel':
      return [setUp(d.node, [d.device]), restartPlugin(d.node)]
    case 'ports':
      return [setUp(d.node, d.devices)]
    case 'outside':
      return [
        {
          text: {
            en: `On ${d.node}: look whose the links are, and put those of pods back into ${d.bridge}; or delete the pods, which are made anew with new links.`,
            zh: `在 ${d.node} 上确认这些链路属于谁，把属于 Pod 的重新接入 ${d.bridge}；或删除对应的 Pod，重建时会创建新的链路。`,
          },
          commands: [
            'ip -d link show type veth',
            ...d.devices
              .slice(0, 4)
              .map((device) => `ip link set ${shellQuote(device)} master ${shellQuote(d.bridge)}`),
          ],
        },
      ]
  }
}

function setUp(node: string, devices: readonly string[]): SaidStep {
  return {
    text: {
      en: `On ${node}, set ${joinWords(devices)} up, and find out what set it down.`,
      zh: `在 ${node} 上启用 ${devices.join('、')}，并查明是什么把它停用的。`,
    },
    commands: devices.slice(0, 4).map((device) => `ip link set ${shellQuote(device)} up`),
  }
}

/** The kernel takes the routes of an interface away with it, and they do not come back by themselves. */
const restartPlugin = (node: string): SaidStep => ({
  text: {
    en: 'If routes to the pods of other nodes are still missing, restart the network plugin on this node.',
    zh: '如果到其他节点 Pod 的路由仍然缺失，重启本节点上的网络插件。',
  },
  commands: [
    `kubectl -n kube-flannel delete pod -l app=flannel --field-selector spec.nodeName=${node}`,
    'systemctl restart k3s || systemctl restart k3s-agent',
  ],
})

function verify(d: InterfaceDown): readonly SaidStep[] {
  const devices = d.kind === 'ports' || d.kind === 'outside' ? d.devices : [d.device]
  return [
    {
      text: {
        en: `${d.kind === 'outside' ? `Its line names “master ${d.bridge}”` : 'Its line has UP and no NO-CARRIER'}, and what is behind it answers.`,
        zh: `${d.kind === 'outside' ? `该行包含 “master ${d.bridge}”` : '该行包含 UP，且没有 NO-CARRIER'}，并且其后的目标能够应答。`,
      },
      commands: devices.slice(0, 4).map((device) => `ip link show dev ${shellQuote(device)}`),
    },
  ]
}

const said =
  (steps: (data: InterfaceDown) => readonly SaidStep[], language: Language) => (data: InterfaceDown) =>
    stepsIn(language, steps(data))

/** The words of interface-down. */
export const text: RuleTexts<InterfaceDown, Reason, Note> = {
  en: {
    name: 'An interface that the node or its pods need is down',
    looksFor:
      'An interface with the address by which the API server, flannel or peers reach the node that is set down or has no carrier; a bridge of a network plugin that is down under the links of pods; a VXLAN device that is down while a peer’s route for this node’s pods leads to it; a pod’s link that is down, or outside of the bridge in which those of other pods are.',
    why: 'An interface that is set down sends and receives nothing, and the kernel removes its routes. Ports of a bridge that is down are disabled, though they look up themselves. A link outside of the bridge leads nowhere. Nothing in Kubernetes sets such a device up again: plugins do so when they start, or when a pod is made.',
    consequences:
      'Without its own interface the node is NotReady, and nothing reaches it or its pods. Without the bridge all pods of the node are cut off, though the node itself works and is Ready; without the tunnel, its pods and those of other nodes; without its link, one pod alone.',
    commonCauses: [
      'Somebody set it down, or a script, `ifdown` or a change of the network’s configuration did.',
      'NetworkManager or systemd-networkd took over a device of the network plugin.',
      'The cable, the port of the switch, or the virtual card is off.',
      'A pod’s link was taken out of the bridge by hand, or the bridge was deleted and made anew while pods ran.',
    ],
    mimics: [
      'Spare cards, and members of a bond or a bridge: they hold no address of the node; the bond or bridge is judged.',
      'Another interface of the node that is up has an address in the same network: the node answers for all its addresses there.',
      'docker0 without containers, and cni0 without pods, are down or have no carrier.',
      'kube-ipvs0, nodelocaldns, dummy devices, tunl0 and ovs-system are down by design.',
      'flannel.1 of an earlier network: no peer’s route for this node’s pods leads to it, or another plugin carries them.',
      'flannel.1 that cannot come up since its port is taken: vxlan-port-conflict-or-blocked tells that.',
      'A link whose far end is down, of a pod that is ending: cni-stale-veth counts those.',
      'Links of Calico, Cilium, cloud plugins and the ptp plugin are in no bridge: routes lead to them.',
      'A DHCP client takes the address off an interface that loses its link; such an interface is not found.',
    ],
    cure: 'Set the interface up, or the link back into its bridge; then look whether its routes are back, and restart the network plugin if they are not.',
    title(d) {
      switch (d.kind) {
        case 'uplink':
          return `${d.device} of ${d.node}, with the node’s address ${d.address}, ${d.isUp ? 'has no carrier' : 'is down'}`
        case 'bridge':
          return `${d.device} of ${d.node} is down, with pods on it`
        case 'tunnel':
          return `${d.device} of ${d.node} is down, while peers send to its pods by it`
        case 'ports':
          return `${joinWords(d.devices)} of ${d.node}, on ${d.bridge}, ${d.devices.length === 1 ? 'is' : 'are'} down`
        case 'outside':
          return `${joinWords(d.devices)} of ${d.node} ${d.devices.length === 1 ? 'is' : 'are'} outside of ${d.bridge}, where the other pods’ links are`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'uplink':
          return `${d.device} holds ${d.address}, by which ${d.node} is reached, and ${d.isUp ? 'is up, but has no carrier: its link, or what it stands on, is off' : 'is set down'}. No other interface of the node that is up has an address in that network. By this address neither the API server nor peers reach the node or its pods any more.`
        case 'bridge':
          return `${d.device} is set down. ${d.pods === 1 ? 'One pod’s link, which is up, is' : `The links of ${d.pods} pods, which are up, are`} on it, and disabled with it: these pods reach nothing, not even each other, and nothing reaches them. The node has no route to them.`
        case 'tunnel':
          return `${d.device} is set down, and its routes are gone with it, while ${d.peer} has a route for the pods of ${d.node} that leads to it. Packets between pods of ${d.node} and those of other nodes are lost.`
        case 'ports':
          return `The links ${joinWords(d.devices)} are ports of ${d.bridge} and lead to a network namespace, but are set down. The network plugin sets them up as it makes them. The pods at their far ends are cut off.`
        case 'outside':
          return `${joinWords(d.devices)} ${d.devices.length === 1 ? 'leads' : 'lead'} to ${d.isOfPods ? 'the network namespace of a pod' : 'a network namespace'}, but ${d.devices.length === 1 ? 'is' : 'are'} in no bridge, while links of other pods are in ${d.bridge}. There is no address on it and no route by it: what is at the far end is cut off.${d.isOfPods ? '' : ' It may also be a link that some other program made, or one that was just being made.'}`
      }
    },
    ruledOut(d) {
      switch (d.kind) {
        case 'uplink':
          return ['No interface that is up has an address in the same network.']
        case 'bridge':
          return ['The links on it are up and have a carrier: it is no bridge without pods.']
        case 'tunnel':
          return ['No process or other device has its port.', 'A peer’s route for these pods leads to it.']
        case 'ports':
          return ['Their far ends are in network namespaces that exist.']
        case 'outside':
          return ['No route leads to them, as to links of Calico or the ptp plugin.']
      }
    },
    remedy: said(remedy, 'en'),
    verify: said(verify, 'en'),
    reasons: {},
    notes: {
      down: () => 'is down (no UP)',
      noCarrier: () => 'is up, but has no carrier',
      address: () => 'the address that the node is reached by',
      named: (address) => `the kubelet is called at ${address}`,
      underlay: (device) => `${device} sends by it`,
      gateway: (node) => `${node} sends to this node’s pods by it`,
      port: (pods) =>
        pods === '1' ? 'a pod’s link on it is up' : `one of ${pods} pods’ links on it, all up`,
      bridge: (bridge) => `a pod’s link in ${bridge}`,
      outside: () => 'in no bridge',
    },
  },
  zh: {
    name: '节点或 Pod 所需的网络接口处于关闭状态',
    looksFor:
      'API server、flannel 或其他节点访问本节点所用地址所在的接口被停用或没有载波；网络插件的网桥被停用，而其上仍有 Pod 的链路；VXLAN 设备被停用，而其他节点到本节点 Pod 的路由仍指向它；某个 Pod 的链路被停用，或不在其他 Pod 的链路所在的网桥中。',
    why: '被停用的接口不收发任何数据，内核还会删除它的路由。网桥被停用后，其端口虽然自身显示为 UP，实际已被禁用。不在网桥中的链路无处可通。Kubernetes 不会自动重新启用这些设备：网络插件只在自身启动或创建 Pod 时才会启用。',
    consequences:
      '节点自身的接口不可用时，节点变为 NotReady，节点及其 Pod 都无法访问。网桥不可用时，该节点的所有 Pod 断网，而节点本身正常且为 Ready；隧道不可用时，本节点的 Pod 与其他节点的 Pod 互不可达；单条链路不可用时，只有一个 Pod 断网。',
    commonCauses: [
      '有人手动停用，或由脚本、`ifdown`、网络配置变更停用。',
      'NetworkManager 或 systemd-networkd 接管了网络插件的设备。',
      '网线、交换机端口或虚拟网卡断开。',
      'Pod 的链路被手动移出网桥，或在 Pod 运行期间网桥被删除重建。',
    ],
    mimics: [
      '备用网卡，以及 bond 或网桥的成员：它们没有节点地址，检查的是 bond 或网桥本身。',
      '节点另有一个可用接口的地址在同一网段：节点会在该接口上应答自己的所有地址。',
      '没有容器的 docker0、没有 Pod 的 cni0，本来就是 DOWN 或没有载波。',
      'kube-ipvs0、nodelocaldns、dummy 设备、tunl0 和 ovs-system 本来就处于关闭状态。',
      '旧网络遗留的 flannel.1：没有其他节点到本节点 Pod 的路由指向它，或由其他插件承载。',
      '端口被占用而无法启用的 flannel.1：由 vxlan-port-conflict-or-blocked 报告。',
      '对端已关闭的链路，属于正在终止的 Pod：由 cni-stale-veth 统计。',
      'Calico、Cilium、云厂商插件和 ptp 插件的链路不在任何网桥中：由路由指向它们。',
      'DHCP 客户端会在链路断开时移除接口上的地址，这样的接口无法发现。',
    ],
    cure: '启用该接口，或把链路重新接入网桥；然后检查路由是否恢复，没有恢复则重启网络插件。',
    title(d) {
      switch (d.kind) {
        case 'uplink':
          return `${d.node} 的 ${d.device}（节点地址 ${d.address}）${d.isUp ? '没有载波' : '已被停用'}`
        case 'bridge':
          return `${d.node} 的 ${d.device} 已被停用，而其上接有 Pod`
        case 'tunnel':
          return `${d.node} 的 ${d.device} 已被停用，而其他节点经由它访问本节点的 Pod`
        case 'ports':
          return `${d.node} 上 ${d.bridge} 的端口 ${d.devices.join('、')} 已被停用`
        case 'outside':
          return `${d.node} 的 ${d.devices.join('、')} 不在其他 Pod 的链路所在的网桥 ${d.bridge} 中`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'uplink':
          return `${d.device} 持有 ${d.address}，即访问 ${d.node} 所用的地址，但${d.isUp ? '它虽已启用却没有载波：链路或其下层设备断开' : '它已被停用'}。节点没有其他可用接口的地址在该网段。API server 和其他节点都无法再通过该地址访问此节点及其 Pod。`
        case 'bridge':
          return `${d.device} 已被停用。其上有 ${d.pods} 条 Pod 链路，它们自身为 UP，但随网桥一起被禁用：这些 Pod 无法访问任何目标，彼此也不通，也没有任何目标能访问它们。节点没有到它们的路由。`
        case 'tunnel':
          return `${d.device} 已被停用，它的路由随之消失，而 ${d.peer} 到 ${d.node} 上 Pod 的路由指向它。${d.node} 的 Pod 与其他节点的 Pod 之间的数据包都会丢失。`
        case 'ports':
          return `链路 ${d.devices.join('、')} 是 ${d.bridge} 的端口，通向网络命名空间，但已被停用。网络插件创建链路时会启用它们。对端的 Pod 已断网。`
        case 'outside':
          return `${d.devices.join('、')} 通向${d.isOfPods ? ' Pod 的' : '一个'}网络命名空间，但不在任何网桥中，而其他 Pod 的链路都在 ${d.bridge} 中。其上没有地址，也没有路由指向它：对端已断网。${d.isOfPods ? '' : '它也可能是其他程序创建的链路，或当时正在创建。'}`
      }
    },
    ruledOut(d) {
      switch (d.kind) {
        case 'uplink':
          return ['没有可用的接口持有同一网段的地址。']
        case 'bridge':
          return ['其上的链路已启用且有载波：并非没有 Pod 的网桥。']
        case 'tunnel':
          return ['没有进程或其他设备占用它的端口。', '有其他节点到这些 Pod 的路由指向它。']
        case 'ports':
          return ['它们的对端所在的网络命名空间仍然存在。']
        case 'outside':
          return ['没有路由指向它们，而 Calico 或 ptp 插件的链路会有。']
      }
    },
    remedy: said(remedy, 'zh'),
    verify: said(verify, 'zh'),
    reasons: {},
    notes: {
      down: () => '已停用（没有 UP）',
      noCarrier: () => '已启用，但没有载波',
      address: () => '访问该节点所用的地址',
      named: (address) => `kubelet 的地址是 ${address}`,
      underlay: (device) => `${device} 经由它发送`,
      gateway: (node) => `${node} 经由它访问本节点的 Pod`,
      port: (pods) => `其上 ${pods} 条 Pod 链路之一，均为 UP`,
      bridge: (bridge) => `${bridge} 中的 Pod 链路`,
      outside: () => '不在任何网桥中',
    },
  },
}
