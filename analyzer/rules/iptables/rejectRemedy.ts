import type { Step } from '../../engine/outcome.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { RejectBeforeAccept } from './iptables-reject-before-accept.text.ts'

/** The command that shows the chain with its counters. */
export function listing({ command, table, baseChain }: RejectBeforeAccept): string {
  if (command === undefined) return `nft -a list chain ${table} ${shellQuote(baseChain)}`
  const inTable = table === 'filter' ? '' : ` -t ${shellQuote(table)}`
  return `${command}${inTable} -L ${shellQuote(baseChain)} -nvx --line-numbers`
}

/** The step that helps at once. */
export function immediate(d: RejectBeforeAccept): Step {
  if (d.command === undefined) return immediateInNft(d)
  const { command } = d
  if (d.chain === 'INPUT') {
    const { source, protocol, port } = d.example
    return {
      text: 'Accept the packets before the rule, from each node of the cluster (here one of them).',
      commands: [
        `${command} -I INPUT 1 -s ${shellQuote(source)} -p ${shellQuote(protocol)} --dport ${port} -j ACCEPT`,
      ],
    }
  }
  const networks = d.podNetworks.length > 0 ? d.podNetworks : [d.example.source, d.example.destination]
  return {
    text: 'Accept the pod network before the rule, on this node; this lasts until the firewall is loaded again.',
    commands: networks.flatMap((network) => [
      `${command} -I FORWARD 1 -s ${shellQuote(network)} -j ACCEPT`,
      `${command} -I FORWARD 1 -d ${shellQuote(network)} -j ACCEPT`,
    ]),
  }
}

/** What one native chain accepts still meets the others, those of iptables among them. */
function immediateInNft({ chain, table, baseChain, podNetworks, example }: RejectBeforeAccept): Step {
  const insert = `nft insert rule ${table} ${shellQuote(baseChain)}`
  if (chain === 'INPUT') {
    const { source, protocol, port } = example
    return {
      text: 'Accept the packets at the head of this chain, from each node of the cluster (here one of them).',
      commands: [
        `${insert} ip saddr ${shellQuote(source)} ${shellQuote(protocol)} dport ${port} counter accept`,
      ],
    }
  }
  const networks = podNetworks.length > 0 ? podNetworks : [example.source, example.destination]
  return {
    text: 'Accept the pod network at the head of this chain; this lasts until the firewall is loaded again.',
    commands: networks.flatMap((network) => [
      `${insert} ip saddr ${shellQuote(network)} counter accept`,
      `${insert} ip daddr ${shellQuote(network)} counter accept`,
    ]),
  }
}

/** Steps that last beyond the next load of the firewall. */
export function lasting({
  author,
  podNetworks,
  serviceNetworks,
  chain,
  kind,
  command,
  table,
}: RejectBeforeAccept): readonly Step[] {
  const networks = [...podNetworks, ...serviceNetworks].map((network) => shellQuote(network))
  if (author === 'firewalld') {
    return [
      {
        text: 'Put the networks of pods and Services into the trusted zone of firewalld, or take firewalld off the node.',
        commands: [
          ...networks.map((network) => `firewall-cmd --permanent --zone=trusted --add-source=${network}`),
          'firewall-cmd --reload',
        ],
      },
    ]
  }
  if (author === 'ufw') {
    return [
      {
        text: 'Let ufw allow the networks of pods and Services, and routed packets; or take ufw off the node.',
        commands: [...networks.map((network) => `ufw allow from ${network}`), 'ufw default allow routed'],
      },
    ]
  }
  if (command === undefined) {
    return [
      {
        text: 'Find out what loads the table at boot (nftables.service, a script of the image), and let it accept the pod network there.',
        commands: [
          `nft list table ${table}`,
          'grep -rn -e reject -e drop /etc/nftables.conf /etc/nftables /etc/sysconfig/nftables.conf',
        ],
      },
    ]
  }
  return [
    kind === 'policy'
      ? {
          text: 'Find out what sets the policy at boot (iptables-persistent, iptables-services, a script of the image), and change it there; until then:',
          commands: [`${command} -P ${chain} ACCEPT`],
        }
      : {
          text: 'Find out what loads the rule at boot (iptables-persistent, iptables-services, a script of the image), and take it out there.',
          commands: [
            `${command} -L ${chain} -n --line-numbers`,
            'grep -rn -e REJECT -e DROP /etc/iptables /etc/sysconfig/iptables',
          ],
        },
  ]
}
