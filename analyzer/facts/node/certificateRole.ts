/**
 * What a certificate is for: `component-client`, of the control plane's own processes and k3s's agents; `kubeconfig-embedded`, a
 * person's login.
 */
export type CertificateRole =
  | 'ca'
  | 'apiserver-serving'
  | 'kubelet-client'
  | 'etcd'
  | 'component-client'
  | 'kubelet-serving'
  | 'front-proxy'
  | 'kubeconfig-embedded'
  | 'other'

/** Who made the certificates of a node, and renews them. */
export type Distribution = 'k3s' | 'rke2' | 'kubeadm'

/** What the path of a file says of the certificates in it. */
export interface CertificateFile {
  readonly role: CertificateRole
  readonly distribution: Distribution | undefined
  /** It lies in a folder of old files, or its name is that of a copy: no process reads it. */
  readonly isBackup: boolean
}

/**
 * Roles by path, the first that matches. Paths of k3s and rke2: pkg/daemons/control/deps/deps.go and pkg/agent/config/config.go;
 * of kubeadm: the documentation of its PKI; of kubeasz (kubernetes.pem): its role deploy; the suffixes `.client.crt` and `.ca.crt` behind a kubeconfig are the collector's.
 */
const ROLES: readonly (readonly [RegExp, CertificateRole])[] = [
  [/\/(?:serving-kubelet\.crt|kubelet\.crt|kubelet-server-[^/]+\.pem)$/, 'kubelet-serving'],
  [/\/(?:client-kubelet\.crt|kubelet-client-[^/]+\.pem|kubelet\.conf\.client\.crt)$/, 'kubelet-client'],
  [/\/(?:serving-kube-apiserver|apiserver|kube-apiserver|kubernetes)\.(?:crt|pem)$/, 'apiserver-serving'],
  [/(?:^|[/-])etcd(?:[/.-]|$)/, 'etcd'],
  [/\/(?:front-proxy-client|client-auth-proxy)\.crt$/, 'front-proxy'],
  // What these two made for themselves to serve with; nobody but Rancher's own checks trusts it (rancher#41125).
  [/\/tls\/(kube-controller-manager|kube-scheduler)\/\1\.crt$/, 'other'],
  [/\/client-admin\.crt$/, 'kubeconfig-embedded'],
  [/\/(?:controller-manager|scheduler|kube-proxy)\.(?:conf|kubeconfig)\.client\.crt$/, 'component-client'],
  [/\/(?:agent|cred)\/[^/]+\.kubeconfig\.client\.crt$/, 'component-client'],
  [/\.client\.crt$/, 'kubeconfig-embedded'],
  [
    /\/(?:client-[a-z0-9-]+|apiserver-kubelet-client|kube-controller-manager|kube-scheduler)\.crt$/,
    'component-client',
  ],
]

const DISTRIBUTIONS: readonly (readonly [RegExp, Distribution])[] = [
  [/\/(?:rancher\/)?k3s\//, 'k3s'],
  [/\/rke2\//, 'rke2'],
  [/^\/etc\/kubernetes\/(?:pki\/|[^/]+\.conf\.)|^\/var\/lib\/kubelet\//, 'kubeadm'],
]

const BACKUP_FOLDER =
  /\/(?:[^/]*(?:backup|\.bak|\.old)[^/]*|(?:tls|pki|ssl|certs)-[^/]+|old|tmp|temporary-certs)\//i
const BACKUP_NAME =
  /(?:~|\.(?:bak|old|orig|save|rpmsave|dpkg-old|backup)(?:[.-][^/]*)?|[._-](?:bak|old|backup)(?:[._-][^/]*)?\.(?:crt|pem|cert))$/i

/** Reads the path of a file on its node; every path gives an answer. */
export function certificateFile(path: string): CertificateFile {
  return {
    role: ROLES.find(([pattern]) => pattern.test(path))?.[1] ?? 'other',
    distribution: DISTRIBUTIONS.find(([pattern]) => pattern.test(path))?.[1],
    isBackup: BACKUP_FOLDER.test(path) || BACKUP_NAME.test(path),
  }
}
