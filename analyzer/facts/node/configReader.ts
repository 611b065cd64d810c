/** Who reads a configuration file, and what comes of it when the file is refused. */
export interface ConfigReader {
  /** `kubelet`, `containerd`: the component’s own name, for all languages. */
  readonly name: string
  readonly grammar: ConfigGrammar
  /**
   * `start`: the component does not start with it; `pod`: that static pod does not run; `network`: no pod gets a network;
   * `line`: only what is broken is passed over; `part`: what the file is for does not work, all else does.
   */
  readonly effect: 'start' | 'pod' | 'network' | 'line' | 'part'
}

/** The grammars that configuration of a node is written in. */
export type ConfigGrammar =
  'yaml' | 'json' | 'toml' | 'systemd' | 'environment' | 'sysctl' | 'resolv.conf' | 'hosts' | 'Corefile'

const READERS: readonly (readonly [RegExp, ConfigReader])[] = [
  [/\/etc\/rancher\/k3s\/config\.yaml/, { name: 'k3s', grammar: 'yaml', effect: 'start' }],
  [/\/etc\/rancher\/rke2\/config\.yaml/, { name: 'rke2', grammar: 'yaml', effect: 'start' }],
  [/\/etc\/rancher\/k3s\/registries\.yaml$/, { name: 'k3s', grammar: 'yaml', effect: 'start' }],
  [/\/etc\/rancher\/rke2\/registries\.yaml$/, { name: 'rke2', grammar: 'yaml', effect: 'start' }],
  [/\/(?:pod-)?manifests\/[^/]+$/, { name: 'kubelet', grammar: 'yaml', effect: 'pod' }],
  [/\/kubelet\.conf\.d\/[^/]+\.conf$/, { name: 'kubelet', grammar: 'yaml', effect: 'start' }],
  [/\/var\/lib\/kubelet\/config\.yaml$/, { name: 'kubelet', grammar: 'yaml', effect: 'start' }],
  [/\/var\/lib\/kube-proxy\/[^/]+\.ya?ml$/, { name: 'kube-proxy', grammar: 'yaml', effect: 'start' }],
  [/\/systemd\/system\/[^/]+\.env$/, { name: 'systemd', grammar: 'environment', effect: 'line' }],
  [/\/systemd\/system\//, { name: 'systemd', grammar: 'systemd', effect: 'line' }],
  [/\/kubeadm-flags\.env$/, { name: 'systemd', grammar: 'environment', effect: 'line' }],
  [/\/etc\/(?:default|sysconfig)\/kubelet$/, { name: 'systemd', grammar: 'environment', effect: 'line' }],
  [/\/containerd\/config\.toml$/, { name: 'containerd', grammar: 'toml', effect: 'start' }],
  [/\/certs\.d\/.*\/hosts\.toml$/, { name: 'containerd', grammar: 'toml', effect: 'part' }],
  [/\/etc\/docker\/daemon\.json$/, { name: 'dockerd', grammar: 'json', effect: 'start' }],
  [/\/etc\/crictl\.yaml$/, { name: 'crictl', grammar: 'yaml', effect: 'part' }],
  [/\/etc\/crio\/crio\.conf(?:\.d\/[^/]+)?$/, { name: 'crio', grammar: 'toml', effect: 'start' }],
  [/\/Corefile$/, { name: 'CoreDNS', grammar: 'Corefile', effect: 'start' }],
]

/** Who reads the configuration of CNI: the container runtime, through libcni. */
export const CNI_READER: ConfigReader = { name: 'CNI', grammar: 'json', effect: 'network' }

/** The reader of a file of the node by its path; undefined for files whose grammar is not known. */
export function configReaderOf(path: string): ConfigReader | undefined {
  return READERS.find(([pattern]) => pattern.test(path))?.[1]
}
