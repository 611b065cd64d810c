import { available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { issuerMatch } from '../../x509/issuerMatch.ts'
import { certificates } from './certificates.ts'

/** The files with the authorities of a server of k3s or rke2, below `server/tls`: pkg/daemons/control/deps/deps.go. */
export const AUTHORITY_FILES = [
  'server-ca.crt',
  'client-ca.crt',
  'request-header-ca.crt',
  'etcd/server-ca.crt',
  'etcd/peer-ca.crt',
] as const

/** One of them. */
export type AuthorityFile = (typeof AUTHORITY_FILES)[number]

/** An authority of a server: the first certificate of its file signs, the ones behind it lead to its root. */
export interface ServerAuthority {
  readonly file: AuthorityFile
  readonly certificate: Certificate
  /** Its name is one that the server gives to authorities it makes itself. */
  readonly isOwn: boolean
  /** Self-issued, at the end of the chain; itself where it is one. Undefined where the file does not hold it. */
  readonly root?: Certificate
  /** The name of whoever issued the last certificate that the chain leads to. */
  readonly lastIssuer: string
  readonly origin: Evidence
}

/** The authorities of the server that runs on a node. */
export interface ServerAuthorities {
  readonly distribution: 'k3s' | 'rke2'
  /** `/var/lib/rancher/k3s/server/tls`. */
  readonly folder: string
  /** In the order of AUTHORITY_FILES; empty on an agent. */
  readonly authorities: readonly ServerAuthority[]
  /** Files that are not there: one that holds no readable certificate is. */
  readonly missing: readonly AuthorityFile[]
  /** It has issued certificates, which it does when it starts. */
  readonly hasStarted: boolean
}

const FOLDER = /^certs(?<folder>\/.*\/(?<distribution>k3s|rke2)\/server\/tls)\//
/** Names of authorities that a start makes (deps.go), and of the roots of rotate-default-ca-certs.sh. */
const OWN_NAME =
  /^(?:(?:k3s|rke2)-(?:client|server|request-header)-ca|etcd-(?:server|peer)-ca|(?:k3s|rke2)-(?:client|server|request-header|etcd-peer|etcd-server)-root)@\d{1,12}$/

/** What lies in `server/tls` of a node; undefined on one that is no server of k3s or rke2. */
export const serverAuthorities = defineNodeFact({
  name: 'authorities of the server',
  needs: { files: captured.certificates, certificates },
  compute({ files, certificates }) {
    const paths = files.map(({ path }) => path)
    const match = paths.map((path) => FOLDER.exec(path)?.groups).find((groups) => groups !== undefined)
    const folder = match?.['folder']
    if (folder === undefined) return available<ServerAuthorities | undefined>(undefined)
    const authorities = AUTHORITY_FILES.flatMap((file): readonly ServerAuthority[] => {
      const inFile = certificates.filter(({ path }) => path === `${folder}/${file}`)
      const [first, ...others] = inFile
      if (first === undefined) return []
      const chain = chainOf(
        first.certificate,
        others.map(({ certificate }) => certificate),
      )
      const last = chain.at(-1) ?? first.certificate
      const root = last.selfIssued ? last : undefined
      const isOwn = root !== undefined && OWN_NAME.test(root.subject.commonName ?? '')
      return [
        {
          file,
          certificate: first.certificate,
          isOwn,
          ...(root !== undefined && { root }),
          lastIssuer: last.issuer.text,
          origin: first.origin,
        },
      ]
    })
    return available<ServerAuthorities | undefined>({
      distribution: match?.['distribution'] === 'rke2' ? 'rke2' : 'k3s',
      folder,
      authorities,
      missing: AUTHORITY_FILES.filter((file) => !paths.includes(`certs${folder}/${file}`)),
      hasStarted: paths.some((path) => path === `certs${folder}/serving-kube-apiserver.crt`),
    })
  },
})

/** From a certificate over its issuers to the last one of them that is there, preferring one that issued itself; no circles. */
function chainOf(first: Certificate, others: readonly Certificate[]): readonly Certificate[] {
  const chain = [first]
  for (const here of chain) {
    if (here.selfIssued) break
    const issuers = others.filter(
      (other) => !chain.includes(other) && ['issued', 'unproven'].includes(issuerMatch(here, other)),
    )
    const next = issuers.find(({ selfIssued }) => selfIssued) ?? issuers[0]
    // `for…of` goes on over what is added.
    if (next !== undefined) chain.push(next)
  }
  return chain
}
