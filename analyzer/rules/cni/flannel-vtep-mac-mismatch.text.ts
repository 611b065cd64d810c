import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a tunnel device with another hardware address than others have for it. */
export interface VtepMacMismatch {
  readonly node: string
  readonly device: string
  readonly actual: string
  readonly expected: readonly string[]
  /** Nodes that send to another one. */
  readonly observers: readonly string[]
  /** What flannel announced by way of the API server differs too. */
  readonly isAnnounced: boolean
  readonly isFarApart: boolean
  /** Left out where a log line alone tells. */
  readonly tunnelAddress?: string
}

type Reason = 'noDevice' | 'noTables'
type Note = 'device' | 'neighbour' | 'announced' | 'log'

const LINK_FILE = `printf '[Match]\\nOriginalName=flannel*\\n\\n[Link]\\nMACAddressPolicy=none\\n' >/etc/systemd/network/50-flannel.link`

/** The words of flannel-vtep-mac-mismatch. */
export const text: RuleTexts<VtepMacMismatch, Reason, Note> = {
  en: {
    name: 'A tunnel device has another MAC address than its peers think',
    looksFor:
      'The hardware address of each node’s flannel.1 against the neighbour entries that other nodes have for it, and against the VtepMAC that flannel announced in the node’s annotation.',
    why: 'flannel announces the hardware address of flannel.1 once, and every peer writes it into a permanent neighbour entry. A frame with another address arrives, is taken out of the tunnel, and is dropped as being for somebody else.',
    consequences:
      'Pods of that node are not reached from the nodes with the wrong entry. The packets can be seen on the NIC and on flannel.1 of that node (tcpdump), and nothing answers. Nothing is logged.',
    commonCauses: [
      'systemd 242 and newer give flannel.1 an address of their own after it was made (MACAddressPolicy=persistent in 99-default.link).',
      'The device was deleted and made anew, by a reboot or a network manager, while a peer’s flannel could not reach the API server.',
      'An entry was written by hand, or by a script.',
    ],
    mimics: [
      'Bundles that were made more than ten minutes apart: the device may have been made anew in between.',
      'Nodes of different clusters whose pods have the same networks: only nodes of one cluster are held against each other.',
      'Forwarding entries for former addresses of a peer do no harm and do not count.',
    ],
    cure: 'Restart flannel on the node whose device differs, so that it announces the address anew; where one peer alone is wrong, restart flannel there. Keep systemd from changing the address with a .link file.',
    title: (d) =>
      d.observers.length === 0
        ? `${d.device} of ${d.node} has the MAC address ${d.actual}; flannel ${d.isAnnounced ? 'announced' : 'wants'} ${joinWords(d.expected)}`
        : `${joinWords(d.observers)} ${d.observers.length === 1 ? 'sends' : 'send'} to ${joinWords(d.expected)}; ${d.device} of ${d.node} has ${d.actual}`,
    summary(d) {
      const device = `${d.device} of ${d.node} has the hardware address ${d.actual}.`
      const doubt = d.isFarApart
        ? ' The bundles were made more than ten minutes apart: it may have changed in between.'
        : ''
      if (d.observers.length === 0) {
        return `${device} flannel ${d.isAnnounced ? 'announced' : 'wants'} ${joinWords(d.expected)}. ${d.isAnnounced ? `Peers that write what was announced send frames which ${d.node} drops.` : 'It stops, and its entries are not kept up to date.'}${doubt}`
      }
      return `${device} The neighbour entry on ${joinWords(d.observers)} says ${joinWords(d.expected)}. ${d.node} drops the frames that bear it: its pods are not reached from there.${doubt}`
    },
    ruledOut: (d) =>
      d.observers.length === 0 ? [] : ['The nodes are of one cluster, and their devices of one tunnel.'],
    remedy: (d) => [
      {
        text: `Restart flannel on ${joinWords(d.isAnnounced || d.observers.length === 0 ? [d.node] : d.observers)}.`,
        commands: [
          'kubectl -n kube-flannel delete pod -l app=flannel',
          'systemctl restart k3s || systemctl restart k3s-agent',
        ],
      },
      ...(d.observers.length === 0 || d.tunnelAddress === undefined
        ? []
        : [
            {
              text: `By hand, on ${joinWords(d.observers)}, until then (with the address of ${d.node} in place of NODE):`,
              commands: [
                `bridge fdb replace ${d.actual} dev ${shellQuote(d.device)} dst NODE self permanent`,
                `ip neigh replace ${d.tunnelAddress} lladdr ${d.actual} dev ${shellQuote(d.device)} nud permanent`,
              ],
            },
          ]),
      { text: `Keep systemd from changing it on ${d.node}.`, commands: [LINK_FILE] },
    ],
    verify: (d) => [
      {
        text: `The address of the device and that of the peers’ entries are the same.`,
        commands: [`ip link show ${shellQuote(d.device)}`, `ip neigh show dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {
      noDevice: 'The node has no VXLAN device of flannel that is up.',
      noTables: 'Neighbours or forwarding entries of the node were not captured as a whole.',
    },
    notes: {
      device: (mac) => `its address is ${mac}`,
      neighbour: (node) => `for the device of ${node}`,
      announced: (mac) => `flannel announced ${mac}`,
      log: () => 'flannel refuses the device',
    },
  },
  zh: {
    name: '隧道设备的 MAC 地址与对端记录不一致',
    looksFor:
      '将每个节点 flannel.1 的 MAC 地址，与其他节点为其写入的邻居条目、以及 flannel 在节点注解中公布的 VtepMAC 进行比对。',
    why: 'flannel 只公布一次 flannel.1 的 MAC 地址，每个对端据此写入永久邻居条目。目的 MAC 不符的帧到达后会被解封装，随后因“不是发给本机”而丢弃。',
    consequences:
      '条目有误的节点访问不到该节点的 Pod。在该节点的网卡和 flannel.1 上用 tcpdump 能看到报文，但没有任何应答，也没有日志。',
    commonCauses: [
      'systemd 242 及以上版本在 flannel.1 创建后又改了它的 MAC 地址（99-default.link 中的 MACAddressPolicy=persistent）。',
      '设备因重启或网络管理程序被删除重建，而当时对端的 flannel 无法访问 API server。',
      '条目由人工或脚本写入。',
    ],
    mimics: [
      '采集时间相差十分钟以上：设备可能在此期间重建。',
      '不同集群的节点恰好使用相同的 Pod 网段：只比对属于同一集群的节点。',
      '对端旧 MAC 遗留的转发条目没有影响，不计入。',
    ],
    cure: '在设备不一致的节点上重启 flannel，使其重新公布地址；若只有某个对端有误，则在那里重启 flannel。并用 .link 文件阻止 systemd 修改地址。',
    title: (d) =>
      d.observers.length === 0
        ? `${d.node} 的 ${d.device} 的 MAC 地址是 ${d.actual}，而 flannel ${d.isAnnounced ? '公布的' : '期望的'}是 ${joinWords(d.expected)}`
        : `${joinWords(d.observers)} 发往 ${joinWords(d.expected)}，而 ${d.node} 的 ${d.device} 是 ${d.actual}`,
    summary(d) {
      const device = `${d.node} 的 ${d.device} 的 MAC 地址是 ${d.actual}。`
      const doubt = d.isFarApart ? '采集包相隔超过十分钟，地址可能在此期间变化。' : ''
      if (d.observers.length === 0) {
        return `${device}flannel ${d.isAnnounced ? '公布的' : '期望的'}是 ${joinWords(d.expected)}。${d.isAnnounced ? `按公布地址写入条目的对端所发的帧会被 ${d.node} 丢弃。` : 'flannel 因此退出，不再维护各对端的条目。'}${doubt}`
      }
      return `${device}${joinWords(d.observers)} 上的邻居条目却是 ${joinWords(d.expected)}。${d.node} 会丢弃带有该地址的帧，从那里访问不到它的 Pod。${doubt}`
    },
    ruledOut: (d) => (d.observers.length === 0 ? [] : ['这些节点属于同一集群，设备属于同一隧道。']),
    remedy: (d) => [
      {
        text: `在 ${joinWords(d.isAnnounced || d.observers.length === 0 ? [d.node] : d.observers)} 上重启 flannel。`,
        commands: [
          'kubectl -n kube-flannel delete pod -l app=flannel',
          'systemctl restart k3s || systemctl restart k3s-agent',
        ],
      },
      ...(d.observers.length === 0 || d.tunnelAddress === undefined
        ? []
        : [
            {
              text: `在此之前可在 ${joinWords(d.observers)} 上手工修正（NODE 换成 ${d.node} 的地址）：`,
              commands: [
                `bridge fdb replace ${d.actual} dev ${shellQuote(d.device)} dst NODE self permanent`,
                `ip neigh replace ${d.tunnelAddress} lladdr ${d.actual} dev ${shellQuote(d.device)} nud permanent`,
              ],
            },
          ]),
      { text: `阻止 ${d.node} 上的 systemd 修改该地址。`, commands: [LINK_FILE] },
    ],
    verify: (d) => [
      {
        text: '设备的地址与对端条目中的地址一致。',
        commands: [`ip link show ${shellQuote(d.device)}`, `ip neigh show dev ${shellQuote(d.device)}`],
      },
    ],
    reasons: {
      noDevice: '该节点没有启用的 flannel VXLAN 设备。',
      noTables: '该节点的邻居表或转发表没有完整采集。',
    },
    notes: {
      device: (mac) => `它的地址是 ${mac}`,
      neighbour: (node) => `${node} 的设备在此的记录`,
      announced: (mac) => `flannel 公布的是 ${mac}`,
      log: () => 'flannel 拒绝该设备',
    },
  },
}
