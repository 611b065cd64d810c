import type { LogSignal } from '../logSignal.ts'

/** What k3s and rke2 say of the options they are started with, and of addresses that the node does not have. */
export const rancherOptionSignals = [
  {
    // kubelet pkg/kubelet/kubelet_node_status.go, validateNodeIP, at every status of the node; `secondaryNodeIP` of two families.
    id: 'node-ip-not-held',
    keywords: ["not found in the host's network interfaces"],
    pattern:
      /failed to validate (?:secondaryN|n)odeIP: [Nn]ode IP: \\{0,3}"(?<address>[0-9a-fA-F:.]{2,45})\\{0,3}" not found in the host's network interfaces/,
  },
  {
    // Go's net over EADDRNOTAVAIL: the listeners of k3s (pkg/cluster/https.go) and of the etcd in it (ports 2379 and 2380).
    id: 'address-not-bindable',
    keywords: ['bind: cannot assign requested address'],
    pattern:
      /listen tcp \[?(?<address>[0-9a-fA-F:.]{2,45}?)\]?:(?<port>\d{1,5}): bind: cannot assign requested address/,
  },
  {
    // k3s and rke2, pkg/configfilearg/parser.go, stripInvalidFlags: servers only, since 1.21.7 and 1.22.4.
    id: 'k3s-option-unknown',
    keywords: ['found in config.yaml, skipping'],
    pattern: /Unknown flag --?(?<option>[A-Za-z][\w.-]{0,60})(?:=\S{0,200})? found in config\.yaml, skipping/,
  },
  {
    // urfave/cli over Go's flag: agents, and servers of older releases, end with it.
    id: 'k3s-option-undefined',
    keywords: ['flag provided but not defined: -'],
    pattern: /flag provided but not defined: -(?<option>[A-Za-z][\w.-]{0,60})/,
  },
  {
    // k3s and rke2, pkg/cli/server/server.go: options that exclude or want each other; the second of them since k3s#8488 (2023).
    id: 'k3s-options-refused',
    keywords: ['invalid flag use; ', 'perform cluster-reset while server URL is set'],
    pattern:
      /(?<words>invalid flag use; [^"\\\n]{1,200}|cannot perform cluster-reset while server URL is set)/,
  },
  {
    // k3s and rke2, pkg/cluster/managed.go, start: the second start with --cluster-reset.
    id: 'k3s-reset-again',
    keywords: ['etcd cluster membership was previously reset'],
    pattern: /Managed etcd cluster membership was previously reset, please remove the cluster-reset flag/,
  },
] as const satisfies readonly LogSignal[]
