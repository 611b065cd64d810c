import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { sysctlKey } from '../../text/sysctlKey.ts'

/** Packets whose answers would leave by another interface. */
interface Way {
  readonly peer: string
  /** An address, or the network of the peer's pods. */
  readonly sources: string
  /** The interface that answers leave by; left out where there is no way back. */
  readonly back?: string
}

/** What was found: an interface whose reverse path filter drops what the cluster sends. */
export type ReversePathDrop =
  | {
      readonly kind: 'asymmetric'
      readonly node: string
      readonly device: string
      readonly ways: readonly Way[]
      /** Since boot, over all interfaces; left out where it was not captured. */
      readonly dropped?: number
      readonly isLogged: boolean
    }
  | {
      readonly kind: 'logged'
      readonly node: string
      readonly device: string
      readonly sources: readonly string[]
    }
  | {
      readonly kind: 'cilium'
      readonly node: string
      readonly devices: readonly string[]
      readonly isStrict: boolean
    }

type Reason = 'noKey'
type Note = 'filter' | 'back' | 'noWay' | 'forth' | 'dropped' | 'log'

const keyOf = (device: string): string => sysctlKey(`net/ipv4/conf/${device}/rp_filter`)

const wordWay = ({ peer, sources, back }: Way): string =>
  back === undefined ? `${sources} of ${peer} (no way back)` : `${sources} of ${peer} (back by ${back})`
const wordWayInChinese = ({ peer, sources, back }: Way): string =>
  back === undefined ? `${peer} 的 ${sources}（没有回程路由）` : `${peer} 的 ${sources}（回程走 ${back}）`

const ciliumCommands = [
  String.raw`printf '%s\n' 'net.ipv4.conf.lxc*.rp_filter = 0' 'net.ipv4.conf.cilium_*.rp_filter = 0' 'net.ipv4.conf.all.rp_filter = 0' >/etc/sysctl.d/99-zzz-override_cilium.conf`,
  'systemctl restart systemd-sysctl',
]

const looseCommands = (device: string): string[] => [
  `sysctl -w ${shellQuote(`${keyOf(device)}=2`)}`,
  `echo ${shellQuote(`${keyOf(device)} = 2`)} >/etc/sysctl.d/99-rp-filter.conf`,
]

const verifyCommands = (device: string): string[] => [
  `sysctl net.ipv4.conf.all.rp_filter ${shellQuote(keyOf(device))}`,
  'nstat -az TcpExtIPReversePathFilter',
]

/** The words of sysctl-rp-filter-cni. */
export const text: RuleTexts<ReversePathDrop, Reason, Note> = {
  en: {
    name: 'The reverse path filter drops packets of the cluster',
    looksFor:
      'Interfaces whose rp_filter is strict (1; the larger value of `all` and the interface counts), by which other nodes or their pods send, while the route back leads over another interface or nowhere; the kernel’s own lines about martian sources; devices of Cilium with any reverse path filter.',
    why: 'With rp_filter=1 the kernel looks up, for every packet that comes in, by which interface it would answer. Where that is another one, it drops the packet without a word, unless log_martians is on. Packets of multi-homed nodes, of tunnels and of pods on other nodes often come and go by different ways. Cilium routes pods’ packets in eBPF past the kernel’s tables, so that every packet from a pod would fail the test.',
    consequences:
      'Connections from some nodes or their pods time out, those from others work; tcpdump on the interface shows the packets arriving, and nothing answers. The counter IPReversePathFilter grows.',
    commonCauses: [
      'Two interfaces of a node in one network, or a default route by the other one.',
      'A route to the pods of a peer that was lost: then the answer would leave by the default route.',
      'Distributions that ship rp_filter=1 (RHEL), or systemd since 245 with its 50-default.conf, which sets every new device.',
    ],
    mimics: [
      'Calico keeps rp_filter=1 on cali* devices by design; pods there answer by the device that they send by.',
      'rp_filter=2 (loose) only drops what has no way back at all.',
      'A martian source that is an address of the node itself, which the kernel drops with every setting: see ipvs-external-ip-is-node-ip.',
      'A bond, bridge or VLAN and its members are one way.',
      'A counter that grows alone: broadcasts and strangers fail the test on sound nodes too.',
    ],
    cure: 'Mend the routes so that packets come and go by one interface; where two ways are meant, set rp_filter to 2 on the interface (the larger of `all` and its own counts). With Cilium set it to 0 for lxc* and cilium_* in a file that is read after systemd’s 50-default.conf.',
    title(d) {
      if (d.kind === 'cilium')
        return `rp_filter is on for ${formatCount(d.devices.length)} devices of Cilium on ${d.node}`
      if (d.kind === 'logged') return `${d.node} dropped packets of the cluster on ${d.device} as martians`
      return `Strict rp_filter on ${d.device} of ${d.node} drops what ${joinWords(d.ways.map(({ sources }) => sources))} sends`
    },
    summary(d) {
      if (d.kind === 'cilium') {
        return d.isStrict
          ? `rp_filter is 1 for ${joinWords(d.devices)} of ${d.node}. Cilium routes pods’ packets past the kernel’s tables: the filter drops what pods send.`
          : `rp_filter is 2 for ${joinWords(d.devices)} of ${d.node}, as systemd sets it for new devices. Cilium asks for 0: packets whose source the kernel has no route to are dropped.`
      }
      if (d.kind === 'logged') {
        return `The kernel of ${d.node} logged that it dropped packets from ${joinWords(d.sources)}, which are nodes or pods of the cluster, as they came in by ${d.device}, whose rp_filter is strict. By the routes at the time of the capture they would pass.`
      }
      const ways = `By the routes of both ends these come in by ${d.device} of ${d.node}: ${joinWords(d.ways.map(wordWay))}. Its rp_filter is 1, so that the kernel drops them.`
      const proof =
        d.dropped === undefined
          ? ''
          : d.dropped > 0
            ? ` It has dropped ${formatCount(d.dropped)} packets so since boot.`
            : ' None was dropped so since boot: nobody has sent that way yet.'
      return `${ways}${proof}${d.isLogged ? ' Its log names such packets.' : ''}`
    },
    ruledOut: (d) =>
      d.kind === 'asymmetric'
        ? [
            'The interfaces of the two ways share no bond, bridge or VLAN.',
            'The sources are no addresses of the node itself.',
          ]
        : [],
    remedy(d) {
      if (d.kind === 'cilium') {
        return [
          {
            text: 'Turn it off for Cilium’s devices, after systemd’s own file, and recreate the pods (a device that is there keeps its value).',
            commands: ciliumCommands,
          },
        ]
      }
      return [
        {
          text: 'See by which interface the node answers, and mend the route if it is not meant so.',
          commands: [
            `ip route get ${d.kind === 'logged' ? (d.sources[0] ?? '') : (d.ways[0]?.sources.replace(/\.0\/\d+$/, '.2') ?? '')}`,
          ],
        },
        {
          text: 'Where both ways are meant: let the filter be loose on this interface.',
          commands: looseCommands(d.device),
        },
      ]
    },
    verify: (d) => [
      {
        text: 'The counter stands still while the peers send.',
        commands: verifyCommands(d.kind === 'cilium' ? (d.devices[0] ?? '') : d.device),
      },
    ],
    reasons: { noKey: 'The captured settings do not show rp_filter.' },
    notes: {
      filter: (device) => `the reverse path filter that counts for ${device}`,
      forth: (device) => `the peer sends this way, to ${device}`,
      back: () => 'the answer would leave this way',
      noWay: () => 'no route leads back to the source',
      dropped: (count) => `IPReversePathFilter: ${formatCount(Number(count))} since boot`,
      log: () => 'dropped as a martian',
    },
  },
  zh: {
    name: '反向路径过滤（rp_filter）丢弃了集群内的报文',
    looksFor:
      'rp_filter 为严格模式（1，取 `all` 与接口自身中的较大值）、其他节点或其 Pod 的报文从该接口进入、而回程路由走另一接口或不存在的情况；内核的 martian source 日志；以及启用了反向路径过滤的 Cilium 设备。',
    why: 'rp_filter=1 时，内核会为每个进入的报文查找回程接口，如果不是同一个接口就直接丢弃，除非打开 log_martians，否则没有任何提示。多网卡节点、隧道以及其他节点 Pod 的报文往往来回路径不同。Cilium 用 eBPF 转发 Pod 报文，不经过内核路由表，Pod 发出的每个报文都无法通过这一检查。',
    consequences:
      '来自某些节点或其 Pod 的连接超时，来自其他节点的正常；在接口上抓包能看到报文到达，却没有任何应答；IPReversePathFilter 计数持续增长。',
    commonCauses: [
      '节点有两块网卡在同一网段，或者默认路由走另一块网卡。',
      '到对端 Pod 网段的路由丢失，应答会走默认路由。',
      '发行版默认 rp_filter=1（RHEL），或 systemd 245 之后的 50-default.conf 会设置每个新设备。',
    ],
    mimics: [
      'Calico 有意让 cali* 设备保持 rp_filter=1，那里的 Pod 收发走同一设备。',
      'rp_filter=2（宽松模式）只丢弃完全没有回程路由的报文。',
      '源地址是本节点自身地址的 martian source，任何设置下都会被丢弃，见 ipvs-external-ip-is-node-ip。',
      'bond、网桥、VLAN 与其成员视为同一条路径。',
      '只有计数增长：正常节点上的广播和外来报文也会触发。',
    ],
    cure: '修正路由，使报文来回走同一接口；如果确实需要两条路径，把该接口的 rp_filter 设为 2（取 `all` 与接口自身中的较大值）。使用 Cilium 时，在排序晚于 systemd 50-default.conf 的文件中把 lxc* 和 cilium_* 设为 0。',
    title(d) {
      if (d.kind === 'cilium')
        return `${d.node} 上 ${formatCount(d.devices.length)} 个 Cilium 设备启用了 rp_filter`
      if (d.kind === 'logged') return `${d.node} 在 ${d.device} 上把集群内的报文当作 martian 丢弃过`
      return `${d.node} 的 ${d.device} 严格 rp_filter 丢弃来自 ${joinChinese(d.ways.map(({ sources }) => sources))} 的报文`
    },
    summary(d) {
      if (d.kind === 'cilium') {
        return d.isStrict
          ? `${d.node} 的 ${joinChinese(d.devices)} rp_filter 为 1。Cilium 转发 Pod 报文时不经过内核路由表，Pod 发出的报文会被丢弃。`
          : `${d.node} 的 ${joinChinese(d.devices)} rp_filter 为 2，是 systemd 给新设备设置的值。Cilium 要求为 0：源地址在内核中没有路由的报文会被丢弃。`
      }
      if (d.kind === 'logged') {
        return `${d.node} 的内核日志显示，来自 ${joinChinese(d.sources)}（集群的节点或 Pod）的报文进入 ${d.device} 时被丢弃，该接口的 rp_filter 为严格模式。按采集时的路由，这些报文可以通过。`
      }
      const ways = `按两端的路由，以下报文从 ${d.node} 的 ${d.device} 进入：${joinChinese(d.ways.map(wordWayInChinese))}。该接口 rp_filter 为 1，内核会丢弃它们。`
      const proof =
        d.dropped === undefined
          ? ''
          : d.dropped > 0
            ? `开机以来已因此丢弃 ${formatCount(d.dropped)} 个报文。`
            : '开机以来尚未因此丢弃报文：还没有流量走这条路径。'
      return `${ways}${proof}${d.isLogged ? '内核日志中有这样的报文。' : ''}`
    },
    ruledOut: (d) =>
      d.kind === 'asymmetric'
        ? ['两条路径的接口不属于同一个 bond、网桥或 VLAN。', '源地址不是本节点自身的地址。']
        : [],
    remedy(d) {
      if (d.kind === 'cilium') {
        return [
          {
            text: '在排序晚于 systemd 自带文件的位置为 Cilium 设备关闭，并重建 Pod（已有设备会保持原值）。',
            commands: ciliumCommands,
          },
        ]
      }
      return [
        {
          text: '查看节点从哪个接口应答；如果不符合预期，修正路由。',
          commands: [
            `ip route get ${d.kind === 'logged' ? (d.sources[0] ?? '') : (d.ways[0]?.sources.replace(/\.0\/\d+$/, '.2') ?? '')}`,
          ],
        },
        { text: '如果两条路径都是有意为之，把该接口设为宽松模式。', commands: looseCommands(d.device) },
      ]
    },
    verify: (d) => [
      {
        text: '对端发送流量时计数不再增长。',
        commands: verifyCommands(d.kind === 'cilium' ? (d.devices[0] ?? '') : d.device),
      },
    ],
    reasons: { noKey: '采集到的内核参数中没有 rp_filter。' },
    notes: {
      filter: (device) => `${device} 上实际生效的反向路径过滤`,
      forth: (device) => `对端由此路由发往 ${device}`,
      back: () => '应答会走这条路由',
      noWay: () => '没有回到源地址的路由',
      dropped: (count) => `IPReversePathFilter：开机以来 ${formatCount(Number(count))}`,
      log: () => '被当作 martian 丢弃',
    },
  },
}
