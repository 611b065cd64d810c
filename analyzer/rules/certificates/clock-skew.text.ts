import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatTime } from '../../text/formatTime.ts'

/** A difference that etcd measured between two members. */
export interface MeasuredSkew {
  readonly kind: 'measured'
  readonly node: string
  readonly seconds: number
  /** Identifier of the other member, as etcd prints it. */
  readonly peer: string
}

/** A certificate that was made after what the node takes for now. */
export interface FutureCertificate {
  readonly kind: 'future'
  readonly node: string
  readonly path: string
  readonly startsMs: number
  /** By the clock of another node of the case that time has come. */
  readonly isAheadElsewhere: boolean
}

/** What was found. */
export type ClockSkew = MeasuredSkew | FutureCertificate

/** What there is to see in a line. */
export type Note = 'drift' | 'begins'

const CLOCKS = ['date -u; timedatectl', 'chronyc tracking || timedatectl timesync-status']

function inWords(seconds: number): string {
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`
}

function time({ startsMs }: FutureCertificate): string {
  return formatTime(new Date(startsMs).toISOString())
}

function remedy(words: readonly [string, string]): readonly Step[] {
  return [
    { text: words[0], commands: CLOCKS },
    {
      text: words[1],
      commands: ['systemctl enable --now chronyd || timedatectl set-ntp true', 'chronyc makestep'],
    },
  ]
}

/** The words of clock-skew. */
export const text: RuleTexts<ClockSkew, 'nothing', Note> = {
  en: {
    name: 'The clocks of nodes differ',
    looksFor:
      'etcd’s own measure (`prober found high clock drift`, `the clock difference against peer … is too high`), and certificates of the cluster that begin later than now, by the clock of the node they lie on.',
    why: 'Certificates, tokens and leases are judged by the clock of whoever looks at them. A node that lags refuses a certificate that was made a minute ago; one that is ahead refuses one that still is valid elsewhere.',
    consequences:
      '`x509: certificate has expired or is not yet valid`, tokens that are refused, logs whose order misleads.',
    commonCauses: [
      'No time server is reachable, or none is configured.',
      'A virtual machine that was paused, or restored from a snapshot.',
      'A hardware clock that is set to local time.',
    ],
    mimics: [
      'Time zones: all is compared in UTC.',
      'Bundles that were collected hours apart: their times of collection are never compared with each other alone.',
      'The next root of a rotation, which may begin later: authorities do not count.',
      'A drift of a few seconds: medium.',
    ],
    cure: 'Let all nodes follow the same time servers, and step the clock once.',
    title: (d) =>
      d.kind === 'measured'
        ? `The clock of ${d.node} differs from a peer’s by ${inWords(d.seconds)}`
        : `The clock of ${d.node} is behind the one of whoever made its certificates`,
    summary: (d) =>
      d.kind === 'measured'
        ? `etcd on ${d.node} measures a difference of ${inWords(d.seconds)} to the clock of the member ${d.peer}. Which of the two is wrong, it does not tell.`
        : `${d.path} begins at ${time(d)}, later than the node’s clock at the time of the capture. The tools of clusters never date a certificate ahead: either this clock is behind, or the one of the node that made it is ahead.${d.isAheadElsewhere ? ' By the clock of another node of the case that time has come.' : ''}`,
    ruledOut: () => ['Time zones: all times are UTC.'],
    remedy: () =>
      remedy([
        'On all nodes, at one moment: compare the clocks, and see whether they follow a server.',
        'Let the clock follow a time server, and step it.',
      ]),
    verify: () => [
      { text: 'System clock synchronized: yes, and offsets of milliseconds.', commands: CLOCKS },
    ],
    reasons: { nothing: 'Neither a log of etcd nor a certificate was captured to compare the clock with.' },
    notes: { drift: () => 'measured by etcd', begins: (when) => `begins at ${formatTime(when)}` },
  },
  zh: {
    name: '节点之间时钟不一致',
    looksFor:
      'etcd 自己的测量（`prober found high clock drift`、`the clock difference against peer … is too high`），以及按所在节点时钟尚未生效的集群证书。',
    why: '证书、令牌和租约都以查看者的时钟判断。时钟偏慢的节点会拒绝刚刚签发的证书；偏快的会拒绝在别处仍有效的证书。',
    consequences: '`x509: certificate has expired or is not yet valid`，令牌被拒绝，日志先后顺序错乱。',
    commonCauses: ['时间服务器不可达或未配置。', '虚拟机被暂停，或从快照恢复。', '硬件时钟被设为本地时间。'],
    mimics: [
      '时区：全部按 UTC 比较。',
      '各节点相隔数小时采集：不会仅凭采集时间互相比较。',
      '轮换中的下一个根 CA 可能稍后才生效：不计入 CA。',
      '只差几秒：中等级别。',
    ],
    cure: '让所有节点使用相同的时间服务器，并校正一次时钟。',
    title: (d) =>
      d.kind === 'measured'
        ? `${d.node} 的时钟与对端相差 ${inWords(d.seconds)}`
        : `${d.node} 的时钟落后于签发其证书的节点`,
    summary: (d) =>
      d.kind === 'measured'
        ? `${d.node} 上的 etcd 测得与成员 ${d.peer} 的时钟相差 ${inWords(d.seconds)}，但无法判断哪一方有误。`
        : `${d.path} 从 ${time(d)} 起生效，晚于采集时该节点的时钟。集群工具不会签发生效时间在未来的证书：要么本机时钟偏慢，要么签发节点的时钟偏快。${d.isAheadElsewhere ? '按另一节点的时钟，该时间已到。' : ''}`,
    ruledOut: () => ['时区：全部为 UTC。'],
    remedy: () =>
      remedy(['在所有节点同时查看时间，并确认是否与时间服务器同步。', '让时钟跟随时间服务器，并立即校正。']),
    verify: () => [{ text: 'System clock synchronized: yes，偏差为毫秒级。', commands: CLOCKS }],
    reasons: { nothing: '没有采集到可供比较的 etcd 日志或证书。' },
    notes: { drift: () => 'etcd 测得', begins: (when) => `${formatTime(when)} 起生效` },
  },
}
