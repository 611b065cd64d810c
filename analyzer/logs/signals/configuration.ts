import type { LogSignal } from '../logSignal.ts'

/** How components refuse their configuration. */
export const configurationSignals = [
  {
    // gopkg.in/yaml.v2 and v3 scannerc.go, parserc.go: k3s (fatal at start), kubelet, static pods.
    id: 'yaml-refused',
    keywords: ['yaml: line '],
    pattern:
      /yaml: line (?<row>\d{1,7}): (?<error>(?:found|did not find|could not find|mapping values|block (?:mapping|sequence)|unexpected|invalid|control characters|a line break)[^"\n]{0,120})/,
  },
  {
    // moby cmd/dockerd/daemon.go over encoding/json; conflicts of flags and file are told behind the same words, and are no syntax.
    id: 'docker-config-refused',
    keywords: ['unable to configure the Docker daemon with file'],
    pattern:
      /unable to configure the Docker daemon with file (?<file>\/\S{1,200}): (?<error>invalid character .{1,80}|unexpected end of JSON input|unexpected EOF|EOF)/,
  },
  {
    // kubelet pkg/kubelet/config/file.go: `can't process manifest file` around it until 1.19.
    id: 'static-pod-refused',
    keywords: ['please check config file'],
    pattern:
      /(?<file>\/[^\s":]{1,300}): couldn't parse as pod\((?<error>.{1,300}?)\), please check config file/,
  },
  {
    // kubelet cmd/kubelet/app/server.go, pkg/kubelet/kubeletconfig/configfiles: `Kubelet` since 1.11, what failed behind it.
    id: 'kubelet-config-refused',
    keywords: ['ubelet config file'],
    pattern:
      /failed to load Kubelet config file (?<file>\/[^\s,]{1,300}), error (?<error>failed to decode.{0,200}|(?:[^"\n]{0,60} )?(?:yaml|json): .{1,160})/,
  },
  {
    // libcni api.go, conf.go within containerd's go-cni (`failed to load`), dockershim and CRI-O's ocicni (`Error loading`).
    id: 'cni-config-refused',
    keywords: ['error parsing configuration'],
    pattern:
      /(?:Error loading|failed to load) CNI config (?:list )?file (?<file>\/[^\s:]{1,300}): (?<error>error parsing configuration(?: list)?: .{1,120})/,
  },
  {
    // containerd services/server/config (cmd/containerd/server/config since 2.0) loadConfigFile over pelletier/go-toml.
    id: 'containerd-config-refused',
    keywords: ['failed to load TOML'],
    pattern: /failed to load TOML(?: from|:) (?<file>\/[^\s:]{1,300}): (?<error>.{1,160})/,
  },
  {
    // systemd src/shared/conf-parser.c: `[file:line]` until 233, `file:line:` since.
    id: 'unit-line-ignored',
    keywords: ['Assignment outside of section', "Missing '='"],
    pattern:
      /\[?(?<file>\/[^\s:\][]{1,300}):(?<row>\d{1,6})[\]:] ?:? ?(?<error>Assignment outside of section|Missing '=')/,
  },
] as const satisfies readonly LogSignal[]
