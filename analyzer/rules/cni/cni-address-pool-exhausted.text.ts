import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a pool of pod addresses with none, or few, left. */
export interface ExhaustedPool {
  readonly node: string
  /** '' where a log alone tells, and only by its addresses. */
  readonly network: string
  readonly subnet: string
  readonly state: 'full' | 'nearly-full' | 'was-full'
  readonly used: number
  /** 0 where the reservations were not captured. */
  readonly capacity: number
  /** Reservations of pods that are gone, as far as they could be told. */
  readonly leaked: number
  /** Captured lines that say that there was none left. */
  readonly refused: number
}

const nameOf = ({ network, subnet }: ExhaustedPool): string =>
  network === '' ? subnet : `network ${network}`

/** The words of cni-address-pool-exhausted. */
export const text: RuleTexts<
  ExhaustedPool,
  'notCaptured' | 'otherPlugin',
  'refused' | 'subnet' | 'reserved'
> = {
  en: {
    name: 'A node has no pod addresses left',
    looksFor:
      'The reservations of host-local against what its ranges hold (a /24: 253, without the network’s, the broadcast and the gateway’s address), and log lines `no IP addresses available in range set: …` (`… in network: cbr0` with plugins before 0.7).',
    why: 'Every pod that is not on the host’s network needs an address of the node’s own range. With none left the runtime cannot make its sandbox: new pods stay in ContainerCreating on this node, while those that run go on.',
    mimics: [
      'Many pods on a small range: with 110 pods a node, a /25 holds just enough. Nothing is leaked, and the range has to be wider.',
      'A log line of an earlier boot: the pool may have been cleared since; it counts one step less.',
      'Networks whose reservations lie in another folder (dataDir), and the gateway’s address, which is never handed out.',
    ],
    cure: 'Free what is held for pods that are gone (host-local-address-leak). Where all are in use: fewer pods a node, or a wider range for each.',
    title(d) {
      if (d.state === 'full') return `${d.node} has no pod address left in ${nameOf(d)}`
      if (d.state === 'was-full') return `${d.node} had no pod address left in ${nameOf(d)}`
      return `${d.node} has ${formatCount(d.capacity - d.used)} of ${formatCount(d.capacity)} pod addresses left in ${nameOf(d)}`
    },
    summary(d) {
      const fill =
        d.capacity === 0
          ? `The reservations of ${nameOf(d)} on ${d.node} are not among the captures.`
          : `${formatCount(d.used)} of ${formatCount(d.capacity)} addresses of ${d.subnet} are reserved on ${d.node}.`
      const leaked =
        d.leaked === 0 ? '' : ` ${formatCount(d.leaked)} of them are held for pods that are gone.`
      const logged =
        d.refused === 0
          ? ''
          : ` Captured log lines say ${howOften(d.refused)} that there was none left for a pod.`
      const effect = {
        full: ' New pods stay in ContainerCreating on this node; those that run go on.',
        'nearly-full': ' With none left, new pods would stay in ContainerCreating on this node.',
        'was-full':
          d.capacity === 0
            ? ' Pods that were to start then stayed in ContainerCreating.'
            : ' At the time of the capture there was room again: the range may be too small for pods that come and go at once.',
      }
      return `${fill}${leaked}${logged}${effect[d.state]}`
    },
    ruledOut: () => [],
    remedy: (d) => [
      d.leaked > 0
        ? {
            text: 'Free the addresses that are held for pods that are gone: the finding host-local-address-leak of this node has the steps.',
            commands: [],
          }
        : {
            text: `Take pods from ${d.node}, so that the others can start.`,
            commands: [
              `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)}`,
              `kubectl cordon ${shellQuote(d.node)}`,
            ],
          },
      {
        text: 'Do not remove /var/lib/cni/flannel to free addresses, as some advise: every pod that runs at that moment then keeps its address for good.',
        commands: [],
      },
      {
        text: 'Where all are in use: lower the kubelet’s maxPods below the number of addresses, or give nodes wider ranges (--node-cidr-mask-size of the controller manager; it counts for nodes that join later).',
        commands: [
          `kubectl get node ${shellQuote(d.node)} -o jsonpath='{.spec.podCIDR} {.status.allocatable.pods}{"\\n"}'`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'There are fewer files than addresses, and waiting pods get theirs.',
        commands: [
          ...(d.network === ''
            ? []
            : [`ls ${shellQuote(`/var/lib/cni/networks/${d.network}`)} | grep -c '[.:].*[.:]'`]),
          `kubectl get pods -A -o wide --field-selector spec.nodeName=${shellQuote(d.node)},status.phase=Pending`,
        ],
      },
    ],
    reasons: {
      notCaptured: 'No reservations of pod addresses were captured, and no log speaks of a lack of them.',
      otherPlugin: 'The node’s CNI configuration takes pod addresses from another plugin than host-local.',
    },
    notes: {
      refused: (lines) => (lines === '1' ? 'none left' : `none left; one of ${lines} captured lines`),
      subnet: (capacity) => `the range: ${capacity} addresses`,
      reserved: (address) => `holds ${address}`,
    },
  },
}
