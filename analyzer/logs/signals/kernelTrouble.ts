import type { LogSignal } from '../logSignal.ts'

/** What the kernel reports of memory, disks, stalls and devices that do not go away. */
export const kernelTroubleSignals = [
  {
    // mm/oom_kill.c: `Kill process … score … or sacrifice child` until 5.0, `Killed process … total-vm` since.
    id: 'oom-kill',
    keywords: ['Out of memory: Kill'],
    pattern: /Out of memory: Kill(?:ed)? process (?<pid>\d{1,10}) \((?<task>[^)]{1,32})\)/,
  },
  {
    // The same file, where a memory cgroup was at its limit.
    id: 'oom-kill-memcg',
    keywords: ['Memory cgroup out of memory'],
    pattern: /Memory cgroup out of memory: Kill(?:ed)? process (?<pid>\d{1,10}) \((?<task>[^)]{1,32})\)/,
  },
  {
    // kernel/watchdog.c: `NMI watchdog:` from 3.17 to 4.15, `watchdog:` since, neither before.
    id: 'soft-lockup',
    keywords: ['soft lockup - CPU'],
    pattern:
      /BUG: soft lockup - CPU#(?<cpu>\d{1,5}) stuck for (?<seconds>\d{1,7})s! \[(?<task>[^\]]{1,40})\]/,
  },
  {
    // kernel/rcu/tree_stall.h (tree.c before 5.2); `rcu: ` in front since 4.19.
    id: 'rcu-stall',
    keywords: ['self-detected stall on CPU', 'detected stalls on CPUs'],
    pattern: /INFO: (?<flavour>rcu_\w{1,20}) (?:self-detected stall on CPU|detected stalls on CPUs)/,
  },
  {
    // kernel/hung_task.c.
    id: 'hung-task',
    keywords: ['blocked for more than'],
    pattern:
      /INFO: task (?<task>\S{1,64}):(?<pid>\d{1,10}) blocked for more than (?<seconds>\d{1,7}) seconds/,
  },
  {
    // net/core/dev.c, netdev_wait_allrefs: every ten seconds while it lasts; node problem detector knows it by the same words.
    id: 'netdev-held',
    keywords: ['unregister_netdevice: waiting for'],
    pattern:
      /unregister_netdevice: waiting for (?<device>\S{1,15}) to become free\. Usage count = (?<usage>-?\d{1,10})/,
  },
  {
    // mm/slub.c, slab_out_of_memory: `(gfp=…)` in 3.10, `, gfp=…` since 4.9.
    id: 'slub-exhausted',
    keywords: ['SLUB: Unable to allocate memory'],
    pattern: /SLUB: Unable to allocate memory on (?:node -1|CPU)/,
  },
  {
    // runc libcontainer and kubelet: mkdir(2) of a memory cgroup gives ENOMEM when the ids of cgroups are used up.
    id: 'memory-cgroup-refused',
    keywords: ['cannot allocate memory'],
    pattern: /mkdir (?<path>\/sys\/fs\/cgroup\/memory\/\S{1,300}?): cannot allocate memory/,
  },
  {
    // fs/ext4/super.c (also ext3), fs/xfs/xfs_fsops.c and xfs_log.c: nothing is written any more.
    id: 'filesystem-stopped',
    keywords: ['Remounting filesystem read-only', 'hutting down filesystem'],
    pattern:
      /(?:(?<kind>EXT[234])-fs \((?<device>[\w!-]{1,32})\): Remounting filesystem read-only|XFS \((?<xfsDevice>[\w!-]{1,32})\): .{0,120}Shutting down filesystem)/,
  },
  {
    // fs/ext4/super.c, __ext4_error.
    id: 'filesystem-error',
    keywords: ['-fs error (device'],
    pattern: /EXT4-fs error \(device (?<device>[\w!-]{1,32})\)/,
  },
] as const satisfies readonly LogSignal[]
