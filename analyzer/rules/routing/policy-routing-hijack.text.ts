import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** Packets of one kind that a rule diverts, and where they go. */
export interface DivertedWay {
  readonly from: 'node' | 'pods' | 'peers'
  readonly to: 'own' | 'others'
  readonly sources: readonly string[]
  /** The interface of the route that is meant for them. */
  readonly meant: string
  readonly refusal?: string
  readonly device?: string
  readonly via?: string
}

/** What was found: a rule that leads pods’ packets away, or a network manager that configures pods’ devices. */
export type PolicyHijack =
  | {
      readonly kind: 'rule'
      readonly node: string
      /** As `ip rule` prints them, priority first. */
      readonly rules: readonly string[]
      readonly ways: readonly DivertedWay[]
      /** Only answers from addresses beside the node’s own main ones are concerned. */
      readonly isSecondary: boolean
      readonly sample: { readonly source: string; readonly target: string }
      readonly author?: 'nm-cloud-setup' | 'tailscale'
    }
  | {
      readonly kind: 'managed'
      readonly node: string
      readonly manager: 'NetworkManager' | 'systemd-networkd'
      readonly devices: readonly string[]
      /** The file of networkd that took them. */
      readonly file?: string
    }

type Reason = 'noPods' | 'tableShort'
type Note = 'rule' | 'taken' | 'meant' | 'log'
type Hijack = Extract<PolicyHijack, { readonly kind: 'rule' }>
type Managed = Extract<PolicyHijack, { readonly kind: 'managed' }>

const flowEn = ({ from, to, sources }: DivertedWay): string => {
  if (from === 'node') {
    const verb = sources.length === 1 ? 'sends' : 'send'
    return `what ${joinWords(sources)} ${verb} to ${to === 'own' ? 'the node’s own pods' : 'pods of other nodes'}`
  }
  if (from === 'peers') return 'what pods of other nodes send to its own'
  return `what its pods send to ${to === 'own' ? 'each other' : 'those of other nodes'}`
}
const flowZh = ({ from, to, sources }: DivertedWay): string => {
  if (from === 'node') return `${joinChinese(sources)} 发往${to === 'own' ? '本节点' : '其他节点'} Pod 的报文`
  if (from === 'peers') return '其他节点 Pod 发往本节点 Pod 的报文'
  return to === 'own' ? '本节点 Pod 之间的报文' : '本节点 Pod 发往其他节点 Pod 的报文'
}

const placeEn = ({ refusal, device = '', via, meant }: DivertedWay): string => {
  if (refusal !== undefined) return `is refused (${refusal}) instead of sent by ${meant}`
  if (device === meant)
    return `goes to ${via ?? `the network of ${device}`} instead of the node that has them`
  return `leaves by ${device}${via === undefined ? '' : ` (gateway ${via})`} instead of ${meant}`
}
const placeZh = ({ refusal, device = '', via, meant }: DivertedWay): string => {
  if (refusal !== undefined) return `被拒绝（${refusal}），而不是从 ${meant} 发出`
  if (device === meant) return `发给 ${via ?? `${device} 所在网络`}，而不是 Pod 所在节点`
  return `从 ${device}${via === undefined ? ' ' : `（网关 ${via}）`}发出，而不是 ${meant}`
}

const ruleOf = ({ rules }: Hijack): string => rules[0] ?? ''

const UNMANAGED = [
  String.raw`printf '[keyfile]\nunmanaged-devices=interface-name:flannel*;interface-name:cali*;interface-name:tunl*;interface-name:vxlan.calico;interface-name:vxlan-v6.calico;interface-name:wireguard.cali;interface-name:cni*\n' >/etc/NetworkManager/conf.d/pod-devices.conf`,
  'systemctl reload NetworkManager',
]
const NETWORKD_UNMANAGED = [
  String.raw`printf '[Match]\nName=cali* flannel* cni* tunl* vxlan.calico lxc* cilium_* kube-ipvs0\n\n[Link]\nUnmanaged=yes\n' >/etc/systemd/network/00-pod-devices.network`,
  'networkctl reload',
]

const FIND_AUTHOR: SaidStep = {
  text: { en: 'Find out who adds the rule.', zh: '查明由谁添加该规则。' },
  commands: [
    'grep -rsE "routing-policy|RoutingPolicyRule|routing-rules|ip (-4 )?rule" /etc/netplan /etc/systemd/network /etc/NetworkManager /etc/network /etc/sysconfig/network-scripts /etc/rc.local',
  ],
}

function cureOfRule(d: Hijack): SaidStep[] {
  if (d.author === 'nm-cloud-setup') {
    return [
      {
        text: {
          en: 'Turn nm-cloud-setup off and reboot, or update NetworkManager: a newer nm-cloud-setup adds a rule at 30350 that spares the main table.',
          zh: '停用 nm-cloud-setup 并重启节点；或升级 NetworkManager：新版 nm-cloud-setup 会在 30350 添加一条规则，先查 main 表。',
        },
        commands: ['systemctl disable --now nm-cloud-setup.service nm-cloud-setup.timer', 'reboot'],
      },
    ]
  }
  if (d.author === 'tailscale') {
    return [
      {
        text: {
          en: 'Have Tailscale take no routes of others on this node, or leave the networks of pods out of what is announced.',
          zh: '让该节点上的 Tailscale 不接受他人发布的路由，或不要发布 Pod 网段。',
        },
        commands: ['tailscale set --accept-routes=false'],
      },
    ]
  }
  if (d.ways[0]?.refusal !== undefined) {
    return [
      { text: { en: 'Delete the rule.', zh: '删除该规则。' }, commands: [`ip rule del ${ruleOf(d)}`] },
      FIND_AUTHOR,
    ]
  }
  return [
    {
      text: {
        en: 'Have the main table asked first, but for its default route: put this before the rule, and into the network configuration. Or copy the routes to pods into the rule’s table, or delete the rule.',
        zh: '让内核先查 main 表中除默认路由以外的路由：把下面这条规则放在该规则之前，并写入网络配置。也可以把 Pod 路由复制到该规则的表中，或删除该规则。',
      },
      commands: [
        `ip rule add pref ${Number(/\d+/.exec(ruleOf(d))?.[0] ?? 1) - 1} lookup main suppress_prefixlength 0`,
      ],
    },
    FIND_AUTHOR,
  ]
}

function cureOfManager({ manager }: Managed): SaidStep[] {
  return [
    {
      text: {
        en: `Tell ${manager} to leave these devices alone.`,
        zh: `让 ${manager} 不管理这些设备。`,
      },
      commands: manager === 'NetworkManager' ? UNMANAGED : NETWORKD_UNMANAGED,
    },
    ...(manager === 'NetworkManager'
      ? []
      : [
          {
            text: {
              en: 'Keep it from deleting routes and rules of others when it restarts.',
              zh: '防止它重启时删除他人添加的路由和规则。',
            },
            commands: [
              'mkdir -p /etc/systemd/networkd.conf.d',
              String.raw`printf '[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n' >/etc/systemd/networkd.conf.d/foreign.conf`,
            ],
          },
        ]),
  ]
}

function checkOf(d: PolicyHijack): SaidStep[] {
  if (d.kind === 'managed') {
    return [
      {
        text: { en: 'The devices are unmanaged.', zh: '这些设备显示为 unmanaged。' },
        commands: [d.manager === 'NetworkManager' ? 'nmcli device status' : 'networkctl'],
      },
    ]
  }
  const [way] = d.ways
  const target = d.sample.target.replace(/\.0$/, '.2')
  const sender =
    way?.from === 'node'
      ? `from ${d.sample.source}`
      : `from ${d.sample.source} iif ${way?.from === 'pods' ? 'POD-DEVICE' : 'DEVICE'}`
  return [
    {
      text: {
        en: `The answer names ${way?.meant ?? ''}${way?.from === 'node' ? '' : ' (with the interface that the packets come in by in place of the capitals)'}.`,
        zh: `结果应为 ${way?.meant ?? ''}${way?.from === 'node' ? '' : '（把大写字母换成报文进入的接口）'}。`,
      },
      commands: [`ip route get ${target} ${sender}`, 'ip rule'],
    },
  ]
}

const cureOf = (d: PolicyHijack): SaidStep[] => (d.kind === 'rule' ? cureOfRule(d) : cureOfManager(d))

/** The words of policy-routing-hijack. */
export const text: RuleTexts<PolicyHijack, Reason, Note> = {
  en: {
    name: 'Policy routing leads pods’ packets away',
    looksFor:
      'For packets between the node, its pods and those of other nodes: where the node’s policy rules (ip rule) send them, against where the routes of the network plugin in the main table would. And lines in which NetworkManager or systemd-networkd configures a device of the plugin.',
    why: 'Policy rules are asked in the order of their priority, and the main table is asked last (32766). A rule before it whose table has a default route, but not the routes to pods, takes pods’ packets as well: they leave by the network card, to a gateway that knows nothing of pods. And a network manager that configures the devices of pods deletes addresses and routes that are not in its own configuration.',
    consequences:
      'Pods get no answer from their own node (kubelet’s probes, the API server, host-network pods), or do not reach those of other nodes; tcpdump shows the answers on the network card. With the strict reverse path filter the node drops what its pods send, as it would answer elsewhere. Where a network manager interferes, pods lose their routes at times.',
    commonCauses: [
      'nm-cloud-setup of an older NetworkManager, on by default in cloud images of RHEL 8.4 and its kin.',
      'Source-based routing for a second network card, whose table has a default route alone.',
      'A VPN or mesh (Tailscale) that accepts a route which covers the pods.',
      'NetworkManager without unmanaged-devices for cali* and flannel*, or a .network file whose [Match] fits every device.',
    ],
    mimics: [
      'Tables that have the routes to pods, or a rule for the main table without its default route before (suppress_prefixlength 0), as newer nm-cloud-setup and wg-quick make it: each packet is looked up.',
      'Rules of network plugins: AWS’s for each network card, Cilium’s, Calico’s for WireGuard, those for marked packets, VRF.',
      'NetworkManager that shows cni0 or flannel.1 as connected externally: it leaves them as they are.',
    ],
    cure: 'Take the rule away, or let the main table be asked before it without its default route. Tell network managers to leave the devices of the plugin alone.',
    title(d) {
      if (d.kind === 'managed') return `${d.manager} configures ${joinWords(d.devices)} on ${d.node}`
      const [way] = d.ways
      return `Rule “${ruleOf(d)}” on ${d.node}: ${way ? `${flowEn(way)} ${placeEn(way)}` : ''}`
    },
    summary(d) {
      if (d.kind === 'managed') {
        const by = d.file === undefined ? '' : `, by ${d.file}`
        return `${d.manager} of ${d.node} logged that it configures ${joinWords(d.devices)}${by}. These are the network plugin’s: a network manager deletes addresses and routes on them that are not in its own configuration, when it starts or when they come up.`
      }
      const ways = d.ways.slice(0, 4).map((way) => `${flowEn(way)} ${placeEn(way)}`)
      const gone = d.isSecondary
        ? 'Pods that call this address of their own node get no answer; by the node’s main address they do.'
        : 'These packets do not arrive.'
      return `On ${d.node} ${d.rules.length === 1 ? 'the rule' : 'rules'} ${joinWords(d.rules.map((rule) => `“${rule}”`))} ${d.rules.length === 1 ? 'is' : 'are'} asked before the main table: ${ways.join('; ')}. ${gone}`
    },
    ruledOut: (d) =>
      d.kind === 'managed'
        ? []
        : [
            'The main table alone would send these packets to the pods.',
            'No rule before it spares the main table, and where the packets go is no device of a network plugin.',
          ],
    remedy: (d) => stepsIn('en', cureOf(d)),
    verify: (d) => stepsIn('en', checkOf(d)),
    reasons: {
      noPods: 'The routing table of the node has no routes to pods.',
      tableShort:
        'The routing table was not captured whole: the rule’s table may have the routes to pods in the missing part.',
    },
    notes: {
      rule: () => 'asked before the main table',
      taken: () => 'this route takes the packets',
      meant: () => 'this one is meant for them',
      log: (manager) => `${manager} takes the device`,
    },
  },
  zh: {
    name: '策略路由把 Pod 报文引向别处',
    looksFor:
      '节点、其 Pod 以及其他节点 Pod 之间的报文：按节点的策略路由规则（ip rule）会发往哪里，与 main 表中网络插件的路由相比较；以及 NetworkManager 或 systemd-networkd 配置网络插件设备的日志。',
    why: '内核按优先级依次查询策略路由规则，main 表排在最后（32766）。如果排在它之前的规则所查的表只有默认路由而没有 Pod 路由，Pod 的报文也会被它截走，从物理网卡发往对 Pod 一无所知的网关。此外，网络管理程序一旦接管 Pod 的设备，就会删除不在其配置中的地址和路由。',
    consequences:
      'Pod 得不到本节点的应答（kubelet 探针、API server、hostNetwork Pod），或者访问不到其他节点的 Pod；在物理网卡上抓包能看到这些应答。如果 rp_filter 为严格模式，由于回程会走别处，节点还会丢弃自己 Pod 发来的报文。网络管理程序干预时，Pod 的路由会时有时无。',
    commonCauses: [
      '旧版 NetworkManager 的 nm-cloud-setup，RHEL 8.4 及同源系统的云镜像默认启用。',
      '为第二块网卡配置的源地址路由，其路由表只有默认路由。',
      'VPN 或组网软件（Tailscale）接受了覆盖 Pod 网段的路由。',
      'NetworkManager 没有把 cali*、flannel* 设为 unmanaged-devices，或 .network 文件的 [Match] 匹配了所有设备。',
    ],
    mimics: [
      '表中带有 Pod 路由，或者之前有一条只查 main 表非默认路由的规则（suppress_prefixlength 0），新版 nm-cloud-setup 和 wg-quick 就是这样：逐个报文查表判断。',
      '网络插件自己的规则：AWS 针对每块网卡的规则、Cilium 的规则、Calico 的 WireGuard 规则，以及针对带标记报文和 VRF 的规则。',
      'NetworkManager 把 cni0 或 flannel.1 显示为“外部连接”：它不会改动这些设备。',
    ],
    cure: '删除该规则，或让内核先查 main 表中除默认路由以外的路由。让网络管理程序不管理网络插件的设备。',
    title(d) {
      if (d.kind === 'managed') return `${d.node} 上的 ${d.manager} 在配置 ${joinChinese(d.devices)}`
      const [way] = d.ways
      return `${d.node} 的规则“${ruleOf(d)}”：${way ? `${flowZh(way)}${placeZh(way)}` : ''}`
    },
    summary(d) {
      if (d.kind === 'managed') {
        const by = d.file === undefined ? '' : `（依据 ${d.file}）`
        return `${d.node} 的 ${d.manager} 日志显示它在配置 ${joinChinese(d.devices)}${by}。这些设备属于网络插件：网络管理程序在启动或设备启用时，会删除其中不在自身配置里的地址和路由。`
      }
      const ways = d.ways.slice(0, 4).map((way) => `${flowZh(way)}${placeZh(way)}`)
      const gone = d.isSecondary
        ? 'Pod 访问本节点的这个地址得不到应答，访问节点的主地址则正常。'
        : '这些报文到不了目的地。'
      return `在 ${d.node} 上，规则${joinChinese(d.rules.map((rule) => `“${rule}”`))}先于 main 表生效：${ways.join('；')}。${gone}`
    },
    ruledOut: (d) =>
      d.kind === 'managed'
        ? []
        : [
            '只按 main 表，这些报文会送到 Pod。',
            '之前没有让 main 表优先的规则，报文的去向也不是网络插件的设备。',
          ],
    remedy: (d) => stepsIn('zh', cureOf(d)),
    verify: (d) => stepsIn('zh', checkOf(d)),
    reasons: {
      noPods: '该节点的路由表中没有到 Pod 的路由。',
      tableShort: '路由表采集不完整：规则所查的表可能在缺失的部分里带有 Pod 路由。',
    },
    notes: {
      rule: () => '先于 main 表查询',
      taken: () => '报文走的是这条路由',
      meant: () => '本应走这条路由',
      log: (manager) => `${manager} 接管该设备`,
    },
  },
}
