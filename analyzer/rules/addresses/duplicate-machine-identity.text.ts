import type { RuleTexts } from '../../engine/ruleText.ts'
import type { MachineTrait } from '../../facts/cluster/repeatedMarks.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: machines that were up at one time and have the same identity. */
export interface SharedIdentity {
  readonly nodes: readonly string[]
  readonly traits: readonly MachineTrait[]
  readonly macs: readonly string[]
  /** Addresses that they have in common. */
  readonly addresses: readonly string[]
  /** The host name that they share. */
  readonly hostname?: string
}

type Reason = 'alone'

const NAMES: Readonly<Record<MachineTrait, string>> = {
  'machine-id': 'machine id (/etc/machine-id)',
  'product-uuid': 'product UUID',
  hostname: 'host name',
  mac: 'MAC of a network card',
}
const CHINESE_NAMES: Readonly<Record<MachineTrait, string>> = {
  'machine-id': 'machine-id（/etc/machine-id）',
  'product-uuid': 'product_uuid',
  hostname: '主机名',
  mac: '网卡 MAC 地址',
}
const CHECK = ['cat /etc/machine-id /sys/class/dmi/id/product_uuid', 'hostname', 'ip -br link']
const NEW_ID = ['rm -f /etc/machine-id /var/lib/dbus/machine-id', 'systemd-machine-id-setup', 'reboot']

/** The words of duplicate-machine-identity. */
export const text: RuleTexts<SharedIdentity, Reason> = {
  en: {
    name: 'Two nodes have the same machine identity',
    looksFor:
      'Bundles of different boots, made while both machines were up, with the same machine id, product UUID, host name, or MAC of a network card in use.',
    why: 'A virtual machine that was cloned without being given an identity of its own. systemd derives the DHCP client id and the MACs of virtual devices, flannel.1 among them, from the machine id; the host name is the node’s name in the API; switches know a machine by its MAC.',
    consequences:
      'DHCP gives both the same address; frames for one arrive at the other; two VXLAN devices with one MAC; two kubelets that overwrite one Node object; k3s refuses the second one with “Node password rejected”.',
    commonCauses: [
      'A template or snapshot that was cloned with its /etc/machine-id in it.',
      'Virtual machines that were copied with the MAC of the original.',
    ],
    mimics: [
      'Two bundles of one node: they have one boot id, or one was made before the machine started anew.',
      'VRRP and other MACs that are shared by design; bonds, bridges and VLANs, which take over a member’s MAC.',
      'Boards of one maker that all have the same product UUID: told as low where it is all they share.',
    ],
    cure: 'Give the clone an identity of its own (machine id, host name, MAC), and let it join the cluster anew under its own name.',
    title: ({ nodes, traits }) =>
      `${joinWords(nodes)} have the same ${joinWords(traits.map((trait) => NAMES[trait]))}`,
    summary({ nodes, traits, addresses, macs }) {
      const what = `${joinWords(nodes)} were up at the same time, and have the same ${joinWords(traits.map((trait) => NAMES[trait]))}${macs.length > 0 ? ` (${joinWords(macs)})` : ''}.`
      const shared = addresses.length > 0 ? ` Both have ${joinWords(addresses)}.` : ''
      const effect = traits.every((trait) => trait === 'product-uuid')
        ? ' By itself this breaks nothing that is known; kubeadm asks for different ones.'
        : ' What is derived from it (addresses by DHCP, MACs of virtual devices, the name in the API) collides.'
      return `${what}${shared}${effect}`
    },
    ruledOut: () => [
      'They are two machines: their boot ids differ, and neither had started only after the other was captured.',
    ],
    remedy: ({ traits, hostname }) => [
      ...(traits.includes('machine-id')
        ? [{ text: 'On the clone: make a machine id of its own (drain the node first).', commands: NEW_ID }]
        : []),
      ...(traits.includes('mac')
        ? [{ text: 'Give the clone’s virtual card a MAC of its own, in the hypervisor.', commands: [] }]
        : []),
      ...(hostname !== undefined
        ? [
            {
              text: 'Give the clone a host name of its own, and let it join anew (k3s: --with-node-id, or another --node-name).',
              commands: [`hostnamectl set-hostname ${shellQuote(`${hostname}-2`)}`],
            },
          ]
        : []),
    ],
    verify: () => [{ text: 'On each node these are different.', commands: CHECK }],
    reasons: { alone: 'There is one bundle only, or the bundles do not tell their boot ids.' },
    notes: {},
  },
  zh: {
    name: '两个节点的机器身份相同',
    looksFor:
      '不同启动（boot_id 不同）、且采集时同时在线的机器，具有相同的 machine-id、product_uuid、主机名或在用网卡的 MAC 地址。',
    why: '虚拟机克隆后没有更换身份。systemd 用 machine-id 生成 DHCP 客户端标识以及虚拟设备（包括 flannel.1）的 MAC；主机名就是 API 中的节点名；交换机靠 MAC 识别机器。',
    consequences:
      'DHCP 给两台机器分配同一地址；发给一台的报文到了另一台；两个 VXLAN 设备 MAC 相同；两个 kubelet 互相覆盖同一个 Node 对象；k3s 以 “Node password rejected” 拒绝第二台。',
    commonCauses: ['模板或快照带着 /etc/machine-id 被克隆。', '复制虚拟机时沿用了原来的 MAC。'],
    mimics: [
      '同一节点采集了两次：boot_id 相同，或两次采集之间重启过。',
      'VRRP 等有意共用的 MAC；bond、网桥、VLAN 会沿用成员的 MAC。',
      '同一厂商的主板 product_uuid 全都一样：如果只有这一项相同，按低级别提示。',
    ],
    cure: '为克隆出来的机器更换身份（machine-id、主机名、MAC），再以自己的名字重新加入集群。',
    title: ({ nodes, traits }) =>
      `${joinChinese(nodes)} 的${joinChinese(traits.map((trait) => CHINESE_NAMES[trait]))}相同`,
    summary({ nodes, traits, addresses, macs }) {
      const what = `${joinChinese(nodes)} 曾同时在线，而${joinChinese(traits.map((trait) => CHINESE_NAMES[trait]))}相同${macs.length > 0 ? `（${joinChinese(macs)}）` : ''}。`
      const shared = addresses.length > 0 ? `两者都配置了 ${joinChinese(addresses)}。` : ''
      const effect = traits.every((trait) => trait === 'product-uuid')
        ? '仅此一项没有已知影响，但 kubeadm 要求各不相同。'
        : '由它派生的内容（DHCP 地址、虚拟设备 MAC、API 中的节点名）会互相冲突。'
      return `${what}${shared}${effect}`
    },
    ruledOut: () => ['确实是两台机器：boot_id 不同，而且并非一台采集之后另一台才启动。'],
    remedy: ({ traits, hostname }) => [
      ...(traits.includes('machine-id')
        ? [{ text: '在克隆出来的机器上重新生成 machine-id（先驱逐 Pod）。', commands: NEW_ID }]
        : []),
      ...(traits.includes('mac') ? [{ text: '在虚拟化平台上为其网卡更换 MAC。', commands: [] }] : []),
      ...(hostname !== undefined
        ? [
            {
              text: '更换主机名并重新加入集群（k3s 可用 --with-node-id 或另一个 --node-name）。',
              commands: [`hostnamectl set-hostname ${shellQuote(`${hostname}-2`)}`],
            },
          ]
        : []),
    ],
    verify: () => [{ text: '各节点的这些值互不相同。', commands: CHECK }],
    reasons: { alone: '只有一个采集包，或采集包中没有 boot_id。' },
    notes: {},
  },
}
