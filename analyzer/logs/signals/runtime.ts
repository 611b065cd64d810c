import type { LogSignal } from '../logSignal.ts'

/** What kubelet, container runtimes and systemd report of a node that runs badly. */
export const runtimeSignals = [
  {
    // kubelet pkg/kubelet/runtime.go and pleg/generic.go; `pleg has yet to be successful`, at every start, is another sentence.
    id: 'pleg-unhealthy',
    keywords: ['PLEG is not healthy: pleg was last seen'],
    pattern:
      /PLEG is not healthy: pleg was last seen active (?<age>[\dhmsµn.]{1,24}) ago; threshold is (?<limit>[\dhms.]{1,12})/,
  },
  {
    // containerd pkg/registrar, kubelet dockershim: a sandbox or container of this name is still being made.
    id: 'sandbox-name-reserved',
    keywords: ['is reserved for'],
    pattern:
      /failed to reserve (?<kind>sandbox|container) name "[^"]{1,300}": name "[^"]{1,300}" is reserved for/,
  },
  {
    // containerd pkg/cri; the cause stands behind it.
    id: 'container-task-failed',
    keywords: ['containerd task'],
    pattern:
      /failed to (?<action>create|start) (?:shim task|containerd task|sandbox container task)\b(?<detail>.{0,160})/,
  },
  {
    // Go's syscall.EMFILE and ENFILE.
    id: 'too-many-open-files',
    keywords: ['too many open files'],
    pattern: /too many open files\b(?<system> in system)?/,
  },
  {
    // systemd src/core/service.c, since 235; the unit's own journal holds it.
    id: 'unit-restarted',
    keywords: ['Scheduled restart job, restart counter is at'],
    pattern:
      /(?<unit>(?:containerd|docker|crio|kubelet|k3s|k3s-agent|rke2-server|rke2-agent)\.service): Scheduled restart job, restart counter is at (?<counter>\d{1,7})/,
  },
  {
    // kubelet cmd/kubelet/app/server.go, pkg/kubelet/cm/container_manager_linux.go: fatal; quotes are escaped since 1.20.
    id: 'cgroup-driver-mismatch',
    keywords: ['is different from docker cgroup driver'],
    pattern:
      /kubelet cgroup driver: "(?<kubelet>\w{1,20})" is different from docker cgroup driver: "(?<runtime>\w{1,20})"/,
  },
  {
    // kubelet pkg/kubelet/cm/container_manager_linux.go: `Running` and `swap!` before 1.17.
    id: 'swap-refused',
    keywords: ['unning with swap on is not supported'],
    pattern:
      /[Rr]unning with swap on is not supported, please disable swap!? or set --fail-swap-on flag to false/,
  },
  {
    // kubelet pkg/kubelet/eviction/eviction_manager.go: the resource behind the words until 1.19, as a field since.
    id: 'eviction-reclaim',
    keywords: ['viction manager: attempting to reclaim', 'viction manager: must evict pod'],
    pattern:
      /[Ee]viction manager: (?:attempting to reclaim|must evict pod\(s\) to reclaim)(?:"? resourceName="?| )(?<resource>ephemeral-storage|inodes|memory|pids|nodefs\w{0,6}|imagefs\w{0,6})/,
  },
  {
    // strerror(ENOSPC) of Go and C: also what inotify says beyond its watches.
    id: 'no-space-left',
    keywords: ['no space left on device'],
    pattern: /(?<file>\/[^\s":]{1,300}): no space left on device/,
  },
] as const satisfies readonly LogSignal[]
