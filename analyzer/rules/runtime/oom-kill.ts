import { defineRule } from '../../engine/defineRule.ts'
import { type Found, found } from '../../engine/verdict.ts'
import { type LoggedSignal, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { areOld, lastLines } from './loggedLines.ts'
import { type OomKill, text } from './oom-kill.text.ts'

/** What a node cannot do without; the kernel keeps 15 characters of a name (TASK_COMM_LEN), which `containerd-shim` fills. */
const COMPONENTS =
  /^(?:kubelet|containerd|containerd-shim|dockerd|crio|k3s|k3s-server|k3s-agent|rke2|etcd|kube-apiserver|kube-controller|kube-scheduler|kube-proxy|flanneld|calico-node|calico-felix|bird|cilium-agent|coredns|systemd|systemd-journal)$/

/** The kernel ended a process because memory ran out, of the machine or of a memory cgroup (mm/oom_kill.c). */
export default defineRule({
  id: 'oom-kill',
  area: 'runtime',
  severity: 'high',
  references: [{ title: 'mm/oom_kill.c' }],
  needs: { kernelLog: captured.kernelLog },
  wants: { logs: logSignals },
  text,
  check({ logs }, node) {
    const machine = logs?.of('oom-kill')
    const group = logs?.of('oom-kill-memcg')
    return [
      ...(machine === undefined ? [] : [killed(node.id, 'node', machine)]),
      ...(group === undefined ? [] : [killed(node.id, 'pod', group)]),
    ]
  },
})

function killed(
  node: string,
  scope: OomKill['scope'],
  { count, lines }: LoggedSignal,
): Found<OomKill, 'log'> {
  const tasks = [...new Set(lines.flatMap(({ groups }) => groups.get('task') ?? []))]
  const components = scope === 'node' ? tasks.filter((task) => COMPONENTS.test(task)) : []
  return found(
    { node, scope, count, tasks, components },
    {
      subject: scope,
      severity: components.length > 0 && !areOld(lines) ? 'high' : 'medium',
      confidence: confidenceFromLog('likely', lines),
      evidence: lastLines(lines, count, 'log'),
      about: scope === 'node' ? [`node:${node}`] : [],
    },
  )
}
