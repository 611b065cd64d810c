import type { RuleTexts } from '../../engine/ruleText.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

/** What was found: a pod that several manifests declare. */
export interface PodTwice {
  readonly node: string
  readonly files: readonly string[]
  /** `kube-system/kube-apiserver`. */
  readonly pod: string
}

function compare({ files }: PodTwice): readonly string[] {
  const [first = ''] = files
  return [
    `diff ${files.slice(0, 2).map(shellQuote).join(' ')}`,
    `ls -la ${shellQuote(first.slice(0, first.lastIndexOf('/')))}`,
  ]
}

/** The words of static-pod-manifest-bad. */
export const text: RuleTexts<PodTwice, 'noManifests', 'declares'> = {
  en: {
    name: 'A static pod is declared by two manifests',
    looksFor:
      'Files in /etc/kubernetes/manifests (and agent/pod-manifests of k3s and rke2) that declare a pod of the same name and namespace.',
    why: 'The kubelet starts what the files in this folder declare: every file whose name does not begin with a dot, whatever its ending. A copy that was left there declares the same pod again, and the kubelet may run the old one.',
    consequences:
      'The API server, etcd or the scheduler runs with yesterday’s flags, or changes from one to the other at each start of the kubelet; an edit has no effect.',
    commonCauses: ['A backup copy beside the original, such as kube-apiserver-old.yaml.'],
    mimics: [
      'Files whose names begin with a dot: the kubelet passes them by.',
      'Pods of one name in two namespaces.',
      'Copies whose names do not end in .yaml are read by the kubelet as well, but are not collected: what is not seen here may still be there.',
    ],
    cure: 'Move the copy out of the folder.',
    title: (d) => `${d.files.length} manifests on ${d.node} declare ${d.pod}`,
    summary: (d) =>
      `${joinWords(d.files)} declare the pod ${d.pod}. The kubelet reads all of them; which one runs is not determined, and an edit of one may have no effect.`,
    ruledOut: () => ['Hidden files, and pods of other namespaces.'],
    remedy: (d) => [
      {
        text: 'Compare the files, and move the one that is not meant to run out of the folder.',
        commands: compare(d),
      },
    ],
    verify: () => [
      { text: 'The pod runs with the flags of the file that is left.', commands: ['crictl ps'] },
    ],
    reasons: { noManifests: 'No manifest of a static pod is on this node.' },
    notes: { declares: (pod) => `declares ${pod}` },
  },
  zh: {
    name: '同一个静态 Pod 有两份清单',
    looksFor:
      '/etc/kubernetes/manifests（以及 k3s、rke2 的 agent/pod-manifests）中声明同名、同命名空间 Pod 的文件。',
    why: 'kubelet 会启动该目录中所有文件声明的 Pod：只要文件名不以点开头，无论扩展名是什么。遗留的副本会再次声明同一个 Pod，kubelet 可能运行的是旧版本。',
    consequences:
      'API Server、etcd 或 scheduler 仍以旧参数运行，或在 kubelet 每次启动时来回切换；修改文件不生效。',
    commonCauses: ['原文件旁留有备份，例如 kube-apiserver-old.yaml。'],
    mimics: [
      '以点开头的文件：kubelet 会忽略。',
      '不同命名空间的同名 Pod。',
      '扩展名不是 .yaml 的副本 kubelet 同样会读取，但不会被采集：此处看不到不代表没有。',
    ],
    cure: '把副本移出该目录。',
    title: (d) => `${d.node} 上有 ${d.files.length} 个清单声明 ${d.pod}`,
    summary: (d) =>
      `${joinChinese(d.files)} 都声明了 Pod ${d.pod}。kubelet 会全部读取，实际运行哪个并不确定，修改其中一个可能不生效。`,
    ruledOut: () => ['隐藏文件，以及其他命名空间的 Pod。'],
    remedy: (d) => [{ text: '对比这些文件，把不应运行的移出该目录。', commands: compare(d) }],
    verify: () => [{ text: 'Pod 以保留的文件中的参数运行。', commands: ['crictl ps'] }],
    reasons: { noManifests: '该节点上没有静态 Pod 清单。' },
    notes: { declares: (pod) => `声明 ${pod}` },
  },
}
