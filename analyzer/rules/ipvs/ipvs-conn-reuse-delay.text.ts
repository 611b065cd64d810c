import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { restartProxy } from '../services/restartProxy.ts'

/** What was found: settings that kube-proxy makes otherwise, or connections that may go to servers on their way out. */
export type ConnReuse =
  | {
      readonly kind: 'settings'
      readonly node: string
      readonly settings: readonly { readonly key: string; readonly value: number }[]
    }
  | {
      readonly kind: 'reuse'
      readonly node: string
      /** `4.18.0-553.el8.x86_64`. */
      readonly kernel: string
      /** Servers of weight 0 with many closed connections: `10.244.1.2:8080`. */
      readonly servers: readonly string[]
    }

type Reason = 'notIpvs'

/** What there is to see in the lines. */
export type Note = 'setting' | 'reuse' | 'kernel' | 'leaving'

function effects(d: ConnReuse & { readonly kind: 'settings' }): string {
  return d.settings
    .map(({ key }) =>
      key.endsWith('conntrack')
        ? 'Without connection tracking, packets of Services are not masqueraded.'
        : 'Packets of connections to a server that was removed are dropped in silence until the connection’s time is over, instead of being reset.',
    )
    .join(' ')
}

function effectsZh(d: ConnReuse & { readonly kind: 'settings' }): string {
  return d.settings
    .map(({ key }) =>
      key.endsWith('conntrack')
        ? '不使用连接跟踪时，Service 的报文不会做 SNAT。'
        : '指向已删除后端的连接，其报文会被静默丢弃直到连接超时，而不是立即复位。',
    )
    .join('')
}

const assignments = (d: ConnReuse & { readonly kind: 'settings' }): readonly string[] =>
  d.settings.map(({ key }) => `sysctl -w ${key}=1`)
const written = ({ key, value }: { readonly key: string; readonly value: number }): string =>
  `${key} = ${value}`

/** The words of ipvs-conn-reuse-delay. */
export const text: RuleTexts<ConnReuse, Reason, Note> = {
  en: {
    name: 'Settings of IPVS send connections astray',
    looksFor:
      'The settings expire_nodest_conn and conntrack of net.ipv4.vs, which kube-proxy sets to 1, and conn_reuse_mode 0 on kernels before 5.9 while servers of weight 0 still have many closed connections.',
    why: 'IPVS keeps a connection for two minutes after it was closed. With conn_reuse_mode 0 a client that opens a connection from the same port in that time is taken for the old one and sent to its server, though that has weight 0 and may be gone; with 1, kernels before 5.9 drop its first packet, which costs a second. kube-proxy therefore sets 0 on kernels from 4.1 to 5.8 and leaves later ones alone.',
    consequences:
      'During a rollout some connections time out or take a second longer, from clients that open very many: load balancers, ingress controllers, benchmarks.',
    commonCauses: [
      'A kernel before 5.9.',
      'A file in /etc/sysctl.d that sets keys of net.ipv4.vs after kube-proxy did.',
      'keepalived or another user of IPVS on the same node, with settings of its own.',
    ],
    mimics: [
      'conn_reuse_mode 0 on a kernel before 5.9 by itself: kube-proxy sets it. It counts only with servers on their way out that have ten closed connections or more.',
      'Keys that the kernel does not have are no finding.',
    ],
    cure: 'Set expire_nodest_conn and conntrack to 1 and take other values out of sysctl.d. Against the reuse of ports, a kernel from 5.9 on helps.',
    title: (d) =>
      d.kind === 'settings'
        ? `${joinWords(d.settings.map(written))} on ${d.node}, which IPVS needs to be 1`
        : `New connections on ${d.node} may go to ${joinWords(d.servers)}, which ${d.servers.length === 1 ? 'is' : 'are'} on the way out`,
    summary: (d) =>
      d.kind === 'settings'
        ? `On ${d.node} ${joinWords(d.settings.map(written))}. kube-proxy sets ${d.settings.length === 1 ? 'it' : 'them'} to 1 when it starts; something changed ${d.settings.length === 1 ? 'it' : 'them'} since. ${effects(d)}`
        : `${d.node} runs Linux ${d.kernel} with net.ipv4.vs.conn_reuse_mode = 0, and ${joinWords(d.servers)} of weight 0 still ${d.servers.length === 1 ? 'has' : 'have'} many closed connections. A client that opens a connection from a port it used within two minutes is sent there again, and finds nobody once the pod is gone.`,
    ruledOut: (d) =>
      d.kind === 'reuse'
        ? ['The kernel is older than 5.9, where IPVS picks another server for such a connection.']
        : [],
    remedy: (d) =>
      d.kind === 'settings'
        ? [
            {
              text: 'Set them now, and see which file sets them otherwise.',
              commands: [
                ...assignments(d),
                'grep -rn net.ipv4.vs /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d',
              ],
            },
            restartProxy.en([d.node]),
          ]
        : [
            {
              text: 'Upgrade the kernel to 5.9 or later, or let the clients keep their connections.',
              commands: ['uname -r'],
            },
          ],
    verify: () => [{ text: 'The settings are as kube-proxy makes them.', commands: ['sysctl net.ipv4.vs'] }],
    reasons: { notIpvs: 'kube-proxy does not work with IPVS on this node.' },
    notes: {
      setting: () => 'kube-proxy sets it to 1',
      reuse: () => 'a reused port goes to the server of before',
      kernel: () => 'before 5.9',
      leaving: () => 'weight 0, with many closed connections',
    },
  },
  zh: {
    name: 'IPVS 内核参数会让连接发往错误的后端',
    looksFor:
      'net.ipv4.vs 的 expire_nodest_conn、conntrack（kube-proxy 会设为 1），以及 5.9 之前的内核上 conn_reuse_mode 为 0、同时权重为 0 的后端仍有大量已关闭连接的情况。',
    why: '连接关闭后 IPVS 还会保留两分钟。conn_reuse_mode 为 0 时，客户端在此期间用同一端口新建的连接会被当作旧连接发往原来的后端，即使它的权重为 0、Pod 可能已不存在；为 1 时，5.9 之前的内核会丢弃首个报文，延迟一秒。因此 kube-proxy 在 4.1 到 5.8 的内核上设为 0，更新的内核不改。',
    consequences: '滚动发布期间，大量新建连接的客户端（负载均衡、ingress、压测）会有部分连接超时或多等一秒。',
    commonCauses: [
      '内核版本低于 5.9。',
      '/etc/sysctl.d 中的文件在 kube-proxy 之后改写了 net.ipv4.vs 的参数。',
      '同一节点上 keepalived 等其他 IPVS 使用者有自己的设置。',
    ],
    mimics: [
      '5.9 之前的内核上 conn_reuse_mode 为 0 是 kube-proxy 自己设置的；只有存在正在退出且有十个以上已关闭连接的后端时才计入。',
      '内核没有的参数不算问题。',
    ],
    cure: '把 expire_nodest_conn 和 conntrack 设为 1，并从 sysctl.d 中去掉其他值；端口复用问题需升级到 5.9 及以上内核。',
    title: (d) =>
      d.kind === 'settings'
        ? `${d.node} 上 ${joinChinese(d.settings.map(written))}，IPVS 需要为 1`
        : `${d.node} 的新连接可能发往正在退出的 ${joinChinese(d.servers)}`,
    summary: (d) =>
      d.kind === 'settings'
        ? `${d.node} 上 ${joinChinese(d.settings.map(written))}。kube-proxy 启动时会设为 1，之后被改动过。${effectsZh(d)}`
        : `${d.node} 运行 Linux ${d.kernel}，net.ipv4.vs.conn_reuse_mode = 0，权重为 0 的 ${joinChinese(d.servers)} 仍有大量已关闭的连接。客户端用两分钟内用过的端口新建连接时会再次发往那里，Pod 消失后便无人应答。`,
    ruledOut: (d) => (d.kind === 'reuse' ? ['内核低于 5.9；更新的内核会为这种连接另选后端。'] : []),
    remedy: (d) =>
      d.kind === 'settings'
        ? [
            {
              text: '立即设置，并查明哪个文件写了其他值。',
              commands: [
                ...assignments(d),
                'grep -rn net.ipv4.vs /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d',
              ],
            },
            restartProxy.zh([d.node]),
          ]
        : [{ text: '升级到 5.9 及以上内核，或让客户端复用长连接。', commands: ['uname -r'] }],
    verify: () => [{ text: '参数与 kube-proxy 的设置一致。', commands: ['sysctl net.ipv4.vs'] }],
    reasons: { notIpvs: '该节点的 kube-proxy 不使用 IPVS。' },
    notes: {
      setting: () => 'kube-proxy 会设为 1',
      reuse: () => '复用的端口会发往原来的后端',
      kernel: () => '低于 5.9',
      leaving: () => '权重为 0，且有大量已关闭的连接',
    },
  },
}
