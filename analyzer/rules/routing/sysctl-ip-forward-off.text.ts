import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import { sysctlKey } from '../../text/sysctlKey.ts'

/** What was found: forwarding is off for a whole protocol, or for some interfaces. */
export type ForwardingOff =
  | {
      readonly kind: 'all'
      readonly node: string
      readonly family: 'ipv4' | 'ipv6'
      /** One that pods depend on. */
      readonly podDevice: string
    }
  | { readonly kind: 'some'; readonly node: string; readonly devices: readonly string[] }

type Reason = 'noPods' | 'noKey'
type Note = 'setting' | 'pods' | 'on' | 'network'

const protocol = (family: 'ipv4' | 'ipv6'): string => (family === 'ipv4' ? 'IPv4' : 'IPv6')

const mainKey = (family: 'ipv4' | 'ipv6'): string =>
  family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'

const deviceKey = (device: string): string => sysctlKey(`net/ipv4/conf/${device}/forwarding`)

/** The words of sysctl-ip-forward-off. */
export const text: RuleTexts<ForwardingOff, Reason, Note> = {
  en: {
    name: 'The node does not forward packets',
    looksFor:
      'net.ipv4.ip_forward=0 on a node with pods; forwarding=0 of single interfaces while it is on otherwise; net.ipv6.conf.all.forwarding=0 on a node whose pods have IPv6 addresses.',
    why: 'For the kernel a pod is another machine behind the node: whatever a pod sends beyond its bridge, and whatever comes for it, is forwarded. With forwarding off such packets are dropped without a word; connections from and to pods time out, while the node itself reaches everything. The kernel asks the interface that a packet came in by, so that one interface with forwarding=0 stops what arrives there.',
    consequences:
      'Pods of the node reach nothing beyond it and are not reached, while ssh to the node and its own connections work; connections time out.',
    commonCauses: [
      'A hardening script or a sysctl.d file that sets it to 0.',
      'A network manager that sets it anew for each interface (wicked).',
      'The node was restarted, and what had turned it on by hand was not persisted.',
    ],
    mimics: [
      'A node whose pods all use the host’s network forwards nothing: a node without pod interfaces is left alone.',
      'net.ipv6.conf.all.forwarding=0 is right where pods have IPv4 addresses alone, net.ipv4.ip_forward=0 where they have IPv6 addresses alone.',
      'Forwarding that is off for an interface which leads to no gateway (storage, management): packets of pods do not come in by it.',
    ],
    cure: 'Turn forwarding on and persist it in /etc/sysctl.d. Find out what turned it off: another file there, a network manager (wicked applies its own value whenever it configures an interface), or a hardening script.',
    title: (d) =>
      d.kind === 'all'
        ? `${d.node} does not forward ${protocol(d.family)} packets`
        : `${d.node} does not forward what comes in by ${joinWords(d.devices)}`,
    summary: (d) =>
      d.kind === 'all'
        ? `${mainKey(d.family)} is 0 on ${d.node}, which has pods (${d.podDevice}). Its kernel drops every ${protocol(d.family)} packet that is neither from nor for the node itself: pods there reach neither other nodes nor Services, and are not reached, while the node’s own connections work.`
        : `${d.node} forwards packets in general, but forwarding is 0 for ${joinWords(d.devices)}. What comes in there for others, such as pods’ traffic, is dropped.`,
    ruledOut: (d) =>
      d.kind === 'all' ? ['The node has pods behind it: there is something to forward.'] : [],
    remedy(d) {
      if (d.kind === 'some') {
        return [
          {
            text: 'Turn it on for these interfaces. Writing net.ipv4.ip_forward=1 anew sets it for all.',
            commands: d.devices
              .slice(0, 6)
              .map((device) => `sysctl -w ${shellQuote(`${deviceKey(device)}=1`)}`),
          },
          {
            text: 'Find what sets it: a sysctl.d file, or a network manager.',
            commands: ['grep -rs forwarding /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d'],
          },
        ]
      }
      const setting = `${mainKey(d.family)}=1`
      return [
        {
          text: 'Turn it on now, and keep it over a reboot.',
          commands: [`sysctl -w ${setting}`, `echo ${setting} >/etc/sysctl.d/99-${d.family}-forward.conf`],
        },
        ...(d.family === 'ipv6'
          ? [
              {
                text: 'A node that forwards takes no address and no default route from router advertisements any more, unless accept_ra is 2 for its interface.',
                commands: ['sysctl -a 2>/dev/null | grep "ipv6.*[.]accept_ra "'],
              },
            ]
          : []),
        {
          text: 'Look for what sets it to 0.',
          commands: ['grep -rs forward /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d'],
        },
      ]
    },
    verify: (d) => [
      {
        text: 'It reads 1, also after `sysctl --system` and after a reboot.',
        commands: [
          d.kind === 'all'
            ? `sysctl ${mainKey(d.family)}`
            : 'sysctl -a 2>/dev/null | grep "ipv4.*[.]forwarding"',
        ],
      },
    ],
    reasons: {
      noKey: 'The captured settings do not show whether the node forwards packets.',
      noPods: 'The node has no interfaces of pods or of a network plugin: it has nothing to forward.',
    },
    notes: {
      setting: () => 'forwarding is off',
      pods: () => 'pods are behind the node',
      on: () => 'while it is on otherwise',
      network: () => 'pods have IPv6 addresses',
    },
  },
  zh: {
    name: '节点不转发报文',
    looksFor:
      '有 Pod 的节点上 net.ipv4.ip_forward=0；总开关打开而个别接口 forwarding=0；Pod 有 IPv6 地址的节点上 net.ipv6.conf.all.forwarding=0。',
    why: '对内核来说，Pod 是节点后面的另一台机器：Pod 发往网桥之外的报文和发给 Pod 的报文都要转发。关闭转发后这些报文被悄悄丢弃；Pod 的进出连接超时，而节点自身一切正常。内核看的是报文进入的接口，因此一个 forwarding=0 的接口会挡住从那里进来的报文。',
    consequences:
      '该节点的 Pod 到不了节点之外，也无法被访问，而 ssh 到节点和节点自身的连接正常；表现为超时。',
    commonCauses: [
      '加固脚本或某个 sysctl.d 文件把它设为 0。',
      '网络管理程序为每个接口重新设置（wicked）。',
      '节点重启后，之前手工打开的设置没有持久化。',
    ],
    mimics: [
      '所有 Pod 都使用主机网络的节点不需要转发：没有 Pod 接口的节点不报告。',
      'Pod 只有 IPv4 地址时 net.ipv6.conf.all.forwarding=0 是对的，只有 IPv6 地址时 net.ipv4.ip_forward=0 是对的。',
      '不通向网关的接口（存储、管理）关闭转发：Pod 的报文不从那里进来。',
    ],
    cure: '打开转发并写入 /etc/sysctl.d。查明是谁关闭的：那里的另一个文件、网络管理程序（wicked 每次配置接口都会写入自己的值），或者加固脚本。',
    title: (d) =>
      d.kind === 'all'
        ? `${d.node} 不转发 ${protocol(d.family)} 报文`
        : `${d.node} 不转发从 ${d.devices.join('、')} 进来的报文`,
    summary: (d) =>
      d.kind === 'all'
        ? `${d.node} 的 ${mainKey(d.family)} 为 0，而它有 Pod（${d.podDevice}）。内核会丢弃所有既不来自也不发往节点自身的 ${protocol(d.family)} 报文：其上的 Pod 到不了其他节点和 Service，也无法被访问，而节点自身的连接正常。`
        : `${d.node} 总体上转发报文，但 ${d.devices.join('、')} 的 forwarding 为 0。从那里进来、发给别处的报文（例如 Pod 的流量）会被丢弃。`,
    ruledOut: (d) => (d.kind === 'all' ? ['节点后面有 Pod，确实有报文要转发。'] : []),
    remedy(d) {
      if (d.kind === 'some') {
        return [
          {
            text: '为这些接口打开转发。重新写入 net.ipv4.ip_forward=1 会对所有接口生效。',
            commands: d.devices
              .slice(0, 6)
              .map((device) => `sysctl -w ${shellQuote(`${deviceKey(device)}=1`)}`),
          },
          {
            text: '查找是谁设置的：sysctl.d 文件或网络管理程序。',
            commands: ['grep -rs forwarding /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d'],
          },
        ]
      }
      const setting = `${mainKey(d.family)}=1`
      return [
        {
          text: '立即打开，并在重启后保持。',
          commands: [`sysctl -w ${setting}`, `echo ${setting} >/etc/sysctl.d/99-${d.family}-forward.conf`],
        },
        ...(d.family === 'ipv6'
          ? [
              {
                text: '转发的节点不再从路由器通告获取地址和默认路由，除非其接口的 accept_ra 为 2。',
                commands: ['sysctl -a 2>/dev/null | grep "ipv6.*[.]accept_ra "'],
              },
            ]
          : []),
        {
          text: '查找是谁把它设为 0。',
          commands: ['grep -rs forward /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d'],
        },
      ]
    },
    verify: (d) => [
      {
        text: '值为 1，执行 `sysctl --system` 和重启之后也是。',
        commands: [
          d.kind === 'all'
            ? `sysctl ${mainKey(d.family)}`
            : 'sysctl -a 2>/dev/null | grep "ipv4.*[.]forwarding"',
        ],
      },
    ],
    reasons: {
      noKey: '采集到的参数看不出节点是否转发报文。',
      noPods: '该节点没有 Pod 或网络插件的接口：没有需要转发的报文。',
    },
    notes: {
      setting: () => '转发已关闭',
      pods: () => '节点后面有 Pod',
      on: () => '而总开关是打开的',
      network: () => 'Pod 有 IPv6 地址',
    },
  },
}
