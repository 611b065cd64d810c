import type { RuleTexts } from '../../engine/ruleText.ts'
import type { LeakProof } from '../../facts/node/leakedAddresses.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: reservations that no pod accounts for. */
export interface HostLocalLeak {
  readonly node: string
  readonly network: string
  readonly subnet: string
  readonly count: number
  readonly used: number
  readonly capacity: number
  readonly proof: LeakProof
  /** Pods being made, which were left out of the count. */
  readonly starting: number
  /** Empty where only the number is known. */
  readonly addresses: readonly string[]
  /** Docker is the runtime. */
  readonly isDocker: boolean
}

const gone: Readonly<Record<LeakProof, string>> = {
  sandboxes: 'belong to no pod sandbox that the container runtime knows, running or not',
  pods: 'belong to no pod that the API server has on this node',
  links: 'are more than there are links of pods on the bridge',
}

/** Goes through the reservations and does `action` to each whose sandbox is gone; to none where the list of sandboxes is empty. */
function forEachOrphan({ network, addresses, isDocker }: HostLocalLeak, action: string): string {
  const list = isDocker ? 'docker ps -aq --no-trunc' : 'crictl pods -q --no-trunc'
  const names = addresses.some((address) => address.includes(':')) ? '*:*' : '*.*.*.*'
  const folder = shellQuote(`/var/lib/cni/networks/${network}`)
  return `cd ${folder} && ids=$(${list}) && [ -n "$ids" ] && for f in ${names}; do echo "$ids" | grep -qxF "$(head -n 1 "$f" | tr -d '\\r')" || ${action} "$f"; done`
}

/** The words of host-local-address-leak. */
export const text: RuleTexts<HostLocalLeak, 'otherPlugin', 'reserved' | 'list'> = {
  en: {
    name: 'host-local holds addresses for pods that are gone',
    looksFor:
      'The reservations of the host-local plugin (/var/lib/cni/networks/<network>/<address>, each with the id of its sandbox) against the sandboxes that the container runtime knows; where that list is not whole, against the API server’s pods of the node and the links on the bridge.',
    why: 'host-local writes a file for each address it gives to a pod, and removes it when the runtime asks it to. A power cut, a runtime whose state was wiped, or a plugin that fails after the address was given leave the file behind. Nothing ever clears it: the pool shrinks until no pod can start on the node.',
    mimics: [
      'Sandboxes that have exited and were not removed yet keep their address until the kubelet cleans up: the list holds them too.',
      'Pods being made have an address before they have a sandbox: as many as the API server knows to be starting are left out, and fewer than three are never reported.',
      'Networks whose addresses lie elsewhere (dataDir), second networks of Multus whose subnet is configured in the API, and folders left over from a former network that no pod uses, or from before another plugin took over.',
      'The gateway’s address, which some set aside by hand: it is not handed out, and not counted.',
    ],
    cure: 'Drain the node, remove the files whose sandbox is gone, and no others. Do not remove /var/lib/cni/flannel.',
    title: ({ node, network, count, capacity }) =>
      `${formatCount(count)} of ${formatCount(capacity)} pod addresses of ${node} are held for pods that are gone (network ${network})`,
    summary(d) {
      const which = d.addresses.length === 0 ? '' : `: ${joinWords(d.addresses)}`
      const starting =
        d.starting === 0
          ? ''
          : ` ${d.starting === 1 ? 'One more may belong' : `${d.starting} more may belong`} to pods that are starting.`
      return `host-local on ${d.node} has ${formatCount(d.used)} of ${formatCount(d.capacity)} addresses of ${d.subnet} reserved; ${formatCount(d.count)} of them ${gone[d.proof]}${which}.${starting} They come back by themselves neither now nor after a restart. When none is left, no pod starts on this node any more.`
    },
    ruledOut: ({ proof }) =>
      proof === 'sandboxes'
        ? [
            'Sandboxes that have exited and still hold their address: the list has them.',
            'A list that is not whole: it was read to its end.',
          ]
        : [],
    remedy: (d) => [
      {
        text: `Move the pods away from ${d.node}, so that none starts meanwhile.`,
        commands: [`kubectl drain ${shellQuote(d.node)} --ignore-daemonsets --delete-emptydir-data`],
      },
      {
        text: `On ${d.node}: list the reservations whose sandbox is gone. Nothing is removed yet.`,
        commands: [forEachOrphan(d, 'echo')],
      },
      {
        text: 'Remove these files, and only these. Then let pods in again.',
        commands: [forEachOrphan(d, 'rm -v'), `kubectl uncordon ${shellQuote(d.node)}`],
      },
      {
        text: 'Do not remove /var/lib/cni/flannel, as some advise: it holds no reservations, but what flannel’s plugin needs to give them back. Without it, removing a pod succeeds and its address stays taken, so that every pod that runs at that moment leaks its own.',
        commands: [],
      },
      {
        text: 'Find what leaves them behind: power cuts and resets, a wiped runtime, or a plugin that fails after the address was given (a hostPort without the iptables program leaks one at each try).',
        commands: ['journalctl -u kubelet -u k3s -u k3s-agent --since -1d | grep "failed (add)" | tail'],
      },
    ],
    verify: (d) => [
      {
        text: 'No reservation without a sandbox is left, and the number of files is near that of the pods.',
        commands: [
          forEachOrphan(d, 'echo'),
          `ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | wc -l`,
        ],
      },
    ],
    reasons: {
      otherPlugin: 'The node’s CNI configuration takes pod addresses from another plugin than host-local.',
    },
    notes: {
      reserved: (address) => `holds ${address}`,
      list: () => 'the list that they are missing from',
    },
  },
}
