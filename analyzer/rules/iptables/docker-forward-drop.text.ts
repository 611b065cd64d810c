import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Docker's policy drops packets of pods. */
export interface DockerForwardDrop {
  readonly node: string
  /** Packets that the policy has dropped. */
  readonly packets: number
  /** Whether a rule before it accepts them hangs on what no capture shows. */
  readonly isInDoubt: boolean
  /** The program that changes it, as typed. */
  readonly command: string
  readonly example: { readonly source: string; readonly destination: string }
  readonly podNetworks: readonly string[]
}

type Reason = 'noDocker' | 'noPodNetwork'
type Note = 'policy' | 'docker'

/** The words of docker-forward-drop. */
export const text: RuleTexts<DockerForwardDrop, Reason, Note> = {
  en: {
    name: 'Docker’s policy DROP on FORWARD stops pod traffic',
    looksFor:
      'The policy DROP on FORWARD beside Docker’s chains, where no rule accepts a new connection between pods of different nodes before it.',
    why: 'When dockerd starts and net.ipv4.ip_forward is 0, it switches it on and sets the policy of FORWARD to DROP, so that the node does not become an open router; where it is 1 already, Docker leaves the policy alone. kube-proxy accepts marked and established packets only: new connections between pods fall through to the policy, and time out.',
    consequences:
      'Pods of different nodes cannot reach each other, and Services whose pods are elsewhere time out; the nodes themselves and pods on one node are fine.',
    commonCauses: [
      'Docker was started before net.ipv4.ip_forward was switched on.',
      'Docker was installed beside containerd on a node of the cluster.',
      'A network plugin without accept rules of its own (plain bridge, old flannel).',
    ],
    mimics: [
      'Plugins that accept pod traffic themselves (flannel since 0.9.1, Calico, Cilium, Weave, kube-router): the packets are walked through their rules.',
      'A policy that ufw or firewalld set: iptables-reject-before-accept tells of it.',
      'Docker’s chains on a node whose policy is ACCEPT.',
    ],
    cure: 'Set the policy back to ACCEPT, and switch ip_forward on in sysctl.d, before Docker starts.',
    title: ({ node, packets }) =>
      packets === 0
        ? `Docker’s policy DROP on FORWARD stops pod traffic on ${node}`
        : `Docker’s policy DROP on FORWARD has stopped ${formatCount(packets)} ${packets === 1 ? 'packet' : 'packets'} on ${node}`,
    summary: ({ node, packets, isInDoubt, example }) =>
      [
        `The policy of FORWARD on ${node} is DROP, Docker’s chains are there, and no rule accepts new connections between pods, such as ${example.source} → ${example.destination}.`,
        isInDoubt
          ? 'Whether a rule before it accepts them hangs on a condition that the captures do not show.'
          : '',
        packets === 0
          ? 'The policy has dropped nothing so far.'
          : `The policy has dropped ${formatCount(packets)} ${packets === 1 ? 'packet' : 'packets'}.`,
        'Pods of this node and of others do not reach each other, nor Services whose pods are elsewhere; they wait until they time out.',
      ]
        .filter((words) => words !== '')
        .join(' '),
    ruledOut: ({ isInDoubt }) => [
      'No chain of ufw or firewalld is there, which set that policy as well.',
      ...(isInDoubt
        ? []
        : ['No rule of kube-proxy or of a network plugin accepts the packets before the policy.']),
    ],
    remedy: ({ command, podNetworks }) => [
      {
        text: 'Set the policy back; it takes effect at once.',
        commands: [`${command} -P FORWARD ACCEPT`],
      },
      {
        text: 'Switch forwarding on before Docker starts, so that Docker leaves the policy alone at the next start.',
        commands: ['echo net.ipv4.ip_forward=1 >/etc/sysctl.d/99-kubernetes.conf', 'sysctl --system'],
      },
      {
        text: 'Or, where the policy is to stay: accept the pod network in DOCKER-USER, which Docker keeps.',
        commands: podNetworks.flatMap((network) => [
          `${command} -I DOCKER-USER 1 -s ${shellQuote(network)} -j ACCEPT`,
          `${command} -I DOCKER-USER 1 -d ${shellQuote(network)} -j ACCEPT`,
        ]),
      },
      {
        text: 'Docker 28 and later can be told to keep its hands off the policy, in /etc/docker/daemon.json: "ip-forward-no-drop": true. Where Docker runs no containers of its own, "iptables": false does so in every release.',
        commands: [],
      },
    ],
    verify: ({ command }) => [
      {
        text: 'The policy is ACCEPT, also after a restart of Docker and of the node.',
        commands: [`${command} -S FORWARD | head -n 1`, 'sysctl net.ipv4.ip_forward'],
      },
    ],
    reasons: {
      noDocker: 'No iptables chain of Docker is on this node.',
      noPodNetwork: 'The policy of FORWARD is DROP, but no capture tells which network the pods are in.',
    },
    notes: {
      policy: (packets) => `${packets === '1' ? 'one packet' : `${packets} packets`} dropped by the policy`,
      docker: () => 'a chain of Docker’s',
    },
  },
  zh: {
    name: 'Docker 把 FORWARD 策略设为 DROP，阻断了 Pod 流量',
    looksFor: '存在 Docker 的链且 FORWARD 策略为 DROP，而在此之前没有规则放行不同节点的 Pod 之间的新连接。',
    why: 'dockerd 启动时如果 net.ipv4.ip_forward 为 0，会把它打开并把 FORWARD 策略设为 DROP，以免节点成为开放的路由器；如果已经是 1，则不动策略。kube-proxy 只放行带标记的和已建立的报文：Pod 之间的新连接落到策略上而超时。',
    consequences: '不同节点的 Pod 互相不通，Pod 在别处的 Service 超时；节点自身以及同一节点的 Pod 之间正常。',
    commonCauses: [
      'Docker 在打开 net.ipv4.ip_forward 之前启动。',
      '在集群节点上除 containerd 之外又安装了 Docker。',
      '网络插件没有自己的放行规则（普通 bridge、旧版 flannel）。',
    ],
    mimics: [
      '自己放行 Pod 流量的插件（flannel 0.9.1 起、Calico、Cilium、Weave、kube-router）：会按它们的规则走一遍报文。',
      '由 ufw 或 firewalld 设置的策略：由 iptables-reject-before-accept 说明。',
      '策略为 ACCEPT 的节点上的 Docker 链。',
    ],
    cure: '把策略改回 ACCEPT，并在 sysctl.d 中打开 ip_forward，使其先于 Docker 启动。',
    title: ({ node, packets }) =>
      packets === 0
        ? `${node} 上 Docker 的 FORWARD 策略 DROP 阻断 Pod 流量`
        : `${node} 上 Docker 的 FORWARD 策略 DROP 已丢弃 ${formatCount(packets)} 个报文`,
    summary: ({ node, packets, isInDoubt, example }) =>
      [
        `${node} 的 FORWARD 策略为 DROP，存在 Docker 的链，且没有规则放行 Pod 之间的新连接，例如 ${example.source} → ${example.destination}。`,
        isInDoubt ? '之前的规则是否放行，取决于采集内容看不到的条件。' : '',
        packets === 0 ? '该策略目前还没有丢弃报文。' : `该策略已丢弃 ${formatCount(packets)} 个报文。`,
        '该节点与其他节点的 Pod 互相不通，Pod 在别处的 Service 也不通，直到超时。',
      ].join(''),
    ruledOut: ({ isInDoubt }) => [
      '没有 ufw 或 firewalld 的链，它们也会设置该策略。',
      ...(isInDoubt ? [] : ['在该策略之前，没有 kube-proxy 或网络插件的规则放行这些报文。']),
    ],
    remedy: ({ command, podNetworks }) => [
      { text: '改回策略，立即生效。', commands: [`${command} -P FORWARD ACCEPT`] },
      {
        text: '在 Docker 启动之前打开转发，使 Docker 下次启动时不再改动策略。',
        commands: ['echo net.ipv4.ip_forward=1 >/etc/sysctl.d/99-kubernetes.conf', 'sysctl --system'],
      },
      {
        text: '如果必须保留该策略：在 Docker 会保留的 DOCKER-USER 中放行 Pod 网段。',
        commands: podNetworks.flatMap((network) => [
          `${command} -I DOCKER-USER 1 -s ${shellQuote(network)} -j ACCEPT`,
          `${command} -I DOCKER-USER 1 -d ${shellQuote(network)} -j ACCEPT`,
        ]),
      },
      {
        text: 'Docker 28 起可以在 /etc/docker/daemon.json 中设置 "ip-forward-no-drop": true，让它不改动策略。Docker 不运行自己的容器时，任何版本都可以用 "iptables": false。',
        commands: [],
      },
    ],
    verify: ({ command }) => [
      {
        text: '策略为 ACCEPT，重启 Docker 和节点之后也是。',
        commands: [`${command} -S FORWARD | head -n 1`, 'sysctl net.ipv4.ip_forward'],
      },
    ],
    reasons: {
      noDocker: '该节点没有 Docker 的 iptables 链。',
      noPodNetwork: 'FORWARD 策略为 DROP，但采集内容看不出 Pod 在哪个网段。',
    },
    notes: { policy: (packets) => `该策略丢弃了 ${packets} 个报文`, docker: () => 'Docker 的链' },
  },
}
