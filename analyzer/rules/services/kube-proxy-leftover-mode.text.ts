import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/**
 * `ipvs`: addresses on kube-ipvs0; `refusals`: REJECT rules for addresses that IPVS serves; `chains`: chains of Services in nat.
 */
export type LeftoverKind = 'ipvs' | 'refusals' | 'chains'

/** What an earlier mode left behind. */
export interface LeftoverMode {
  readonly node: string
  readonly mode: ProxyMode['mode']
  readonly kind: LeftoverKind
  readonly count: number
  /** Of kube-ipvs0, or of the rules that refuse. */
  readonly addresses: readonly string[]
}

type Reason = 'noProxy'

/** What there is to see in the lines. */
export type Note = LeftoverKind | 'mode'

const MODES: Readonly<Record<ProxyMode['mode'], string>> = {
  ipvs: 'IPVS',
  iptables: 'iptables',
  nftables: 'nftables',
  none: '-',
}

const cleanup = (d: LeftoverMode): readonly string[] => [
  'kube-proxy --cleanup',
  ...(d.kind === 'ipvs' ? ['ipvsadm -C', 'ip link del kube-ipvs0'] : []),
]

const look = (d: LeftoverMode): readonly string[] =>
  d.kind === 'ipvs'
    ? ['ip addr show dev kube-ipvs0', 'ipvsadm -Ln']
    : d.kind === 'refusals'
      ? ["iptables-save -t filter | grep 'has no endpoints'"]
      : ['iptables-save -t nat | grep -c KUBE-SVC-']

/** The words of kube-proxy-leftover-mode. */
export const text: RuleTexts<LeftoverMode, Reason, Note> = {
  en: {
    name: 'An earlier mode of kube-proxy left its state behind',
    looksFor:
      'State of a mode that kube-proxy does not work in: addresses on kube-ipvs0 in iptables or nftables mode; REJECT rules in filter KUBE-SERVICES for addresses that IPVS serves; chains of Services in the nat table in IPVS or nftables mode.',
    why: 'kube-proxy keeps only the state of its own mode in order. What another mode made stays in the kernel until somebody cleans up or the node restarts: it is never changed again, and packets still meet it. An address on kube-ipvs0 makes packets to it local; an old REJECT refuses a Service that has endpoints; old chains send connections to pods that are gone.',
    consequences:
      'A Service is refused or unreachable from one node only. An address that once was a Service’s and now belongs to a machine cannot be reached from the node.',
    commonCauses: [
      'The mode was changed in kube-proxy’s configuration and the pods restarted, without “kube-proxy --cleanup” or a reboot of the nodes.',
      'The clean-up failed, for the new image has no ipset, ipvsadm or the other iptables backend.',
      'The cluster moved from one distribution to another on the same machines.',
    ],
    mimics: [
      'In IPVS mode nat KUBE-SERVICES with “-m set --match-set KUBE-CLUSTER-IP”, KUBE-NODE-PORT, KUBE-LOAD-BALANCER, KUBE-FIREWALL, KUBE-POSTROUTING and KUBE-MARK-MASQ belong to IPVS.',
      'kube-ipvs0 without an address, and IPVS services of another program (keepalived) on other devices.',
      'The chains of kubelet (KUBE-KUBELET-CANARY, KUBE-IPTABLES-HINT) and of kube-proxy’s canary.',
      'Chains of Services in IPVS mode to which nothing leads do no harm: they are told as low.',
    ],
    cure: 'Run kube-proxy --cleanup with the image and version in use, or reboot the node; then let kube-proxy start in its mode.',
    title: (d) =>
      d.kind === 'ipvs'
        ? `kube-ipvs0 on ${d.node} still holds ${d.count} address${d.count === 1 ? '' : 'es'}, though kube-proxy works with ${MODES[d.mode]}`
        : d.kind === 'refusals'
          ? `Old rules on ${d.node} refuse ${joinWords(d.addresses)}, which IPVS serves`
          : `Chains of the iptables mode are left on ${d.node}, though kube-proxy works with ${MODES[d.mode]}`,
    summary(d) {
      switch (d.kind) {
        case 'ipvs':
          return `kube-proxy on ${d.node} works with ${MODES[d.mode]}, and kube-ipvs0 still holds ${joinWords(d.addresses)} of its IPVS mode. The node takes packets to ${d.count === 1 ? 'this address' : 'these addresses'} for its own, whoever has ${d.count === 1 ? 'it' : 'them'} by now: Services that were removed are answered here, and machines with such an address cannot be reached.`
        case 'refusals':
          return `kube-proxy on ${d.node} works with IPVS, which has servers for ${joinWords(d.addresses)}, yet ${d.count === 1 ? 'a rule' : `${d.count} rules`} of its iptables mode still ${d.count === 1 ? 'refuses' : 'refuse'} ${d.count === 1 ? 'it' : 'them'} with “has no endpoints”. Connections are refused before IPVS sees them.`
        case 'chains':
          return `kube-proxy on ${d.node} works with ${MODES[d.mode]}, and ${d.count} chain${d.count === 1 ? '' : 's'} of Services of its iptables mode ${d.count === 1 ? 'is' : 'are'} left in the nat table. ${d.mode === 'ipvs' ? 'No packet comes there; what is left takes space and misleads who reads it.' : 'Packets that come there first are sent to the endpoints of that time.'}`
      }
    },
    ruledOut: (d) => [
      `kube-proxy’s present mode is told by what leads to Services now: ${MODES[d.mode]}.`,
      ...(d.kind === 'ipvs' ? ['The addresses are on kube-ipvs0, which only kube-proxy makes.'] : []),
    ],
    remedy: (d) => [
      {
        text: `Clean up on ${d.node}, with the kube-proxy of the cluster’s version, or reboot the node.`,
        commands: cleanup(d),
      },
      {
        text: 'Then restart kube-proxy, which writes its own state anew: the clean-up removes that as well.',
        commands: ['kubectl -n kube-system delete pod -l k8s-app=kube-proxy'],
      },
    ],
    verify: (d) => [{ text: 'Nothing of the other mode is left.', commands: look(d) }],
    reasons: { noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.' },
    notes: {
      ipvs: () => 'an address that the IPVS mode left',
      refusals: () => 'a rule that the iptables mode left',
      chains: () => 'left by the iptables mode',
      mode: () => 'what kube-proxy works with now',
    },
  },
  zh: {
    name: 'kube-proxy 切换模式后遗留了旧模式的状态',
    looksFor:
      '不属于 kube-proxy 当前模式的状态：iptables 或 nftables 模式下 kube-ipvs0 仍有地址；IPVS 模式下 filter 表 KUBE-SERVICES 对 IPVS 已有后端的地址仍有 REJECT；IPVS 或 nftables 模式下 nat 表中仍有 Service 链。',
    why: 'kube-proxy 只维护当前模式的状态。其他模式留下的内容在清理或重启之前一直留在内核里，不再更新，却仍会影响报文：kube-ipvs0 上的地址会让报文被当作发给本机；旧的 REJECT 会拒绝已有 endpoint 的 Service；旧的链会把连接转发给已不存在的 Pod。',
    consequences:
      '只有某个节点访问 Service 被拒绝或不通；曾经是 Service 地址、如今属于某台机器的地址，从该节点无法访问。',
    commonCauses: [
      '修改 kube-proxy 模式后只重启了 Pod，没有执行 kube-proxy --cleanup 或重启节点。',
      '清理失败：新镜像里没有 ipset、ipvsadm 或另一种 iptables 后端。',
      '在同一批机器上更换了发行版。',
    ],
    mimics: [
      'IPVS 模式下带“-m set --match-set KUBE-CLUSTER-IP”的 nat KUBE-SERVICES，以及 KUBE-NODE-PORT、KUBE-LOAD-BALANCER、KUBE-FIREWALL、KUBE-POSTROUTING、KUBE-MARK-MASQ 属于 IPVS 模式本身。',
      '没有地址的 kube-ipvs0，以及其他程序（keepalived）在其他设备上的 IPVS 服务。',
      'kubelet 的链（KUBE-KUBELET-CANARY、KUBE-IPTABLES-HINT）和 kube-proxy 的 canary 链。',
      'IPVS 模式下没有规则跳转到的 Service 链没有危害，只报 low。',
    ],
    cure: '用当前版本的 kube-proxy 执行 --cleanup，或重启节点，再让 kube-proxy 以当前模式启动。',
    title: (d) =>
      d.kind === 'ipvs'
        ? `${d.node} 的 kube-proxy 使用 ${MODES[d.mode]}，但 kube-ipvs0 仍持有 ${d.count} 个地址`
        : d.kind === 'refusals'
          ? `${d.node} 上的旧规则仍在拒绝 IPVS 已提供服务的 ${joinChinese(d.addresses)}`
          : `${d.node} 的 kube-proxy 使用 ${MODES[d.mode]}，但仍留有 iptables 模式的链`,
    summary(d) {
      switch (d.kind) {
        case 'ipvs':
          return `${d.node} 的 kube-proxy 使用 ${MODES[d.mode]}，而 kube-ipvs0 仍持有 IPVS 模式的地址 ${joinChinese(d.addresses)}。无论这些地址现在属于谁，节点都会把发往它们的报文当作发给本机：已删除的 Service 仍由本机作答，持有这些地址的机器则无法访问。`
        case 'refusals':
          return `${d.node} 的 kube-proxy 使用 IPVS，且 ${joinChinese(d.addresses)} 在 IPVS 中有后端，但 iptables 模式遗留的 ${d.count} 条规则仍以“has no endpoints”拒绝它们。连接在到达 IPVS 之前就被拒绝。`
        case 'chains':
          return `${d.node} 的 kube-proxy 使用 ${MODES[d.mode]}，nat 表中仍有 iptables 模式的 ${d.count} 条 Service 链。${d.mode === 'ipvs' ? '没有报文会到达这些链，只是占用空间并造成误导。' : '报文若先到达这些链，会被转发到当时的 endpoint。'}`
      }
    },
    ruledOut: (d) => [
      `当前模式由现在真正转发 Service 的规则判定：${MODES[d.mode]}。`,
      ...(d.kind === 'ipvs' ? ['地址在 kube-ipvs0 上，只有 kube-proxy 会创建该设备。'] : []),
    ],
    remedy: (d) => [
      { text: `在 ${d.node} 上用集群所用版本的 kube-proxy 清理，或重启节点。`, commands: cleanup(d) },
      {
        text: '清理会一并删除当前模式的状态，之后重启 kube-proxy 让它重新写入。',
        commands: ['kubectl -n kube-system delete pod -l k8s-app=kube-proxy'],
      },
    ],
    verify: (d) => [{ text: '不再有其他模式的残留。', commands: look(d) }],
    reasons: { noProxy: 'kube-proxy 没有在该节点写入任何规则：Service 由其他程序实现。' },
    notes: {
      ipvs: () => 'IPVS 模式遗留的地址',
      refusals: () => 'iptables 模式遗留的规则',
      chains: () => 'iptables 模式的遗留',
      mode: () => 'kube-proxy 当前使用的方式',
    },
  },
}
