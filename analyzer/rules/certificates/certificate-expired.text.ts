import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import { formatTime } from '../../text/formatTime.ts'
import { howOften } from '../../text/howOften.ts'
import { consequence, pathsInWords, rolesInWords } from './certificateWords.ts'
import { chineseConsequence, chinesePaths, chineseRoles } from './certificateWordsChinese.ts'
import { datesStep } from './datesStep.ts'
import type { LifetimeFault, LifetimeNote } from './lifetimeFault.ts'
import { renewalSteps } from './renewalSteps.ts'

/** The words of certificate-expired. */
export const text: RuleTexts<LifetimeFault, 'noCertificates', LifetimeNote> = {
  en: {
    name: 'A certificate has expired',
    looksFor:
      'The end of every certificate that the node works with, judged by the node’s own clock at the time of the capture, and log lines that say `x509: certificate has expired or is not yet valid`.',
    why: 'Every connection between the components of a cluster is TLS with certificates on both sides. Past its end a certificate is refused, whoever shows it, and nothing but a new one helps. Certificates of kubeadm, k3s and rke2 live a year; they are renewed by an upgrade or a restart, so that a cluster nobody touches for a year stops.',
    consequences:
      'kubectl and kubelets are refused with x509 errors, nodes turn NotReady, controllers stand still; pods that run go on.',
    commonCauses: [
      'A cluster that nobody upgraded or restarted for a year.',
      'The kubelet’s renewal did not work while the certificate was valid.',
      'A clock that is ahead of time.',
    ],
    mimics: [
      'Copies that were put aside (folders such as tls-old, names such as apiserver.crt.bak): nothing reads them.',
      'Former certificates of the kubelet, `kubelet-client-2023-…pem`, behind the link `kubelet-client-current.pem`.',
      'A bundle of authorities with an old root beside its valid successor: it is needed only by what it alone has signed.',
      'The old login in a stale kubeconfig, beside another kubeconfig that is valid; and the one in kubelet.conf, where the kubelet has a newer one in its own store.',
      'The kubelet’s own serving certificate of kubeadm, which the API server does not verify: low.',
    ],
    cure: 'k3s and rke2: restart the service, which renews what is about to end. kubeadm: `kubeadm certs renew all`, then have the static pods start anew. The kubelet’s own login renews itself, but only while it is valid.',
    title({ node, certificates, loggedBound }) {
      if (certificates.length === 0)
        return `${node} logs a certificate that has expired, none of the captured ones`
      const [first] = certificates
      if (certificates.length === 1)
        return `A certificate of ${node} has expired: ${first?.path ?? loggedBound}`
      return `${certificates.length} certificates of ${node} have expired`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const end = loggedBound === '' ? '' : `, past its end of ${formatTime(loggedBound)}`
        return `Logs of ${node} say ${howOften(refusals)} that a certificate has expired${end}. None of the captured certificates bears that time: it may be another machine’s, a registry’s or a webhook’s. What the message is about is refused.`
      }
      const logged = refusals === 0 ? '' : ` Logs name this very end ${howOften(refusals)}.`
      return `By the clock of ${node}, ${pathsInWords(certificates, 'notAfterMs')} ${certificates.length === 1 ? 'is' : 'are'} past the end: ${rolesInWords(certificates)}.${logged} ${consequence(certificates)}`
    },
    ruledOut: ({ certificates }) =>
      certificates.length === 0
        ? ['Certificates of this case: none of them ends at the time that the log names.']
        : ['Copies and predecessors: their names and folders are those of files in use.'],
    remedy: ({ certificates, loggedBound }) =>
      certificates.length > 0
        ? stepsIn('en', renewalSteps(certificates))
        : [
            {
              text: `Find whose certificate it is: the message names the address that was called. Then see its dates${loggedBound === '' ? '' : ` (end: ${loggedBound})`}.`,
              commands: [
                'openssl s_client -connect "$HOST:$PORT" </dev/null 2>/dev/null | openssl x509 -noout -subject -dates',
              ],
            },
          ],
    verify: ({ certificates }) => [
      ...stepsIn('en', certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: 'The API server answers, nodes are Ready, and the logs complain no more.',
        commands: ['kubectl get nodes', 'journalctl --since -5min | grep "has expired or is not yet valid"'],
      },
    ],
    reasons: { noCertificates: 'No certificate of this node was captured, and no log speaks of one.' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? 'refused' : `refused; one of ${lines} such lines`),
    },
  },
  zh: {
    name: '证书已过期',
    looksFor:
      '节点使用的每个证书的截止时间，以采集时节点自己的时钟判断；以及日志 `x509: certificate has expired or is not yet valid`。',
    why: '集群组件之间的每个连接都是双向证书的 TLS。证书过期后，无论谁出示都会被拒绝，只能换新的。kubeadm、k3s、rke2 的证书有效期一年，由升级或重启更新，因此一年没有人碰过的集群会停摆。',
    consequences:
      'kubectl 和 kubelet 因 x509 错误被拒绝，节点变为 NotReady，控制器停滞；运行中的 Pod 继续运行。',
    commonCauses: ['集群一年没有升级或重启。', '证书仍有效时 kubelet 的自动续期没有成功。', '时钟超前。'],
    mimics: [
      '另存的副本（tls-old 之类的目录、apiserver.crt.bak 之类的文件名）：没有程序读取它们。',
      '链接 `kubelet-client-current.pem` 背后的 kubelet 旧证书 `kubelet-client-2023-…pem`。',
      'CA 包中旧的根证书与有效的后继并存：只有仅由它签发的证书才需要它。',
      '另一个 kubeconfig 有效时，过时 kubeconfig 中的旧登录证书；以及 kubelet 自己的目录里有更新的证书时，kubelet.conf 中的证书。',
      'kubeadm 的 kubelet 自签服务证书，API server 不校验：low。',
    ],
    cure: 'k3s 和 rke2：重启服务即可更新快到期的证书。kubeadm：`kubeadm certs renew all`，然后让静态 Pod 重新启动。kubelet 的登录证书会自行续期，但只在仍然有效时。',
    title({ node, certificates, loggedBound }) {
      if (certificates.length === 0) return `${node} 的日志提到一个过期的证书，但不在采集到的证书中`
      const [first] = certificates
      if (certificates.length === 1) return `${node} 的证书已过期：${first?.path ?? loggedBound}`
      return `${node} 有 ${certificates.length} 个证书已过期`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const end = loggedBound === '' ? '' : `，截止时间为 ${formatTime(loggedBound)}`
        return `${node} 的日志有 ${refusals} 行说明某个证书已过期${end}。采集到的证书没有一个是这个时间：可能属于另一台机器、镜像仓库或 webhook。相关的请求被拒绝。`
      }
      const logged = refusals === 0 ? '' : `日志中有 ${refusals} 行正好提到这个截止时间。`
      return `按 ${node} 的时钟，${chinesePaths(certificates, 'notAfterMs')} 已过截止时间：${chineseRoles(certificates)}。${logged}${chineseConsequence(certificates)}`
    },
    ruledOut: ({ certificates }) =>
      certificates.length === 0
        ? ['本案例的证书：没有一个的截止时间与日志中的相同。']
        : ['副本和旧证书：其名称和目录都是在用文件的。'],
    remedy: ({ certificates, loggedBound }) =>
      certificates.length > 0
        ? stepsIn('zh', renewalSteps(certificates))
        : [
            {
              text: `找出是谁的证书：日志中有被访问的地址。然后查看其有效期${loggedBound === '' ? '' : `（截止：${loggedBound}）`}。`,
              commands: [
                'openssl s_client -connect "$HOST:$PORT" </dev/null 2>/dev/null | openssl x509 -noout -subject -dates',
              ],
            },
          ],
    verify: ({ certificates }) => [
      ...stepsIn('zh', certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: 'API server 有应答，节点为 Ready，日志不再报错。',
        commands: ['kubectl get nodes', 'journalctl --since -5min | grep "has expired or is not yet valid"'],
      },
    ],
    reasons: { noCertificates: '没有采集到该节点的证书，日志也没有提到。' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? '被拒绝' : `被拒绝；共 ${lines} 行，这是其中之一`),
    },
  },
}
