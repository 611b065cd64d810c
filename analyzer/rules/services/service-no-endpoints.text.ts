import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ServiceRole } from './serviceRole.ts'
import type { UnreadyPod, WhyNoEndpoints } from './whyNoEndpoints.ts'

/** A Service that nodes refuse. */
export interface ServiceNoEndpoints {
  /** `namespace/name`. */
  readonly service: string
  readonly role: ServiceRole
  /** The nodes that refuse it. */
  readonly nodes: readonly string[]
  /** `10.96.10.13:80/tcp`. */
  readonly addresses: readonly string[]
  /** Commands that show how a node treats it. */
  readonly look: readonly string[]
  /** Ready endpoints that the API server lists all the same; undefined where it was not asked. */
  readonly inApi: number | undefined
  readonly why: WhyNoEndpoints
}

type Reason = 'noProxy' | 'noApi'

/** What there is to see in the lines. */
export type Note = 'rejects' | 'noServers' | 'api' | 'listed'

const isBehind = ({ inApi }: ServiceNoEndpoints): boolean => inApi !== undefined && inApi > 0

const MEANING: Readonly<Record<ServiceRole, string>> = {
  dns: 'No pod on these nodes can resolve a name.',
  api: 'Pods on these nodes cannot reach the API server through its Service.',
  webhook:
    'If a webhook configuration names this Service, the API server’s calls to it fail, and with failurePolicy Fail so do the requests it guards.',
  workload: 'Whoever connects to it is told at once that the connection is refused.',
}

/** The words of service-no-endpoints. */
export const text: RuleTexts<ServiceNoEndpoints, Reason, Note> = {
  en: {
    name: 'A Service has no endpoints',
    looksFor:
      'kube-proxy’s REJECT rules with the comment “has no endpoints” for cluster addresses, the same entries of its nftables map no-endpoint-services, and IPVS services without servers of which the API server lists no ready endpoint. The Service’s selector, its pods and its ports, where the API’s answers are in a bundle, tell why.',
    why: 'A Service sends traffic to the pods that its selector matches and that are ready. When there are none, kube-proxy lets the node answer “port unreachable” for the Service’s address, which clients report as “connection refused”. The network itself is sound.',
    mimics: [
      'A workload that was scaled to zero on purpose: nothing in a bundle tells a purpose, so it is reported, and the pods that are missing are named.',
      '“has no local endpoints”: a Service with the traffic policy Local whose pods run on other nodes. Only the words “has no endpoints” count, and for a Service with internalTrafficPolicy Local only if no node has ready endpoints.',
      'A REJECT in KUBE-EXTERNAL-SERVICES alone, for a node port or an external address: only a refused cluster address counts.',
      'A headless Service or an ExternalName: kube-proxy programs neither.',
    ],
    cure: 'Find out why no pod stands behind the Service: the selector matches none, none is ready, or the targetPort is a name that no container has.',
    title: (d) =>
      isBehind(d)
        ? `${joinWords(d.nodes)} ${d.nodes.length === 1 ? 'refuses' : 'refuse'} the Service ${d.service}, which has ready endpoints`
        : `The Service ${d.service} has no endpoints`,
    summary(d) {
      const state = `${joinWords(d.nodes)} ${d.nodes.length === 1 ? 'refuses' : 'refuse'} ${joinWords(d.addresses)}, the address of the Service ${d.service}, since kube-proxy knows no endpoint for it.`
      return `${state} ${reasonOf(d)} ${MEANING[d.role]}`
    },
    ruledOut: (d) => [
      'The Service is neither headless nor an ExternalName: the nodes hold a cluster address for it.',
      ...(d.inApi === 0 ? ['kube-proxy is not behind: the API server lists no ready endpoint either.'] : []),
    ],
    remedy: (d) => remedyOf(d),
    verify: (d) => [
      {
        text: 'The Service lists ready addresses, and the nodes no longer refuse it.',
        commands: [listSlices(d), ...d.look],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      noApi:
        'IPVS services without servers are there, but the API’s Services and EndpointSlices, which would tell whether they should have any, are missing.',
    },
    notes: {
      rejects: (node) => `${node} refuses the cluster address`,
      noServers: (node) => `no server follows: ${node} refuses the cluster address`,
      api: () => 'as the API server knows it',
      listed: () => 'the API server lists ready endpoints',
    },
  },
}

function reasonOf(d: ServiceNoEndpoints): string {
  const { why } = d
  if (isBehind(d)) {
    return `The API server lists ${d.inApi} ready endpoint${d.inApi === 1 ? '' : 's'} for it, so kube-proxy there is behind.`
  }
  switch (why.kind) {
    case 'not-captured':
      return 'Why it has none cannot be told without the API’s Services and pods in a bundle; it may be scaled to zero on purpose.'
    case 'no-selector':
      return 'It has no selector: its endpoints are written by hand or by a controller, which has not done so.'
    case 'no-pod':
      return `No pod matches its selector ${why.selector}: the labels differ, or the workload is scaled to zero, on purpose or not.`
    case 'not-ready':
      return `${why.pods.length} pod${why.pods.length === 1 ? ' matches' : 's match'} its selector ${why.selector}, and none is ready: ${joinWords(why.pods.map(podState))}.`
    case 'port-name':
      return `Ready pods match its selector ${why.selector}, but no container of theirs has a port named ${why.targetPort}, which is its targetPort.`
    case 'unpublished':
      return `${why.readyPods} ready pod${why.readyPods === 1 ? ' matches' : 's match'} its selector ${why.selector}, yet the endpoints are not published: the capture fell into a change, or the endpoint controller does not work.`
  }
}

function podState({ name, nodeName, state }: UnreadyPod): string {
  return nodeName === undefined ? `${name} (${state})` : `${name} on ${nodeName} (${state})`
}

function inNamespace({ service }: ServiceNoEndpoints): { readonly kubectl: string; readonly name: string } {
  const [namespace = '', name = ''] = service.split('/')
  return { kubectl: `kubectl -n ${shellQuote(namespace)}`, name: shellQuote(name) }
}

function listSlices(d: ServiceNoEndpoints): string {
  const { kubectl, name } = inNamespace(d)
  return `${kubectl} get endpointslices -l kubernetes.io/service-name=${name}`
}

function remedyOf(d: ServiceNoEndpoints): readonly Step[] {
  const { kubectl, name } = inNamespace(d)
  const { why } = d
  const describe = `${kubectl} describe service ${name}`
  if (isBehind(d)) {
    return [
      {
        text: `Restart kube-proxy on ${joinWords(d.nodes)} (on k3s or rke2: restart the service of that name), and look in its log for failed syncs.`,
        commands: d.nodes.map(
          (node) =>
            `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`,
        ),
      },
    ]
  }
  switch (why.kind) {
    case 'no-pod':
      return [
        {
          text: 'See which labels the pods bear, and correct the selector; or scale the workload up.',
          commands: [
            `${kubectl} get pods --show-labels`,
            `${kubectl} get deployments,statefulsets,daemonsets`,
          ],
        },
      ]
    case 'not-ready':
      return [
        {
          text: 'Find out why the pods are not ready: their events, and the log of the container before its last restart.',
          commands: [
            `${kubectl} describe pods -l ${shellQuote(why.selector)}`,
            `${kubectl} logs -l ${shellQuote(why.selector)} --all-containers --previous --tail=50`,
          ],
        },
      ]
    case 'port-name':
      return [
        {
          text: 'Set the targetPort to the name or the number of a port that the containers have.',
          commands: [`${kubectl} edit service ${name}`],
        },
      ]
    case 'no-selector':
      return [
        {
          text:
            d.role === 'api'
              ? 'Each API server writes its own address here when it is ready: see whether any runs, and what it logs.'
              : 'See who is to write the endpoints of this Service.',
          commands: [describe, ...(d.role === 'api' ? ['crictl ps -a --name kube-apiserver'] : [])],
        },
      ]
    case 'not-captured':
    case 'unpublished':
      return [
        {
          text: 'Compare the Service’s selector and ports with the pods that should stand behind it.',
          commands: [describe, `${kubectl} get pods --show-labels -o wide`],
        },
      ]
  }
}
