import type { RuleTexts } from '../../engine/ruleText.ts'
import { type SaidStep, stepsIn } from '../../engine/saidStep.ts'
import { formatCount } from '../../text/formatCount.ts'

/** Chains of kube-router for what is gone; or rules of two releases of it. */
export type NetpolChainLeak =
  | {
      readonly kind: 'chains'
      readonly node: string
      /** Chains of pods that are gone; 0 where there are too few to tell. */
      readonly pods: number
      readonly livePods: number
      /** The policy with the most chains, and how many other ones have more than two. */
      readonly policy?: { readonly name: string; readonly chains: number; readonly others: number }
    }
  | { readonly kind: 'versions'; readonly node: string; readonly network: string }

type Reason = 'noChains' | 'noPods'

/** What there is to see in the lines. */
export type Note = 'pod' | 'policy' | 'allowed' | 'pool' | 'list'

type Chains = Extract<NetpolChainLeak, { kind: 'chains' }>

/** The words of netpol-chain-leak. */
export const text: RuleTexts<NetpolChainLeak, Reason, Note> = {
  en: {
    name: 'Chains of network policies are left behind',
    looksFor:
      'Chains KUBE-POD-FW-… of kube-router (k3s has it built in) whose pod address is neither reserved by host-local on the node nor in the API server’s list of pods; more than two chains KUBE-NWPLCY-… of one policy; and one network that KUBE-ROUTER-INPUT lets through by rules of two releases.',
    why: 'kube-router makes a chain for each pod and each policy, and deletes those of former ones when it synchronises. What it does not know any more it does not delete: a chain of a former pod goes on judging by old policies whatever pod gets its address next.',
    consequences:
      'New pods with a used address are refused connections by no visible policy; the filter table grows, and each synchronisation takes longer. Rules of a former release may let through, or refuse, before those of the present one.',
    commonCauses: [
      'k3s or kube-router was upgraded without a reboot.',
      'kube-router fails to delete chains that something still leads to (“Too many links”).',
      'iptables of two versions, or two backends, are in use.',
    ],
    mimics: [
      'Pods that come and go: up to three chains of former pods, or ten where there are many pods, wait for the next synchronisation.',
      'A synchronisation under way: each policy has a former and a new chain.',
      'Policies that select no pod of the node: kube-router makes their chains on every node.',
      'Pods of the host’s network, whose address is the node’s.',
      'Two networks of Services (dual stack, or a second range), each with a rule of its own.',
    ],
    cure: 'Drain the node and reboot it; or stop k3s with k3s-killall.sh, or kube-router with --cleanup-config, and start it again.',
    title: (d) =>
      d.kind === 'versions'
        ? `KUBE-ROUTER-INPUT of ${d.node} holds rules of two releases of kube-router`
        : d.pods > 0
          ? `${d.node} keeps ${formatCount(d.pods)} chains of network policies for pods that are gone`
          : `${d.node} keeps ${formatCount(d.policy?.chains ?? 0)} chains of the network policy ${d.policy?.name ?? ''}`,
    summary: (d) => {
      if (d.kind === 'versions') {
        return `On ${d.node}, rules that only differ in kube-router’s words for them let traffic to ${d.network} through: they are of two releases, and the present one does not delete those of the former. Other rules of it are likely left as well.`
      }
      return `${podsIn(d)}${policiesIn(d)}Where a rule still leads to a chain that is left behind, it goes on judging by what was true when it was made.`
    },
    ruledOut: (d) =>
      d.kind === 'versions'
        ? ['Both rules are for the same network.']
        : [
            ...(d.pods > 0 ? ['The addresses are not those of the node.'] : []),
            ...(d.policy
              ? ['A synchronisation under way would explain two chains of a policy, not more.']
              : []),
          ],
    remedy: () => stepsIn('en', REMEDY),
    verify: () => stepsIn('en', VERIFY),
    reasons: {
      noChains: 'The node has no chains of kube-router.',
      noPods:
        'Neither host-local’s reservations nor the API server’s pods were captured: whose chains these are is not known.',
    },
    notes: {
      pod: (count) => `of a pod that is gone; one of ${count}`,
      policy: (policy) => `a chain of the policy ${policy}`,
      allowed: (network) => `lets ${network} through`,
      pool: () => 'host-local has given away none of the addresses',
      list: () => 'the addresses are not in this list',
    },
  },
  zh: {
    name: '残留的网络策略链',
    looksFor:
      'kube-router（k3s 内置）的 KUBE-POD-FW-… 链中，Pod 地址既没有被本节点的 host-local 保留、也不在 API server 的 Pod 列表里的；同一策略的 KUBE-NWPLCY-… 链多于两条；以及 KUBE-ROUTER-INPUT 中由两个版本的规则放行同一网段。',
    why: 'kube-router 为每个 Pod 和每条策略建链，并在同步时删除旧链。它不再认识的链不会被删除：旧 Pod 的链会继续按旧策略判断后来得到同一地址的 Pod。',
    consequences:
      '新 Pod 若使用曾用过的地址，会在看不到任何策略的情况下被拒绝；filter 表不断增大，同步越来越慢。旧版本的规则可能先于现有规则放行或拒绝。',
    commonCauses: [
      '升级 k3s 或 kube-router 后没有重启节点。',
      'kube-router 无法删除仍被引用的链（“Too many links”）。',
      '同时使用了两个版本或两种后端的 iptables。',
    ],
    mimics: [
      'Pod 正常增减：最多三条（Pod 多时十条）旧链会等到下次同步才删除。',
      '同步正在进行：每条策略同时有新旧两条链。',
      '没有选中本节点 Pod 的策略：kube-router 在每个节点上都会为其建链。',
      '使用主机网络的 Pod，其地址就是节点地址。',
      '两个 Service 网段（双栈或第二网段）各有一条规则。',
    ],
    cure: '驱逐 Pod 后重启节点；或者用 k3s-killall.sh 停止 k3s（独立的 kube-router 用 --cleanup-config），再重新启动。',
    title: (d) =>
      d.kind === 'versions'
        ? `${d.node} 的 KUBE-ROUTER-INPUT 中有两个版本的 kube-router 规则`
        : d.pods > 0
          ? `${d.node} 上残留 ${formatCount(d.pods)} 条已不存在的 Pod 的网络策略链`
          : `${d.node} 上网络策略 ${d.policy?.name ?? ''} 有 ${formatCount(d.policy?.chains ?? 0)} 条链`,
    summary: (d) => {
      if (d.kind === 'versions') {
        return `${d.node} 上有仅注释不同的规则放行到 ${d.network} 的流量：它们来自两个版本的 kube-router，现有版本不会删除旧版本的规则，很可能还有其他旧规则残留。`
      }
      return `${chinesePods(d)}${chinesePolicies(d)}只要仍有规则指向残留的链，它就会继续按建立时的情况判断报文。`
    },
    ruledOut: (d) =>
      d.kind === 'versions'
        ? ['两条规则针对同一网段。']
        : [
            ...(d.pods > 0 ? ['这些地址不是节点自己的地址。'] : []),
            ...(d.policy ? ['正在进行的同步只能解释同一策略有两条链，不能解释更多。'] : []),
          ],
    remedy: () => stepsIn('zh', REMEDY),
    verify: () => stepsIn('zh', VERIFY),
    reasons: {
      noChains: '该节点没有 kube-router 的链。',
      noPods: '没有采集到 host-local 的地址保留或 API server 的 Pod，无法判断这些链属于谁。',
    },
    notes: {
      pod: (count) => `属于已不存在的 Pod，共 ${count} 条`,
      policy: (policy) => `策略 ${policy} 的一条链`,
      allowed: (network) => `放行 ${network}`,
      pool: () => 'host-local 没有分配这些地址',
      list: () => '列表中没有这些地址',
    },
  },
}

function podsIn({ node, pods, livePods }: Chains): string {
  if (pods === 0) return ''
  return `On ${node}, ${formatCount(pods)} chains KUBE-POD-FW-… are for addresses that no pod has, and ${formatCount(livePods)} for pods that are there. `
}

function policiesIn({ node, policy }: Chains): string {
  if (policy === undefined) return ''
  const others =
    policy.others === 0
      ? ''
      : `, and ${formatCount(policy.others)} other ${policy.others === 1 ? 'policy has' : 'policies have'} more than two`
  return `On ${node}, the network policy ${policy.name} has ${formatCount(policy.chains)} chains KUBE-NWPLCY-… where it should have one${others}. `
}

function chinesePods({ node, pods, livePods }: Chains): string {
  if (pods === 0) return ''
  return `${node} 上有 ${formatCount(pods)} 条 KUBE-POD-FW-… 链对应的地址不属于任何 Pod，属于现有 Pod 的有 ${formatCount(livePods)} 条。`
}

function chinesePolicies({ node, policy }: Chains): string {
  if (policy === undefined) return ''
  const others = policy.others === 0 ? '' : `，另有 ${formatCount(policy.others)} 条策略多于两条链`
  return `${node} 上网络策略 ${policy.name} 有 ${formatCount(policy.chains)} 条 KUBE-NWPLCY-… 链，而应当只有一条${others}。`
}

const REMEDY: readonly SaidStep[] = [
  {
    text: {
      en: 'Drain the node and reboot it. On k3s the same without a reboot: its script removes the rules with all others of k3s, and stops the pods of the node.',
      zh: '驱逐 Pod 后重启节点。在 k3s 上也可以不重启：其脚本会连同 k3s 的其他规则一并清除，并停止该节点的 Pod。',
    },
    commands: ['/usr/local/bin/k3s-killall.sh', 'systemctl start k3s || systemctl start k3s-agent'],
  },
]

const VERIFY: readonly SaidStep[] = [
  {
    text: {
      en: 'There are about as many chains as pods on the node, and one line for each rule of KUBE-ROUTER-INPUT.',
      zh: '链的数量与节点上的 Pod 数相当，KUBE-ROUTER-INPUT 中每条规则只有一行。',
    },
    commands: [
      "iptables-save -t filter | grep -c '^:KUBE-POD-FW-'",
      'iptables-save -t filter | grep -- "-A KUBE-ROUTER-INPUT"',
    ],
  },
]
