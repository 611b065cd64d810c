import type { Step } from '../../engine/outcome.ts'
import { joinChinese } from '../../text/joinChinese.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'

function restarts(nodes: readonly string[]): readonly string[] {
  return nodes.map(
    (node) =>
      `kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=${shellQuote(node)}`,
  )
}

/** The step that makes kube-proxy write everything anew on these nodes, in English and in Chinese. */
export const restartProxy = {
  en: (nodes: readonly string[]): Step => ({
    text: `Restart kube-proxy on ${joinWords(nodes)} (on k3s or rke2: restart the service of that name), so that it writes all its rules anew, and look in its log for failed syncs.`,
    commands: restarts(nodes),
  }),
  zh: (nodes: readonly string[]): Step => ({
    text: `重启 ${joinChinese(nodes)} 上的 kube-proxy（k3s 或 rke2 则重启同名服务），让它重新写入全部规则，并在其日志中查看同步失败的记录。`,
    commands: restarts(nodes),
  }),
}
