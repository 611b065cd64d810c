import type { RuleTexts } from '../../engine/ruleText.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** An address that is not the one by which others reach the node. */
export interface WrongAutodetectedIp {
  readonly node: string
  readonly address: string
  /** That has it; left out where none has. */
  readonly device?: string
}

type Reason = 'noCalico'
type Note = 'chosen' | 'device'

/** The words of calico-wrong-autodetected-ip. */
export const text: RuleTexts<WrongAutodetectedIp, Reason, Note> = {
  en: {
    name: 'Calico announces a wrong address for the node',
    looksFor:
      'The node’s annotation projectcalico.org/IPv4Address, held against its interfaces: an address that none of them has, or one of a container bridge, a tunnel or kube-ipvs0.',
    why: 'Calico tells its peers by which address the node is reached: for BGP, and as the far end of tunnels. Left to itself it takes the first interface that it does not know to skip. A bridge that appeared later, or a card that was taken out, makes it announce an address that leads nowhere.',
    consequences:
      'Peers get no BGP session with this node, and tunnels to it end nowhere: its pods are cut off.',
    commonCauses: [
      'A new bridge (Docker network, libvirt) that comes before the right card.',
      'The node’s address changed, and calico-node was not restarted since.',
      'Two networks on the node, and no IP_AUTODETECTION_METHOD.',
    ],
    mimics: ['An address of one of the node’s own cards, whichever it is: that may be meant.'],
    cure: 'Set IP_AUTODETECTION_METHOD (kubernetes-internal-ip, interface=…, can-reach=…) and restart calico-node.',
    title: (d) =>
      d.device === undefined
        ? `Calico announces ${d.address} for ${d.node}, which no interface of it has`
        : `Calico announces ${d.address} of ${d.device} for ${d.node}`,
    summary: (d) =>
      d.device === undefined
        ? `Peers are told to reach ${d.node} by ${d.address}, but none of its interfaces has this address. BGP sessions and tunnels to it end nowhere.`
        : `Peers are told to reach ${d.node} by ${d.address}, the address of ${d.device}, which is not a card of the node’s own network. BGP sessions and tunnels to it end nowhere.`,
    ruledOut: () => ['It is none of the addresses of the node’s own cards.'],
    remedy: () => [
      {
        text: 'Tell Calico which address to take, and let it restart.',
        commands: [
          'kubectl -n kube-system set env daemonset/calico-node IP_AUTODETECTION_METHOD=kubernetes-internal-ip',
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'The annotation names the node’s own address.',
        commands: [
          `kubectl get node ${shellQuote(d.node)} -o jsonpath='{.metadata.annotations.projectcalico\\.org/IPv4Address}{"\\n"}'`,
        ],
      },
    ],
    reasons: { noCalico: 'Calico has set no address for this node.' },
    notes: {
      chosen: (address) => `Calico announces ${address}`,
      device: (name) => `${name} has it`,
    },
  },
  zh: {
    name: 'Calico 为节点宣告了错误的地址',
    looksFor:
      '节点注解 projectcalico.org/IPv4Address 与其接口对照：没有接口拥有该地址，或者它属于容器网桥、隧道或 kube-ipvs0。',
    why: 'Calico 告诉其他节点用哪个地址到达本节点：用于 BGP，也作为隧道的远端。不加指定时，它采用第一个不在跳过名单中的接口。后来出现的网桥，或被拆除的网卡，会让它宣告一个到不了的地址。',
    consequences: '其他节点无法与它建立 BGP 会话，通往它的隧道没有终点：其 Pod 与外界隔绝。',
    commonCauses: [
      '新出现的网桥（Docker 网络、libvirt）排在正确的网卡之前。',
      '节点地址变了，而 calico-node 之后没有重启。',
      '节点有两个网络，却没有设置 IP_AUTODETECTION_METHOD。',
    ],
    mimics: ['节点自己网卡的地址，不论哪一块：可能是有意的。'],
    cure: '设置 IP_AUTODETECTION_METHOD（kubernetes-internal-ip、interface=…、can-reach=…）并重启 calico-node。',
    title: (d) =>
      d.device === undefined
        ? `Calico 为 ${d.node} 宣告 ${d.address}，而它的接口都没有该地址`
        : `Calico 为 ${d.node} 宣告了 ${d.device} 的地址 ${d.address}`,
    summary: (d) =>
      d.device === undefined
        ? `其他节点被告知用 ${d.address} 到达 ${d.node}，但它的接口都没有该地址。通往它的 BGP 会话和隧道没有终点。`
        : `其他节点被告知用 ${d.address} 到达 ${d.node}，而那是 ${d.device} 的地址，不是节点自身网络的网卡。通往它的 BGP 会话和隧道没有终点。`,
    ruledOut: () => ['它不是节点自己任何网卡的地址。'],
    remedy: () => [
      {
        text: '指定 Calico 使用的地址，并让它重启。',
        commands: [
          'kubectl -n kube-system set env daemonset/calico-node IP_AUTODETECTION_METHOD=kubernetes-internal-ip',
        ],
      },
    ],
    verify: (d) => [
      {
        text: '注解为节点自己的地址。',
        commands: [
          `kubectl get node ${shellQuote(d.node)} -o jsonpath='{.metadata.annotations.projectcalico\\.org/IPv4Address}{"\\n"}'`,
        ],
      },
    ],
    reasons: { noCalico: 'Calico 没有为该节点设置地址。' },
    notes: { chosen: (address) => `Calico 宣告 ${address}`, device: (name) => `${name} 拥有它` },
  },
}
