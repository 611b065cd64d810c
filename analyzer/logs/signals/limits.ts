import type { LogSignal } from '../logSignal.ts'

/** What components report when a limit of the node is reached. */
export const limitSignals = [
  {
    // Go's os.SyscallError of inotify (EMFILE: max_user_instances or open files, ENOSPC: max_user_watches), as in kubernetes#58081 and
    // cadvisor#2650; `kubectl logs -f`: kubernetes pkg/kubelet/kuberuntime/logs/logs.go.
    id: 'inotify-exhausted',
    keywords: ['inotify_init', 'inotify_add_watch', 'fsnotify watcher: '],
    pattern:
      /(?:inotify_init1?:|inotify_add_watch \S{1,500}:|failed to create fsnotify watcher:) (?<error>too many open files|no space left on device)/,
  },
  {
    // Kubernetes pkg/proxy/iptables/proxier.go: 1.3 to 1.20, and by ErrorS since 1.21; until 1.23 (it opens no sockets any more).
    id: 'node-port-not-opened',
    keywords: ['skipping this nodePort', "can't open port, skipping it"],
    pattern:
      /can't open (?:port, skipping it.{0,300}?)?\\?"nodePort for (?<service>[^\s"\\]{1,253})\\?" \([^\s()]{0,64}:(?<port>\d{1,5})\/(?<protocol>tcp|udp)[46]?\)/,
  },
] as const satisfies readonly LogSignal[]
