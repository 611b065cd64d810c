import { expect, test } from 'vitest'
import { certificateFile } from '../../../analyzer/facts/node/certificateRole.ts'

// Paths of k3s 1.25 (docs: certificate), of kubeadm (docs: PKI certificates) and of the collector.
test.each([
  ['/var/lib/rancher/k3s/agent/serving-kubelet.crt', 'kubelet-serving', 'k3s'],
  ['/var/lib/rancher/rke2/agent/serving-kubelet.crt', 'kubelet-serving', 'rke2'],
  ['/var/lib/rancher/rke2/server/tls/kube-scheduler/kube-scheduler.crt', 'other', 'rke2'],
  ['/var/lib/rancher/rke2/server/tls/client-scheduler.crt', 'component-client', 'rke2'],
  ['/var/lib/kubelet/pki/kubelet.crt', 'kubelet-serving', 'kubeadm'],
  ['/var/lib/kubelet/pki/kubelet-server-current.pem', 'kubelet-serving', 'kubeadm'],
  ['/var/lib/kubelet/pki/kubelet-client-current.pem', 'kubelet-client', 'kubeadm'],
  ['/var/lib/rancher/k3s/agent/client-kubelet.crt', 'kubelet-client', 'k3s'],
  ['/var/lib/rancher/k3s/server/tls/serving-kube-apiserver.crt', 'apiserver-serving', 'k3s'],
  ['/etc/kubernetes/pki/apiserver.crt', 'apiserver-serving', 'kubeadm'],
  ['/etc/kubernetes/pki/apiserver-kubelet-client.crt', 'component-client', 'kubeadm'],
  ['/etc/kubernetes/pki/apiserver-etcd-client.crt', 'etcd', 'kubeadm'],
  ['/etc/kubernetes/pki/etcd/server.crt', 'etcd', 'kubeadm'],
  ['/var/lib/rancher/k3s/server/tls/etcd/peer-server-client.crt', 'etcd', 'k3s'],
  ['/etc/kubernetes/pki/front-proxy-client.crt', 'front-proxy', 'kubeadm'],
  ['/var/lib/rancher/k3s/server/tls/client-auth-proxy.crt', 'front-proxy', 'k3s'],
  ['/var/lib/rancher/k3s/server/tls/client-scheduler.crt', 'component-client', 'k3s'],
  ['/var/lib/rancher/k3s/server/tls/client-admin.crt', 'kubeconfig-embedded', 'k3s'],
  ['/etc/rancher/k3s/k3s.yaml.client.crt', 'kubeconfig-embedded', 'k3s'],
  ['/etc/kubernetes/controller-manager.conf.client.crt', 'component-client', 'kubeadm'],
  ['/etc/kubernetes/admin.conf.client.crt', 'kubeconfig-embedded', 'kubeadm'],
  ['/root/.kube/config.client.crt', 'kubeconfig-embedded', undefined],
  ['/etc/kubernetes/ssl/kubernetes.pem', 'apiserver-serving', undefined],
  ['/opt/kubernetes/ssl/server.pem', 'other', undefined],
])('%s', (path, role, distribution) => {
  expect(certificateFile(path)).toEqual({ role, distribution, isBackup: false })
})

test.each([
  '/var/lib/rancher/k3s/server/tls-old/serving-kube-apiserver.crt',
  '/var/lib/rancher/k3s/server/tls-1700000000/client-admin.crt',
  '/etc/kubernetes/pki.bak/apiserver.crt',
  '/etc/kubernetes/backup-2025/pki/apiserver.crt',
  '/etc/kubernetes/pki/apiserver.crt.bak',
  '/etc/kubernetes/pki/apiserver.crt~',
  '/etc/kubernetes/pki/apiserver_old.crt',
  '/etc/kubernetes/pki/apiserver.crt.rpmsave',
])('%s was put aside', (path) => {
  expect(certificateFile(path).isBackup).toBe(true)
})
