import type { RuleTexts } from '../../engine/ruleText.ts'
import { type Divergence, type DivergenceNote, divergenceEn, divergenceZh } from './divergenceWords.ts'
import { restartProxy } from './restartProxy.ts'

type Reason = 'noProxy' | 'ipvs' | 'alone' | 'unsettled'

const nodesOf = (d: Divergence): readonly string[] => (d.kind === 'proven' ? [d.node] : d.nodes)

/** Addresses are checked values. */
const look = (d: Divergence): readonly string[] => {
  const [address = ''] = d.services[0]?.address.split(':') ?? []
  return [
    `iptables-save -t nat | grep -F -- '-d ${address}/32'`,
    `nft list map ip kube-proxy service-ips | grep -F ${address}`,
  ]
}

/** The words of service-endpoint-divergence-across-nodes. */
export const text: RuleTexts<Divergence, Reason, DivergenceNote> = {
  en: {
    ...divergenceEn,
    name: 'Nodes send a Service’s packets to different endpoints',
    looksFor:
      'Each cluster address in the rules of every node, with the endpoints behind it, held against the other nodes’, the API’s EndpointSlices or Endpoints, and the addresses that host-local has given to pods.',
    why: 'Every kube-proxy gets the same endpoints from the API server and should program the same. A node whose rules differ has stopped to follow: its kube-proxy hangs, cannot reach the API server, or fails to write. Its rules stay in the kernel and go on working, for the pods that there were.',
    consequences:
      'A Service works from some nodes and not from others. After a rollout, connections from the stale node run into addresses that nobody has (no route to host, time-out), or that another pod has by now.',
    commonCauses: [
      'kube-proxy (or k3s, which contains it) on the node lost its connection to the API server, by an expired certificate or a network fault.',
      'kube-proxy does not run on the node any more; its rules are frozen.',
      'iptables-restore fails on the node (the lock is held, a table cannot be read), so that changes are not written.',
      'Rules restored from a file by a firewall service.',
    ],
    mimics: [
      'Captures made minutes apart, with a rollout between them: nodes are compared within a minute only, or where the API shows that the endpoints had not changed for longer.',
      'The traffic policy Local, where each node has its own endpoints: such addresses are left out.',
      'Topology hints, where each zone has its own endpoints: left out where the API lists hints; without the API’s answer different endpoints are “possible” at most.',
      'Terminating endpoints, and such that are not ready: a node may have them or not.',
      'Session affinity adds rules and changes no endpoints.',
    ],
    cure: 'Restart kube-proxy (k3s, rke2) on the node that differs, and find out in its log why it stopped to follow.',
    remedy: (d) => [
      restartProxy.en(nodesOf(d)),
      {
        text: 'Look in kube-proxy’s log for the reason.',
        commands: ['kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=200 --prefix'],
      },
    ],
    verify: (d) => [
      {
        text: 'All nodes show the same endpoints as the API server.',
        commands: ['kubectl get endpointslices -A', ...look(d)],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy programmed nothing on this node: another program serves the Services.',
      ipvs: 'kube-proxy works with IPVS on this node: see ipvs-divergence-across-nodes.',
      alone: 'There is no second node whose Services could be compared.',
      unsettled:
        'Nodes differ in the endpoints of Services, but their captures were made more than a minute apart, or endpoints were changing: it may be a rollout.',
    },
  },
  zh: {
    ...divergenceZh,
    name: '各节点上同一 Service 的 endpoint 不一致',
    looksFor:
      '把每个节点规则中的集群地址及其 endpoint 与其他节点、API 的 EndpointSlice 或 Endpoints，以及 host-local 已分配给 Pod 的地址逐一对比。',
    why: '每个节点的 kube-proxy 从 API server 得到相同的 endpoint，应当写入相同的规则。规则不同的节点已经不再跟随变化：kube-proxy 卡住、连不上 API server，或规则写入失败。旧规则仍留在内核里生效，指向的是以前的 Pod。',
    consequences:
      '同一个 Service 从一些节点可用、从另一些节点不可用。发布之后，从过期节点发出的连接会到达没有人持有的地址（no route to host、超时），或已被其他 Pod 使用的地址。',
    commonCauses: [
      '节点上的 kube-proxy（或内置它的 k3s）因证书过期或网络故障与 API server 断开。',
      '节点上的 kube-proxy 已不再运行，规则被冻结。',
      '节点上 iptables-restore 失败（锁被占用、表无法读取），变更没有写入。',
      '防火墙服务从文件恢复了旧规则。',
    ],
    mimics: [
      '采集相隔数分钟、其间发生了滚动发布：只比较一分钟以内的采集，或 API 表明 endpoint 更早就没有变化的情况。',
      '流量策略 Local：每个节点只有本地 endpoint，这类地址不参与比较。',
      'topology hints：每个可用区只有自己的 endpoint；API 中有 hints 的不比较，没有 API 数据时 endpoint 不同最多只报“可能”。',
      '正在终止或未就绪的 endpoint：节点上有没有都可以。',
      '会话保持只增加规则，不改变 endpoint。',
    ],
    cure: '重启不一致节点上的 kube-proxy（k3s、rke2），并在其日志中查明为何不再跟随变化。',
    remedy: (d) => [
      restartProxy.zh(nodesOf(d)),
      {
        text: '在 kube-proxy 的日志中查找原因。',
        commands: ['kubectl -n kube-system logs -l k8s-app=kube-proxy --tail=200 --prefix'],
      },
    ],
    verify: (d) => [
      {
        text: '所有节点的 endpoint 与 API server 一致。',
        commands: ['kubectl get endpointslices -A', ...look(d)],
      },
    ],
    reasons: {
      noProxy: 'kube-proxy 没有在该节点写入任何规则：Service 由其他程序实现。',
      ipvs: '该节点的 kube-proxy 使用 IPVS，见 ipvs-divergence-across-nodes。',
      alone: '没有第二个节点的 Service 可供比较。',
      unsettled: '各节点的 endpoint 不同，但采集相隔超过一分钟或 endpoint 正在变化，可能只是滚动发布。',
    },
  },
}
