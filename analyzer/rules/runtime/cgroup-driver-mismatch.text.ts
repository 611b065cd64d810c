import type { RuleTexts } from '../../engine/ruleText.ts'

/** What was found: kubelet and container runtime put containers into different trees of cgroups. */
export interface CgroupDriverMismatch {
  readonly node: string
  readonly runtime: 'docker' | 'containerd'
  readonly kubeletDriver: string
  readonly runtimeDriver: string
  /** The kubelet ended because of it, as its log says. */
  readonly isRefused: boolean
  /** Other files that the runtime reads as well were not captured. */
  readonly hasImports: boolean
}

type Reason = 'managed' | 'notCaptured'
type Note = 'kubelet' | 'runtime' | 'log'

/** The words of cgroup-driver-mismatch. */
export const text: RuleTexts<CgroupDriverMismatch, Reason, Note> = {
  en: {
    name: 'kubelet and container runtime use different cgroup drivers',
    looksFor:
      'cgroupDriver of the kubelet’s configuration against SystemdCgroup of containerd’s config.toml and native.cgroupdriver of daemon.json; and the kubelet’s own refusal.',
    why: 'With the driver systemd, cgroups are made by systemd; with cgroupfs, directly. Where kubelet and runtime differ, two managers work on one tree: a kubelet with docker refuses to start, with containerd it starts, and containers are killed or counted wrongly now and then, often after systemd reloads.',
    consequences:
      'With docker the node does not become Ready. With containerd pods restart at random, all at once, and limits do not hold.',
    commonCauses: [
      'containerd’s default configuration, in which SystemdCgroup is false, on a node made by kubeadm, whose kubelet uses systemd.',
      'daemon.json without native.cgroupdriver=systemd.',
    ],
    mimics: [
      'k3s and rke2 set both themselves.',
      'A kubelet of 1.31 or later asks a containerd of 2.0 or later for its driver, whatever its own configuration says.',
      'containerd with imports: another file may set it. It counts as possible.',
    ],
    cure: 'Set the runtime to systemd as well, and restart it and the kubelet. Drain the node first: running pods are made anew.',
    title: (d) =>
      `kubelet (${d.kubeletDriver}) and ${d.runtime} (${d.runtimeDriver}) on ${d.node} use different cgroup drivers`,
    summary: (d) =>
      `The kubelet of ${d.node} uses the cgroup driver ${d.kubeletDriver}, ${d.runtime} uses ${d.runtimeDriver}. ${d.isRefused ? 'The kubelet refuses to start, as its log says.' : 'Pods run, but their cgroups are managed twice: they restart at random when systemd or the runtime reloads.'}`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: 'Move the pods away, set the driver of the runtime, and restart both.',
        commands: [
          'kubectl drain NODE --ignore-daemonsets',
          d.runtime === 'docker'
            ? `grep cgroupdriver /etc/docker/daemon.json   # "exec-opts": ["native.cgroupdriver=${d.kubeletDriver}"]`
            : `sed -i 's/SystemdCgroup = .*/SystemdCgroup = ${String(d.kubeletDriver === 'systemd')}/' /etc/containerd/config.toml`,
          `systemctl restart ${d.runtime} kubelet`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: 'Both name the same driver.',
        commands: [
          d.runtime === 'docker'
            ? 'docker info --format {{.CgroupDriver}}'
            : 'crictl info | grep -i systemdCgroup',
          'grep cgroupDriver /var/lib/kubelet/config.yaml',
        ],
      },
    ],
    reasons: {
      managed: 'k3s and rke2 set both drivers themselves.',
      notCaptured: 'The configuration of kubelet and runtime, which name their drivers, was not captured.',
    },
    notes: {
      kubelet: () => 'the kubelet’s driver',
      runtime: () => 'the runtime’s',
      log: () => 'the kubelet refuses',
    },
  },
  zh: {
    name: 'kubelet 与容器运行时的 cgroup driver 不一致',
    looksFor:
      'kubelet 配置的 cgroupDriver，与 containerd config.toml 的 SystemdCgroup、daemon.json 的 native.cgroupdriver 对比，以及 kubelet 自身的报错。',
    why: 'systemd 驱动由 systemd 创建 cgroup，cgroupfs 驱动则直接创建。两者不一致时，同一棵 cgroup 树有两个管理者：docker 下 kubelet 拒绝启动；containerd 下能启动，但容器会不时被杀死或统计错误，常发生在 systemd 重新加载之后。',
    consequences: 'docker 下节点无法 Ready；containerd 下 Pod 会随机地成批重启，资源限制失效。',
    commonCauses: [
      'kubeadm 节点的 kubelet 使用 systemd，而 containerd 默认配置中 SystemdCgroup 为 false。',
      'daemon.json 没有设置 native.cgroupdriver=systemd。',
    ],
    mimics: [
      'k3s 和 rke2 会自行设置两者。',
      '1.31 及以上的 kubelet 会向 2.0 及以上的 containerd 查询驱动，不受自身配置影响。',
      'containerd 使用了 imports：可能由其他文件设置，按 possible 处理。',
    ],
    cure: '把运行时也设为 systemd，重启运行时和 kubelet。先驱逐 Pod，因为运行中的 Pod 会重建。',
    title: (d) =>
      `${d.node} 上 kubelet（${d.kubeletDriver}）与 ${d.runtime}（${d.runtimeDriver}）的 cgroup driver 不一致`,
    summary: (d) =>
      `${d.node} 的 kubelet 使用 ${d.kubeletDriver}，${d.runtime} 使用 ${d.runtimeDriver}。${d.isRefused ? '日志显示 kubelet 因此拒绝启动。' : 'Pod 能运行，但 cgroup 被重复管理：systemd 或运行时重新加载时 Pod 会随机重启。'}`,
    ruledOut: () => [],
    remedy: (d) => [
      {
        text: '迁走 Pod，设置运行时的驱动，重启两者。',
        commands: [
          'kubectl drain NODE --ignore-daemonsets',
          d.runtime === 'docker'
            ? `grep cgroupdriver /etc/docker/daemon.json   # "exec-opts": ["native.cgroupdriver=${d.kubeletDriver}"]`
            : `sed -i 's/SystemdCgroup = .*/SystemdCgroup = ${String(d.kubeletDriver === 'systemd')}/' /etc/containerd/config.toml`,
          `systemctl restart ${d.runtime} kubelet`,
        ],
      },
    ],
    verify: (d) => [
      {
        text: '两者的驱动一致。',
        commands: [
          d.runtime === 'docker'
            ? 'docker info --format {{.CgroupDriver}}'
            : 'crictl info | grep -i systemdCgroup',
          'grep cgroupDriver /var/lib/kubelet/config.yaml',
        ],
      },
    ],
    reasons: {
      managed: 'k3s 和 rke2 会自行设置两者的驱动。',
      notCaptured: '没有采集到 kubelet 和运行时中说明驱动的配置。',
    },
    notes: { kubelet: () => 'kubelet 的驱动', runtime: () => '运行时的驱动', log: () => 'kubelet 拒绝启动' },
  },
}
