import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What asks for the address; '' where no option does, and the log tells what was found at the start. */
export type Option = 'node-ip' | 'kubelet-arg node-ip' | 'bind-address' | ''

/** What was found: an address that is to be the node's own, and is not. */
export interface AbsentNodeIp {
  readonly node: string
  readonly distribution: 'k3s' | 'rke2'
  readonly role: 'server' | 'agent'
  readonly option: Option
  readonly address: string
  /** The addresses that the host has. */
  readonly own: readonly string[]
  /** Lines of the last hour say so. */
  readonly refused: boolean
  /** Whether ip_nonlocal_bind was captured. */
  readonly isAskedForNonlocal: boolean
  /** Another node of the case that has it. */
  readonly holder?: string
}

/** What there is to see in a line. */
export type Note = 'set' | 'refused' | 'holder'

/** The words of k3s-node-ip-not-on-host. */
export const text: RuleTexts<AbsentNodeIp, 'noUnit' | 'otherNetwork' | 'noAddresses', Note> = {
  en: {
    name: 'k3s or rke2 is told an address that the node does not have',
    looksFor:
      'Addresses in `node-ip` (servers and agents, also as `kubelet-arg: node-ip=…`) and in `bind-address` (servers), out of config.yaml, config.yaml.d and ExecStart, that are on no interface of the host; and lines of k3s or rke2 `node IP … not found in the host’s network interfaces` and `bind: cannot assign requested address`.',
    why: '`node-ip` is the address that the kubelet registers the node with, and that the etcd of a server listens on; `bind-address` is what the server listens on. The kubelet checks it against the interfaces whenever it writes the node’s status, and leaves the addresses out where it fails; the kernel binds no listener to an address it does not have.',
    consequences:
      'The node’s addresses are not updated any more, its InternalIP is missing or leads nowhere: `kubectl logs`, `exec` and the tunnels to its pods fail. A server with embedded etcd, or with such a `bind-address`, does not start.',
    commonCauses: [
      'The address of the machine changed: DHCP, another network, a restored or copied disk.',
      'config.yaml copied from another node.',
      'A public address that the provider translates: it is not on the host, and belongs in `node-external-ip`.',
      'The interface (a VPN, a second card) was not up when it was needed.',
    ],
    mimics: [
      '`node-external-ip`, `advertise-address` and `tls-san`: others reach the node by them, through NAT or a load balancer; the host need not have them.',
      '`0.0.0.0` and `::`, which name no address, and loopback.',
      'An address on a dummy or loopback interface: the host has it.',
      '`bind-address` with `net.ipv4.ip_nonlocal_bind=1`, as for an address that keepalived moves: the kernel binds it.',
      'k3s with `vpn-auth` takes the address of the VPN, and rootless has a network of its own: not judged.',
      'Log lines before the address came (at boot, before DHCP): the host has it by now.',
    ],
    cure: 'Set `node-ip` to an address of the host that the other nodes reach, or leave it out, and restart the service.',
    title: (d) =>
      d.option === ''
        ? `${d.distribution} on ${d.node} goes on with ${d.address}, which the node has no more`
        : `${d.option} of ${d.node} is ${d.address}, which none of its interfaces has`,
    summary: (d) =>
      [
        d.option === ''
          ? `No option names ${d.address}: ${d.distribution} chose it at its start, and the node lost it since.`
          : `The ${d.role} is told ${d.option} ${d.address}; the host has ${joinWords(d.own)}.`,
        ...(d.holder === undefined ? [] : [`${d.address} is an address of ${d.holder}.`]),
        d.refused ? 'The log says so too, within the last hour.' : '',
        d.option === 'bind-address'
          ? 'The server cannot listen there, and does not start.'
          : `The kubelet does not write the node’s addresses${d.role === 'server' ? ', and embedded etcd cannot listen there' : ''}.`,
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
    ruledOut: (d) => [
      'All interfaces of the host were looked at, dummies and loopback too.',
      ...(d.option === 'bind-address' && d.isAskedForNonlocal
        ? ['`net.ipv4.ip_nonlocal_bind` is 0: the kernel binds no foreign address.']
        : []),
    ],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', [verification(d)]),
    reasons: {
      noUnit: 'No unit of k3s or rke2 was captured on this node.',
      otherNetwork: 'k3s takes its address from a VPN, or runs rootless in a network of its own.',
      noAddresses: 'No captured interface is a network card of the host with an address.',
    },
    notes: {
      set: (value) => value,
      refused: (value) => `refused: ${value}`,
      holder: (value) => `${value} has it`,
    },
  },
  zh: {
    name: 'k3s 或 rke2 配置了节点没有的地址',
    looksFor:
      'config.yaml、config.yaml.d 和 ExecStart 中的 `node-ip`（server 与 agent，也包括 `kubelet-arg: node-ip=…`）以及 `bind-address`（server），其地址不在主机的任何网卡上；以及 k3s 或 rke2 的日志 `node IP … not found in the host’s network interfaces` 和 `bind: cannot assign requested address`。',
    why: '`node-ip` 是 kubelet 注册节点所用的地址，也是 server 的 etcd 的监听地址；`bind-address` 是 server 的监听地址。kubelet 每次写入节点状态时都会与网卡核对，不符就不写地址；内核不会让监听套接字绑定本机没有的地址。',
    consequences:
      '节点地址不再更新，InternalIP 缺失或不可达：`kubectl logs`、`exec` 以及通往其 Pod 的隧道都会失败。使用内嵌 etcd 或这样的 `bind-address` 的 server 无法启动。',
    commonCauses: [
      '机器地址变了：DHCP、换了网络、恢复或复制了磁盘。',
      'config.yaml 是从其他节点复制来的。',
      '云厂商做地址转换的公网地址：主机上没有，应写在 `node-external-ip` 中。',
      '需要时网卡（VPN、第二块网卡）还没有启用。',
    ],
    mimics: [
      '`node-external-ip`、`advertise-address` 和 `tls-san`：其他机器经 NAT 或负载均衡用它们访问节点，主机上不必有。',
      '`0.0.0.0` 和 `::` 不代表具体地址；回环地址也不算。',
      'dummy 或回环网卡上的地址：主机有该地址。',
      '`net.ipv4.ip_nonlocal_bind=1` 时的 `bind-address`，例如 keepalived 漂移的地址：内核允许绑定。',
      '使用 `vpn-auth` 的 k3s 采用 VPN 的地址，rootless 有自己的网络：不作判断。',
      '地址出现之前（开机、DHCP 完成之前）的日志：此时主机已有该地址。',
    ],
    cure: '把 `node-ip` 设为主机上其他节点可以到达的地址，或去掉该选项，然后重启服务。',
    title: (d) =>
      d.option === ''
        ? `${d.node} 上的 ${d.distribution} 仍在使用节点已经没有的地址 ${d.address}`
        : `${d.node} 的 ${d.option} 为 ${d.address}，但它的网卡上都没有这个地址`,
    summary: (d) =>
      [
        d.option === ''
          ? `没有选项指定 ${d.address}：${d.distribution} 启动时选用了它，之后节点失去了该地址。`
          : `该 ${d.role} 的 ${d.option} 设为 ${d.address}，而主机的地址是 ${joinChinese(d.own)}。`,
        ...(d.holder === undefined ? [] : [`${d.address} 是 ${d.holder} 的地址。`]),
        d.refused ? '最近一小时的日志也这样报告。' : '',
        d.option === 'bind-address'
          ? 'server 无法在该地址监听，因此无法启动。'
          : `kubelet 不再写入节点地址${d.role === 'server' ? '，内嵌 etcd 也无法在该地址监听' : ''}。`,
      ].join(''),
    ruledOut: (d) => [
      '已检查主机的所有网卡，包括 dummy 和回环。',
      ...(d.option === 'bind-address' && d.isAskedForNonlocal
        ? ['`net.ipv4.ip_nonlocal_bind` 为 0：内核不允许绑定外部地址。']
        : []),
    ],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', [verification(d)]),
    reasons: {
      noUnit: '该节点上没有采集到 k3s 或 rke2 的服务单元。',
      otherNetwork: 'k3s 的地址来自 VPN，或以 rootless 方式在自己的网络中运行。',
      noAddresses: '采集到的网卡中没有带地址的主机网卡。',
    },
    notes: {
      set: (value) => value,
      refused: (value) => `被拒绝：${value}`,
      holder: (value) => `${value} 拥有该地址`,
    },
  },
}

/** Only where the address of the server is not what it was. */
const ETCD_MEMBER: SaidStep = {
  text: {
    en: 'The other members of embedded etcd know a server by its address: where that changed, remove the member and let the server join anew.',
    zh: '内嵌 etcd 的其他成员以地址识别 server：如果地址变了，需移除该成员并让 server 重新加入。',
  },
  commands: [],
}

function remedy({ distribution, role, option }: AbsentNodeIp): readonly SaidStep[] {
  const restart = `systemctl restart ${serviceOf(distribution, role)}`
  if (option === '')
    return [
      {
        text: {
          en: 'Give the machine a fixed address, or set `node-ip`; then restart the service, which looks for its address at its start.',
          zh: '给机器固定地址，或设置 `node-ip`；然后重启服务，它在启动时确定自己的地址。',
        },
        commands: ['ip -brief addr', restart],
      },
    ]
  return [
    {
      text: {
        en: 'See which addresses the host has, and where the option is set.',
        zh: '查看主机有哪些地址，以及该选项在哪里设置。',
      },
      commands: [
        'ip -brief addr',
        `grep -rnE 'node-ip|bind-address' /etc/rancher/${distribution}/ /etc/systemd/system/${serviceOf(distribution, role)}.service`,
      ],
    },
    {
      text: {
        en: 'Set it to an address of the host (a public address that is translated: `node-external-ip`), and restart the service.',
        zh: '改为主机上的地址（做地址转换的公网地址应写入 `node-external-ip`），然后重启服务。',
      },
      commands: [restart],
    },
    ...(role === 'server' ? [ETCD_MEMBER] : []),
  ]
}

function verification({ distribution, role, node }: AbsentNodeIp): SaidStep {
  return {
    text: {
      en: 'The node is Ready with an InternalIP that it has, and the log is silent.',
      zh: '节点为 Ready，InternalIP 是它自己的地址，日志不再报错。',
    },
    commands: [
      `kubectl get node ${node} -o wide`,
      `journalctl -u ${serviceOf(distribution, role)} --since -5min | grep -E 'not found in the host|cannot assign'`,
    ],
  }
}

function serviceOf(distribution: 'k3s' | 'rke2', role: 'server' | 'agent'): string {
  if (distribution === 'k3s') return role === 'server' ? 'k3s' : 'k3s-agent'
  return `rke2-${role}`
}
