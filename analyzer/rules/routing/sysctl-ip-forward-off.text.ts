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
}
