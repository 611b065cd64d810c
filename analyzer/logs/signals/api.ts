import type { LogSignal } from '../logSignal.ts'

/** How kubelet and others report that the API server, or the network, cannot be reached. */
export const apiSignals = [
  {
    // k8s.io/component-helpers/apimachinery/lease controller.go: `failed to …, error: …` until 1.26, `"Failed to …" err="…"` since;
    // pkg/kubelet/nodelease until 1.17: `node lease`.
    id: 'lease-update-failed',
    keywords: [
      'ailed to update lease',
      'ailed to ensure lease exists',
      'ailed to update node lease',
      'ailed to ensure node lease exists',
    ],
    pattern:
      /[Ff]ailed to (?:update (?:node )?lease|ensure (?:node )?lease exists)(?=[,"])(?:.{0,400}?https:\/\/(?<host>\[[^\]]{2,45}\]|[^\s"/:]{1,253})(?::(?<port>\d{1,5}))?)?(?:.{0,800}?(?<error>context deadline exceeded|Client\.Timeout exceeded|connection refused|connection reset by peer|no route to host|network is unreachable|i\/o timeout|TLS handshake timeout|Unauthorized|x509: [^"]{1,80}))?/,
  },
  {
    // pkg/kubelet/kubelet_node_status.go.
    id: 'node-status-update-failed',
    keywords: ['Error updating node status', 'Unable to update node status'],
    pattern:
      /(?:Error updating node status, will retry|Unable to update node status\b)(?:.{0,400}?https:\/\/(?<host>\[[^\]]{2,45}\]|[^\s"/:]{1,253})(?::(?<port>\d{1,5}))?)?(?:.{0,800}?(?<error>context deadline exceeded|Client\.Timeout exceeded|connection refused|connection reset by peer|no route to host|network is unreachable|i\/o timeout|TLS handshake timeout|Unauthorized|x509: [^"]{1,80}))?/,
  },
  {
    // client-go tools/leaderelection: `error retrieving resource lock NAMESPACE/NAME: …`; newer ones `"Error retrieving lease lock"
    // err="…"`, where the name may be left out.
    id: 'leader-lock-unauthorized',
    keywords: ['error retrieving resource lock ', 'Error retrieving lease lock'],
    pattern:
      /(?:error retrieving resource lock [\w.-]{1,253}\/(?<lock>[\w.-]{1,253}): |Error retrieving lease lock" err=")Unauthorized\b/,
  },
  {
    // Go's net.OpError: `dial tcp ADDRESS:PORT: …`, with `connect: ` where the system call failed, `SOURCE->` where one was bound.
    id: 'api-connection',
    keywords: ['dial tcp '],
    pattern:
      /dial tcp (?:\S{3,60}->)?(?<address>\[[^\]\s]{2,60}\]|[^\s"/:[\]]{1,253}):(?<port>\d{1,5}): (?:connect: )?(?<error>i\/o timeout|no route to host|connection refused|network is unreachable|connection timed out|operation was canceled)/,
  },
  {
    // strerror(ENETUNREACH), as Go (`network is unreachable`) and the C library (`Network is unreachable`) word it.
    id: 'network-unreachable',
    keywords: ['etwork is unreachable'],
    pattern: /[Nn]etwork is unreachable\b/,
  },
  {
    // k3s, pkg/util: fatal at start, through k8s.io/apimachinery/pkg/util/net ChooseHostInterface.
    id: 'k3s-no-default-route',
    keywords: ['no default routes found in'],
    pattern: /no default routes found in "(?<file>[^"]{1,64})"/,
  },
] as const satisfies readonly LogSignal[]
