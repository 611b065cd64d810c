import type { RuleTexts } from '../../engine/ruleText.ts'
import type { ProxyMode } from '../../facts/node/proxyMode.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { restartProxy } from '../services/restartProxy.ts'

/** What kube-proxy missed. */
export interface IpvsModulesMissing {
  readonly node: string
  /** What it works with instead. */
  readonly mode: ProxyMode['mode']
  /** As it logged them. */
  readonly modules: readonly string[]
  /** Those that are not loaded now either. */
  readonly absent: readonly string[]
}

type Reason = 'isIpvs'

/** What there is to see in the lines. */
type Note = 'log' | 'mode' | 'list'

const MODPROBE = 'modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack'
const PERSIST = String.raw`printf '%s\n' ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack >/etc/modules-load.d/ipvs.conf`

/** The words of ipvs-modules-missing. */
export const text: RuleTexts<IpvsModulesMissing, Reason, Note> = {
  en: {
    name: 'kube-proxy cannot use IPVS: kernel modules are missing',
    looksFor:
      'kube-proxy’s own words that IPVS is not used since modules are not loaded, on a node that does not work with IPVS; and whether these modules are loaded now.',
    why: 'kube-proxy runs in a container and cannot always load modules itself. Where one of ip_vs, ip_vs_rr, ip_vs_wrr, ip_vs_sh and nf_conntrack (nf_conntrack_ipv4 before Linux 4.19) is missing, versions up to 1.26 fall back to iptables without stopping, and the node works in another mode than the cluster was meant to.',
    consequences:
      'The node behaves differently from the others: see kube-proxy-mode-mismatch. Thousands of Services make updates slow there.',
    commonCauses: [
      'The modules are not listed in /etc/modules-load.d, so that they are gone after a reboot.',
      'A minimal kernel or image without IPVS.',
      'nf_conntrack_ipv4 is asked for on a kernel from 4.19 on, by a kube-proxy older than 1.13.',
    ],
    mimics: [
      'kubeadm’s preflight warning “the IPVS proxier will not be used, because …”: it is printed whatever mode is wanted, and does not count.',
      'Modules that are built into the kernel are not in /proc/modules: kube-proxy knows them and does not miss them.',
      'A node that works with IPVS by now: an older line does not count.',
      'An older line of kube-proxy’s log counts one step less.',
    ],
    cure: 'Load the modules, list them in /etc/modules-load.d/ipvs.conf, and restart kube-proxy.',
    title: (d) =>
      `kube-proxy on ${d.node} does not use IPVS: ${joinWords(d.modules)} ${d.modules.length === 1 ? 'is' : 'are'} missing`,
    summary: (d) =>
      `kube-proxy on ${d.node} logged that it does not use IPVS since the kernel lacks ${joinWords(d.modules)}${d.mode === 'none' ? '' : `, and works with ${d.mode}`}. ${d.absent.length > 0 ? `${joinWords(d.absent)} ${d.absent.length === 1 ? 'is' : 'are'} not loaded now either.` : 'Whether they are loaded by now is not known, or they are: kube-proxy looks only when it starts.'}`,
    ruledOut: (d) => [
      'The node does not work with IPVS.',
      ...(d.absent.length > 0 ? ['The list of loaded modules is whole.'] : []),
    ],
    remedy: (d) => [
      { text: 'Load the modules now, and at every boot.', commands: [MODPROBE, PERSIST] },
      restartProxy.en([d.node]),
    ],
    verify: () => [
      {
        text: 'kube-proxy works with IPVS.',
        commands: ['lsmod | grep ip_vs', 'curl -s http://127.0.0.1:10249/proxyMode'],
      },
    ],
    reasons: { isIpvs: 'kube-proxy works with IPVS on this node.' },
    notes: {
      log: () => 'kube-proxy misses modules',
      mode: (mode) => `works with ${mode}`,
      list: () => 'the modules are not in this list',
    },
  },
  zh: {
    name: '缺少内核模块，kube-proxy 无法使用 IPVS',
    looksFor:
      '节点没有使用 IPVS，且 kube-proxy 日志说明因内核模块未加载而不使用 IPVS；并检查这些模块现在是否已加载。',
    why: 'kube-proxy 运行在容器里，不一定能自行加载内核模块。ip_vs、ip_vs_rr、ip_vs_wrr、ip_vs_sh、nf_conntrack（Linux 4.19 之前为 nf_conntrack_ipv4）缺少任何一个，1.26 及以下版本都会直接退回 iptables 继续运行，节点的模式便与集群预期不同。',
    consequences: '该节点的行为与其他节点不同，见 kube-proxy-mode-mismatch；Service 成千上万时规则更新缓慢。',
    commonCauses: [
      '模块没有写进 /etc/modules-load.d，重启后丢失。',
      '精简内核或镜像中没有 IPVS。',
      '1.13 之前的 kube-proxy 在 4.19 及以上内核上仍要求 nf_conntrack_ipv4。',
    ],
    mimics: [
      'kubeadm 预检的警告“the IPVS proxier will not be used, because …”无论想用哪种模式都会打印，不计入。',
      '编译进内核的模块不在 /proc/modules 中：kube-proxy 认得它们，不会说缺少。',
      '节点现在已使用 IPVS：旧日志不计入。',
      '较旧的日志可信度降一级。',
    ],
    cure: '加载模块，写入 /etc/modules-load.d/ipvs.conf，然后重启 kube-proxy。',
    title: (d) => `${d.node} 的 kube-proxy 没有使用 IPVS：缺少 ${joinChinese(d.modules)}`,
    summary: (d) =>
      `${d.node} 的 kube-proxy 日志说明因内核缺少 ${joinChinese(d.modules)} 而不使用 IPVS${d.mode === 'none' ? '' : `，目前使用 ${d.mode}`}。${d.absent.length > 0 ? `${joinChinese(d.absent)} 现在仍未加载。` : '这些模块现在是否已加载不得而知，或者已经加载：kube-proxy 只在启动时检查。'}`,
    ruledOut: (d) => ['节点没有使用 IPVS。', ...(d.absent.length > 0 ? ['已加载模块的列表是完整的。'] : [])],
    remedy: (d) => [
      { text: '立即加载模块，并设置为开机加载。', commands: [MODPROBE, PERSIST] },
      restartProxy.zh([d.node]),
    ],
    verify: () => [
      {
        text: 'kube-proxy 使用 IPVS。',
        commands: ['lsmod | grep ip_vs', 'curl -s http://127.0.0.1:10249/proxyMode'],
      },
    ],
    reasons: { isIpvs: '该节点的 kube-proxy 使用 IPVS。' },
    notes: {
      log: () => 'kube-proxy 缺少模块',
      mode: (mode) => `使用 ${mode}`,
      list: () => '这些模块不在列表中',
    },
  },
}
