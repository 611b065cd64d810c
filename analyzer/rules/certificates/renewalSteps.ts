import type { SaidStep } from '../../engine/saidStep.ts'
import type { Distribution } from '../../facts/node/certificateRole.ts'
import type { CertificateState } from '../../facts/node/certificateStates.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** How the certificates are renewed, by who made them. */
export function renewalSteps(certificates: readonly CertificateState[]): readonly SaidStep[] {
  const leaves = certificates.filter(({ role }) => role !== 'ca')
  const makers = [...new Set(leaves.map(({ distribution }) => distribution))]
  const steps = makers.flatMap((maker) => leafSteps(leaves, maker))
  return leaves.length < certificates.length ? [...steps, ...authoritySteps(certificates)] : steps
}

function leafSteps(certificates: readonly CertificateState[], maker: Distribution | undefined): SaidStep[] {
  const own = certificates.filter(({ distribution }) => distribution === maker)
  switch (maker) {
    case 'k3s':
    case 'rke2':
      return [
        {
          text: {
            en: `${maker} renews its certificates when it starts, once they have less than 120 days left (90 days before the releases of May 2025). Pods keep running over the restart.`,
            zh: `${maker} 启动时会更新剩余不足 120 天（2025 年 5 月之前的版本为 90 天）的证书。重启期间 Pod 继续运行。`,
          },
          commands: [`systemctl restart ${unitOf(maker, own)}`],
        },
      ]
    case 'kubeadm':
      return kubeadmSteps(own)
    default:
      return [
        {
          text: {
            en: 'Have the certificate issued anew by who manages it, and restart or reload what serves it.',
            zh: '请证书的管理方重新签发，并重启或重新加载使用它的程序。',
          },
          commands: [],
        },
      ]
  }
}

/** The service that makes these certificates: a node with certificates of the server runs one. */
function unitOf(maker: 'k3s' | 'rke2', certificates: readonly { readonly path: string }[]): string {
  const isServer = certificates.some(
    ({ path }) => path.includes('/server/') || path.startsWith('/etc/rancher/'),
  )
  if (maker === 'k3s') return isServer ? 'k3s' : 'k3s-agent'
  return isServer ? 'rke2-server' : 'rke2-agent'
}

function kubeadmSteps(certificates: readonly CertificateState[]): SaidStep[] {
  const steps: SaidStep[] = []
  const ofKubelet = certificates.filter(({ role }) => role === 'kubelet-client')
  const served = certificates.filter(({ role }) => role === 'kubelet-serving')
  if (ofKubelet.length + served.length < certificates.length) {
    steps.push(
      {
        text: {
          en: 'On this control-plane node: renew them (`kubeadm alpha certs` before 1.20).',
          zh: '在该控制面节点上更新它们（1.20 之前为 `kubeadm alpha certs`）。',
        },
        commands: ['kubeadm certs renew all'],
      },
      {
        text: {
          en: 'Have the static pods read them: the kubelet starts the pods anew within a minute.',
          zh: '让静态 Pod 读取新证书：kubelet 会在一分钟内重新启动这些 Pod。',
        },
        commands: [
          'mkdir /etc/kubernetes/manifests.away && mv /etc/kubernetes/manifests/*.yaml /etc/kubernetes/manifests.away/',
          'sleep 60; mv /etc/kubernetes/manifests.away/*.yaml /etc/kubernetes/manifests/ && rmdir /etc/kubernetes/manifests.away',
        ],
      },
    )
  }
  if (ofKubelet.length > 0) {
    steps.push({
      text: {
        en: 'The kubelet renews its own login only while it is valid. Make a new one on a control-plane node that works, carry it to this node as /etc/kubernetes/kubelet.conf, and restart the kubelet there; it then asks for its next one itself.',
        zh: 'kubelet 只有在登录证书仍然有效时才会自行更新。在正常的控制面节点上新签一份，复制到本节点的 /etc/kubernetes/kubelet.conf 并重启 kubelet；之后它会自行续期。',
      },
      commands: [
        `kubeadm kubeconfig user --org system:nodes --client-name ${shellQuote(loginName(ofKubelet))} >kubelet.conf`,
        'rm -f /var/lib/kubelet/pki/kubelet-client-*; systemctl restart kubelet',
      ],
    })
  }
  if (served.length > 0) {
    steps.push({
      text: {
        en: 'The kubelet makes its serving certificate anew when the file is gone.',
        zh: '删除文件后，kubelet 会重新生成服务证书。',
      },
      commands: [
        'rm -f /var/lib/kubelet/pki/kubelet.crt /var/lib/kubelet/pki/kubelet.key; systemctl restart kubelet',
      ],
    })
  }
  return steps
}

/** The name that a kubelet logs in with, as its certificate has it. */
function loginName(certificates: readonly CertificateState[]): string {
  return certificates[0]?.certificate.subject.commonName ?? 'system:node:'
}

function authoritySteps(certificates: readonly CertificateState[]): SaidStep[] {
  if (certificates.some(({ role, distribution }) => role === 'ca' && distribution === 'k3s')) {
    return [
      {
        text: {
          en: 'An authority is not renewed by a restart: put new authorities, signed by the old ones, into a folder and have k3s take them over, as its documentation of `certificate rotate-ca` shows.',
          zh: '重启不会更新 CA：把由旧 CA 签发的新 CA 放进一个目录，按 k3s 文档 `certificate rotate-ca` 的步骤切换。',
        },
        commands: ['k3s certificate rotate-ca --path /opt/k3s/server'],
      },
    ]
  }
  return [
    {
      text: {
        en: 'An authority is not renewed by any of the usual commands: rotate it by the manual of Kubernetes, “Manual rotation of CA certificates”, which keeps the old and the new one side by side.',
        zh: '常用命令都不会更新 CA：请按 Kubernetes 手册“Manual rotation of CA certificates”轮换，期间新旧并存。',
      },
      commands: [],
    },
  ]
}
