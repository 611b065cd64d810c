import type { Step } from '../../engine/outcome.ts'
import type { CertificateRole, Distribution } from '../../facts/node/certificateRole.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { formatDay } from '../../text/formatTime.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { datesCommand, loginName, unitOf } from './certificateWords.ts'

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

/** As `datesStep`, in Chinese. */
export function chineseDatesStep(certificates: readonly CertificateState[]): Step {
  return {
    text: 'openssl 读出的各文件有效期。',
    commands: [...new Set(certificates.map(datesCommand))].slice(0, 8),
  }
}

/** As `renewalSteps`, in Chinese. */
export function chineseRenewalSteps(certificates: readonly CertificateState[]): readonly Step[] {
  const leaves = certificates.filter(({ role }) => role !== 'ca')
  const makers = [...new Set(leaves.map(({ distribution }) => distribution))]
  const steps = makers.flatMap((maker) => leafSteps(leaves, maker))
  return leaves.length < certificates.length ? [...steps, ...authoritySteps(certificates)] : steps
}

function leafSteps(certificates: readonly CertificateState[], maker: Distribution | undefined): Step[] {
  const own = certificates.filter(({ distribution }) => distribution === maker)
  switch (maker) {
    case 'k3s':
    case 'rke2':
      return [
        {
          text: `${maker} 启动时会更新剩余不足 120 天（2025 年 5 月之前的版本为 90 天）的证书。重启期间 Pod 继续运行。`,
          commands: [`systemctl restart ${unitOf(maker, own)}`],
        },
      ]
    case 'kubeadm':
      return kubeadmSteps(own)
    default:
      return [{ text: '请证书的管理方重新签发，并重启或重新加载使用它的程序。', commands: [] }]
  }
}

function kubeadmSteps(certificates: readonly CertificateState[]): Step[] {
  const steps: Step[] = []
  const ofKubelet = certificates.filter(({ role }) => role === 'kubelet-client')
  const served = certificates.filter(({ role }) => role === 'kubelet-serving')
  if (ofKubelet.length + served.length < certificates.length) {
    steps.push(
      {
        text: '在该控制面节点上更新它们（1.20 之前为 `kubeadm alpha certs`）。',
        commands: ['kubeadm certs renew all'],
      },
      {
        text: '让静态 Pod 读取新证书：kubelet 会在一分钟内重新启动这些 Pod。',
        commands: [
          'mkdir /etc/kubernetes/manifests.away && mv /etc/kubernetes/manifests/*.yaml /etc/kubernetes/manifests.away/',
          'sleep 60; mv /etc/kubernetes/manifests.away/*.yaml /etc/kubernetes/manifests/ && rmdir /etc/kubernetes/manifests.away',
        ],
      },
    )
  }
  if (ofKubelet.length > 0) {
    steps.push({
      text: 'kubelet 只有在登录证书仍然有效时才会自行更新。在正常的控制面节点上新签一份，复制到本节点的 /etc/kubernetes/kubelet.conf 并重启 kubelet；之后它会自行续期。',
      commands: [
        `kubeadm kubeconfig user --org system:nodes --client-name ${shellQuote(loginName(ofKubelet))} >kubelet.conf`,
        'rm -f /var/lib/kubelet/pki/kubelet-client-*; systemctl restart kubelet',
      ],
    })
  }
  if (served.length > 0) {
    steps.push({
      text: '删除文件后，kubelet 会重新生成服务证书。',
      commands: [
        'rm -f /var/lib/kubelet/pki/kubelet.crt /var/lib/kubelet/pki/kubelet.key; systemctl restart kubelet',
      ],
    })
  }
  return steps
}

function authoritySteps(certificates: readonly CertificateState[]): Step[] {
  if (certificates.some(({ role, distribution }) => role === 'ca' && distribution === 'k3s')) {
    return [
      {
        text: '重启不会更新 CA：把由旧 CA 签发的新 CA 放进一个目录，按 k3s 文档 `certificate rotate-ca` 的步骤切换。',
        commands: ['k3s certificate rotate-ca --path /opt/k3s/server'],
      },
    ]
  }
  return [
    {
      text: '常用命令都不会更新 CA：请按 Kubernetes 手册“Manual rotation of CA certificates”轮换，期间新旧并存。',
      commands: [],
    },
  ]
}
