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
}
