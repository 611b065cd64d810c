import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/**
 * `skipped`: a server does not know the option; `undefined`: an agent does not, and ends; `refused`: options that exclude or want each
 * other; `reset`: cluster-reset stays set; `overridden`: the unit says otherwise than the file; `datastore`, `joins`: cluster-init
 * beside datastore-endpoint, or server.
 */
export type Kind = 'skipped' | 'undefined' | 'refused' | 'reset' | 'overridden' | 'datastore' | 'joins'

/** What was found: options that do not do what they say. */
export interface Contradiction {
  readonly node: string
  readonly distribution: 'k3s' | 'rke2'
  readonly role: 'server' | 'agent'
  readonly kind: Kind
  readonly options: readonly string[]
  /** What config.yaml and the unit set them to; '' where they do not. */
  readonly values: readonly { readonly option: string; readonly file: string; readonly flag: string }[]
  /** The refusal, word for word; '' for other kinds. */
  readonly words: string
  readonly isLogged: boolean
  /** A snapshot is named to restore from. */
  readonly isRestored: boolean
}

/** What there is to see in a line. */
export type Note = 'set' | 'logged'

/** The words of k3s-config-contradiction. */
export const text: RuleTexts<Contradiction, 'noK3s' | 'noUnit' | 'noLog', Note> = {
  en: {
    name: 'Options of k3s or rke2 are unknown, contradict each other or have no effect',
    looksFor:
      'Log lines of k3s and rke2 on options: `Unknown flag … found in config.yaml, skipping`, `flag provided but not defined`, `invalid flag use`, `cannot perform cluster-reset while server URL is set`, `membership was previously reset`; `cluster-reset` that is set for good; `cluster-init` beside `datastore-endpoint` or `server`; options with one value that ExecStart sets otherwise than config.yaml.',
    why: 'The keys of config.yaml are put in front of the flags of ExecStart, and read like these. A server skips keys it does not know with one warning at its start (since 1.21.7 and 1.22.4); an agent ends at them. Of an option with one value the last one counts, which is the unit’s, without a word.',
    consequences:
      'An agent, or a server with options that exclude each other, does not start; systemd tries again and again. Elsewhere an option that the administrator believes in has no effect.',
    commonCauses: [
      'A misspelt key, or one of another release.',
      'The config.yaml of a server on an agent (`disable`, `cluster-cidr`, `tls-san`).',
      'Flags that the installer wrote into the unit, and a file that was changed later.',
      '`cluster-reset` in config.yaml or in the unit in place of a start by hand.',
    ],
    mimics: [
      '`cluster-init` beside `server`: harmless. A server without a database joins, one with a database starts it; `cluster-init` is not asked. It is told as information.',
      'The warning by `k3s etcd-snapshot` and other commands on a terminal: they know few options; only the log of the service is read.',
      'Lists (`node-label`, `tls-san`, `disable`) in both places: the source takes both together, the documentation says the unit replaces the file; not judged.',
      'The same value in both places.',
      'A key that was taken out of the file after the last start, and refusals after which the service has run for ten minutes.',
      'Another file (`--config`, K3S_CONFIG_FILE): config.yaml is not read then.',
    ],
    cure: 'Set each option once, spelt as `k3s server --help` or `k3s agent --help` of the release does, and restart the service.',
    title: titleInEnglish,
    summary: summaryInEnglish,
    ruledOut: (d) =>
      d.kind === 'overridden'
        ? ['Lists, of which both count, and values that are the same.']
        : d.isLogged
          ? ['A refusal of the past: the log does not go on without it, or the key is still set.']
          : [],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', [verification(d)]),
    reasons: {
      noK3s: 'Neither a unit nor a log of k3s or rke2 was captured on this node.',
      noUnit: 'No unit of k3s or rke2 was captured: what its options are is not known.',
      noLog: 'No log of k3s or rke2 was captured: only it tells which options are unknown.',
    },
    notes: { set: (value) => value, logged: () => 'logged' },
  },
  zh: {
    name: 'k3s 或 rke2 的选项未知、互相矛盾或不起作用',
    looksFor:
      'k3s 和 rke2 关于选项的日志：`Unknown flag … found in config.yaml, skipping`、`flag provided but not defined`、`invalid flag use`、`cannot perform cluster-reset while server URL is set`、`membership was previously reset`；长期保留的 `cluster-reset`；`cluster-init` 与 `datastore-endpoint` 或 `server` 并存；ExecStart 与 config.yaml 取值不同的单值选项。',
    why: 'config.yaml 的键会放在 ExecStart 的参数之前，并以同样方式解析。server 遇到不认识的键，只在启动时告警一次并跳过（1.21.7 和 1.22.4 起）；agent 则直接退出。单值选项以最后一个为准，即服务单元中的值，且没有任何提示。',
    consequences:
      'agent 或选项互相排斥的 server 无法启动，systemd 反复拉起；其他情况下，管理员以为生效的选项并不起作用。',
    commonCauses: [
      '键名拼写错误，或属于其他版本。',
      '把 server 的 config.yaml 用在 agent 上（`disable`、`cluster-cidr`、`tls-san`）。',
      '安装脚本把参数写进了服务单元，之后又修改了配置文件。',
      '把 `cluster-reset` 写进 config.yaml 或服务单元，而不是手动执行一次。',
    ],
    mimics: [
      '`cluster-init` 与 `server` 并存：无害。没有数据库的 server 会加入集群，已有数据库的直接启动；`cluster-init` 不起作用。仅作为信息报告。',
      '`k3s etcd-snapshot` 等命令在终端输出的同样告警：它们只认识少数选项；这里只看服务的日志。',
      '两处都有的列表选项（`node-label`、`tls-san`、`disable`）：源码会合并两者，文档则称服务单元会覆盖文件；不作判断。',
      '两处取值相同。',
      '上次启动之后已从文件中删除的键，以及之后服务已正常运行十分钟的拒绝记录。',
      '使用其他配置文件（`--config`、K3S_CONFIG_FILE）：此时不读取 config.yaml。',
    ],
    cure: '每个选项只设置一次，按该版本 `k3s server --help` 或 `k3s agent --help` 的写法，然后重启服务。',
    title: titleInChinese,
    summary: summaryInChinese,
    ruledOut: (d) =>
      d.kind === 'overridden'
        ? ['两者都生效的列表选项，以及取值相同的选项。']
        : d.isLogged
          ? ['过去的拒绝记录：之后日志没有正常继续，或该键仍然存在。']
          : [],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', [verification(d)]),
    reasons: {
      noK3s: '该节点上既没有采集到 k3s 或 rke2 的服务单元，也没有其日志。',
      noUnit: '没有采集到 k3s 或 rke2 的服务单元：不知道它的选项。',
      noLog: '没有采集到 k3s 或 rke2 的日志：只有日志能说明哪些选项未知。',
    },
    notes: { set: (value) => value, logged: () => '日志' },
  },
}

function titleInEnglish({ kind, node, distribution, role, options }: Contradiction): string {
  const named = joinWords(options)
  switch (kind) {
    case 'skipped':
      return `${distribution} on ${node} skips what it does not know in config.yaml: ${named}`
    case 'undefined':
      return `The ${distribution} ${role} on ${node} does not start: it does not know ${named}`
    case 'refused':
      return `${distribution} on ${node} does not start with these options: ${named}`
    case 'reset':
      return `cluster-reset is set for good on ${node}`
    case 'overridden':
      return `The unit of ${node} overrides config.yaml: ${named}`
    default:
      return `cluster-init beside ${options.at(-1) ?? ''} on ${node}`
  }
}

function summaryInEnglish({
  kind,
  options,
  values,
  words,
  role,
  isLogged,
  isRestored,
}: Contradiction): string {
  switch (kind) {
    case 'skipped':
      return `The log of the last start says that ${joinWords(options)} ${options.length === 1 ? 'is' : 'are'} unknown and skipped: what it sets has no effect.`
    case 'undefined':
      return `The ${role} ends at its start with \`flag provided but not defined\`, and systemd starts it again.`
    case 'refused':
      return `The server ends at its start with \`${words}\`, and systemd starts it again.`
    case 'reset':
      return isRestored
        ? 'With cluster-reset-restore-path each start restores the snapshot anew and ends: the server never serves.'
        : `The server resets its etcd to one member, ends, and refuses every further start with cluster-reset${isLogged ? ', as the log shows' : ''}.`
    case 'overridden':
      return `${values.map(({ option, file, flag }) => `${option} is \`${file}\` in config.yaml and \`${flag}\` in ExecStart`).join('; ')}. The unit’s value counts, and nothing says so.`
    case 'datastore':
      return 'A server with an etcd database keeps to it, one without takes datastore-endpoint; cluster-init is not asked. Which datastore the cluster has does not depend on what the options seem to say.'
    case 'joins':
      return 'The server joins the cluster that `server` names, or starts the database it has; cluster-init has no effect. It is harmless, but somebody may believe that this server can found the cluster anew.'
  }
}

function titleInChinese({ kind, node, distribution, role, options }: Contradiction): string {
  const named = joinChinese(options)
  switch (kind) {
    case 'skipped':
      return `${node} 上的 ${distribution} 跳过了 config.yaml 中不认识的选项：${named}`
    case 'undefined':
      return `${node} 上的 ${distribution} ${role} 无法启动：不认识 ${named}`
    case 'refused':
      return `${node} 上的 ${distribution} 无法以这些选项启动：${named}`
    case 'reset':
      return `${node} 上长期保留了 cluster-reset`
    case 'overridden':
      return `${node} 的服务单元覆盖了 config.yaml：${named}`
    default:
      return `${node} 上 cluster-init 与 ${options.at(-1) ?? ''} 并存`
  }
}

function summaryInChinese({
  kind,
  options,
  values,
  words,
  role,
  isLogged,
  isRestored,
}: Contradiction): string {
  switch (kind) {
    case 'skipped':
      return `最近一次启动的日志表明 ${joinChinese(options)} 未知并被跳过：其设置不起作用。`
    case 'undefined':
      return `${role} 启动时以 \`flag provided but not defined\` 退出，由 systemd 反复拉起。`
    case 'refused':
      return `server 启动时以 \`${words}\` 退出，由 systemd 反复拉起。`
    case 'reset':
      return isRestored
        ? '带有 cluster-reset-restore-path 时，每次启动都会重新恢复快照并退出：server 始终无法提供服务。'
        : `server 会把 etcd 重置为单成员后退出，之后只要还带 cluster-reset 就拒绝启动${isLogged ? '，日志也表明如此' : ''}。`
    case 'overridden':
      return `${values.map(({ option, file, flag }) => `${option} 在 config.yaml 中为 \`${file}\`，在 ExecStart 中为 \`${flag}\``).join('；')}。以服务单元中的值为准，且没有任何提示。`
    case 'datastore':
      return '已有 etcd 数据库的 server 继续使用它，没有的则使用 datastore-endpoint；cluster-init 不起作用。集群实际使用哪种存储，与选项表面的含义无关。'
    case 'joins':
      return 'server 会加入 `server` 指定的集群，或直接启动已有的数据库；cluster-init 不起作用。这本身无害，但可能让人误以为该 server 能重新创建集群。'
  }
}

function remedy({ kind, distribution, role }: Contradiction): readonly SaidStep[] {
  const look: SaidStep = {
    text: {
      en: 'See what is set in the files and in the unit.',
      zh: '查看配置文件和服务单元中的设置。',
    },
    commands: [
      `cat /etc/rancher/${distribution}/config.yaml /etc/rancher/${distribution}/config.yaml.d/*.yaml`,
      `systemctl cat ${serviceOf(distribution, role)}`,
    ],
  }
  return [look, mended(kind, distribution, role)]
}

function mended(kind: Kind, distribution: 'k3s' | 'rke2', role: 'server' | 'agent'): SaidStep {
  const restart = `systemctl restart ${serviceOf(distribution, role)}`
  switch (kind) {
    case 'skipped':
    case 'undefined':
      return {
        text: {
          en: 'Correct the key, or take it out, and restart the service.',
          zh: '改正或删除该键，然后重启服务。',
        },
        commands: [`${distribution} ${role} --help`, restart],
      }
    case 'reset':
      return {
        text: {
          en: 'Take cluster-reset and cluster-reset-restore-path out, and start the service without them.',
          zh: '删除 cluster-reset 和 cluster-reset-restore-path，然后不带它们启动服务。',
        },
        commands: ['systemctl daemon-reload', restart],
      }
    case 'overridden':
      return {
        text: {
          en: 'Keep the value that is wanted, in one place. An option that all servers must have alike, or that cannot be changed once the cluster runs, is not to be changed by that: leave the value that counts now.',
          zh: '只在一处保留想要的值。必须各 server 一致、或集群运行后不能更改的选项不要因此改变：保留目前生效的值。',
        },
        commands: ['systemctl daemon-reload', restart],
      }
    default:
      return {
        text: {
          en: 'Take out the option that is not meant, and restart the service.',
          zh: '删除不需要的选项，然后重启服务。',
        },
        commands: ['systemctl daemon-reload', restart],
      }
  }
}

function verification({ distribution, role }: Contradiction): SaidStep {
  return {
    text: {
      en: 'The service runs, and its last start complains of no option.',
      zh: '服务正常运行，最近一次启动没有关于选项的报错。',
    },
    commands: [
      `systemctl is-active ${serviceOf(distribution, role)}`,
      `journalctl -u ${serviceOf(distribution, role)} --since -5min | grep -iE 'flag|cluster-reset'`,
    ],
  }
}

function serviceOf(distribution: 'k3s' | 'rke2', role: 'server' | 'agent'): string {
  if (distribution === 'k3s') return role === 'server' ? 'k3s' : 'k3s-agent'
  return `rke2-${role}`
}
