import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found. */
export type VxlanPortTrouble =
  | {
      /** A device is down, and something else has its port; a log line alone tells neither port nor holder. */
      readonly kind: 'taken'
      readonly node: string
      readonly device: string
      readonly port?: number
      /** Another VXLAN device that has it. */
      readonly rival?: string
      /** A process that has it. */
      readonly process?: string
      readonly pid?: number
    }
  | {
      /** The ends of one tunnel have different ports. */
      readonly kind: 'ports'
      readonly vni: number
      readonly ports: readonly { readonly port: number; readonly nodes: readonly string[] }[]
      readonly isFarApart: boolean
    }
  | {
      /** Devices that lead to each other have different identifiers (VNI). */
      readonly kind: 'identifiers'
      readonly identifiers: readonly {
        readonly vni: number
        readonly devices: readonly string[]
        readonly nodes: readonly string[]
      }[]
      readonly isFarApart: boolean
    }
  | {
      /** Nodes that have sent packets through the tunnel, and have never received one. */
      readonly kind: 'silent'
      readonly nodes: readonly string[]
      readonly device: string
      readonly port: number
    }
  | {
      /** The kernel makes no VXLAN devices. */
      readonly kind: 'unsupported'
      readonly node: string
    }

type Taken = Extract<VxlanPortTrouble, { readonly kind: 'taken' }>
type Reason = 'noDevice' | 'noSockets'
type Note = 'down' | 'socket' | 'rival' | 'log' | 'port' | 'sent' | 'received' | 'identifier' | 'peer'

function restarting({ device, node }: Taken): SaidStep {
  const pods = device.startsWith('cilium')
    ? '-n kube-system delete pod -l k8s-app=cilium'
    : '-n kube-flannel delete pod -l app=flannel'
  return {
    text: {
      en: `Restart the network plugin on ${node}, so that it sets up ${device}.`,
      zh: `在 ${node} 上重启网络插件，使其启用 ${device}。`,
    },
    commands: [
      `kubectl ${pods} --field-selector spec.nodeName=${shellQuote(node)}`,
      ...(device.startsWith('cilium') ? [] : ['systemctl restart k3s || systemctl restart k3s-agent']),
    ],
  }
}

function remedies(language: Language, d: VxlanPortTrouble): readonly Step[] {
  switch (d.kind) {
    case 'taken':
      return stepsIn(language, [freeing(d), restarting(d)])
    case 'ports':
      return stepsIn(language, [
        {
          text: {
            en: 'Give all nodes one port (Backend.Port of net-conf.json; without it 8472), and restart flannel everywhere: it makes its device anew.',
            zh: '让所有节点使用同一端口（net-conf.json 中的 Backend.Port，不写则为 8472），并在各节点重启 flannel：它会重建设备。',
          },
          commands: [
            `kubectl -n kube-flannel get configmap kube-flannel-cfg -o jsonpath='{.data.net-conf\\.json}'`,
            'kubectl -n kube-flannel rollout restart daemonset kube-flannel-ds',
          ],
        },
      ])
    case 'identifiers':
      return stepsIn(language, [
        {
          text: {
            en: 'Give all nodes one identifier (Backend.VNI of net-conf.json; without it 1, and 4096 where nodes with Windows take part), and restart flannel everywhere: it makes its device anew. Where flannel is part of k3s or rke2, restart that on the node that differs.',
            zh: '让所有节点使用同一标识（net-conf.json 中的 Backend.VNI，不写则为 1；有 Windows 节点时为 4096），并在各节点重启 flannel：它会重建设备。flannel 内置于 k3s 或 rke2 时，在不一致的节点上重启 k3s 或 rke2。',
          },
          commands: [
            `kubectl -n kube-flannel get configmap kube-flannel-cfg -o jsonpath='{.data.net-conf\\.json}'`,
            'kubectl -n kube-flannel rollout restart daemonset kube-flannel-ds',
          ],
        },
        {
          text: {
            en: 'The name of the device has the identifier in it: where one of another name was made, delete the one that is left over.',
            zh: '设备名中含有标识：如果新建了另一个名称的设备，请删除遗留的那个。',
          },
          commands: ['ip -d link show type vxlan'],
        },
      ])
    case 'silent':
      return stepsIn(language, [
        {
          text: {
            en: 'Look on both nodes whether the packets leave and arrive, while a pod sends to one of the other node.',
            zh: '在一个 Pod 访问另一节点的 Pod 的同时，在两个节点上查看报文是否发出、是否到达。',
          },
          commands: [`tcpdump -ni any udp port ${d.port}`],
        },
        {
          text: {
            en: `Where they leave and do not arrive, open UDP ${d.port} between the nodes: security groups of the cloud, firewalls on the way. Guests of VMware with NSX lose 8472: give flannel another port.`,
            zh: `发出而未到达时，在节点之间放行 UDP ${d.port}：云的安全组、途中的防火墙。使用 NSX 的 VMware 虚拟机会丢弃 8472：为 flannel 换一个端口。`,
          },
          commands: [
            `# net-conf.json: "Backend": {"Type": "vxlan", "Port": 8473}`,
            'kubectl -n kube-flannel edit configmap kube-flannel-cfg',
          ],
        },
      ])
    case 'unsupported':
      return stepsIn(language, [
        {
          text: {
            en: 'Install the kernel’s further modules (Ubuntu on Raspberry Pi: linux-modules-extra-raspi), or a kernel with CONFIG_VXLAN, and restart the node.',
            zh: '安装内核的附加模块（树莓派上的 Ubuntu：linux-modules-extra-raspi），或换用启用了 CONFIG_VXLAN 的内核，然后重启节点。',
          },
          commands: ['modprobe vxlan', 'apt-get install linux-modules-extra-$(uname -r)'],
        },
      ])
  }
}

function freeing(d: Taken): SaidStep {
  const port = d.port ?? 8472
  if (d.rival !== undefined) {
    return {
      text: {
        en: `Decide which of the two networks is wanted on ${d.node}. Take away the device of the other, or give the two different ports.`,
        zh: `先确定 ${d.node} 上要用哪一个网络，再删除另一个的设备，或让两者使用不同的端口。`,
      },
      commands: [`ip -d link show type vxlan`, `ip link delete ${shellQuote(d.rival)}`],
    }
  }
  return {
    text: {
      en:
        d.process === undefined
          ? `Find out what has the port on ${d.node}, and end it or give it another port.`
          : `End ${d.process} (${d.pid ?? 0}) on ${d.node}, or give it another port.`,
      zh:
        d.process === undefined
          ? `查明 ${d.node} 上是什么占用了该端口，停止它或为它换一个端口。`
          : `停止 ${d.node} 上的 ${d.process}（${d.pid ?? 0}），或为它换一个端口。`,
    },
    commands: [`ss -lunp 'sport = :${port}'`, 'ip -d link show type vxlan'],
  }
}

function checks(language: Language, d: VxlanPortTrouble): readonly Step[] {
  if (d.kind === 'identifiers') {
    return stepsIn(language, [
      {
        text: {
          en: 'The device has one identifier on every node, and its received packets grow.',
          zh: '各节点设备的标识一致，且接收的报文在增加。',
        },
        commands: ['ip -s -d link show type vxlan'],
      },
    ])
  }
  const port = d.kind === 'taken' ? (d.port ?? 8472) : d.kind === 'silent' ? d.port : 8472
  return stepsIn(language, [
    {
      text: {
        en: 'The device is up on every node, with one port, and its received packets grow. (nc -lu on that port fails by right: the kernel has it.)',
        zh: '各节点的设备都已启用，端口一致，且接收的报文在增加。（在该端口上运行 nc -lu 会失败，这是正常的：端口由内核占用。）',
      },
      commands: ['ip -s -d link show type vxlan', `ss -lun 'sport = :${port}'`],
    },
  ])
}

/** The words of vxlan-port-conflict-or-blocked. */
export const text: RuleTexts<VxlanPortTrouble, Reason, Note> = {
  en: {
    name: 'A VXLAN tunnel has no port of its own, or nothing comes through it',
    looksFor:
      'VXLAN devices that are down while a process or another VXLAN device has their UDP port; ends of one tunnel with different ports; devices of flannel that lead to each other by route, neighbour and forwarding entry and have different identifiers (VNI); devices of flannel that have sent packets and never received one; flannel’s and Cilium’s words for it in the logs.',
    why: 'The kernel listens at the UDP port of a VXLAN device as soon as that is up, and lets nobody else have the port. Two devices share one only where both are set up in the same way: Cilium’s (external) and flannel’s are not. Each end sends to the port of its own device, so that all must have the same. A frame bears the identifier of the device that sent it: where the receiver has no device with it, the kernel drops the frame without a word.',
    consequences:
      'Pods of the node do not reach those of other nodes; where flannel cannot set up its device it stops, and k3s with it. Within the node all works.',
    commonCauses: [
      'A device of another network plugin was left behind (cilium_vxlan, flannel.1): both use UDP 8472.',
      'A process listens at 8472 or 4789 before the plugin starts.',
      'The port was changed in the configuration, and flannel was restarted on some nodes alone.',
      'The identifier (Backend.VNI) was changed, or a device made by hand, on some nodes alone.',
      'A security group or a firewall between the nodes does not let UDP 8472 pass; NSX takes it from guests of VMware.',
      'A kernel whose vxlan module is in a package of its own.',
    ],
    mimics: [
      'A socket at 8472 without a process is the kernel’s own, as it should be; two devices of flannel’s kind with different identifiers share one.',
      'Several overlays with identifiers of their own on one node (Docker Swarm, Calico, Cilium, OVN), a device with the former identifier that was left over, and nodes of another cluster: only devices that lead to each other count.',
      'What flannel left behind, and is down, beside the tunnel of the plugin that took over.',
      'A few packets to pods that are gone, or multicast of the device itself: they get no answer anywhere.',
      'What a rule on the node itself stops is told by iptables-reject-before-accept.',
      'Bundles that were made more than ten minutes apart: the port or the identifier may have been changed in between.',
    ],
    cure: 'Free the port, give all nodes one port and one identifier, or open it between the nodes; then restart the network plugin.',
    title(d) {
      switch (d.kind) {
        case 'taken':
          return d.port === undefined
            ? `${d.device} of ${d.node} does not come up: its UDP port is taken`
            : `${d.device} of ${d.node} is down: ${d.rival ?? d.process ?? 'something else'} has its UDP port ${d.port}`
        case 'ports':
          return `The nodes use different UDP ports for one tunnel: ${d.ports.map(({ port, nodes }) => `${port} on ${joinWords(nodes)}`).join(', ')}`
        case 'identifiers':
          return `flannel’s devices lead to each other and have different identifiers: ${d.identifiers.map(({ vni, nodes }) => `VNI ${vni} on ${joinWords(nodes)}`).join(', ')}`
        case 'silent':
          return `Nothing comes in through ${d.device} of ${joinWords(d.nodes)}`
        case 'unsupported':
          return `The kernel of ${d.node} makes no VXLAN device for flannel`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'taken': {
          const holder =
            d.rival === undefined
              ? d.process === undefined
                ? 'Another socket'
                : `The process ${d.process} (${d.pid ?? 0})`
              : `The VXLAN device ${d.rival}, which is set up in another way,`
          return d.port === undefined
            ? `${d.node} logs that ${d.device} could not be set up, since its UDP port was in use. Whether it still is cannot be told from the bundle.`
            : `${holder} has UDP port ${d.port} on ${d.node}. The kernel does not let ${d.device} come up: pods of this node are cut off from those of other nodes.`
        }
        case 'ports':
          return `The devices of the tunnel ${d.vni} have different ports (${d.ports.map(({ port, nodes }) => `${port} on ${joinWords(nodes)}`).join('; ')}). Each sends to its own, at which the others do not listen: they refuse the packets.${d.isFarApart ? ' The bundles were made more than ten minutes apart: it may have been changed in between.' : ''}`
        case 'identifiers':
          return `The nodes have routes, neighbours and forwarding entries for each other, and devices with different identifiers: ${d.identifiers.map(({ vni, devices, nodes }) => `VNI ${vni} (${joinWords(devices)}) on ${joinWords(nodes)}`).join('; ')}. Each drops what bears an identifier that none of its devices has: nothing passes between the pods of these groups.${d.isFarApart ? ' The bundles were made more than ten minutes apart: it may have been changed in between.' : ''}`
        case 'silent':
          return d.nodes.length < 2
            ? `${d.device} of ${joinWords(d.nodes)} has sent packets to other nodes and has never received one. Either they do not arrive (UDP ${d.port} between the nodes), or nobody has answered so far.`
            : `${d.device} of ${joinWords(d.nodes)} have each sent packets to other nodes, and none has ever received one: what one sends does not arrive at the other. Something between them does not let UDP ${d.port} pass, or the receiver drops it before the device.`
        case 'unsupported':
          return `flannel stopped on ${d.node} with “operation not supported”: the kernel answers so where it knows no such device. As a rule the vxlan module is not installed.`
      }
    },
    ruledOut(d) {
      switch (d.kind) {
        case 'taken':
          return d.port === undefined
            ? []
            : ['The device is not merely down: what has its port keeps it from coming up.']
        case 'ports':
          return ['The devices are up and of one tunnel, and no forwarding entry names a port of its own.']
        case 'identifiers':
          return [
            'The receiver has no other flannel device that is up with the identifier of the sender, and the forwarding entry names none of its own.',
            'The entries name the tunnel address, the hardware address and the node of the peer: it is no other overlay.',
          ]
        case 'silent':
          return ['The device is up, and the ends that are known have the same port.']
        case 'unsupported':
          return []
      }
    },
    remedy: (d) => remedies('en', d),
    verify: (d) => checks('en', d),
    reasons: {
      noDevice: 'The node has no VXLAN device.',
      noSockets:
        'A VXLAN device of the node is down, and its sockets were not captured as a whole: what has the port cannot be told.',
    },
    notes: {
      down: () => 'it is not up',
      socket: (process) => (process === '' ? 'it has the port' : `${process} has the port`),
      rival: (device) => `${device} is up`,
      log: () => 'the component says so',
      port: (port) => `port ${port}`,
      sent: (count) => `packets sent by ${count}`,
      received: (node) => `packets received by ${node}: none`,
      identifier: (vni) => `VNI ${vni}`,
      peer: (node) => `it leads to ${node}`,
    },
  },
  zh: {
    name: 'VXLAN 隧道端口被占用、不一致，或收不到任何报文',
    looksFor:
      '处于 down 状态、而其 UDP 端口被进程或另一个 VXLAN 设备占用的 VXLAN 设备；同一隧道两端端口不同；flannel 设备按路由、邻居和转发表项互为对端，标识（VNI）却不同；flannel 设备发送过报文却从未收到；以及日志中 flannel 和 Cilium 的相应报错。',
    why: 'VXLAN 设备一启用，内核就监听它的 UDP 端口，且不让其他程序使用。两个设备只有设置方式相同时才能共用端口，而 Cilium 的设备（external）与 flannel 的不同。每一端都发往自己设备的端口，因此各端必须一致。帧中带有发送设备的标识：接收方没有该标识的设备时，内核直接丢弃，不留任何记录。',
    consequences:
      '该节点的 Pod 访问不到其他节点的 Pod；flannel 无法启用设备时会退出，k3s 也随之退出。节点内部一切正常。',
    commonCauses: [
      '遗留了其他网络插件的设备（cilium_vxlan、flannel.1）：两者都使用 UDP 8472。',
      '在插件启动之前，已有进程监听 8472 或 4789。',
      '配置中的端口改了，却只在部分节点上重启了 flannel。',
      '只在部分节点上改了标识（Backend.VNI），或手工建立了设备。',
      '节点之间的安全组或防火墙没有放行 UDP 8472；使用 NSX 的 VMware 虚拟机会丢弃它。',
      '内核的 vxlan 模块在单独的软件包中，没有安装。',
    ],
    mimics: [
      '8472 上没有进程的套接字属于内核自身，是正常状态；标识不同、方式相同的两个设备共用一个套接字。',
      '一个节点上有多个标识各异的叠加网络（Docker Swarm、Calico、Cilium、OVN）、遗留的旧标识设备，以及其他集群的节点：只计互为对端的设备。',
      '已被其他插件取代的 flannel 遗留设备，处于 down 状态。',
      '发往已不存在的 Pod 的少量报文，或设备自身的组播：本来就没有应答。',
      '被节点自身规则拦截的，由 iptables-reject-before-accept 报告。',
      '采集包相隔十分钟以上：端口或标识可能在此期间改过。',
    ],
    cure: '释放端口、让所有节点使用同一端口和同一标识，或在节点之间放行该端口；然后重启网络插件。',
    title(d) {
      switch (d.kind) {
        case 'taken':
          return d.port === undefined
            ? `${d.node} 的 ${d.device} 无法启用：UDP 端口被占用`
            : `${d.node} 的 ${d.device} 未启用：其 UDP 端口 ${d.port} 被 ${d.rival ?? d.process ?? '其他套接字'} 占用`
        case 'ports':
          return `同一隧道各节点的 UDP 端口不同：${d.ports.map(({ port, nodes }) => `${joinChinese(nodes)} 为 ${port}`).join('，')}`
        case 'identifiers':
          return `互为对端的 flannel 设备标识不同：${d.identifiers.map(({ vni, nodes }) => `${joinChinese(nodes)} 为 VNI ${vni}`).join('，')}`
        case 'silent':
          return `${joinChinese(d.nodes)} 的 ${d.device} 收不到任何报文`
        case 'unsupported':
          return `${d.node} 的内核无法为 flannel 创建 VXLAN 设备`
      }
    },
    summary(d) {
      switch (d.kind) {
        case 'taken': {
          const holder =
            d.rival === undefined
              ? d.process === undefined
                ? '另一个套接字'
                : `进程 ${d.process}（${d.pid ?? 0}）`
              : `设置方式不同的 VXLAN 设备 ${d.rival} `
          return d.port === undefined
            ? `${d.node} 的日志表明 ${d.device} 因 UDP 端口被占用而无法启用。现在是否仍被占用，从采集包中无法判断。`
            : `${d.node} 上${holder}占用了 UDP 端口 ${d.port}，内核不允许 ${d.device} 启用：该节点的 Pod 与其他节点的 Pod 不通。`
        }
        case 'ports':
          return `隧道 ${d.vni} 各设备的端口不同（${d.ports.map(({ port, nodes }) => `${joinChinese(nodes)} 为 ${port}`).join('；')}）。每一端都发往自己的端口，而对端并不监听该端口，报文被拒绝。${d.isFarApart ? '采集包相隔超过十分钟，端口可能在此期间改过。' : ''}`
        case 'identifiers':
          return `这些节点互有路由、邻居和转发表项，设备的标识却不同：${d.identifiers.map(({ vni, devices, nodes }) => `${joinChinese(nodes)} 为 VNI ${vni}（${joinChinese(devices)}）`).join('；')}。节点会丢弃带有自己没有的标识的报文，因此标识不同的节点之间 Pod 完全不通。${d.isFarApart ? '采集包相隔超过十分钟，标识可能在此期间改过。' : ''}`
        case 'silent':
          return d.nodes.length < 2
            ? `${joinChinese(d.nodes)} 的 ${d.device} 向其他节点发送过报文，却从未收到。要么报文没有到达（节点之间的 UDP ${d.port}），要么至今没有应答。`
            : `${joinChinese(d.nodes)} 的 ${d.device} 都向其他节点发送过报文，却都从未收到：一端发出的报文没有到达另一端。节点之间没有放行 UDP ${d.port}，或接收方在到达设备之前就丢弃了报文。`
        case 'unsupported':
          return `${d.node} 上的 flannel 报“operation not supported”后退出：内核不认识这种设备时就这样应答，通常是没有安装 vxlan 模块。`
      }
    },
    ruledOut(d) {
      switch (d.kind) {
        case 'taken':
          return d.port === undefined ? [] : ['该设备不只是未启用：占用其端口者使它无法启用。']
        case 'ports':
          return ['各设备均已启用且属于同一隧道，转发条目中也没有单独指定端口。']
        case 'identifiers':
          return [
            '接收方没有其他已启用、且标识与发送方相同的 flannel 设备，转发表项中也没有单独指定标识。',
            '表项指明了对端的隧道地址、硬件地址和节点：不是另一个叠加网络。',
          ]
        case 'silent':
          return ['设备已启用，已知各端的端口相同。']
        case 'unsupported':
          return []
      }
    },
    remedy: (d) => remedies('zh', d),
    verify: (d) => checks('zh', d),
    reasons: {
      noDevice: '该节点没有 VXLAN 设备。',
      noSockets: '该节点有未启用的 VXLAN 设备，而套接字没有完整采集，无法判断端口被谁占用。',
    },
    notes: {
      down: () => '未启用',
      socket: (process) => (process === '' ? '占用了该端口' : `${process} 占用了该端口`),
      rival: (device) => `${device} 已启用`,
      log: () => '组件自己的报错',
      port: (port) => `端口 ${port}`,
      sent: (count) => `发送的报文数（${count}）`,
      received: (node) => `${node} 收到的报文数：0`,
      identifier: (vni) => `VNI ${vni}`,
      peer: (node) => `指向 ${node}`,
    },
  },
}
