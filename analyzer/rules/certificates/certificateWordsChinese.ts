import type { CertificateRole } from '../../facts/node/certificateRole.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { formatDay } from '../../text/formatTime.ts'

const ROLES: Readonly<Record<CertificateRole, string>> = {
  ca: 'CA',
  'apiserver-serving': 'API server 的服务证书',
  'kubelet-client': 'kubelet 登录 API server 的证书',
  etcd: 'etcd 的证书',
  'component-client': '控制面组件的登录证书',
  'kubelet-serving': 'kubelet 提供日志和 exec 的服务证书',
  'front-proxy': '访问聚合 API 的登录证书',
  'kubeconfig-embedded': 'kubeconfig 中的登录证书',
  other: '用途不明的证书',
}

/** As `rolesInWords`, in Chinese. */
export function chineseRoles(certificates: readonly CertificateState[]): string {
  return [...new Set(certificates.map(({ role }) => ROLES[role]))].join('、')
}

/** As `pathsInWords`, in Chinese. */
export function chinesePaths(
  certificates: readonly CertificateState[],
  bound: 'notBeforeMs' | 'notAfterMs',
): string {
  return certificates
    .map(({ path, certificate }) => `${path}（${formatDay(new Date(certificate[bound]).toISOString())}）`)
    .join('、')
}

/** As `consequence`, in Chinese. */
export function chineseConsequence([first]: readonly CertificateState[]): string {
  switch (first?.role) {
    case 'ca':
      return '由该 CA 签发的一切都会随之被拒绝。'
    case 'apiserver-serving':
      return 'kubectl、kubelet 和各控制器拒绝与该 API server 通信；运行中的 Pod 继续运行，但不再有任何变化。'
    case 'kubelet-client':
      return 'API server 拒绝该 kubelet：节点变为 NotReady，其 Pod 会被迁走。'
    case 'etcd':
      return 'etcd 与其客户端互相拒绝；没有 etcd，API server 不会应答。'
    case 'component-client':
      return 'API server 拒绝以它登录的组件。'
    case 'front-proxy':
      return '聚合 API（例如 metrics server）停止应答。'
    case 'kubelet-serving':
      return first.distribution === 'kubeadm'
        ? 'API server 默认不校验它；metrics-server 会校验。'
        : '到该节点的 kubectl logs、exec 和 port-forward 失败；流量不受影响。'
    case 'kubeconfig-embedded':
      return '使用该 kubeconfig 的人会被拒绝；集群本身不受影响。'
    default:
      return '使用它的程序会被拒绝。'
  }
}
