import type { RuleTexts } from '../../engine/ruleText.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: lines of a unit file that systemd does not read. */
export interface SystemdDropinNoSection {
  readonly node: string
  readonly path: string
  /** What they would have set, in order: `ExecStartPost=…`; none where only the log tells. */
  readonly settings: readonly string[]
  readonly isLogged: boolean
}

type Reason = 'noUnits'
type Note = 'ignored' | 'log'

/** The unit that a file or drop-in belongs to: `docker.service`. */
function unitOf(path: string): string {
  const unit = path.split('/').find((name) => /\.(?:service|socket|timer)(?:\.d)?$/.test(name)) ?? path
  return unit.replace(/\.d$/, '')
}

/** The words of systemd-dropin-no-section. */
export const text: RuleTexts<SystemdDropinNoSection, Reason, Note> = {
  en: {
    name: 'A systemd drop-in has no section',
    looksFor:
      'Unit files and drop-ins of k3s, rke2, kubelet, docker, containerd, kube-proxy and flanneld whose lines stand before the first [Section]; and systemd’s “Assignment outside of section. Ignoring.”',
    why: 'systemd reads a setting only below its section. A drop-in that begins with ExecStartPost= instead of [Service] is loaded without an error, and does nothing; a line in the journal is all that tells.',
    consequences:
      'What the drop-in was made for is missing since the next restart: the FORWARD policy stays DROP, a proxy or a flag is not set.',
    commonCauses: ['A guide that shows the line without its section.'],
    mimics: [
      'Comments and blank lines may stand in front of a section.',
      'Files of variables (*.env) have no sections.',
    ],
    cure: 'Write the section above the lines, reload systemd, restart the unit.',
    title: (d) => `systemd ignores lines of ${d.path} on ${d.node}`,
    summary: (d) =>
      d.settings.length === 0
        ? `systemd on ${d.node} logged that it ignores lines of ${d.path}, because they stand outside of a section. The file was not captured.`
        : `${d.path} on ${d.node} sets ${d.settings.join('; ')} before any section. systemd ignores that${d.isLogged ? ', and logged so' : ''}: the file has no effect there.`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: 'Put the section, as a rule [Service], in front of the lines.',
        commands: [
          `sed -i '1i [Service]' ${shellQuote(d.path)}`,
          'systemctl daemon-reload',
          `systemd-analyze verify ${shellQuote(unitOf(d.path))}`,
        ],
      },
      {
        text: 'Restart the unit at a quiet time.',
        commands: [`systemctl restart ${shellQuote(unitOf(d.path))}`],
      },
    ],
    verify: (d) => [
      {
        text: 'systemd knows the setting.',
        commands: [`systemctl show ${shellQuote(unitOf(d.path))} | grep -E 'Exec|Environment'`],
      },
    ],
    reasons: { noUnits: 'No unit file was captured.' },
    notes: { ignored: () => 'stands before any section', log: () => 'systemd says so' },
  },
  zh: {
    name: 'systemd drop-in 缺少段名',
    looksFor:
      'k3s、rke2、kubelet、docker、containerd、kube-proxy、flanneld 的 unit 文件和 drop-in 中写在第一个 [段名] 之前的行，以及 systemd 的 “Assignment outside of section. Ignoring.”。',
    why: 'systemd 只读取段名之下的设置。drop-in 如果直接以 ExecStartPost= 开头而没有 [Service]，会被正常加载但不起作用，只在日志里留下一行提示。',
    consequences: 'drop-in 想做的事在下次重启后缺失：FORWARD 策略仍为 DROP，代理或参数没有设置。',
    commonCauses: ['照抄的文档只写了那一行，没有写段名。'],
    mimics: ['段名之前可以有注释和空行。', '变量文件（*.env）没有段名。'],
    cure: '在这些行之前加上段名，重新加载 systemd 并重启该 unit。',
    title: (d) => `${d.node} 上 systemd 忽略了 ${d.path} 中的行`,
    summary: (d) =>
      d.settings.length === 0
        ? `${d.node} 的 systemd 记录它忽略了 ${d.path} 中不属于任何段的行，但文件没有采集到。`
        : `${d.node} 的 ${d.path} 在任何段名之前设置了 ${d.settings.join('；')}。systemd 会忽略它们${d.isLogged ? '（日志也有记录）' : ''}，文件在这里不起作用。`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: '在这些行之前加上段名（通常是 [Service]）。',
        commands: [
          `sed -i '1i [Service]' ${shellQuote(d.path)}`,
          'systemctl daemon-reload',
          `systemd-analyze verify ${shellQuote(unitOf(d.path))}`,
        ],
      },
      { text: '在合适的时间重启该 unit。', commands: [`systemctl restart ${shellQuote(unitOf(d.path))}`] },
    ],
    verify: (d) => [
      {
        text: 'systemd 已识别该设置。',
        commands: [`systemctl show ${shellQuote(unitOf(d.path))} | grep -E 'Exec|Environment'`],
      },
    ],
    reasons: { noUnits: '没有采集到 unit 文件。' },
    notes: { ignored: () => '写在任何段名之前', log: () => 'systemd 的记录' },
  },
}
