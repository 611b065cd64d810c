import type { LogSignal } from '../logSignal.ts'

/** How Go's crypto/x509 and crypto/tls refuse certificates. */
export const certificateSignals = [
  {
    // crypto/x509 verify.go, CertificateInvalidError; the times since Go 1.15.
    id: 'certificate-expired',
    keywords: ['certificate has expired or is not yet valid'],
    pattern:
      /x509: certificate has expired or is not yet valid(?:: current time (?<now>[\dTZ:.+-]{10,40}) is (?<relation>after|before) (?<bound>[\dTZ:.+-]{10,40}))?/,
  },
  {
    // crypto/x509 verify.go, HostnameError; `but none matched` with over a hundred names (Go 1.24).
    id: 'certificate-wrong-san',
    keywords: ['certificate is valid for', 'certificate is not valid for any names'],
    pattern:
      /x509: certificate is (?:valid for (?<valid>[^"]{1,4000}?), (?:not|but none matched) |not valid for any names, but wanted to match )(?<wanted>[\w.*:-]{0,253}[\w*])/,
  },
  {
    // crypto/x509 verify.go, HostnameError of an address and a certificate without addresses.
    id: 'certificate-without-ip-san',
    keywords: ['contain any IP SANs'],
    pattern:
      /cannot validate certificate for (?<wanted>[\dA-Fa-f.:]{2,45}) because it doesn't contain any IP SANs/,
  },
  {
    // crypto/x509 verify.go, UnknownAuthorityError.
    id: 'certificate-unknown-authority',
    keywords: ['certificate signed by unknown authority'],
    pattern:
      /x509: certificate signed by unknown authority(?: \(possibly because of "(?<hint>[^"]{0,300})" while trying to verify candidate authority certificate "(?<candidate>[^"]{0,300})"\))?/,
  },
  {
    // crypto/tls alert.go: what the other side said of this side's certificate.
    id: 'tls-alert-received',
    keywords: ['remote error: tls: '],
    pattern:
      /remote error: tls: (?<alert>bad certificate|unknown certificate authority|unknown certificate|expired certificate|revoked certificate|unsupported certificate|certificate required)/,
  },
  {
    // crypto/tls tls.go, X509KeyPair.
    id: 'certificate-key-mismatch',
    keywords: ['tls: private key '],
    pattern: /tls: private key (?:type )?does not match public key/,
  },
  {
    // crypto/x509 x509.go, CreateCertificate, since Go 1.16: who signs has another key than the authority’s certificate.
    id: 'authority-key-mismatch',
    keywords: ['provided PrivateKey'],
    pattern: /x509: provided PrivateKey doesn't match parent's PublicKey/,
  },
  {
    // k3s and rke2, pkg/cluster/bootstrap.go, ReconcileBootstrapData: in front of it stand the files, joined by commas.
    id: 'authorities-newer-than-datastore',
    keywords: ['newer than datastore'],
    pattern: /newer than datastore and could cause a cluster outage/,
  },
] as const satisfies readonly LogSignal[]
