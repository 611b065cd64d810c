import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { KubeConfigEntry } from '../../parsers/kubeConfigs.ts'
import { captured } from '../../sources/captured.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { type NodeCertificate, certificates } from './certificates.ts'

/** Who is verified with the authorities of a file: API servers (and k3s's kubelets), clients of the API, etcd, aggregated APIs' clients. */
export type TrustDomain = 'server' | 'client' | 'etcd' | 'etcd-peer' | 'front-proxy'

/** A file of a node with authorities that some component trusts. */
export interface TrustHolder {
  /** On the node. */
  readonly path: string
  readonly domains: readonly TrustDomain[]
  /** Whose clusters have such files: k3s and rke2, or kubeadm. */
  readonly family: 'rancher' | 'kubeadm'
  /** The cluster's own: from there the other nodes have theirs. */
  readonly isSource: boolean
  /** Empty where only a fingerprint is known. */
  readonly authorities: readonly Certificate[]
  /** SHA-256 of the first of them, of a kubeconfig. */
  readonly fingerprint?: string
  readonly origin: Evidence
}

interface TrustFile {
  readonly pattern: RegExp
  readonly domains: readonly TrustDomain[]
  readonly family: 'rancher' | 'kubeadm'
  readonly isSource: boolean
}

/**
 * Paths of k3s and rke2: pkg/daemons/control/deps/deps.go and pkg/agent/config/config.go; of kubeadm: the documentation of its PKI,
 * where one authority is for servers and clients.
 */
const FILES: readonly TrustFile[] = [
  rancher(/\/server\/tls\/server-ca\.crt$/, 'server', true),
  rancher(/\/server\/tls\/client-ca\.crt$/, 'client', true),
  rancher(/\/server\/tls\/request-header-ca\.crt$/, 'front-proxy', true),
  rancher(/\/server\/tls\/etcd\/server-ca\.crt$/, 'etcd', true),
  rancher(/\/server\/tls\/etcd\/peer-ca\.crt$/, 'etcd-peer', true),
  rancher(/\/agent\/server-ca\.crt$/, 'server', false),
  rancher(/\/agent\/client-ca\.crt$/, 'client', false),
  kubeadm(/^\/etc\/kubernetes\/pki\/ca\.crt$/, ['server', 'client']),
  kubeadm(/^\/etc\/kubernetes\/pki\/front-proxy-ca\.crt$/, ['front-proxy']),
  kubeadm(/^\/etc\/kubernetes\/pki\/etcd\/ca\.crt$/, ['etcd', 'etcd-peer']),
]

/** Kubeconfigs of the components and of the cluster's administrator; a person's own may be of another cluster. */
const KUBECONFIGS: readonly TrustFile[] = [
  rancher(/\/rancher\/(?:k3s|rke2)\/agent\/[^/]+\.kubeconfig$/, 'server', false),
  rancher(/\/rancher\/(?:k3s|rke2)\/server\/cred\/[^/]+\.kubeconfig$/, 'server', false),
  rancher(/^\/etc\/rancher\/(?:k3s|rke2)\/(?:k3s|rke2)\.yaml$/, 'server', false),
  {
    ...kubeadm(/^\/etc\/kubernetes\/(?:kubelet|admin|super-admin|controller-manager|scheduler)\.conf$/, [
      'server',
    ]),
    isSource: false,
  },
]

function rancher(pattern: RegExp, domain: TrustDomain, isSource: boolean): TrustFile {
  return { pattern, domains: [domain], family: 'rancher', isSource }
}

function kubeadm(pattern: RegExp, domains: readonly TrustDomain[]): TrustFile {
  return { pattern, domains, family: 'kubeadm', isSource: true }
}

/**
 * The files of a node with authorities that its components trust. On a worker of kubeadm ca.crt is a copy: only beside the API
 * server's certificate is it the cluster's own.
 */
export const trustHolders = defineNodeFact({
  name: 'trusted authorities',
  needs: {},
  wants: { certificates, kubeconfigs: captured.kubeConfigs },
  compute({ certificates = [], kubeconfigs }): Availability<readonly TrustHolder[]> {
    const isControlPlane = certificates.some(({ role, inUse }) => role === 'apiserver-serving' && inUse)
    const files = FILES.flatMap((file) => holdersIn(certificates, file, isControlPlane))
    const configs = (kubeconfigs?.value ?? []).flatMap((entry) =>
      kubeconfigs === undefined ? [] : holderOf(entry, kubeconfigs, certificates),
    )
    return available([...files, ...configs])
  },
})

function holdersIn(
  certificates: readonly NodeCertificate[],
  { pattern, isSource, ...file }: TrustFile,
  isControlPlane: boolean,
): readonly TrustHolder[] {
  const inFile = certificates.filter(({ path }) => pattern.test(path))
  const owns = isSource && (file.family === 'rancher' || isControlPlane)
  return inFile
    .filter(({ index }) => index === 0)
    .flatMap(({ path, origin }) => {
      const members = inFile.filter((member) => member.path === path)
      const authorities = members.map(({ certificate }) => certificate)
      return [{ ...file, path, isSource: owns, authorities, origin }]
    })
}

/** The collector puts the embedded authorities of a kubeconfig into a file `….ca.crt`. */
function holderOf(
  { path, caSha256, line }: KubeConfigEntry,
  kubeconfigs: Capture<readonly KubeConfigEntry[]>,
  certificates: readonly NodeCertificate[],
): readonly TrustHolder[] {
  const kind = KUBECONFIGS.find(({ pattern }) => pattern.test(path))
  if (kind === undefined || !/^[0-9a-f]{64}$/.test(caSha256)) return []
  const { pattern: _, ...file } = kind
  const embedded = certificates.filter((certificate) => certificate.path === `${path}.ca.crt`)
  const known = embedded.length > 0 ? embedded : sameFingerprint(certificates, caSha256)
  const authorities = known.map(({ certificate }) => certificate)
  return [{ ...file, path, authorities, fingerprint: caSha256, origin: kubeconfigs.cite(line) }]
}

/** A kubeconfig that names a file has the certificates of that file, which the collector has as well. */
function sameFingerprint(
  certificates: readonly NodeCertificate[],
  sha256: string,
): readonly NodeCertificate[] {
  const first = certificates.find(({ certificate, index }) => index === 0 && certificate.sha256 === sha256)
  return first === undefined ? [] : certificates.filter(({ path }) => path === first.path)
}
