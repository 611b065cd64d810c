import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { howOften } from '../../text/howOften.ts'

/** What was found: no room on a disk, or a file system that takes no more writes. */
export interface DiskPressure {
  readonly node: string
  /** `stopped`: the file system went read-only or was shut down; `error`: it reports errors; `full`: room runs out. */
  readonly kind: 'stopped' | 'error' | 'full'
  /** Device of a file system, or what the kubelet is short of; '' where the logs name none. */
  readonly what: string
  readonly count: number
  /** The API server has the condition DiskPressure. */
  readonly isCondition: boolean
}

type Reason = 'noLogs'
type Note = 'log' | 'condition'

/** The words of disk-pressure. */
export const text: RuleTexts<DiskPressure, Reason, Note> = {
  en: {
    name: 'A disk of the node is full, or takes no more writes',
    looksFor:
      'Evictions of the kubelet for disk space, “no space left on device”, the condition DiskPressure, and file systems that the kernel made read-only or reports errors of.',
    why: 'A kubelet that runs out of room on its disk deletes images and ends pods. A file system with errors is made read-only by the kernel: from then on nothing on it can be written.',
    consequences:
      'Pods are evicted, no image can be pulled, the node is tainted; on a read-only file system leases of CNI, container state and etcd’s log cannot be written at all.',
    commonCauses: [
      'Logs or images that grew.',
      'A disk that fails, or a storage network that was gone for a moment.',
    ],
    mimics: [
      'Evictions for memory or process ids: they are not of the disk and not counted.',
      '“no space left on device” of inotify or shared memory: only paths of files below /var, /run, /etc and /opt are counted.',
      'Lines of an earlier boot, or more than a day old: they count one step less.',
    ],
    cure: 'Full: make room, then let the kubelet collect images earlier. Read-only: look after the disk, check the file system, reboot.',
    title: (d) =>
      d.kind === 'stopped'
        ? `The file system on ${d.what} of ${d.node} takes no more writes`
        : d.kind === 'error'
          ? `The file system on ${d.what} of ${d.node} has errors`
          : `${d.node} runs out of disk space`,
    summary: (d) =>
      d.kind === 'stopped'
        ? `The kernel of ${d.node} stopped writing to ${d.what} after an error. What lies on it, such as the state of pods and of CNI, can only be read.`
        : d.kind === 'error'
          ? `The kernel of ${d.node} logged ${howOften(d.count)} errors of the file system on ${d.what}. It makes a file system read-only when they go on.`
          : `${d.isCondition ? `The node ${d.node} has the condition DiskPressure.` : `${d.node} logged ${howOften(d.count)} that it is short of ${d.what === '' ? 'disk space' : d.what}.`} The kubelet deletes images and evicts pods until there is room again.`,
    ruledOut: () => [],
    remedy: (d) =>
      d.kind === 'full'
        ? [
            {
              text: 'See what takes the room, and drop images that no pod uses.',
              commands: ['df -h; df -i', 'crictl rmi --prune', 'journalctl --vacuum-size=1G'],
            },
          ]
        : [
            {
              text: 'Move the pods away, look after the disk, and check the file system before it is mounted again.',
              commands: [
                'dmesg -T | grep -E "I/O error|EXT4-fs|XFS" | tail -n 20',
                'smartctl -a /dev/sda',
                'findmnt -o TARGET,SOURCE,OPTIONS',
              ],
            },
          ],
    verify: () => [
      {
        text: 'There is room, everything is writable, and the condition is False.',
        commands: ['df -h; findmnt -O ro -t ext4,xfs', 'kubectl describe node | grep DiskPressure'],
      },
    ],
    reasons: {
      noLogs: 'Neither a kernel log nor a journal of a kubelet nor the list of nodes was captured.',
    },
    notes: {
      log: (count) => (count === '1' ? 'logged once' : `one of ${count} such lines`),
      condition: () => 'the node’s conditions',
    },
  },
  zh: {
    name: '节点磁盘已满或不可写',
    looksFor:
      'kubelet 因磁盘空间触发的驱逐、“no space left on device”、DiskPressure 状态，以及内核置为只读或报告错误的文件系统。',
    why: '磁盘空间不足时，kubelet 会删除镜像并终止 Pod。文件系统出错时，内核会把它置为只读，此后无法写入。',
    consequences:
      'Pod 被驱逐，镜像拉取失败，节点被打上污点；只读文件系统上，CNI 地址预留、容器状态和 etcd 日志都无法写入。',
    commonCauses: ['日志或镜像不断增长。', '磁盘损坏，或存储网络短暂中断。'],
    mimics: [
      '因内存或 PID 触发的驱逐：与磁盘无关，不计入。',
      'inotify 或共享内存的 “no space left on device”：只统计 /var、/run、/etc、/opt 下的文件路径。',
      '早于本次启动或超过一天的日志：置信度降一级。',
    ],
    cure: '空间不足：清理空间，并让 kubelet 更早回收镜像。只读：检查磁盘和文件系统后重启。',
    title: (d) =>
      d.kind === 'stopped'
        ? `${d.node} 的 ${d.what} 文件系统不再可写`
        : d.kind === 'error'
          ? `${d.node} 的 ${d.what} 文件系统有错误`
          : `${d.node} 磁盘空间不足`,
    summary: (d) =>
      d.kind === 'stopped'
        ? `${d.node} 的内核在出错后停止写入 ${d.what}。其上的 Pod 状态、CNI 状态等只能读取。`
        : d.kind === 'error'
          ? `${d.node} 的内核共 ${formatCount(d.count)} 次记录 ${d.what} 文件系统错误，继续出错会被置为只读。`
          : `${d.isCondition ? `节点 ${d.node} 处于 DiskPressure 状态。` : `${d.node} 共 ${formatCount(d.count)} 次记录${d.what === '' ? '磁盘空间' : d.what}不足。`}kubelet 会删除镜像并驱逐 Pod，直到空间恢复。`,
    ruledOut: () => [],
    remedy: (d) =>
      d.kind === 'full'
        ? [
            {
              text: '查看空间占用，删除没有 Pod 使用的镜像。',
              commands: ['df -h; df -i', 'crictl rmi --prune', 'journalctl --vacuum-size=1G'],
            },
          ]
        : [
            {
              text: '迁走 Pod，检查磁盘，重新挂载前检查文件系统。',
              commands: [
                'dmesg -T | grep -E "I/O error|EXT4-fs|XFS" | tail -n 20',
                'smartctl -a /dev/sda',
                'findmnt -o TARGET,SOURCE,OPTIONS',
              ],
            },
          ],
    verify: () => [
      {
        text: '空间充足、文件系统可写，DiskPressure 为 False。',
        commands: ['df -h; findmnt -O ro -t ext4,xfs', 'kubectl describe node | grep DiskPressure'],
      },
    ],
    reasons: { noLogs: '没有采集到内核日志、kubelet 日志或节点列表。' },
    notes: {
      log: (count) => (count === '1' ? '仅一条日志' : `共 ${count} 条此类日志之一`),
      condition: () => '节点状态',
    },
  },
}
