import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'

/** What was found: a bridge with pods whose packets iptables does not see. */
export interface BridgeNfOff {
  readonly node: string
  readonly bridge: string
  /** Pods on the bridge. */
  readonly pods: number
  /** It is known that kube-proxy programs Services here. */
  readonly isProxied: boolean
  /** The setting is there and 0; else br_netfilter is not loaded. */
  readonly isLoaded: boolean
  /** A pod that waits for an answer, and the Service it asked. */
  readonly client?: string
  readonly service?: string
}

type Reason = 'noBridge' | 'noProxy' | 'noKey'
type Note = 'setting' | 'bridge' | 'port' | 'unanswered' | 'log' | 'noKey'

/** The words of sysctl-bridge-nf-off. */
export const text: RuleTexts<BridgeNfOff, Reason, Note> = {
  en: {
    name: 'Packets on the pod bridge pass iptables by',
    looksFor:
      'net.bridge.bridge-nf-call-iptables, or its absence (br_netfilter is not loaded), on a node whose pods are on a Linux bridge; and connections to Services in the tracking table that stay unanswered between two pods of that bridge.',
    why: 'kube-proxy translates a Service’s address into a pod’s where packets pass iptables. Between two pods of one bridge packets are switched, not routed, and pass iptables only if br_netfilter hands them over. Where it does not, a pod that asks a Service whose endpoint is on the same node gets the answer from an address it never asked, and drops it. Endpoints on other nodes work, so that every second or third connection fails.',
    mimics: [
      'Networks without a bridge (Calico, Cilium, AWS VPC): pods are routed, and the setting does not matter.',
      'A bridge without an address: a second network of pods (Multus), by which no Service is asked.',
      'kube-router’s bridge: it sets what it needs itself.',
      'The setting of the bridge alone (nf_call_iptables 1 in `ip -d link`) does as well.',
      'A node where nothing programs Services in iptables or IPVS.',
    ],
    cure: 'Load br_netfilter at boot (modules-load.d) and set net.bridge.bridge-nf-call-iptables=1. A sysctl.d file alone is not enough: it is applied before the module is loaded, and the key is not there yet.',
    title: (d) =>
      d.isLoaded
        ? `Packets on ${d.bridge} of ${d.node} pass iptables by (bridge-nf-call-iptables=0)`
        : `Packets on ${d.bridge} of ${d.node} pass iptables by (br_netfilter is not loaded)`,
    summary(d) {
      const pods = d.pods === 1 ? 'one pod' : `${formatCount(d.pods)} pods`
      const state = d.isLoaded
        ? `net.bridge.bridge-nf-call-iptables is 0 on ${d.node}, and ${d.bridge} has ${pods}.`
        : `${d.node} has no setting below net.bridge, so br_netfilter is not loaded, and ${d.bridge} has ${pods}.`
      const effect =
        'A pod that asks a Service whose endpoint is on the same node gets an answer that is not translated back, and drops it: such connections time out, while endpoints on other nodes answer.'
      if (d.client === undefined) return `${state} ${effect}`
      return `${state} ${effect} At the time of the capture ${d.client} was waiting so for the Service address ${d.service}.`
    },
    ruledOut: (d) => [
      'Pods are on a bridge here, and it has no setting of its own that would hand packets over.',
      ...(d.isProxied ? ['kube-proxy programs Services on this node.'] : []),
    ],
    remedy: (d) => [
      {
        text: 'Load the module and turn the setting on.',
        commands: [
          ...(d.isLoaded ? [] : ['modprobe br_netfilter']),
          'sysctl -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1',
        ],
      },
      {
        text: 'Keep both over a reboot: the module must be loaded before sysctl.d is applied.',
        commands: [
          'echo br_netfilter >/etc/modules-load.d/br_netfilter.conf',
          String.raw`printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\n' >/etc/sysctl.d/99-bridge-nf.conf`,
        ],
      },
    ],
    verify: () => [
      {
        text: 'The setting is 1, and a pod reaches a Service whose only endpoint is on its own node.',
        commands: ['sysctl net.bridge.bridge-nf-call-iptables', 'lsmod | grep br_netfilter'],
      },
    ],
    reasons: {
      noBridge: 'No Linux bridge with pods is on this node.',
      noProxy: 'kube-proxy programs nothing in iptables or IPVS on this node.',
      noKey: 'The captured settings do not show whether br_netfilter is on.',
    },
    notes: {
      setting: () => 'packets on bridges are not handed to iptables',
      noKey: () => 'no key below net.bridge is in it: br_netfilter is not loaded',
      bridge: () => 'the pods’ bridge',
      port: () => 'a pod on it',
      unanswered: () => 'from a pod to a Service whose endpoint is on the same bridge: not answered',
      log: () => 'the missing setting was reported',
    },
  },
}
