import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { howOften } from '../../text/howOften.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'

/** An option that two servers have differently; what is not set stands as its default. */
export interface Difference {
  readonly option: string
  readonly own: string
  readonly other: string
}

/** What was found: servers that are not alike. */
export interface InconsistentServers {
  readonly node: string
  readonly distribution: 'k3s' | 'rke2'
  /** The server that it was held against; '' where the log alone tells. */
  readonly other: string
  readonly differences: readonly Difference[]
  /** Options that the log names; some releases name none. */
  readonly options: readonly string[]
  /** Log lines. */
  readonly count: number
}

/** What there is to see in a line. */
export type Note = 'set' | 'refused'

/** The words of k3s-config-inconsistent. */
export const text: RuleTexts<InconsistentServers, 'noServer' | 'alone', Note> = {
  en: {
    name: 'Servers of a k3s or rke2 cluster are configured differently',
    looksFor:
      'The options that all servers must have alike (cluster-cidr, service-cidr, cluster-dns, cluster-domain, flannel-backend and its options, disable-network-policy, disable=servicelb, secrets-encryption and others), out of config.yaml, config.yaml.d and the flags of the unit, between servers; and log lines `critical configuration value mismatch`.',
    why: 'Each server runs its own controllers with its own options. With embedded etcd a server that joins compares them with those of the server it joins, and stops where they differ. With an external datastore nobody compares, and the servers work against each other.',
    consequences:
      'The server does not join, and its service starts over and over; or pods, Services and policies depend on which server leads.',
    commonCauses: [
      'Flags given to the first server alone when it was installed.',
      'An option changed on one server later, to be taken at its next start.',
      'The same option in the unit and in config.yaml: the unit’s counts.',
    ],
    mimics: [
      'An option that is set to its default on one server only: it is the same.',
      'Other packaged components (`disable: traefik`), labels, taints and addresses: each server has its own.',
      'Servers of different clusters, whose authorities differ; where nothing tells, it is possible only.',
      'An agent’s configuration: only nodes with the unit of a server are compared.',
    ],
    cure: 'Give all servers the same values, and restart those that were changed.',
    title: (d) =>
      d.other === ''
        ? `${d.node} is not let into the cluster of its server: their configurations differ${d.options.length === 0 ? '' : ` in ${joinWords(d.options)}`}`
        : `${d.distribution} servers ${d.node} and ${d.other} differ in ${joinWords(d.differences.map(({ option }) => option))}`,
    summary: (d) =>
      d.other === ''
        ? `${d.node} logged ${howOften(d.count)} that its critical configuration values are not those of the server it joins${d.options.length === 0 ? '; this release does not say which' : `: ${joinWords(d.options)}`}. It stops, and systemd starts it again.`
        : `${d.differences.map(({ option, own, other }) => `${option} is ${shown(own)} on ${d.node} and ${shown(other)} on ${d.other}`).join('; ')}. All servers of a cluster must have them alike: a server with embedded etcd refuses to join, one with an external datastore works against the others.`,
    ruledOut: (d) =>
      d.other === ''
        ? []
        : [
            'Defaults: what is not set is taken as its default.',
            'An agent: both nodes have the unit of a server.',
          ],
    remedy: (d) => stepsIn('en', remedy(d)),
    verify: (d) => stepsIn('en', [verification(d)]),
    reasons: {
      noServer: 'No unit of a k3s or rke2 server was captured on this node.',
      alone: 'The configuration of no other server of this cluster was captured.',
    },
    notes: { set: (value) => value, refused: () => 'refused' },
  },
  zh: {
    name: 'k3s 或 rke2 集群各 server 的配置不一致',
    looksFor:
      '对比各 server 必须一致的选项（cluster-cidr、service-cidr、cluster-dns、cluster-domain、flannel-backend 及其选项、disable-network-policy、disable=servicelb、secrets-encryption 等），来源为 config.yaml、config.yaml.d 和服务单元中的参数；以及日志 `critical configuration value mismatch`。',
    why: '每个 server 都以自己的选项运行各控制器。使用内嵌 etcd 时，加入的 server 会与目标 server 对比这些选项，不一致就退出；使用外部数据库时没有人对比，各 server 会互相冲突。',
    consequences:
      '该 server 无法加入，服务反复重启；或者 Pod、Service 和网络策略的结果取决于哪个 server 是 leader。',
    commonCauses: [
      '安装时只给第一个 server 加了参数。',
      '后来只在一个 server 上修改了选项，下次启动才生效。',
      '服务单元与 config.yaml 中都有同一选项：以服务单元中的为准。',
    ],
    mimics: [
      '只在一个 server 上显式写出默认值：实际相同。',
      '其他内置组件（`disable: traefik`）、标签、污点和地址：各 server 可以不同。',
      '属于不同集群、CA 不同的 server；无法判断时仅判为可能。',
      'agent 的配置：只对比有 server 服务单元的节点。',
    ],
    cure: '让所有 server 使用相同的值，并重启被修改的 server。',
    title: (d) =>
      d.other === ''
        ? `${d.node} 无法加入集群：其配置与目标 server 不一致${d.options.length === 0 ? '' : `（${joinChinese(d.options)}）`}`
        : `${d.distribution} server ${d.node} 与 ${d.other} 的 ${joinChinese(d.differences.map(({ option }) => option))} 不一致`,
    summary: (d) =>
      d.other === ''
        ? `${d.node} ${d.count} 次记录其关键配置与所加入的 server 不一致${d.options.length === 0 ? '；该版本没有写明是哪一项' : `：${joinChinese(d.options)}`}。服务随即退出，由 systemd 反复拉起。`
        : `${d.differences.map(({ option, own, other }) => `${option} 在 ${d.node} 上为 ${shown(own)}，在 ${d.other} 上为 ${shown(other)}`).join('；')}。同一集群的所有 server 必须一致：内嵌 etcd 的 server 会拒绝加入，使用外部数据库的 server 会与其他 server 冲突。`,
    ruledOut: (d) =>
      d.other === '' ? [] : ['默认值：未设置的选项按默认值对比。', 'agent：两个节点都有 server 的服务单元。'],
    remedy: (d) => stepsIn('zh', remedy(d)),
    verify: (d) => stepsIn('zh', [verification(d)]),
    reasons: {
      noServer: '该节点上没有采集到 k3s 或 rke2 server 的服务单元。',
      alone: '没有采集到该集群其他 server 的配置。',
    },
    notes: { set: (value) => value, refused: () => '被拒绝' },
  },
}

function shown(value: string): string {
  return value === '' ? '–' : `\`${value}\``
}

function remedy({ distribution }: InconsistentServers): readonly SaidStep[] {
  const service = serviceOf(distribution)
  return [
    {
      text: {
        en: 'See what each server is started with.',
        zh: '查看每个 server 的启动配置。',
      },
      commands: [
        `cat /etc/rancher/${distribution}/config.yaml /etc/rancher/${distribution}/config.yaml.d/*.yaml`,
        `systemctl cat ${service}`,
      ],
    },
    {
      text: {
        en: 'Set the values of the cluster that runs on the server that differs, and restart it. The networks of a cluster (cluster-cidr, service-cidr) cannot be changed once it runs.',
        zh: '在不一致的 server 上改为集群现有的值并重启。集群网段（cluster-cidr、service-cidr）在集群运行后不能更改。',
      },
      commands: [`systemctl restart ${service}`],
    },
  ]
}

function verification({ distribution }: InconsistentServers): SaidStep {
  return {
    text: {
      en: 'The server is Ready, and logs no mismatch.',
      zh: '该 server 为 Ready，日志中不再出现不一致。',
    },
    commands: [
      'kubectl get nodes -o wide',
      `journalctl -u ${serviceOf(distribution)} --since -5min | grep mismatch`,
    ],
  }
}

function serviceOf(distribution: InconsistentServers['distribution']): string {
  return distribution === 'k3s' ? 'k3s' : 'rke2-server'
}
