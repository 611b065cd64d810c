/** A certificate that a process of the control plane reads when it starts, and never again. */
export interface LoadedOnce {
  /** The name of its container. */
  readonly component: string
  readonly path: string
  /** Releases of Kubernetes from `1.<this>` on read the file anew; left out where none does. */
  readonly reloadedSince?: number
}

const API_SERVER = 'kube-apiserver'

/**
 * What kubeadm's static pods hold in memory. client-go reads certificate files anew since 1.18 (kubernetes#79083), and never what is
 * written into a kubeconfig itself (transport.TLSConfigFor: data is a static certificate), as kubeadm's are. The API server reads anew
 * what it serves since 1.17 (kubernetes#84200), and its login to aggregated APIs since 1.20 (kubernetes#92791). etcd and its clients
 * read theirs for every handshake (since etcd 3.2), and kubelets renew their own: they are not listed.
 */
export const LOADED_ONCE: readonly LoadedOnce[] = [
  { component: 'kube-controller-manager', path: '/etc/kubernetes/controller-manager.conf.client.crt' },
  { component: 'kube-scheduler', path: '/etc/kubernetes/scheduler.conf.client.crt' },
  { component: API_SERVER, path: '/etc/kubernetes/pki/apiserver.crt', reloadedSince: 17 },
  { component: API_SERVER, path: '/etc/kubernetes/pki/apiserver-kubelet-client.crt', reloadedSince: 18 },
  { component: API_SERVER, path: '/etc/kubernetes/pki/front-proxy-client.crt', reloadedSince: 20 },
]

/** What the API server shows to all who call it. */
export const SERVED = '/etc/kubernetes/pki/apiserver.crt'
