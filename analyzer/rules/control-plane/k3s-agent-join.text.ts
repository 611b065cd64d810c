import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { howOften } from '../../text/howOften.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** Why a node does not join: its password, the authority in its token, or the way to the server. */
export type JoinKind = 'password' | 'token' | 'unreachable'

/** What was found: a node that does not join. */
export interface JoinFault {
  readonly node: string
  readonly kind: JoinKind
  readonly count: number
  readonly distribution: 'k3s' | 'rke2'
  /** As it was logged, where it was. */
  readonly reason?: string
  readonly url?: string
}

type Reason = 'noK3s' | 'noLog'

const TITLE: Readonly<Record<JoinKind, string>> = {
  password: 'the server knows another node of its name',
  token: 'its token is of another cluster',
  unreachable: 'the connection to the server is not accepted',
}

const TITLE_ZH: Readonly<Record<JoinKind, string>> = {
  password: '与 server 上同名节点的密码不符',
  token: 'token 属于另一个集群',
  unreachable: '与 server 的连接未通过校验',
}

const MEANING: Readonly<Record<JoinKind, string>> = {
  password:
    'The first node that registers under a name leaves a password with the server. This node has another one: it was installed anew, its file was lost, or a second machine has the same host name.',
  token:
    'The token holds the hash of the cluster’s authority (K10…), and the server shows another authority: the token is of a former cluster, the server was set up anew, or something else answers at that address.',
  unreachable: 'The agent cannot verify the server, or not reach it.',
}

const MEANING_ZH: Readonly<Record<JoinKind, string>> = {
  password:
    '以某个名称首次注册的节点会在 server 上留下密码。本节点的密码不同：节点被重装、密码文件丢失，或另有机器使用相同主机名。',
  token:
    'token 中含有集群 CA 的哈希（K10…），而 server 出示的是另一个 CA：token 来自以前的集群、server 被重新初始化，或该地址上应答的是别的服务。',
  unreachable: 'agent 无法校验 server，或无法连接到它。',
}

function steps(d: JoinFault, words: Readonly<Record<JoinKind, readonly [string, string]>>): readonly Step[] {
  const [first, second] = words[d.kind]
  const dir = `/etc/rancher/${d.distribution}`
  switch (d.kind) {
    case 'password':
      return [
        { text: first, commands: ['hostname', 'kubectl get nodes -o wide'] },
        {
          text: second,
          commands: [
            `kubectl -n kube-system delete secret ${shellQuote(`${d.node}.node-password.${d.distribution}`)}`,
          ],
        },
      ]
    case 'token':
      return [
        { text: first, commands: [`cat /var/lib/rancher/${d.distribution}/server/node-token`] },
        {
          text: second,
          commands: [
            `ls -l ${dir}/config.yaml /etc/systemd/system/${d.distribution}-agent.service.env`,
            `systemctl restart ${d.distribution}-agent`,
          ],
        },
      ]
    case 'unreachable':
      return [
        {
          text: first,
          commands: [
            `curl -sk -m 5 ${shellQuote(`${d.url ?? 'https://SERVER:6443'}/cacerts`)} | openssl x509 -noout -subject -dates`,
          ],
        },
        { text: second, commands: [] },
      ]
  }
}

const VERIFY = (d: JoinFault): readonly string[] => [`kubectl get node ${shellQuote(d.node)}`]

/** The words of k3s-agent-join. */
export const text: RuleTexts<JoinFault, Reason, 'refused'> = {
  en: {
    name: 'A node of k3s or rke2 cannot join',
    looksFor:
      'Lines of k3s and rke2: `Node password rejected`, `token CA hash does not match the Cluster CA certificate hash`, `Failed to validate connection to cluster at …`.',
    why: 'An agent fetches its certificates from the server. It verifies the server by the hash in its token, and the server verifies the node by its name and password.',
    consequences:
      'The service is active and tries again every few seconds; the node does not appear, or stays NotReady.',
    commonCauses: [
      'A machine that was installed anew under its old name.',
      'Two machines with one host name.',
      'A token of a former cluster.',
    ],
    mimics: [
      'A start before the server is ready: where the log goes on for ten minutes without such a line, the node has joined.',
      'Lines of days ago count one step less.',
    ],
    cure: 'Give the node a name of its own, or remove its old password; use the token of the running server.',
    title: (d) => `${d.node} cannot join: ${TITLE[d.kind]}`,
    summary: (d) =>
      `The log of ${d.node} says it ${howOften(d.count)}${d.url === undefined ? '' : ` (${d.url}${d.reason === undefined ? '' : `: ${d.reason}`})`}. ${MEANING[d.kind]}`,
    ruledOut: () => ['A node that has joined since: the log does not go on for long without such a line.'],
    remedy: (d) =>
      steps(d, {
        password: [
          'See that no other machine has this host name; if one has, set node-name or with-node-id on one of them.',
          'Where the node was installed anew: remove its old password on the server.',
        ],
        token: [
          'Read the token of the server.',
          'Put it in the agent’s configuration; where the server was set up anew, remove the agent’s old authorities too; then restart.',
        ],
        unreachable: [
          'See what answers there.',
          'Follow the reason: refused or a timeout, look at the way; x509, look at authorities and clocks; 401, at the token.',
        ],
      }),
    verify: (d) => [{ text: 'The node is Ready.', commands: VERIFY(d) }],
    reasons: {
      noK3s: 'The node runs neither k3s nor rke2, by its journals.',
      noLog: 'No journal was captured.',
    },
    notes: { refused: () => 'refused' },
  },
  zh: {
    name: 'k3s 或 rke2 节点无法加入集群',
    looksFor:
      'k3s 与 rke2 的日志：`Node password rejected`、`token CA hash does not match the Cluster CA certificate hash`、`Failed to validate connection to cluster at …`。',
    why: 'agent 从 server 获取证书。它用 token 中的哈希校验 server，server 则用节点名和密码校验节点。',
    consequences: '服务显示 active，但每隔几秒重试一次；节点不出现，或一直 NotReady。',
    commonCauses: ['机器以原名重装。', '两台机器主机名相同。', 'token 来自以前的集群。'],
    mimics: ['server 就绪之前的启动：日志此后十分钟没有这类行，说明已经加入。', '几天前的日志降一级。'],
    cure: '为节点设置唯一的名称，或删除旧的节点密码；使用当前 server 的 token。',
    title: (d) => `${d.node} 无法加入集群：${TITLE_ZH[d.kind]}`,
    summary: (d) =>
      `${d.node} 的日志中出现 ${d.count} 次${d.url === undefined ? '' : `（${d.url}${d.reason === undefined ? '' : `：${d.reason}`}）`}。${MEANING_ZH[d.kind]}`,
    ruledOut: () => ['此后已经加入：日志没有在缺少这类行的情况下持续很久。'],
    remedy: (d) =>
      steps(d, {
        password: [
          '确认没有其他机器使用相同主机名；若有，为其中一台设置 node-name 或 with-node-id。',
          '若节点是重装的：在 server 上删除旧密码。',
        ],
        token: [
          '读取 server 的 token。',
          '写入 agent 的配置；若 server 被重新初始化，还需删除 agent 上旧的 CA；然后重启。',
        ],
        unreachable: [
          '查看该地址上应答的是什么。',
          '按原因处理：拒绝或超时看网络路径；x509 看 CA 与时钟；401 看 token。',
        ],
      }),
    verify: (d) => [{ text: '节点为 Ready。', commands: VERIFY(d) }],
    reasons: { noK3s: '从日志看，该节点没有运行 k3s 或 rke2。', noLog: '没有采集到日志。' },
    notes: { refused: () => '被拒绝' },
  },
}
