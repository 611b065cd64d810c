import type { SaidStep } from '../../engine/saidStep.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { RejectBeforeAccept } from './iptables-reject-before-accept.text.ts'

/** The command that shows the chain with its counters. */
export function listing({ command, table, baseChain }: RejectBeforeAccept): string {
  if (command === undefined) return `nft -a list chain ${table} ${shellQuote(baseChain)}`
  const inTable = table === 'filter' ? '' : ` -t ${shellQuote(table)}`
  return `${command}${inTable} -L ${shellQuote(baseChain)} -nvx --line-numbers`
}

/** Is it in another table of iptables than filter? What such a table drops, filter cannot accept any more. */
export function isBesideFilter({ command, table }: RejectBeforeAccept): boolean {
  return command !== undefined && table !== 'filter'
}

/** One for each API server that does not hear the node: whether it answers. */
export function serverCalls({ kinds, sentTo }: RejectBeforeAccept): readonly string[] {
  if (!kinds.includes('node-to-api')) return []
  const servers = sentTo.filter(({ protocol }) => protocol === 'tcp')
  return servers.map(({ destination, port }) => `curl -sk https://${destination}:${port}/livez`)
}

/** The step that helps at once. */
export function immediate(d: RejectBeforeAccept): SaidStep {
  if (d.command === undefined) return immediateInNft(d)
  const { command } = d
  if (isBesideFilter(d)) return takenOut(d, command)
  if (d.chain === 'INPUT') {
    const { source, protocol, port } = d.example
    return {
      text: {
        en: 'Accept the packets before the rule, from each node of the cluster (here one of them).',
        zh: '在该规则之前放行来自集群各节点的报文（这里以其中一个为例）。',
      },
      commands: [
        `${command} -I INPUT 1 -s ${shellQuote(source)} -p ${shellQuote(protocol)} --dport ${port} -j ACCEPT`,
      ],
    }
  }
  if (d.chain === 'OUTPUT') {
    return {
      text: {
        en: 'Accept before the rule what the node sends to the cluster; this lasts until the firewall is loaded again.',
        zh: '在该规则之前放行节点发往集群的报文；在防火墙重新加载之前有效。',
      },
      commands: d.sentTo.map(
        ({ destination, protocol, port }) =>
          `${command} -I OUTPUT 1 -d ${shellQuote(destination)} -p ${shellQuote(protocol)} --dport ${port} -j ACCEPT`,
      ),
    }
  }
  const networks = d.podNetworks.length > 0 ? d.podNetworks : [d.example.source, d.example.destination]
  return {
    text: {
      en: 'Accept the pod network before the rule, on this node; this lasts until the firewall is loaded again.',
      zh: '在该规则之前放行 Pod 网段；在防火墙重新加载之前有效。',
    },
    commands: networks.flatMap((network) => [
      `${command} -I FORWARD 1 -s ${shellQuote(network)} -j ACCEPT`,
      `${command} -I FORWARD 1 -d ${shellQuote(network)} -j ACCEPT`,
    ]),
  }
}

function takenOut(d: RejectBeforeAccept, command: string): SaidStep {
  const inTable = `${command} -t ${shellQuote(d.table)}`
  if (d.ruleText === undefined) {
    return {
      text: {
        en: 'Set the policy back; this lasts until the firewall is loaded again.',
        zh: '恢复该策略；在防火墙重新加载之前有效。',
      },
      commands: [`${inTable} -P ${shellQuote(d.baseChain)} ACCEPT`],
    }
  }
  const words = PLAIN_WORDS.test(d.ruleText) ? d.ruleText : 'NUMBER'
  return {
    text: {
      en: `Take the rule out of table ${d.table}: what it drops no rule of filter can accept. This lasts until the firewall is loaded again.`,
      zh: `从 ${d.table} 表中去掉该规则：它丢弃的报文，filter 表的规则无法放行。在防火墙重新加载之前有效。`,
    },
    commands: [
      `${inTable} -L ${shellQuote(d.inChain)} -nvx --line-numbers`,
      `${inTable} -D ${shellQuote(d.inChain)} ${words}`,
    ],
  }
}

/** Words of a rule that a shell reads as they are; others are deleted by their number. */
const PLAIN_WORDS = /^(?:! |[\w@%+:,./= -])+$/

/** What one native chain accepts still meets the others, those of iptables among them. */
function immediateInNft({
  chain,
  table,
  baseChain,
  podNetworks,
  example,
  sentTo,
}: RejectBeforeAccept): SaidStep {
  const insert = `nft insert rule ${table} ${shellQuote(baseChain)}`
  if (chain === 'INPUT') {
    const { source, protocol, port } = example
    return {
      text: {
        en: 'Accept the packets at the head of this chain, from each node of the cluster (here one of them).',
        zh: '在该链的开头放行来自集群各节点的报文（这里以其中一个为例）。',
      },
      commands: [
        `${insert} ip saddr ${shellQuote(source)} ${shellQuote(protocol)} dport ${port} counter accept`,
      ],
    }
  }
  if (chain === 'OUTPUT') {
    return {
      text: {
        en: 'Accept at the head of this chain what the node sends to the cluster; this lasts until the firewall is loaded again.',
        zh: '在该链的开头放行节点发往集群的报文；在防火墙重新加载之前有效。',
      },
      commands: sentTo.map(
        ({ destination, protocol, port }) =>
          `${insert} ip daddr ${shellQuote(destination)} ${shellQuote(protocol)} dport ${port} counter accept`,
      ),
    }
  }
  const networks = podNetworks.length > 0 ? podNetworks : [example.source, example.destination]
  return {
    text: {
      en: 'Accept the pod network at the head of this chain; this lasts until the firewall is loaded again.',
      zh: '在该链的开头放行 Pod 网段；在防火墙重新加载之前有效。',
    },
    commands: networks.flatMap((network) => [
      `${insert} ip saddr ${shellQuote(network)} counter accept`,
      `${insert} ip daddr ${shellQuote(network)} counter accept`,
    ]),
  }
}

/** Steps that last beyond the next load of the firewall. */
export function lasting(d: RejectBeforeAccept): readonly SaidStep[] {
  const { author, podNetworks, serviceNetworks, chain, kind, command, table, sentTo } = d
  if (isBesideFilter(d)) {
    return [
      {
        text: {
          en: 'Find out what loads it at boot (iptables-persistent, iptables-services, before.rules of ufw, a direct rule of firewalld), and take it out there.',
          zh: '查明开机时是谁加载它（iptables-persistent、iptables-services、ufw 的 before.rules、firewalld 的 direct 规则），并在那里去掉。',
        },
        commands: [
          `grep -rn -e ${shellQuote(d.inChain)} /etc/iptables /etc/sysconfig/iptables /etc/ufw /etc/firewalld`,
        ],
      },
    ]
  }
  if (chain === 'OUTPUT' && (author === 'ufw' || author === 'firewalld'))
    return lastingForSent(author, sentTo)
  const networks = [...podNetworks, ...serviceNetworks].map((network) => shellQuote(network))
  if (author === 'firewalld') {
    return [
      {
        text: {
          en: 'Put the networks of pods and Services into the trusted zone of firewalld, or take firewalld off the node.',
          zh: '把 Pod 和 Service 网段加入 firewalld 的 trusted 区域，或者在节点上关闭 firewalld。',
        },
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
        text: {
          en: 'Let ufw allow the networks of pods and Services, and routed packets; or take ufw off the node.',
          zh: '让 ufw 放行 Pod 和 Service 网段以及被路由的报文；或者在节点上关闭 ufw。',
        },
        commands: [...networks.map((network) => `ufw allow from ${network}`), 'ufw default allow routed'],
      },
    ]
  }
  if (command === undefined) {
    return [
      {
        text: {
          en: 'Find out what loads the table at boot (nftables.service, a script of the image), and let it accept the pod network there.',
          zh: '查明开机时是谁加载该表（nftables.service、镜像脚本），并在那里放行 Pod 网段。',
        },
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
          text: {
            en: 'Find out what sets the policy at boot (iptables-persistent, iptables-services, a script of the image), and change it there; until then:',
            zh: '查明开机时是谁设置该策略（iptables-persistent、iptables-services、镜像脚本），并在那里修改；在此之前：',
          },
          commands: [`${command} -P ${chain} ACCEPT`],
        }
      : {
          text: {
            en: 'Find out what loads the rule at boot (iptables-persistent, iptables-services, a script of the image), and take it out there.',
            zh: '查明开机时是谁加载该规则（iptables-persistent、iptables-services、镜像脚本），并在那里去掉。',
          },
          commands: [
            `${command} -L ${chain} -n --line-numbers`,
            'grep -rn -e REJECT -e DROP /etc/iptables /etc/sysconfig/iptables',
          ],
        },
  ]
}

/** ufw's own rules for what the node sends (ufw(8), `allow out`); of firewalld, who refuses it: a policy or a direct rule. */
function lastingForSent(
  author: 'ufw' | 'firewalld',
  sentTo: RejectBeforeAccept['sentTo'],
): readonly SaidStep[] {
  if (author === 'ufw') {
    return [
      {
        text: {
          en: 'Let ufw allow what the node sends to the cluster; or take ufw off the node.',
          zh: '让 ufw 放行节点发往集群的报文；或者在节点上关闭 ufw。',
        },
        commands: sentTo.map(
          ({ destination, protocol, port }) =>
            `ufw allow out to ${shellQuote(destination)} port ${port} proto ${shellQuote(protocol)}`,
        ),
      },
    ]
  }
  return [
    {
      text: {
        en: 'Find the policy of firewalld for what the host sends, or the direct rule, that refuses it, and take it out; or take firewalld off the node.',
        zh: '找出拒绝它的 firewalld 策略（入口区域为 HOST）或 direct 规则并去掉；或者在节点上关闭 firewalld。',
      },
      commands: ['firewall-cmd --list-all-policies', 'firewall-cmd --direct --get-all-rules'],
    },
  ]
}
