import type { RuleTexts } from '../../engine/ruleText.ts'

/** The node's clock cannot be relied on. */
export interface ClockUnsynchronised {
  readonly node: string
  readonly state: 'unsynchronised' | 'stepped-back'
  /** How far it went back while the collector ran; 0 when unsynchronised. */
  readonly backSeconds: number
}

type Reason = 'untold'
type Note = 'ntp' | 'started' | 'finished'

/** The words of clock-unsynchronised. */
export const text: RuleTexts<ClockUnsynchronised, Reason, Note> = {
  en: {
    name: 'The clock of the node does not follow a time server',
    looksFor:
      'What the node says of its time synchronisation, and a clock that went back while the collector ran.',
    why: 'Everything in a bundle is judged by the node’s own clock: the validity of certificates, the age of log lines, the order of events on several nodes. A wrong clock also makes the node refuse certificates that are valid.',
    consequences:
      'Certificates seem expired or not yet valid, log lines of two nodes cannot be put in order, etcd members complain of clock drift.',
    commonCauses: [
      'No time server can be reached from an air-gapped site.',
      'chrony or systemd-timesyncd is not installed, or not enabled.',
      'A virtual machine was suspended and resumed.',
    ],
    mimics: ['A node whose hypervisor keeps its clock right, without a time service of its own.'],
    cure: 'Let the node follow a time server that it can reach (chrony, systemd-timesyncd).',
    title: ({ node, state }) =>
      state === 'stepped-back'
        ? `The clock of ${node} went back while the collector ran`
        : `The clock of ${node} follows no time server`,
    summary: ({ node, state, backSeconds }) =>
      state === 'stepped-back'
        ? `On ${node} the collector ended ${backSeconds} seconds before it had started, by the node’s clock. Ages and validities in this bundle may be wrong by as much.`
        : `${node} says that its clock is not synchronised. Ages and validities in this bundle are judged by that clock.`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: 'Set up time synchronisation.',
        commands: ['timedatectl set-ntp true', 'timedatectl timesync-status || chronyc tracking'],
      },
    ],
    verify: () => [{ text: 'The clock is synchronised.', commands: ['timedatectl show -p NTPSynchronized'] }],
    reasons: { untold: 'The bundle does not tell whether the clock is synchronised.' },
    notes: {
      ntp: () => 'not synchronised',
      started: () => 'when the collector started',
      finished: () => 'when it ended',
    },
  },
  zh: {
    name: '节点时钟没有与时间服务器同步',
    looksFor: '节点自己报告的时间同步状态，以及采集过程中时钟倒退的情况。',
    why: '采集包里的一切都以该节点自己的时钟来判断：证书有效期、日志的新旧、多个节点上事件的先后。时钟不准还会让节点拒绝本来有效的证书。',
    consequences: '证书看起来过期或尚未生效，两个节点的日志无法排出先后，etcd 成员报告时钟漂移。',
    commonCauses: [
      '离线环境里没有可达的时间服务器。',
      '没有安装或启用 chrony、systemd-timesyncd。',
      '虚拟机曾被挂起后恢复。',
    ],
    mimics: ['由虚拟化平台保持时钟准确、自身不运行时间服务的节点。'],
    cure: '让节点与可达的时间服务器同步（chrony、systemd-timesyncd）。',
    title: ({ node, state }) =>
      state === 'stepped-back' ? `采集过程中 ${node} 的时钟倒退了` : `${node} 的时钟没有与时间服务器同步`,
    summary: ({ node, state, backSeconds }) =>
      state === 'stepped-back'
        ? `按 ${node} 的时钟，采集结束比开始还早 ${backSeconds} 秒。该采集包中的时间间隔和有效期可能有同样大小的误差。`
        : `${node} 报告其时钟未同步。该采集包中的时间间隔和有效期都以这个时钟判断。`,
    ruledOut: () => [],
    remedy: () => [
      {
        text: '配置时间同步。',
        commands: ['timedatectl set-ntp true', 'timedatectl timesync-status || chronyc tracking'],
      },
    ],
    verify: () => [{ text: '时钟已同步。', commands: ['timedatectl show -p NTPSynchronized'] }],
    reasons: { untold: '采集包没有写明时钟是否同步。' },
    notes: { ntp: () => '未同步', started: () => '采集开始的时间', finished: () => '采集结束的时间' },
  },
}
