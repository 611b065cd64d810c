import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type ApiServerAddress, apiServerAddresses } from '../../facts/cluster/apiServerAddresses.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import type { IptablesSave } from '../../parsers/iptablesTables.ts'
import type { Listener } from '../../parsers/ssListen.ts'
import { captured } from '../../sources/captured.ts'
import { words } from '../../text/words.ts'
import { type ApiEndpointDead, type Note, text } from './apiserver-via-service-unreachable.text.ts'

/** They listen on every node of a cluster: a list that names one of them names processes, and is of a node. */
const NODE_AGENT = /^(?:kubelet|k3s|rke2)/
const ANY_ADDRESS: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::'])

/** An endpoint of the Service default/kubernetes lies on this node, and nobody listens there. */
export default defineRule({
  id: 'apiserver-via-service-unreachable',
  area: 'services',
  severity: 'critical',
  references: [
    {
      title: 'Kubernetes documentation, Accessing the API from a Pod',
      url: 'https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/',
    },
    { title: 'Kubernetes pkg/controlplane/reconcilers (how API servers announce themselves)' },
  ],
  needs: { servers: apiServerAddresses, addresses: nodeAddresses, listeners: captured.ssListen },
  wants: { iptables: captured.iptablesSave },
  text,
  check({ servers, addresses, listeners, iptables }, node) {
    const endpoints = unique(servers.filter(({ kind, port }) => kind === 'endpoint' && port !== undefined))
    if (endpoints.length === 0) return unchecked('noEndpoints')
    const own = endpoints.filter((endpoint) => addresses.some(({ address }) => address === endpoint.address))
    if (own.length === 0) return notApplicable('elsewhere')
    const agent = listeners.value.find(({ processes }) => processes.some(({ name }) => NODE_AGENT.test(name)))
    if (listeners.status !== 'ok' || agent === undefined) return unchecked('noNames')
    const dead = own.filter(
      (endpoint) => !isListening(endpoint, listeners.value) && !isRedirected(endpoint, iptables),
    )
    if (dead.length === 0) return clear()
    const server = listeners.value.find(({ processes }) =>
      processes.some(({ name }) => name.startsWith('kube-apiserver')),
    )
    return dead.map(({ address, port = 0, origin }): Found<ApiEndpointDead, Note> => {
      const others = endpoints.filter((endpoint) => endpoint.address !== address).length
      const data = { node: node.id, address, port, others, ...(server && { listensOn: server.port }) }
      return found<ApiEndpointDead, Note>(data, {
        subject: `${address}-${port}`,
        severity: others === 0 ? 'critical' : 'high',
        confidence: 'likely',
        about: [`node:${node.id}`, `address:${address}`, 'service:default/kubernetes'],
        evidence: [
          withNote<Note>(origin, 'endpoint'),
          withNote<Note>(listeners.cite({ number: 0, text: '' }), 'sockets', port),
          withNote<Note>(listeners.cite((server ?? agent).line), server ? 'server' : 'agent'),
        ],
      })
    })
  },
})

function unique(endpoints: readonly ApiServerAddress[]): readonly ApiServerAddress[] {
  return [...new Map(endpoints.map((each) => [`${each.address} ${each.port}`, each])).values()]
}

function isListening({ address, port }: ApiServerAddress, listeners: readonly Listener[]): boolean {
  return listeners.some(
    (listener) =>
      listener.protocol === 'tcp' &&
      listener.port === port &&
      (listener.address === address || ANY_ADDRESS.has(listener.address)),
  )
}

/** A host port, or a REDIRECT of the administrator, needs no listener of its own. */
function isRedirected({ port }: ApiServerAddress, iptables: Capture<IptablesSave> | undefined): boolean {
  const chains = [...(iptables?.value.tables.get('nat')?.chains.values() ?? [])]
  return chains.some(
    ({ name, rules }) =>
      !name.startsWith('KUBE-') && rules.some(({ spec }) => words(spec).includes(String(port))),
  )
}
