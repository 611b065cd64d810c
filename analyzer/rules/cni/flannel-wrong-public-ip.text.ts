import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: an address by which a node is not reached. */
export interface WrongPublicIp {
  /**
   * `gone`: the VXLAN device sends by an address that no interface has; `absent`: what was announced is not the node’s; `bridge`: it is of
   * a bridge for containers; `shared`: it is announced for several nodes; `stray`: it is in a network that no peer is in.
   */
  readonly kind: 'gone' | 'absent' | 'bridge' | 'shared' | 'stray'
  /** One, but for a shared address. */
  readonly nodes: readonly string[]
  readonly address: string
  /** That has it; of one that is gone the VXLAN device. */
  readonly device?: string
  /** Another node that has it. */
  readonly holder?: string
  /** The node’s address that its peers can reach, as far as the bundles tell. */
  readonly fit?: { readonly address: string; readonly device: string }
  readonly isFarApart: boolean
  /** Of a stray one: no peer has a route to it. */
  readonly isUnrouted?: boolean
}

type Reason = 'otherPlugin' | 'noAnnouncement' | 'noFlannel'
type Note = 'announced' | 'forwarding' | 'device' | 'has' | 'holder' | 'fit'

const LIST_ANNOUNCED = String.raw`kubectl get nodes -o custom-columns='NAME:.metadata.name,PUBLIC-IP:.metadata.annotations.flannel\.alpha\.coreos\.com/public-ip,OVERWRITE:.metadata.annotations.flannel\.alpha\.coreos\.com/public-ip-overwrite'`

function steps(language: Language, d: WrongPublicIp): readonly Step[] {
  const device = shellQuote(d.fit?.device ?? 'IFACE')
  const address = d.fit?.address ?? 'NODE_IP'
  const [node = ''] = d.nodes
  const nodes = { en: joinWords(d.nodes), zh: joinChinese(d.nodes) }
  if (d.kind === 'gone') return stepsIn(language, [restart(node)])
  const forAll = d.kind === 'shared'
  const choose: SaidStep = {
    text: {
      en: `k3s: name address and interface on ${nodes.en}${forAll ? ', each its own' : ''}, in place of such lines that are there, and restart the service.`,
      zh: `k3s：在 ${nodes.zh} 上${forAll ? '分别' : ''}指定地址和接口（已有的同名配置行先删去），然后重启服务。`,
    },
    commands: [
      `printf 'node-ip: ${forAll ? 'NODE_IP' : address}\\nflannel-iface: ${forAll ? 'IFACE' : device}\\n' >>/etc/rancher/k3s/config.yaml`,
      'systemctl restart k3s || systemctl restart k3s-agent',
    ],
  }
  const manifest: SaidStep = {
    text: {
      en: 'flannel as a DaemonSet: add --iface (or --iface-regex, --iface-can-reach) to the arguments of flanneld.',
      zh: '以 DaemonSet 部署的 flannel：在 flanneld 的参数中加入 --iface（或 --iface-regex、--iface-can-reach）。',
    },
    commands: [
      'kubectl -n kube-flannel edit daemonset kube-flannel-ds',
      `# args: ["--ip-masq", "--kube-subnet-mgr", "--iface=${forAll ? 'IFACE' : device}"]`,
    ],
  }
  const translated: SaidStep = {
    text: {
      en: 'Only where the node is reached by a translated address: say so, and let flannel restart.',
      zh: '仅当节点确实通过地址转换（NAT）被访问时：用注解说明，并重启 flannel。',
    },
    commands: [
      `kubectl annotate node ${shellQuote(node)} flannel.alpha.coreos.com/public-ip-overwrite=PUBLIC_IP`,
    ],
  }
  return stepsIn(language, d.kind === 'absent' ? [restart(node), choose, translated] : [choose, manifest])
}

function restart(node: string): SaidStep {
  return {
    text: {
      en: `Restart flannel on ${node}: it makes its device anew and announces the address that the node has now.`,
      zh: `在 ${node} 上重启 flannel：它会重建设备，并公布节点当前的地址。`,
    },
    commands: [
      `kubectl -n kube-flannel delete pod -l app=flannel --field-selector spec.nodeName=${shellQuote(node)}`,
      'systemctl restart k3s || systemctl restart k3s-agent',
    ],
  }
}

function checks(language: Language): readonly Step[] {
  return stepsIn(language, [
    {
      text: {
        en: 'Each node is announced by an address of its own, and sends by the same.',
        zh: '每个节点公布的都是自己的地址，VXLAN 设备也使用同一地址发送。',
      },
      commands: [
        LIST_ANNOUNCED,
        'ip -d link show flannel.1 | grep -o "local [^ ]* dev [^ ]*"',
        'ip -br addr',
      ],
    },
  ])
}

/** The words of flannel-wrong-public-ip. */
export const text: RuleTexts<WrongPublicIp, Reason, Note> = {
  en: {
    name: 'flannel announces a wrong address for the node',
    looksFor:
      'The address by which flannel has others reach each node (its annotation public-ip, the peers’ forwarding entries, the local address of its VXLAN device), held against the node’s interfaces, the other nodes’ addresses and the peers’ networks.',
    why: 'Every node sends the packets for the pods of another one to the address that flannel announced for it. Left to itself flannel takes the interface of the default route; k3s takes the node’s InternalIP. On a node with two cards, a docker bridge or a changed address that may be one by which nobody reaches it.',
    consequences:
      'Pods of the node are not reached from other nodes, and get no answers from there, while the node itself is Ready. Where all nodes announce the same address, each sends to itself.',
    commonCauses: [
      'Virtual machines of Vagrant or VirtualBox: the first card is behind NAT, and every machine has 10.0.2.15 there.',
      'A second network card (office, storage, management) that has the default route.',
      'The node’s address changed (DHCP, a new network) and flannel was not restarted since.',
      'An address of keepalived or kube-vip was chosen, and has moved to another node.',
      'docker0 or another bridge of containers was taken for the node’s network.',
    ],
    mimics: [
      'An address that somebody chose (public-ip-overwrite, ExternalIP), or a public one of a node that has private ones alone: it is translated on the way.',
      'A network of its own for pods, of which all nodes are: another address than the InternalIP is then meant.',
      'A former name of a node that the API server does not hear from any more.',
      'Annotations that flannel left behind before another plugin took over (Calico, Cilium).',
      'Bundles and the API server’s answer that were taken more than ten minutes apart: the address may have changed in between.',
    ],
    cure: 'Tell flannel which interface to take (k3s: node-ip and flannel-iface; else --iface), or restart it where the address has changed.',
    title(d) {
      const nodes = joinWords(d.nodes)
      switch (d.kind) {
        case 'gone':
          return `${d.device ?? ''} of ${nodes} sends by ${d.address}, which no interface of the node has`
        case 'absent':
          return d.holder === undefined
            ? `flannel announces ${d.address} for ${nodes}, which no interface of it has`
            : `flannel announces ${d.address} for ${nodes}, an address of ${d.holder}`
        case 'bridge':
          return `flannel announces ${d.address} for ${nodes}, the address of ${d.device ?? ''}`
        case 'shared':
          return `flannel announces ${d.address} for ${nodes} alike`
        case 'stray':
          return `flannel announces ${d.address} of ${d.device ?? ''} for ${nodes}, in a network that no other node is in`
      }
    },
    summary(d) {
      const nodes = joinWords(d.nodes)
      const fit = d.fit === undefined ? '' : ` Its peers can reach it by ${d.fit.address} (${d.fit.device}).`
      const doubt = d.isFarApart
        ? ' What announces it and the node were captured more than ten minutes apart: the address may have changed in between.'
        : ''
      switch (d.kind) {
        case 'gone':
          return `The VXLAN device ${d.device ?? ''} of ${nodes} has ${d.address} as the source of what it sends. The node does not have this address any more: the kernel drops every packet to the pods of other nodes, and counts it as an error of the device.${fit}`
        case 'absent':
          return `The other nodes send the packets for the pods of ${nodes} to ${d.address}, ${d.holder === undefined ? 'which is on none of its interfaces' : `which ${d.holder} has`}. They do not arrive.${fit}${doubt}`
        case 'bridge':
          return `The other nodes send the packets for the pods of ${nodes} to ${d.address}. That is the address of ${d.device ?? ''}, which leads to containers on the node itself, and which other machines may have as well. They do not arrive.${fit}${doubt}`
        case 'shared':
          return `flannel has others reach ${nodes} by one address, ${d.address}. Packets for the pods of one go to another, or stay on the node that sends them.${doubt}`
        case 'stray':
          return `The other nodes send the packets for the pods of ${nodes} to ${d.address}, which is in a network of ${d.device ?? ''} that none of them is in. ${d.isUnrouted === true ? 'They have no route to it.' : 'Whether their gateway leads there is not to be seen in the bundles.'}${fit}${doubt}`
      }
    },
    ruledOut: (d) =>
      d.kind === 'gone'
        ? ['The addresses of the node were captured as a whole, in the network namespace of the device.']
        : [
            'Nobody set the address on purpose: it is not in public-ip-overwrite, nor an ExternalIP of the node.',
            'flannel carries the node’s pods: there is no dataplane of another plugin.',
          ],
    remedy: (d) => steps('en', d),
    verify: () => checks('en'),
    reasons: {
      otherPlugin: 'Another plugin (Calico, Cilium, Antrea, OVN) carries the packets of the node’s pods.',
      noAnnouncement:
        'Neither the API server’s list of nodes nor the forwarding table of a peer tells which address flannel announced.',
      noFlannel: 'Nothing shows that flannel runs on the node.',
    },
    notes: {
      announced: (address) => `flannel announced ${address}`,
      forwarding: (node) => `a peer’s entry for ${node}`,
      device: (address) => `it sends by ${address}`,
      has: (device) => `${device} has it`,
      holder: (node) => `${node} has it`,
      fit: () => 'this one its peers can reach',
    },
  },
  zh: {
    name: 'flannel 为节点公布了错误的地址',
    looksFor:
      '将 flannel 让其他节点访问各节点所用的地址（注解 public-ip、对端的转发条目、VXLAN 设备的 local 地址），与节点的接口、其他节点的地址以及对端所在的网络进行比对。',
    why: '每个节点都把发往其他节点 Pod 的报文送到 flannel 为该节点公布的地址。不加指定时，flannel 采用默认路由所在的接口；k3s 采用节点的 InternalIP。节点有两块网卡、有 docker 网桥或更换过地址时，选中的可能是别人到不了的地址。',
    consequences:
      '其他节点访问不到该节点的 Pod，也收不到应答，而节点本身仍是 Ready。若所有节点公布同一地址，则各自都发给了自己。',
    commonCauses: [
      'Vagrant 或 VirtualBox 虚拟机：第一块网卡位于 NAT 之后，每台机器在那里都是 10.0.2.15。',
      '默认路由在第二块网卡（办公网、存储网、管理网）上。',
      '节点地址变了（DHCP、换网段），而 flannel 之后没有重启。',
      '选中了 keepalived 或 kube-vip 的虚拟地址，而它已漂移到其他节点。',
      '把 docker0 或其他容器网桥当成了节点的网络。',
    ],
    mimics: [
      '有意设置的地址（public-ip-overwrite、ExternalIP），或只有私网地址的节点的公网地址：途中会做地址转换。',
      '为 Pod 单独建的网络，且所有节点都在其中：与 InternalIP 不同是有意为之。',
      '节点以前的名字，API server 已收不到它的心跳。',
      '改用其他插件（Calico、Cilium）后 flannel 遗留的注解。',
      '采集包与 API server 的应答相隔十分钟以上：地址可能在此期间变化。',
    ],
    cure: '告诉 flannel 使用哪个接口（k3s：node-ip 和 flannel-iface；其他：--iface）；若是地址变了，则重启 flannel。',
    title(d) {
      const nodes = joinChinese(d.nodes)
      switch (d.kind) {
        case 'gone':
          return `${nodes} 的 ${d.device ?? ''} 以 ${d.address} 发送，而节点的接口都没有该地址`
        case 'absent':
          return d.holder === undefined
            ? `flannel 为 ${nodes} 公布 ${d.address}，而它的接口都没有该地址`
            : `flannel 为 ${nodes} 公布 ${d.address}，而那是 ${d.holder} 的地址`
        case 'bridge':
          return `flannel 为 ${nodes} 公布了 ${d.device ?? ''} 的地址 ${d.address}`
        case 'shared':
          return `flannel 为 ${nodes} 公布了同一个地址 ${d.address}`
        case 'stray':
          return `flannel 为 ${nodes} 公布了 ${d.device ?? ''} 的 ${d.address}，其他节点都不在该网络中`
      }
    },
    summary(d) {
      const nodes = joinChinese(d.nodes)
      const fit = d.fit === undefined ? '' : `对端可以通过 ${d.fit.address}（${d.fit.device}）到达它。`
      const doubt = d.isFarApart ? '公布地址的一方与该节点的采集相隔超过十分钟，地址可能在此期间变化。' : ''
      switch (d.kind) {
        case 'gone':
          return `${nodes} 的 VXLAN 设备 ${d.device ?? ''} 以 ${d.address} 作为发送的源地址，而节点已没有该地址：内核会丢弃发往其他节点 Pod 的所有报文，并计为该设备的发送错误。${fit}`
        case 'absent':
          return `其他节点把发往 ${nodes} 的 Pod 的报文送到 ${d.address}，${d.holder === undefined ? '而它的接口都没有该地址' : `而该地址属于 ${d.holder}`}，因此无法到达。${fit}${doubt}`
        case 'bridge':
          return `其他节点把发往 ${nodes} 的 Pod 的报文送到 ${d.address}。那是 ${d.device ?? ''} 的地址，只通向本机的容器，其他机器也可能有相同的地址，因此无法到达。${fit}${doubt}`
        case 'shared':
          return `${nodes} 公布的都是 ${d.address}。发往其中一个节点 Pod 的报文会到达另一个节点，或留在发送的节点上。${doubt}`
        case 'stray':
          return `其他节点把发往 ${nodes} 的 Pod 的报文送到 ${d.address}，它属于 ${d.device ?? ''} 的网络，而其他节点都不在该网络中。${d.isUnrouted === true ? '它们没有到该地址的路由。' : '它们的网关能否到达那里，从采集包中看不出来。'}${fit}${doubt}`
      }
    },
    ruledOut: (d) =>
      d.kind === 'gone'
        ? ['节点的地址采集完整，且与该设备处于同一网络命名空间。']
        : [
            '该地址不是有意设置的：既不在 public-ip-overwrite 中，也不是节点的 ExternalIP。',
            '节点的 Pod 流量由 flannel 承载：没有其他插件的数据面。',
          ],
    remedy: (d) => steps('zh', d),
    verify: () => checks('zh'),
    reasons: {
      otherPlugin: '该节点的 Pod 流量由其他插件（Calico、Cilium、Antrea、OVN）承载。',
      noAnnouncement: 'API server 的节点列表和对端的转发表都没有说明 flannel 公布了哪个地址。',
      noFlannel: '没有迹象表明该节点运行 flannel。',
    },
    notes: {
      announced: (address) => `flannel 公布的是 ${address}`,
      forwarding: (node) => `对端为 ${node} 写的条目`,
      device: (address) => `它以 ${address} 发送`,
      has: (device) => `该地址在 ${device} 上`,
      holder: (node) => `该地址在 ${node} 上`,
      fit: () => '对端可以到达的是这个地址',
    },
  },
}
