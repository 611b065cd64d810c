import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ServiceRole } from '../services/serviceRole.ts'
import type { ServerProof } from './serverProof.ts'

/** A virtual service without servers. */
export interface BareService {
  /** `10.96.10.13:80/tcp`. */
  readonly address: string
  /** `namespace/name`, where it is known. */
  readonly name?: string
  readonly role: ServiceRole
}

/** What a node lacks. */
export interface IpvsServiceWithoutServers {
  readonly node: string
  readonly services: readonly BareService[]
  /** What tells that they should have servers; empty where nothing does. */
  readonly proofs: readonly ServerProof['by'][]
  /** Cluster addresses that IPVS serves on the node in all. */
  readonly inside: number
  /** More addresses without servers, of which nothing tells whether they should have any. */
  readonly unproven: readonly string[]
}

type Reason = 'notIpvs'

/** What there is to see in the lines. */
export type Note = 'bare' | 'log' | 'api' | 'elsewhere' | 'kernel'

const TOLD: Readonly<Record<ServerProof['by'], string>> = {
  log: 'kube-proxy logged that it could not read the servers back from the kernel (parseIP Error): so do versions 1.18.0 to 1.18.2 on kernels before 3.18, and they then add none.',
  api: 'The API server lists ready endpoints all the same.',
  node: 'Another node has servers for the same address.',
  kernel: 'The kernel logged that clients asked and no destination was available.',
}

const called = ({ name, address }: BareService): string =>
  name === undefined ? address : `${name} (${address})`

/** The words of ipvs-service-without-servers. */
export const text: RuleTexts<IpvsServiceWithoutServers, Reason, Note> = {
  en: {
    name: 'IPVS services have no servers',
    looksFor:
      'Cluster addresses in the node’s IPVS table that no server follows, held against the API’s ready endpoints, the tables of other nodes, kube-proxy’s log and the kernel’s.',
    why: 'In IPVS mode kube-proxy enters each Service as a virtual service and its endpoints as servers. A virtual service without servers still takes the packets, and the kernel refuses every connection: the Service is down for this node and its pods, while the pods behind it are sound.',
    mimics: [
      'A Service whose pods are scaled to zero, or not ready: where the API server lists no ready endpoint the rule is silent, and service-no-endpoints tells it.',
      'A node port, external or load balancer address with externalTrafficPolicy Local on a node without a pod of it, and the many addresses that a node port is bound to (127.0.0.1, bridges): only cluster addresses count.',
      'internalTrafficPolicy Local: told by the API; without it, a node that has another node’s pods as servers shows that the policy is not followed.',
      'A listing that was cut (ipvsadm | head): the kernel’s own list, /proc/net/ip_vs, is asked too.',
      'A headless Service: it has no virtual service.',
    ],
    cure: 'Restart kube-proxy on the node. Where its log shows parseIP errors, upgrade it to 1.18.3 or later, or the kernel to 3.18 or later.',
    title: (d) =>
      d.services.length === 1
        ? `IPVS on ${d.node} has no server for ${d.services.map(called).join('')}`
        : `IPVS on ${d.node} has no servers for ${d.services.length} of ${d.inside} cluster addresses`,
    summary(d) {
      const one = d.services.length === 1
      const what = `On ${d.node} the virtual service${one ? '' : 's'} ${joinWords(d.services.map(called))} ${one ? 'has' : 'have'} no server.`
      const told =
        d.proofs.length > 0
          ? d.proofs.map((by) => TOLD[by]).join(' ')
          : 'Nothing in the bundles tells whether there should be one: without the API’s EndpointSlices a workload that is scaled to zero looks the same.'
      const more =
        d.unproven.length === 0
          ? ''
          : ` ${joinWords(d.unproven)} ${d.unproven.length === 1 ? 'has' : 'have'} none either; nothing tells whether there should be one.`
      return `${what} ${told} ${meaning(d)}${more}`
    },
    ruledOut: (d) => [
      'No node port or outer address is counted, which may be without servers on a node by policy.',
      ...(d.proofs.includes('api')
        ? ['The workload is not scaled to zero: the API server lists ready endpoints.']
        : []),
    ],
    remedy: remedyOf,
    verify: (d) => [
      {
        text: 'A line with -> follows each virtual service.',
        commands: d.services.slice(0, 3).map(({ address }) => listCommand(address)),
      },
    ],
    reasons: { notIpvs: 'kube-proxy does not work with IPVS on this node.' },
    notes: {
      bare: () => 'a virtual service, and no server follows',
      log: () => 'kube-proxy fails to give it servers',
      api: (ready) => `the API server lists ${ready} ready`,
      elsewhere: (node) => `${node} has servers for the same address`,
      kernel: () => 'a client asked in vain',
    },
  },
}

function meaning({ node, services }: IpvsServiceWithoutServers): string {
  if (services.some(({ role }) => role === 'dns')) {
    return `Connections to them from ${node} and its pods are refused; DNS is among them, so that names do not resolve.`
  }
  if (services.some(({ role }) => role === 'api')) {
    return `Connections to them from ${node} and its pods are refused; the API server’s address is among them, so that controllers and agents in pods fail.`
  }
  return `Connections to ${services.length === 1 ? 'it' : 'them'} from ${node} and its pods are refused.`
}

/** The address is checked and the protocol one of three. */
function listCommand(address: string): string {
  const [endpoint = '', protocol] = address.split('/')
  return `ipvsadm -Ln ${protocol === 'udp' ? '-u' : '-t'} ${shellQuote(endpoint)}`
}

function restart(node: string): string {
  return `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`
}

function remedyOf(d: IpvsServiceWithoutServers): readonly Step[] {
  if (d.proofs.includes('log')) {
    return [
      {
        text: 'Until the upgrade, let kube-proxy work with iptables: set mode to "iptables" in its configuration and restart it.',
        commands: ['kubectl -n kube-system edit configmap kube-proxy', restart(d.node)],
      },
      {
        text: 'Upgrade kube-proxy to 1.18.3 or later, or the node’s kernel to 3.18 or later (CentOS 7 has 3.10).',
        commands: ['kubectl -n kube-system get daemonset kube-proxy -o wide', 'uname -r'],
      },
    ]
  }
  const ask: Step = {
    text: 'See whether the Services have ready endpoints; with none, the workload is the cause and not IPVS.',
    commands: ['kubectl get endpointslices -A'],
  }
  const again: Step = {
    text: 'Restart kube-proxy on the node, so that it enters all servers anew, and look in its log for failed syncs.',
    commands: [
      restart(d.node),
      'kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=200 | grep -i fail',
    ],
  }
  return d.proofs.length > 0 ? [again] : [ask, again]
}
