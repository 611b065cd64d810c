import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { PemCertificate, PemCertificates } from '../../parsers/pemCertificates.ts'
import { captured } from '../../sources/captured.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { type CertificateRole, type Distribution, certificateFile } from './certificateRole.ts'

/** A certificate of a node's files. */
export interface NodeCertificate {
  /** Of its file on the node. */
  readonly path: string
  /** Its place in the file, from 0: in a chain the leaf comes first. */
  readonly index: number
  readonly role: CertificateRole
  readonly distribution: Distribution | undefined
  readonly certificate: Certificate
  /** No copy that was put aside, nor a predecessor of the one that is loaded. */
  readonly inUse: boolean
  readonly origin: Evidence
}

const FOLDER = 'certs'
/** The kubelet's store keeps what it had before, by date: client-go util/certificate/certificate_store.go. */
const DATED = /^(?<stem>.*\/kubelet-(?:client|server)-)(?:\d{4}-\d\d-\d\d|current)[^/]*\.pem$/

/** Every certificate of a node, by path; unavailable where no file with certificates was captured. */
export const certificates = defineNodeFact({
  name: 'certificates',
  needs: { files: captured.certificates },
  compute({ files }, node): Availability<readonly NodeCertificate[]> {
    const loaded = loadedVersions(files.map(({ path }) => path))
    const all = files.flatMap((file) => {
      const stem = stemOf(file.path)
      const isLoaded = stem === undefined || loaded.get(stem) === file.path
      return file.value.certificates.map((entry) => nodeCertificate(file, entry, isLoaded))
    })
    if (all.length > 0) return available(all)
    return unavailable({ code: 'not-captured', node: node.id, what: { en: 'any certificate', zh: '证书' } })
  },
})

function nodeCertificate(
  file: Capture<PemCertificates>,
  { certificate, line, index }: PemCertificate,
  isLoaded: boolean,
): NodeCertificate {
  const path = file.path.slice(FOLDER.length)
  const { role, distribution, isBackup } = certificateFile(path)
  return {
    path,
    index,
    // The authority that a kubelet makes for its own certificate is never asked.
    role: certificate.isCa && role !== 'kubelet-serving' ? 'ca' : role,
    distribution,
    certificate,
    inUse: !isBackup && isLoaded,
    origin: file.cite(line),
  }
}

/** The file of each of the kubelet's stores that is loaded: the link `current`, which sorts behind every date, else the newest. */
function loadedVersions(paths: readonly string[]): ReadonlyMap<string, string> {
  const loaded = new Map<string, string>()
  for (const path of paths) {
    const stem = stemOf(path)
    if (stem !== undefined && path > (loaded.get(stem) ?? '')) loaded.set(stem, path)
  }
  return loaded
}

function stemOf(path: string): string | undefined {
  return DATED.exec(path)?.groups?.['stem']
}
