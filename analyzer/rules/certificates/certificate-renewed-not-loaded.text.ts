import type { Sentence } from '../../engine/language.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatTime } from '../../text/formatTime.ts'
import { joinWords } from '../../text/joinWords.ts'

/** What was found: a process that runs since before the certificates were renewed which it holds. */
export interface StaleProcess {
  readonly node: string
  /** The name of its container. */
  readonly component: string
  /** Of what was renewed; of a kubeconfig’s login with the collector’s suffix. */
  readonly paths: readonly string[]
  readonly startedMs: number
  readonly renewedMs: number
  /** The time of the renewal is reckoned back from the certificate’s end. */
  readonly isReckoned: boolean
  /** When what it holds has ended at the latest, if it was made for as long as the new one; left out where that cannot be told. */
  readonly endsMs?: number
  readonly isOver: boolean
  /** Lines of its own log that say that the API server refuses it. */
  readonly refusals: number
  /** Lines of any log that name the end of a certificate which no file holds. */
  readonly ends: number
  /** It is what the API server shows to all its callers. */
  readonly isServed: boolean
}

type Reason = 'noControlPlane' | 'noContainers' | 'noProcesses' | 'untold'

/** What there is to see in a line. */
export type Note = 'started' | 'renewed' | 'refused' | 'ended'

/** The words of certificate-renewed-not-loaded. */
export const text: RuleTexts<StaleProcess, Reason, Note> = {
  en: {
    name: 'A process still works with the certificate from before its renewal',
    looksFor:
      'Running containers of kube-controller-manager, kube-scheduler and old API servers that were made before the certificate was issued which lies in their files today; then log lines by which the API server refuses them, or which name the end of a certificate that is in no file.',
    why: 'kube-controller-manager and kube-scheduler log in with a certificate that is written into their kubeconfig; client-go reads that once, at the start. `kubeadm certs renew` writes a new file and restarts nothing. API servers read what they serve only at their start before 1.17, their login to kubelets before 1.18, and that to aggregated APIs before 1.20.',
    consequences:
      'Nothing, until the old certificate ends, although every file and `kubeadm certs check-expiration` look well. Then the API server refuses the process: the one that holds the leader lease loses it, ends itself, and comes back with the new certificate; one that stands by is refused on and on and cannot take over. An API server that serves the old one is refused by all its callers.',
    commonCauses: [
      '`kubeadm certs renew` by hand or by a timer, without a restart of the static pods.',
      'A restart of the kubelet in place of the pods: it leaves running containers as they are.',
    ],
    mimics: [
      'Processes that read their certificates anew: etcd since 3.2, kubelets, API servers since 1.17 to 1.20. They are not judged.',
      'A container that was made anew since the renewal, or within ten minutes of it.',
      'Certificates of the installation, which begin with the cluster and before its containers; those of kubeadm always bear the beginning of their authority, so that their age is reckoned from their end.',
      'Certificates that were made for another time than 365 days: their age cannot be told, and nothing is said of it.',
      'A container that seems older than the boot of the node: the clock was set.',
      'k3s and rke2, which renew certificates only when they start.',
    ],
    cure: 'Restart the static pods after each renewal, one control-plane node after the other.',
    title: (d) =>
      d.refusals > 0
        ? `${d.component} on ${d.node} is refused: it runs since before its certificate was renewed`
        : `${d.component} on ${d.node} runs since before its certificate was renewed`,
    summary: (d) =>
      [
        `The container of ${d.component} was made on ${time(d.startedMs)}; ${joinWords(d.paths.map(file))} ${d.paths.length === 1 ? 'was' : 'were'} renewed on ${time(d.renewedMs)}${d.isReckoned ? ' (its end less 365 days)' : ''}. The process reads ${d.paths.length === 1 ? 'it' : 'them'} only when it starts, so that it still works with the former one.`,
        ...(d.endsMs === undefined
          ? []
          : [
              d.isOver
                ? `If that was made for as long as the new one, it ended on ${time(d.endsMs)} at the latest.`
                : `If that was made for as long as the new one, it ends on ${time(d.endsMs)} at the latest.`,
            ]),
        ...(d.refusals > 0 ? ['Its log says since then that the API server refuses it (Unauthorized).'] : []),
        ...(d.ends > 0
          ? ['Logs name the end of a certificate that lies in no captured file any more, and is still shown.']
          : []),
        ...(d.isOver || d.refusals > 0 || d.ends > 0 ? [effect(d).en] : []),
      ].join(' '),
    ruledOut: (d) => [
      'A restart since: every start of a static pod makes a new container, and this one is older than the renewal.',
      `That ${d.component} reads the file by itself: in this release it does not.`,
      'A renewal under way: it was more than ten minutes before the capture.',
    ],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', verify(d)),
    reasons: {
      noControlPlane: 'No certificate of a kubeadm control plane was captured that a process reads once.',
      noContainers:
        'The containers of the node were not captured, so that the age of its processes is not known.',
      noProcesses: 'No container of the control plane runs among those that were captured.',
      untold:
        'A process may be older than its certificate, but the time of issue, the release or the clock cannot be told.',
    },
    notes: {
      started: (iso) => `made on ${formatTime(iso)}`,
      renewed: (iso) => `issued on ${formatTime(iso)}`,
      refused: () => 'the API server refuses it',
      ended: () => 'this end is that of no captured certificate',
    },
  },
  zh: {
    name: '进程仍在使用续期之前的旧证书',
    looksFor:
      '正在运行的 kube-controller-manager、kube-scheduler 和旧版本 API server 的容器，其创建时间早于当前证书文件的签发时间；以及 API server 拒绝它们的日志，或提到某个截止时间而该证书已不在任何文件中的日志。',
    why: 'kube-controller-manager 和 kube-scheduler 用内嵌在 kubeconfig 中的证书登录，client-go 只在启动时读取一次。`kubeadm certs renew` 只写新文件，不重启任何进程。API server 在 1.17 之前只在启动时读取服务证书，访问 kubelet 的证书在 1.18 之前、访问聚合 API 的证书在 1.20 之前也是如此。',
    consequences:
      '旧证书到期之前没有任何影响，而所有文件和 `kubeadm certs check-expiration` 看起来都正常。到期后 API server 拒绝该进程：持有 leader 租约的进程会丢失租约、自行退出，并带着新证书重新启动；备用进程则一直被拒绝，无法接管。仍使用旧服务证书的 API server 会被所有调用方拒绝。',
    commonCauses: [
      '手工或定时执行了 `kubeadm certs renew`，但没有重启静态 Pod。',
      '只重启了 kubelet：运行中的容器不会因此重启。',
    ],
    mimics: [
      '会自行重新读取证书的进程：3.2 起的 etcd、kubelet、1.17 至 1.20 起的 API server，不在判断之列。',
      '续期之后、或续期前后十分钟内重新创建的容器。',
      '安装时签发的证书：起始时间与集群相同，早于其容器；kubeadm 证书的起始时间总是与 CA 相同，因此由截止时间倒推签发时间。',
      '有效期不是 365 天的证书：无法得知签发时间，不作判断。',
      '看上去早于节点开机的容器：时钟被调整过。',
      'k3s 和 rke2：只在启动时更新证书。',
    ],
    cure: '每次续期后，逐个控制面节点重启静态 Pod。',
    title: (d) =>
      d.refusals > 0
        ? `${d.node} 上的 ${d.component} 被拒绝：它在证书续期之前启动，至今未重启`
        : `${d.node} 上的 ${d.component} 在证书续期之前启动，至今未重启`,
    summary: (d) =>
      [
        `${d.component} 的容器创建于 ${time(d.startedMs)}，而 ${d.paths.map(file).join('、')} 于 ${time(d.renewedMs)} 续期${d.isReckoned ? '（由截止时间减去 365 天推算）' : ''}。该进程只在启动时读取证书，因此仍在使用旧证书。`,
        ...(d.endsMs === undefined
          ? []
          : [
              d.isOver
                ? `若旧证书的有效期与新证书相同，则最迟已于 ${time(d.endsMs)} 到期。`
                : `若旧证书的有效期与新证书相同，则最迟于 ${time(d.endsMs)} 到期。`,
            ]),
        ...(d.refusals > 0 ? ['续期之后，它的日志显示 API server 拒绝了它（Unauthorized）。'] : []),
        ...(d.ends > 0 ? ['日志提到的截止时间不属于任何采集到的证书文件，说明旧证书仍在使用。'] : []),
        ...(d.isOver || d.refusals > 0 || d.ends > 0 ? [effect(d).zh] : []),
      ].join(''),
    ruledOut: (d) => [
      '续期之后重启过：静态 Pod 每次启动都会创建新容器，而该容器早于续期。',
      `${d.component} 会自行重新读取文件：该版本不会。`,
      '续期正在进行：续期发生在采集之前十分钟以上。',
    ],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', verify(d)),
    reasons: {
      noControlPlane: '没有采集到 kubeadm 控制面中只在启动时读取的证书。',
      noContainers: '没有采集到该节点的容器，无法得知进程的启动时间。',
      noProcesses: '采集到的容器中没有正在运行的控制面容器。',
      untold: '进程可能早于其证书，但签发时间、版本或时钟无法确定。',
    },
    notes: {
      started: (iso) => `创建于 ${formatTime(iso)}`,
      renewed: (iso) => `签发于 ${formatTime(iso)}`,
      refused: () => 'API server 拒绝了它',
      ended: () => '该截止时间不属于任何采集到的证书',
    },
  },
}

function time(milliseconds: number): string {
  return formatTime(new Date(milliseconds).toISOString())
}

/** The file on the node: the login of a kubeconfig has none of its own. */
function file(path: string): string {
  return path.replace(/\.client\.crt$/, '')
}

/** What comes of a certificate that has ended. */
function effect({ component, isServed }: StaleProcess): Sentence {
  if (isServed)
    return {
      en: 'Callers of this API server refuse what it shows.',
      zh: '调用方会拒绝该 API server 出示的证书。',
    }
  if (component === 'kube-apiserver')
    return {
      en: 'Kubelets (kubectl logs, exec) or aggregated APIs refuse this API server.',
      zh: 'kubelet（kubectl logs、exec）或聚合 API 会拒绝该 API server。',
    }
  return {
    en: 'While it does not lead, it goes on like that and cannot take over.',
    zh: '只要它不是 leader，这种状态就会一直持续，且无法接管。',
  }
}

function remedy({ component }: StaleProcess): readonly SaidStep[] {
  return [
    {
      text: {
        en: `Stop the container: the kubelet makes a new one at once, which reads the new certificate. One control-plane node after the other.`,
        zh: `停止该容器：kubelet 会立即创建新容器并读取新证书。逐个控制面节点进行。`,
      },
      commands: [`crictl ps -q --state Running --name '^${component}$' | xargs -r crictl stop`],
    },
  ]
}

function verify({ component, isServed }: StaleProcess): readonly SaidStep[] {
  const container = `crictl ps -q --state Running --name '^${component}$'`
  return [
    {
      text: {
        en: 'The container is new, and its log complains no more.',
        zh: '容器是新建的，日志不再报错。',
      },
      commands: [
        `crictl ps --name '^${component}$'`,
        `crictl logs --since 5m "$(${container})" 2>&1 | grep -c Unauthorized`,
      ],
    },
    ...(isServed
      ? [
          {
            text: {
              en: 'The API server shows the new certificate.',
              zh: 'API server 出示的是新证书。',
            },
            commands: [
              'openssl s_client -connect 127.0.0.1:6443 </dev/null 2>/dev/null | openssl x509 -noout -dates',
            ],
          },
        ]
      : []),
  ]
}
