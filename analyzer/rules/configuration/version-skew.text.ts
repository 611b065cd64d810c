import type { RuleTexts } from '../../engine/ruleText.ts'

/** What was found: releases that do not go together. */
export interface VersionSkew {
  readonly node: string
  /** The kubelet is newer than an API server, or too old for one; or API servers are too far apart. */
  readonly kind: 'newer' | 'older' | 'servers'
  /** Of the node. */
  readonly version: string
  readonly server: { readonly node: string; readonly version: string }
  /** Minor releases that a kubelet may be older. */
  readonly mostOlder: number
}

const LIST = ['kubectl get nodes -o wide', 'kubectl version']

/** The words of version-skew. */
export const text: RuleTexts<VersionSkew, 'unknown', 'version' | 'server'> = {
  en: {
    name: 'Components are of releases that do not go together',
    looksFor:
      'The release of each kubelet, as the API server lists it, against the release of every API server (the image of its static pod, or that of k3s or rke2).',
    why: 'Kubernetes tests a kubelet with API servers of its own minor release and of up to three newer ones (two before 1.28), never with older ones. Beyond that, fields and whole APIs are missing on one side.',
    consequences:
      'Pods that do not start on one node, fields that are dropped without a word, API versions that are gone.',
    commonCauses: [
      'Nodes that were upgraded before the control plane.',
      'A node that was left out of several upgrades.',
      'A node whose packages are not held at a release.',
    ],
    mimics: [
      'Patch releases, and the builds of distributions (`+k3s1`): minor releases alone count.',
      'An upgrade under way, one release apart: it is allowed.',
    ],
    cure: 'Upgrade the control plane first, one minor release after the other, then the nodes.',
    title: (d) =>
      d.kind === 'newer'
        ? `The kubelet of ${d.node} (${d.version}) is newer than the API server of ${d.server.node} (${d.server.version})`
        : d.kind === 'older'
          ? `The kubelet of ${d.node} (${d.version}) is too old for the API server of ${d.server.node} (${d.server.version})`
          : `The API servers of ${d.node} (${d.version}) and ${d.server.node} (${d.server.version}) are too far apart`,
    summary: (d) =>
      d.kind === 'newer'
        ? `${d.node} runs kubelet ${d.version}, and ${d.server.node} an API server ${d.server.version}. A kubelet must never be newer than an API server that it may talk to.`
        : d.kind === 'older'
          ? `${d.node} runs kubelet ${d.version}, and ${d.server.node} an API server ${d.server.version}. A kubelet may be ${d.mostOlder} minor releases older, no more.`
          : `${d.node} runs an API server ${d.version}, and ${d.server.node} one of ${d.server.version}. API servers of one cluster may be one minor release apart, while they are upgraded.`,
    ruledOut: () => ['Patch releases: minor releases alone are compared.'],
    remedy: () => [
      { text: 'See which node runs what.', commands: LIST },
      { text: 'Bring the control plane to one release, then the nodes to that release.', commands: [] },
    ],
    verify: () => [
      {
        text: 'All nodes are of the control plane’s release, or within the allowed distance.',
        commands: LIST,
      },
    ],
    reasons: { unknown: 'The release of an API server, or of this node, is not known from the captures.' },
    notes: { version: (release) => release, server: (release) => `API server ${release}` },
  },
  zh: {
    name: '组件版本不兼容',
    looksFor:
      '每个 kubelet 的版本（以 API Server 列出的为准）与所有 API Server 的版本（静态 Pod 镜像，或 k3s、rke2 的版本）对比。',
    why: 'Kubernetes 只测试 kubelet 与同一次版本、以及最多高三个次版本（1.28 之前为两个）的 API Server 配合，从不支持 kubelet 更新。超出范围时，一方会缺少字段甚至整个 API。',
    consequences: '某个节点上的 Pod 无法启动，字段被悄悄丢弃，所用的 API 版本已不存在。',
    commonCauses: ['先升级了节点，后升级控制面。', '某个节点多次升级时被遗漏。', '节点没有锁定软件包版本。'],
    mimics: ['补丁版本与发行版构建号（`+k3s1`）：只比较次版本。', '升级过程中相差一个次版本：属于允许范围。'],
    cure: '先逐个次版本升级控制面，再升级节点。',
    title: (d) =>
      d.kind === 'newer'
        ? `${d.node} 的 kubelet（${d.version}）比 ${d.server.node} 的 API Server（${d.server.version}）更新`
        : d.kind === 'older'
          ? `${d.node} 的 kubelet（${d.version}）对 ${d.server.node} 的 API Server（${d.server.version}）来说过旧`
          : `${d.node}（${d.version}）与 ${d.server.node}（${d.server.version}）的 API Server 版本相差过大`,
    summary: (d) =>
      d.kind === 'newer'
        ? `${d.node} 运行 kubelet ${d.version}，而 ${d.server.node} 的 API Server 为 ${d.server.version}。kubelet 不得比它可能访问的 API Server 更新。`
        : d.kind === 'older'
          ? `${d.node} 运行 kubelet ${d.version}，而 ${d.server.node} 的 API Server 为 ${d.server.version}。kubelet 最多只能低 ${d.mostOlder} 个次版本。`
          : `${d.node} 的 API Server 为 ${d.version}，${d.server.node} 的为 ${d.server.version}。同一集群的 API Server 在升级期间最多相差一个次版本。`,
    ruledOut: () => ['补丁版本：只比较次版本。'],
    remedy: () => [
      { text: '查看各节点运行的版本。', commands: LIST },
      { text: '先统一控制面版本，再把节点升级到该版本。', commands: [] },
    ],
    verify: () => [{ text: '所有节点与控制面版本一致，或在允许范围内。', commands: LIST }],
    reasons: { unknown: '采集到的内容不足以得知 API Server 或该节点的版本。' },
    notes: { version: (release) => release, server: (release) => `API Server ${release}` },
  },
}
