import type { LogSignal } from '../logSignal.ts'

/** How k3s and rke2 say that they start, and that a node cannot join. */
export const joinSignals = [
  {
    // k3s and rke2, pkg/cli/server/server.go and pkg/cli/agent/agent.go: once a start, before anything is renewed.
    id: 'k3s-started',
    keywords: ['Starting k3s ', 'Starting rke2 '],
    pattern: /Starting (?:k3s|rke2) (?:agent )?v1\.\d/,
  },
  {
    // k3s and rke2, pkg/agent/config: the server has another password for a node of this name.
    id: 'node-password-rejected',
    keywords: ['Node password rejected'],
    pattern: /Node password rejected, duplicate hostname/,
  },
  {
    // k3s and rke2, pkg/clientaccess/token.go.
    id: 'token-authority-differs',
    keywords: ['token CA hash does not match'],
    pattern:
      /token CA hash does not match the Cluster CA certificate hash(?:: (?<token>[0-9a-f]{64}) != (?<server>[0-9a-f]{64}))?/,
  },
  {
    // k3s and rke2, pkg/agent/run.go.
    id: 'cluster-not-validated',
    keywords: ['ailed to validate connection to cluster at'],
    pattern:
      /[Ff]ailed to validate connection to cluster at (?<url>https:\/\/[^\s"]{1,253}): (?<reason>[^"]{1,300})/,
  },
  {
    // k3s and rke2, pkg/cluster/bootstrap.go, compareConfig; before 1.25 `Unable to join cluster due to critical configuration value mismatch`.
    id: 'k3s-config-refused',
    keywords: ['critical configuration value mismatch'],
    pattern:
      /(?:failed to validate server configuration: |to join cluster due to )critical configuration value mismatch/,
  },
  {
    // The same function since 1.26, once for each option.
    id: 'k3s-option-differs',
    keywords: ['critical configuration mismatched'],
    pattern: /critical configuration mismatched: (?<option>[A-Za-z][\w-]{1,60})/,
  },
] as const satisfies readonly LogSignal[]
