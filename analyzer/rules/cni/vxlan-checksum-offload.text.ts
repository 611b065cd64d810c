import type { Language } from '../../engine/language.ts'
import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found. */
export type ChecksumOffload =
  | {
      /** A node sends, or may send, VXLAN packets with a wrong checksum. */
      readonly kind: 'sent'
      /** A node of the case, or an address. */
      readonly sender: string
      readonly device: string
      /** Nodes that got some. */
      readonly victims: readonly string[]
      readonly isLogged: boolean
      /** Its devices compute checksums by themselves now. */
      readonly isMended: boolean
      /** Of its kernel, where offload, kernel and rules come together. */
      readonly release?: string
    }
  | {
      /** A node has received many wrong checksums, of whomever. */
      readonly kind: 'counted'
      readonly node: string
      readonly errors: number
    }

type Reason = 'noDevice' | 'unknown'
type Note = 'offload' | 'kernel' | 'rule' | 'log' | 'counters'

const UDEV_RULE = `printf 'SUBSYSTEM=="net", ACTION=="add|change|move", ENV{INTERFACE}=="flannel.1", RUN+="/sbin/ethtool -K flannel.1 tx-checksum-ip-generic off"\\n' >/etc/udev/rules.d/90-flannel.rules`

const KEEP_OFF: SaidStep = {
  text: { en: 'Keep it so by a rule of udev.', zh: '用 udev 规则使其持久生效。' },
  commands: [UDEV_RULE, 'udevadm control --reload'],
}

function remedies(language: Language, d: ChecksumOffload): readonly Step[] {
  const where = {
    en: d.kind === 'sent' ? d.sender : 'the nodes that send to it',
    zh: d.kind === 'sent' ? ` ${d.sender} ` : '向它发送的节点',
  }
  const device = d.kind === 'sent' ? d.device : 'flannel.1'
  return stepsIn(language, [
    {
      text: {
        en: `Let the kernel of ${where.en} compute the checksums. This lasts until the device is made anew.`,
        zh: `让${where.zh}的内核自行计算校验和。设备重建后失效。`,
      },
      commands: [`ethtool -K ${shellQuote(device)} tx-checksum-ip-generic off`],
    },
    ...(device === 'flannel.1' ? [KEEP_OFF] : []),
    {
      text: {
        en: 'For good: a kernel of 5.7 or newer, and a kube-proxy of 1.18.6, 1.17.9, 1.16.13 or newer, which takes its mark off.',
        zh: '根本解决：使用 5.7 及以上的内核，以及会清除标记的 kube-proxy（1.18.6、1.17.9、1.16.13 及以上）。',
      },
      commands: ['uname -r', 'iptables -t nat -S KUBE-POSTROUTING'],
    },
  ])
}

function checks(language: Language): readonly Step[] {
  return stepsIn(language, [
    {
      text: {
        en: 'A Service with pods on another node answers from a node at once, and InCsumErrors of the receiver does not grow.',
        zh: '在节点上访问后端位于其他节点的 Service 能立即应答，且接收方的 InCsumErrors 不再增加。',
      },
      commands: [
        `curl -so /dev/null -w '%{time_connect}\\n' http://CLUSTER_IP:PORT/`,
        'nstat -az UdpInCsumErrors',
      ],
    },
  ])
}

/** The words of vxlan-checksum-offload. */
export const text: RuleTexts<ChecksumOffload, Reason, Note> = {
  en: {
    name: 'VXLAN packets with a wrong checksum',
    looksFor:
      'Packets to the port of a VXLAN device that the kernel logs as “UDP: bad checksum”, the counter of such packets (InCsumErrors), and what makes a node send them: checksum offload on the VXLAN device, a kernel before 5.7, and a kube-proxy that masquerades by --random-fully and leaves its mark on the packet.',
    why: 'The mark stays on the packet as it is wrapped, so that the outer packet is masqueraded too. The kernel then changes a checksum that is not yet there, since the card is to fill it in, and what is sent is wrong. The receiver drops it before the VXLAN device sees it.',
    consequences:
      'Connections from nodes (and pods in the host’s network) to Services whose pods are on another node hang for 1, 3, 7 up to 63 seconds, until a retransmission takes another way through the rules. From pod to pod all is well.',
    commonCauses: [
      'Kubernetes 1.16 to 1.18 with iptables 1.6.2 or newer on a kernel before 5.7.',
      'A hypervisor’s network card whose offload does not know VXLAN, or not at this port.',
    ],
    mimics: [
      'A kernel of a distribution that has the fix under an older number: it cannot be told from its name.',
      'kube-proxy since 1.18.6 takes its mark off before it masquerades.',
      'Offload that is off already: Calico turns it off by itself on such kernels.',
      'A few wrong checksums since boot, as any network brings, and those at ports of others.',
    ],
    cure: 'Turn tx-checksum-ip-generic off on the VXLAN device of the sender, and update kernel and kube-proxy.',
    title: (d) =>
      d.kind === 'counted'
        ? `${d.node} has dropped ${formatCount(d.errors)} UDP packets for a wrong checksum`
        : d.victims.length === 0
          ? `${d.sender} may send VXLAN packets with a wrong checksum`
          : `${joinWords(d.victims)} ${d.victims.length === 1 ? 'drops' : 'drop'} VXLAN packets of ${d.sender} for a wrong checksum`,
    summary(d) {
      if (d.kind === 'counted') {
        return `${d.node}, which has a VXLAN device, has dropped ${formatCount(d.errors)} UDP packets since boot whose checksum was wrong. Who sent them, and whether they were of the tunnel, is not to be seen in the bundles.`
      }
      const state =
        d.release === undefined
          ? ''
          : ` On ${d.sender} come together what makes a node send such packets: offload on ${d.device}, the kernel ${d.release}, and a rule of kube-proxy that masquerades without taking the mark off.`
      const effect =
        d.victims.length === 0
          ? 'Connections from this node to Services with pods on other nodes may hang for seconds, up to a minute. No bundle shows that packets were dropped for it.'
          : `${d.isLogged ? 'The kernel logs it.' : 'Their counters show it.'} Connections from ${d.sender} to Services with pods there hang for seconds, up to a minute.`
      const mended = d.isMended
        ? ` Its device computes checksums by itself now: it may have been mended since.`
        : ''
      return d.victims.length === 0
        ? `${effect}${state}`
        : `${joinWords(d.victims)} ${d.victims.length === 1 ? 'has' : 'have'} dropped packets with a wrong checksum${d.isLogged ? ` that ${d.sender} sent to the port of the tunnel` : ''}. ${effect}${state}${mended}`
    },
    ruledOut: (d) =>
      d.kind === 'sent' && d.release !== undefined
        ? ['Offload is on as captured, and kube-proxy’s chain has no rule that takes the mark off.']
        : [],
    remedy: (d) => remedies('en', d),
    verify: () => checks('en'),
    reasons: {
      noDevice: 'The node has no VXLAN device that is up.',
      unknown:
        'Of offload settings, kernel release and kube-proxy’s rules not all were captured, and what was does not rule it out.',
    },
    notes: {
      offload: (device) => `${device} leaves checksums to the card`,
      kernel: () => 'a kernel before 5.7',
      rule: () => 'masquerades by a random port, and keeps the mark',
      log: (node) => `dropped by ${node}`,
      counters: (errors) => `InCsumErrors: ${errors}`,
    },
  },
  zh: {
    name: 'VXLAN 报文校验和错误',
    looksFor:
      '内核以“UDP: bad checksum”记录的、发往 VXLAN 设备端口的报文，此类报文的计数（InCsumErrors），以及使节点发出这种报文的条件：VXLAN 设备开启校验和卸载、内核早于 5.7、kube-proxy 以 --random-fully 做 MASQUERADE 且不清除报文标记。',
    why: '报文被封装后标记仍在，因此外层报文也会被 MASQUERADE。此时校验和尚未填入（留给网卡计算），内核却对它做了修改，发出去的就是错误的值。接收方在 VXLAN 设备看到之前就将其丢弃。',
    consequences:
      '从节点（以及使用主机网络的 Pod）访问后端位于其他节点的 Service 时，会卡住 1、3、7 秒，最长 63 秒，直到某次重传走了规则的另一条路径。Pod 之间一切正常。',
    commonCauses: [
      'Kubernetes 1.16 至 1.18，配合 iptables 1.6.2 及以上，内核早于 5.7。',
      '虚拟化平台的网卡卸载不支持 VXLAN，或不支持该端口。',
    ],
    mimics: [
      '发行版内核以较旧的版本号包含了该修复：从版本号上看不出来。',
      '1.18.6 及以上的 kube-proxy 在 MASQUERADE 之前会清除标记。',
      '卸载已经关闭：Calico 在这类内核上会自行关闭。',
      '启动以来少量的校验和错误（任何网络都会有），以及发往其他端口的。',
    ],
    cure: '在发送方的 VXLAN 设备上关闭 tx-checksum-ip-generic，并升级内核和 kube-proxy。',
    title: (d) =>
      d.kind === 'counted'
        ? `${d.node} 因校验和错误丢弃了 ${formatCount(d.errors)} 个 UDP 报文`
        : d.victims.length === 0
          ? `${d.sender} 可能发出校验和错误的 VXLAN 报文`
          : `${joinChinese(d.victims)} 因校验和错误丢弃 ${d.sender} 的 VXLAN 报文`,
    summary(d) {
      if (d.kind === 'counted') {
        return `${d.node} 有 VXLAN 设备，启动以来因校验和错误丢弃了 ${formatCount(d.errors)} 个 UDP 报文。由谁发出、是否属于隧道，从采集包中看不出来。`
      }
      const state =
        d.release === undefined
          ? ''
          : `${d.sender} 上同时具备了使节点发出这种报文的条件：${d.device} 开启卸载、内核 ${d.release}、kube-proxy 做 MASQUERADE 而不清除标记的规则。`
      const effect =
        d.victims.length === 0
          ? '从该节点访问后端位于其他节点的 Service 可能卡住数秒，最长一分钟。没有采集包表明已有报文因此被丢弃。'
          : `${d.isLogged ? '内核日志有记录。' : '它们的计数器有体现。'}从 ${d.sender} 访问后端位于那里的 Service 会卡住数秒，最长一分钟。`
      const mended = d.isMended ? '它的设备现在已自行计算校验和：可能此后已修复。' : ''
      return d.victims.length === 0
        ? `${effect}${state}`
        : `${joinChinese(d.victims)} 丢弃了${d.isLogged ? ` ${d.sender} 发往隧道端口的` : ''}校验和错误的报文。${effect}${state}${mended}`
    },
    ruledOut: (d) =>
      d.kind === 'sent' && d.release !== undefined
        ? ['采集时卸载处于开启状态，且 kube-proxy 的链中没有清除标记的规则。']
        : [],
    remedy: (d) => remedies('zh', d),
    verify: () => checks('zh'),
    reasons: {
      noDevice: '该节点没有已启用的 VXLAN 设备。',
      unknown: '卸载设置、内核版本和 kube-proxy 的规则没有全部采集到，而已采集的部分不足以排除。',
    },
    notes: {
      offload: (device) => `${device} 把校验和留给网卡计算`,
      kernel: () => '内核早于 5.7',
      rule: () => '以随机端口做 MASQUERADE，且保留标记',
      log: (node) => `被 ${node} 丢弃`,
      counters: (errors) => `InCsumErrors：${errors}`,
    },
  },
}
