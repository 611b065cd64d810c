import type { SaidStep } from '../../engine/saidStep.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** `openssl` over each file, with the dates. */
export function datesStep(certificates: readonly CertificateState[]): SaidStep {
  return {
    text: {
      en: 'The dates of the files, as openssl reads them.',
      zh: 'openssl 读出的各文件有效期。',
    },
    commands: [...new Set(certificates.map(datesCommand))].slice(0, 8),
  }
}

/** The certificate of a kubeconfig has no file of its own: the collector made one, with a suffix behind the kubeconfig's name. */
function datesCommand({ path }: CertificateState): string {
  const suffix = /\.(?<kind>client|ca)\.crt$/.exec(path)
  if (suffix === null) return `openssl x509 -in ${shellQuote(path)} -noout -subject -dates`
  const key = suffix.groups?.['kind'] === 'ca' ? 'certificate-authority-data' : 'client-certificate-data'
  const file = shellQuote(path.slice(0, suffix.index))
  return `awk '$1 == "${key}:" { print $2 }' ${file} | base64 -d | openssl x509 -noout -subject -dates`
}
