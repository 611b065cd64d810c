/** What a Service is to the cluster: its DNS, its API server, an admission or conversion webhook, or a workload's. */
export type ServiceRole = 'dns' | 'api' | 'webhook' | 'workload'

/** The DNS Service of kubeadm and k3s, of CoreDNS' chart, of rke2 and of its forerunner. */
const DNS = /^kube-system\/(?:kube-dns|coredns|rke2-coredns-rke2-coredns)$/
/** Webhook configurations are not in a bundle; the Services behind them are named for what they are. */
const WEBHOOK = /webhook|admission/

/** The role of a Service by its `namespace/name`, and by its label `k8s-app`, where it is known. */
export function serviceRole(service: string, appLabel?: string): ServiceRole {
  if (service === 'default/kubernetes') return 'api'
  if (DNS.test(service) || appLabel === 'kube-dns') return 'dns'
  return WEBHOOK.test(service) ? 'webhook' : 'workload'
}
