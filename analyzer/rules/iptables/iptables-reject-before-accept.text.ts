import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import type { FirewallAuthor } from '../../facts/node/firewallAuthor.ts'
import type { Probe } from '../../facts/node/probes.ts'
import { formatCount } from '../../text/formatCount.ts'
import { immediate, isBesideFilter, lasting, listing, serverCalls } from './rejectRemedy.ts'

/** Where packets go. */
interface Target {
  readonly destination: string
  readonly port: number
  readonly protocol: string
}

/** A rule or policy of the host that refuses packets of the cluster. */
export interface RejectBeforeAccept {
  readonly node: string
  readonly kind: 'rule' | 'policy'
  readonly chain: Probe['chain']
  /** `filter`; a native one with its family: `inet firewalld`. */
  readonly table: string
  /** The chain that the kernel enters. */
  readonly baseChain: string
  /** Where the rule stands. */
  readonly inChain: string
  /** The program that changes a table of iptables, as typed; left out of native ones. */
  readonly command?: string
  /** As printed, behind the name of its chain; left out of policies. */
  readonly ruleText?: string
  /** What REJECT answers; left out of DROP. */
  readonly answer?: string
  /** Whose chains stand in the table. */
  readonly author?: FirewallAuthor
  /** Whether it refuses them hangs on what no capture shows. */
  readonly isInDoubt: boolean
  readonly packets: number
  readonly kinds: readonly Probe['kind'][]
  readonly example: Target & { readonly source: string }
  /** Of packets that the node sends: where each goes. */
  readonly sentTo: readonly Target[]
  readonly podNetworks: readonly string[]
  readonly serviceNetworks: readonly string[]
}

/** Names of what is to be seen in a line of evidence. */
export type Note = 'rule' | 'policy' | 'behind'

/** The words of iptables-reject-before-accept. */
export const text: RuleTexts<RejectBeforeAccept, never, Note> = {
  en: {
    name: 'The host’s firewall refuses packets of the cluster',
    looksFor:
      'What FORWARD, INPUT and OUTPUT of each iptables backend, PREROUTING (raw, mangle) before them and POSTROUTING (mangle) behind, and native nftables chains beside them, would do with packets that a sound node lets pass: between its pods and those of its peers, straight and by way of a Service, from peers to the kubelet, from the node to the API servers it knows, and of the VXLAN device, both ways. The first rule, or the policy, that refuses one of them is told.',
    why: 'iptables takes the first rule that decides. A REJECT or DROP of the host that stands before the accepting rules of kube-proxy and the network plugin, or a policy behind rules that accept established connections only, stops every new connection on its way. A native nftables chain runs beside those of iptables: what iptables accepts it may still refuse. Programs see “No route to host”, “Connection refused” or a timeout, according to what the rule answers.',
    consequences:
      '“No route to host”, “Connection refused” or a time-out between pods of different nodes, from the API server to a kubelet, or from a node to the API server, while ping may pass.',
    commonCauses: [
      'firewalld or ufw was left on, or switched on after the cluster was made.',
      'An image with iptables rules of its own (Oracle and OCI images end FORWARD with a REJECT).',
      'A rule that an administrator appended for another purpose.',
      'Rules against forged sources in raw or mangle PREROUTING, taken from a guide, that drop private networks (`-s 10.0.0.0/8`): the pods’ is one.',
      'What the node sends is refused but for a list (`ufw default deny outgoing`, a hardening script), and the API server or the overlay is not on it.',
    ],
    mimics: [
      'REJECT rules of kube-proxy for Services without endpoints and for source ranges, network policies of kube-router, Calico, Cilium and Weave, Docker’s isolation of its networks: they refuse on purpose and are passed over.',
      'A policy DROP on nodes whose plugin accepts pod traffic (flannel since 0.9.1, Calico, kube-router): the packets are walked through its chains.',
      'A policy DROP that Docker set: docker-forward-drop tells of it.',
      'A rule that stops some packets only (above a rate, of a set): told as possible, and only where it has stopped any.',
      'A node whose kubelet can be reached from some nodes and not from others: it may let the control plane in alone. Where it is known which nodes run an API server, nobody else is asked about.',
      'A node that reaches one API server of several at a port, and rules of OUTPUT that ask whose process sends (user, cgroup) or anything else that no capture shows: passed over.',
      'Rules of PREROUTING that ask for what no capture shows: the reverse path (`-m rpfilter`, firewalld, Calico), rates, and in raw the state of a connection, which is not looked up yet: passed over. So are nat’s chains, which change addresses.',
    ],
    cure: 'Accept the pod network before the rule, or take the host’s firewall off the node: k3s and RKE2 advise that. With firewalld put the pod and Service networks into the trusted zone; with ufw allow them and routed packets. Where OUTPUT refuses, accept there what the node sends to the API server and to its peers’ VXLAN port. What raw or mangle drop no other table can accept: take the rule out there.',
    title: (d) => `${subjectOf(d)} on ${d.node} ${verb(d)} ${victims(d)}`,
    summary: (d) => [place(d), effect(d), origin(d)].join(' '),
    ruledOut: (d) => [
      'Rules of kube-proxy, network policies and Docker’s isolation of its networks are passed over: they refuse on purpose.',
      ...(d.kind === 'policy' ? ['No rule of the chain accepts the packet before its policy.'] : []),
    ],
    remedy: (d) => stepsIn('en', [immediate(d), ...lasting(d)]),
    verify: (d) => [
      {
        text: 'The counter does not move any more while pods connect.',
        commands: [listing(d)],
      },
      ...(d.chain === 'FORWARD'
        ? [
            {
              text: 'A pod reaches a pod of another node.',
              commands: ['kubectl exec POD -- wget -qO- -T 3 http://ADDRESS-OF-ANOTHER-POD:PORT'],
            },
          ]
        : []),
      ...serverCalls(d).map((command) => ({
        text: 'The node reaches the API server: any answer will do.',
        commands: [command],
      })),
    ],
    reasons: {},
    notes: {
      rule: (packets) => `refuses them; ${packets === '1' ? 'one packet' : `${packets} packets`} so far`,
      policy: (packets) => `the policy; ${packets === '1' ? 'one packet' : `${packets} packets`} so far`,
      behind: () => 'would have accepted them, but comes later',
    },
  },
  zh: {
    name: '主机防火墙拒绝集群的报文',
    looksFor:
      '各 iptables 后端的 FORWARD、INPUT、OUTPUT，它们之前的 PREROUTING（raw、mangle）和之后的 POSTROUTING（mangle），以及并行的原生 nftables 链，会如何处理正常节点应放行的报文：本节点与其他节点的 Pod 之间（直接的和经由 Service 的）、其他节点到 kubelet、本节点到已知的 API server、以及 VXLAN 设备收发的报文。报告第一条拒绝它们的规则或策略。',
    why: 'iptables 采用第一条做出决定的规则。主机的 REJECT 或 DROP 排在 kube-proxy 和网络插件的放行规则之前，或者策略之前只有放行已建立连接的规则，就会挡住每一个新连接。原生 nftables 链与 iptables 的链并行：iptables 放行的，它仍可能拒绝。程序看到的是“No route to host”、“Connection refused”或超时，取决于规则的应答。',
    consequences:
      '不同节点的 Pod 之间，API server 到 kubelet，或节点到 API server，出现“No route to host”、“Connection refused”或超时，而 ping 可能正常。',
    commonCauses: [
      'firewalld 或 ufw 没有关闭，或者建好集群之后又启用了。',
      '镜像自带 iptables 规则（Oracle、OCI 镜像的 FORWARD 以 REJECT 结尾）。',
      '管理员为其他目的追加的规则。',
      '照搬加固指南、在 raw 或 mangle 的 PREROUTING 中防伪造源地址的规则，丢弃了私有网段（`-s 10.0.0.0/8`），而 Pod 网段正在其中。',
      '节点发出的报文默认拒绝、只放行清单中的目的（`ufw default deny outgoing`、安全加固脚本），而清单里没有 API server 或叠加网络。',
    ],
    mimics: [
      'kube-proxy 对没有端点的 Service 和源地址范围的 REJECT、kube-router、Calico、Cilium、Weave 的网络策略、Docker 对其网络的隔离：是有意拒绝，跳过不计。',
      '插件会放行 Pod 流量的节点上的 DROP 策略（flannel 0.9.1 起、Calico、kube-router）：会按其链走一遍报文。',
      '由 Docker 设置的 DROP 策略：由 docker-forward-drop 说明。',
      '只拦截部分报文的规则（超过速率、属于某个集合）：只以“可能”报告，且仅当它确实拦截过。',
      'kubelet 只允许部分节点访问：可能只放行控制面。已知哪些节点运行 API server 时，只检查它们。',
      '同一端口上多个 API server 中仍有一个可达，以及 OUTPUT 中按发送进程（用户、cgroup）或其他采集内容看不到的条件匹配的规则：跳过不计。',
      'PREROUTING 中按采集内容看不到的条件匹配的规则：反向路径（`-m rpfilter`，firewalld、Calico）、速率，以及 raw 中尚未查得的连接状态：跳过不计。只改写地址的 nat 链也跳过。',
    ],
    cure: '在该规则之前放行 Pod 网段，或者关闭主机防火墙：k3s 和 RKE2 建议关闭。firewalld 可把 Pod 和 Service 网段加入 trusted 区域；ufw 可放行它们以及被路由的报文。若是 OUTPUT 拒绝，则在那里放行节点发往 API server 和其他节点 VXLAN 端口的报文。raw 或 mangle 丢弃的报文，其他表无法再放行：要在那里去掉该规则。',
    title: (d) => `${d.node} 的${chineseSubject(d)}${chineseVerb(d)}${chineseVictims(d)}`,
    summary: (d) => [chinesePlace(d), chineseEffect(d), chineseOrigin(d)].join(''),
    ruledOut: (d) => [
      'kube-proxy 的规则、网络策略和 Docker 的网络隔离已跳过：它们是有意拒绝。',
      ...(d.kind === 'policy' ? ['在该策略之前，链中没有规则放行这些报文。'] : []),
    ],
    remedy: (d) => stepsIn('zh', [immediate(d), ...lasting(d)]),
    verify: (d) => [
      { text: 'Pod 建立连接时计数器不再增长。', commands: [listing(d)] },
      ...(d.chain === 'FORWARD'
        ? [
            {
              text: 'Pod 能访问另一个节点的 Pod。',
              commands: ['kubectl exec POD -- wget -qO- -T 3 http://ADDRESS-OF-ANOTHER-POD:PORT'],
            },
          ]
        : []),
      ...serverCalls(d).map((command) => ({
        text: '节点能访问 API server：有任何应答即可。',
        commands: [command],
      })),
    ],
    reasons: {},
    notes: {
      rule: (packets) => `拒绝了它们；目前 ${packets} 个报文`,
      policy: (packets) => `策略；目前 ${packets} 个报文`,
      behind: () => '本来会放行，但排在后面',
    },
  },
}

function subjectOf(d: RejectBeforeAccept): string {
  const of = isBesideFilter(d) ? ` of table ${d.table}` : ''
  if (d.kind === 'policy') return `The policy of ${d.baseChain}${of}`
  return `${d.answer === undefined ? 'A DROP' : 'A REJECT'} in ${d.inChain}${of}`
}

function verb({ kind, answer, isInDoubt }: RejectBeforeAccept): string {
  const drops = kind === 'policy' || answer === undefined
  if (isInDoubt) return drops ? 'may stop' : 'may refuse'
  return drops ? 'stops' : 'refuses'
}

const VICTIMS: Readonly<Record<Probe['kind'], string>> = {
  'pod-to-pod': 'connections between pods of different nodes',
  'pod-to-service': 'connections of pods to Services',
  'api-to-kubelet': 'connections to the kubelet',
  'node-to-api': 'the node’s own connections to the API server',
  overlay: 'the packets of the overlay network',
}

function victims({ kinds }: RejectBeforeAccept): string {
  const told = kinds.includes('pod-to-pod') ? kinds.filter((kind) => kind !== 'pod-to-service') : kinds
  return told.map((kind) => VICTIMS[kind]).join(' and ')
}

function place(d: RejectBeforeAccept): string {
  const { source, destination, port, protocol } = d.example
  const what =
    d.kind === 'policy'
      ? `the policy of ${d.baseChain} (table ${d.table}) drops`
      : `a rule of ${d.inChain} (table ${d.table}) ${d.answer === undefined ? 'drops' : `rejects with ${d.answer}`}`
  const doubt = d.isInDoubt
    ? ' Whether it takes them hangs on a condition that the captures do not show.'
    : ''
  const packets =
    d.command === undefined && d.packets === 0
      ? 'It does not count what it stops, or has stopped none so far.'
      : d.packets === 0
        ? 'It has stopped none so far.'
        : `It has stopped ${d.packets === 1 ? 'one packet' : `${formatCount(d.packets)} packets`} so far.`
  return `On ${d.node} ${what} ${victims(d)}, such as ${protocol} ${source} → ${destination} port ${port}.${doubt} ${packets}`
}

function effect({ answer }: RejectBeforeAccept): string {
  if (answer === undefined) return 'Those who connect wait until they time out.'
  return `Those who connect see “${SEEN.get(answer) ?? 'an error at once'}”.`
}

/** What connect(2) makes of an ICMP answer (net/ipv4/icmp.c, icmp_err_convert). */
const SEEN = new Map([
  ['icmp-net-unreachable', 'Network is unreachable'],
  ['icmp-host-unreachable', 'No route to host'],
  ['icmp-proto-unreachable', 'Protocol not available'],
  ['icmp-port-unreachable', 'Connection refused'],
  ['icmp-net-prohibited', 'Network is unreachable'],
  ['icmp-host-prohibited', 'No route to host'],
  ['icmp-admin-prohibited', 'No route to host'],
  ['tcp-reset', 'Connection refused'],
])

function origin(d: RejectBeforeAccept): string {
  const { author, kind } = d
  const what = kind === 'policy' ? 'policy' : 'rule'
  if (author === undefined && isBesideFilter(d))
    return `No chain of ufw, firewalld or Docker is in table ${d.table}: the ${what} is likely the administrator’s, or came with the system’s image.`
  if (author === undefined)
    return `No chain of ufw, firewalld or Docker is there: the ${what} is the administrator’s, or came with the system’s image.`
  if (author === 'docker')
    return `ufw and firewalld are not there: the ${what} is the administrator’s, beside Docker’s chains.`
  return `The chains of ${author} are there: the ${what} is likely its own.`
}

function chineseSubject(d: RejectBeforeAccept): string {
  const of = isBesideFilter(d) ? `（${d.table} 表）` : ''
  if (d.kind === 'policy') return ` ${d.baseChain}${of === '' ? ' ' : of}策略`
  return ` ${d.inChain}${of === '' ? ' ' : of}中的 ${d.answer === undefined ? 'DROP' : 'REJECT'} `
}

function chineseVerb({ kind, answer, isInDoubt }: RejectBeforeAccept): string {
  const drops = kind === 'policy' || answer === undefined
  return `${isInDoubt ? '可能' : ''}${drops ? '丢弃' : '拒绝'}`
}

const CHINESE_VICTIMS: Readonly<Record<Probe['kind'], string>> = {
  'pod-to-pod': '不同节点的 Pod 之间的连接',
  'pod-to-service': 'Pod 到 Service 的连接',
  'api-to-kubelet': '到 kubelet 的连接',
  'node-to-api': '节点自身到 API server 的连接',
  overlay: '叠加网络的报文',
}

function chineseVictims({ kinds }: RejectBeforeAccept): string {
  const told = kinds.includes('pod-to-pod') ? kinds.filter((kind) => kind !== 'pod-to-service') : kinds
  return told.map((kind) => CHINESE_VICTIMS[kind]).join('和')
}

function chinesePlace(d: RejectBeforeAccept): string {
  const { source, destination, port, protocol } = d.example
  const what =
    d.kind === 'policy'
      ? `${d.baseChain}（${d.table} 表）的策略丢弃`
      : `${d.inChain}（${d.table} 表）的一条规则${d.answer === undefined ? '丢弃' : `以 ${d.answer} 拒绝`}`
  const doubt = d.isInDoubt ? '是否真的拦截取决于采集内容看不到的条件。' : ''
  const packets =
    d.command === undefined && d.packets === 0
      ? '它不计数，或者目前还没有拦截报文。'
      : d.packets === 0
        ? '它目前还没有拦截报文。'
        : `它目前已拦截 ${formatCount(d.packets)} 个报文。`
  return `${d.node} 上 ${what}${chineseVictims(d)}，例如 ${protocol} ${source} → ${destination} 端口 ${port}。${doubt}${packets}`
}

function chineseEffect({ answer }: RejectBeforeAccept): string {
  if (answer === undefined) return '连接方一直等到超时。'
  const seen = SEEN.get(answer)
  return seen === undefined ? '连接方立即得到错误。' : `连接方看到“${seen}”。`
}

function chineseOrigin(d: RejectBeforeAccept): string {
  const { author, kind } = d
  const what = kind === 'policy' ? '该策略' : '该规则'
  if (author === undefined && isBesideFilter(d))
    return `${d.table} 表中没有 ufw、firewalld 或 Docker 的链：${what}很可能由管理员设置，或随系统镜像而来。`
  if (author === undefined)
    return `没有 ufw、firewalld 或 Docker 的链：${what}由管理员设置，或随系统镜像而来。`
  if (author === 'docker') return `没有 ufw 和 firewalld：${what}由管理员设置，与 Docker 的链并存。`
  return `存在 ${author} 的链：${what}很可能来自它。`
}
