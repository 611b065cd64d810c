import { type Availability, available } from '../../engine/availability.ts'
import { type OfNode, defineClusterFact, eachNode } from '../../engine/fact.ts'
import { type IssuerMatch, chainMatch, issuerMatch } from '../../x509/issuerMatch.ts'
import { type NodeCertificate, certificates } from '../node/certificates.ts'
import { type TrustDomain, type TrustHolder, trustHolders } from '../node/trustHolders.ts'

/** A certificate, held against the authorities that whoever verifies it trusts. */
export interface VerifiedCertificate {
  readonly node: string
  readonly certificate: NodeCertificate
  readonly domain: TrustDomain
  readonly match: IssuerMatch
  /** The file that it was held against: the one on its own node, else the cluster's own. */
  readonly trusted: TrustHolder
  /** It is kubeadm's, and the API server may be told to trust other clients' authorities than ca.crt. */
  readonly mayBeElsewhere: boolean
  /** The authority that did issue it, where the case has that. */
  readonly issuer?: NodeCertificate
}

type Leaf = readonly [pattern: RegExp, domain: TrustDomain, family: TrustHolder['family']]

/** What is verified with which authorities: pkg/daemons/control/deps/deps.go of k3s; kubeadm's documentation of its PKI. */
const LEAVES: readonly Leaf[] = [
  [/\/agent\/serving-kubelet\.crt$/, 'server', 'rancher'],
  [/\/server\/tls\/serving-kube-apiserver\.crt$/, 'server', 'rancher'],
  [/\/server\/tls\/client-auth-proxy\.crt$/, 'front-proxy', 'rancher'],
  [/\/server\/tls\/etcd\/(?:client|server-client)\.crt$/, 'etcd', 'rancher'],
  [/\/server\/tls\/etcd\/peer-server-client\.crt$/, 'etcd-peer', 'rancher'],
  [/\/(?:agent|server\/tls)\/client-(?!ca\.|auth-proxy)[a-z0-9-]+\.crt$/, 'client', 'rancher'],
  [/^\/etc\/kubernetes\/pki\/apiserver\.crt$/, 'server', 'kubeadm'],
  [/^\/etc\/kubernetes\/pki\/apiserver-kubelet-client\.crt$/, 'client', 'kubeadm'],
  [/^\/etc\/kubernetes\/[a-z-]+\.conf\.client\.crt$/, 'client', 'kubeadm'],
  [/^\/var\/lib\/kubelet\/pki\/kubelet-client-[^/]+\.pem$/, 'client', 'kubeadm'],
  [/^\/etc\/kubernetes\/pki\/front-proxy-client\.crt$/, 'front-proxy', 'kubeadm'],
  [
    /^\/etc\/kubernetes\/pki\/(?:apiserver-etcd-client|etcd\/(?:server|healthcheck-client))\.crt$/,
    'etcd',
    'kubeadm',
  ],
  [/^\/etc\/kubernetes\/pki\/etcd\/peer\.crt$/, 'etcd-peer', 'kubeadm'],
]

/**
 * Every certificate in use whose verifier is known, with what its verifier's authorities say of it. Left out: what kubeadm's kubelet
 * serves, which nobody verifies, and those for which a file holds authorities that are not known.
 */
export const verifiedCertificates = defineClusterFact({
  name: 'verified certificates',
  needs: { certificates: eachNode(certificates), holders: eachNode(trustHolders) },
  compute({ certificates, holders }): Availability<readonly VerifiedCertificate[]> {
    const all = certificates.flatMap(({ value }) => value)
    return available(
      certificates.flatMap(({ node, value }) =>
        value
          .filter(({ inUse, index, certificate }) => inUse && index === 0 && !certificate.isCa)
          .flatMap((certificate) => verified(node.id, certificate, all, holders)),
      ),
    )
  },
})

function verified(
  node: string,
  certificate: NodeCertificate,
  all: readonly NodeCertificate[],
  holders: readonly OfNode<readonly TrustHolder[]>[],
): readonly VerifiedCertificate[] {
  const leaf = LEAVES.find(([pattern]) => pattern.test(certificate.path))
  if (leaf === undefined) return []
  const [, domain, family] = leaf
  const fits = (holder: TrustHolder) => holder.family === family && holder.domains.includes(domain)
  const own = holders.filter((holder) => holder.node.id === node).flatMap(({ value }) => value.filter(fits))
  const sources = holders.flatMap(({ value }) => value.filter((holder) => fits(holder) && holder.isSource))
  const trusting = own.length > 0 ? own : sources
  const [trusted] = trusting
  if (trusted === undefined || trusting.some(({ authorities }) => authorities.length === 0)) return []
  const chain = all.filter((other) => other.path === certificate.path && other.origin.bundle === node)
  const match = chainMatch(
    chain.map((member) => member.certificate),
    trusting.flatMap(({ authorities }) => authorities),
  )
  const issuer = all.find((other) => issuerMatch(certificate.certificate, other.certificate) === 'issued')
  const mayBeElsewhere = family === 'kubeadm' && domain === 'client'
  const found = { node, certificate, domain, match, trusted, mayBeElsewhere }
  return [issuer === undefined ? found : { ...found, issuer }]
}
