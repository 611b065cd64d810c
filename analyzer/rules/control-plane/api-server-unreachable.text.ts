import type { Step } from '../../engine/outcome.ts'
import type { RuleTexts } from '../../engine/ruleText.ts'
import { formatCount } from '../../text/formatCount.ts'
import { joinWords } from '../../text/joinWords.ts'
import { shellQuote } from '../../text/shellQuote.ts'
import type { ApiFailureKind, ApiTarget } from './apiFailures.ts'

/** Requests of a node to an API server that fail. */
export interface ApiServerUnreachable extends ApiTarget {
  readonly node: string
  readonly kind: ApiFailureKind
  /** As it was logged. */
  readonly error?: string
  /** The node's lease or status is among what failed. */
  readonly heartbeat: boolean
  /** Log lines, at least. */
  readonly count: number
  /** Nodes of the case that hold the server's address. */
  readonly owners: readonly string[]
  /** The log goes on for long without another failure. */
  readonly over: boolean
}

type Reason = 'starting' | 'noKubeletLog'

/** What there is to see in the lines. */
export type Note = 'last' | 'more'

const MEANING: Readonly<Record<ApiFailureKind, string>> = {
  refused:
    'The host answers that nobody listens on that port: the API server is not running there, a firewall rejects the connection, or, where it is a Service’s address, the node has no endpoint behind it.',
  'no-route':
    'The kernel finds no way to the host: its hardware address is not resolved, a route is missing, or a firewall on the way answers so.',
  timeout:
    'No answer comes: packets are dropped on the way, large ones do not pass, or the address leads somewhere else than to the API server.',
  reset:
    'The connection is cut once it is made: by a load balancer without a server behind it, or by a firewall.',
  certificate:
    'The network is sound: the node does not accept the certificate that the API server shows, or the clock of one of them is wrong.',
  rejected:
    'The network is sound: the API server does not accept the node’s credentials. They have expired, are of another cluster, or a clock is wrong.',
  unnamed: 'The lines that were kept do not say why.',
}

/** The words of api-server-unreachable. */
export const text: RuleTexts<ApiServerUnreachable, Reason, Note> = {
  en: {
    name: 'The API server cannot be reached',
    looksFor:
      'Lines of the kubelet, k3s and other components that say that the node’s lease, its status or another request to the API server failed, by server and by the error they name.',
    why: 'A kubelet that cannot renew its lease is marked NotReady after 40 seconds, and its pods are moved after five minutes. Nothing that changes in the cluster reaches the node: new pods, Services and endpoints. It is nearly always the effect of something else, which the error’s words narrow down.',
    mimics: [
      'A node that is starting: the API server’s own pod may come after the kubelet. Lines of the first five minutes after a boot are left out.',
      'A request that fails once: fewer than three lines are not reported.',
      'Other connections of the same components, such as probes of pods: only those to a known API server, or with a URL of the API, count.',
      'An outage that is over: the log goes on for more than ten minutes without another such line (for more than two where k3s or rke2 ask their own machine). It is reported as past, with less weight, and with the least where it lasted no longer than the five minutes that a restart may take.',
      'A log of an earlier boot or of the day before: it counts one step less.',
    ],
    cure: 'Follow the error: refused, look at the API server; no route or a timeout, at the way to it; certificates or credentials, at their dates and at the clocks.',
    title(d) {
      const { over, node } = d
      if (d.kind === 'rejected') return `${server(d)} ${over ? 'turned' : 'turns'} ${node} away: Unauthorized`
      return `${node} ${over ? 'could not' : 'cannot'} reach ${lowered(server(d))}${d.error === undefined ? '' : `: ${errorOf(d)}`}`
    },
    summary(d) {
      const lines = `At least ${formatCount(d.count)} log line${d.count === 1 ? '' : 's'} of ${d.node} ${d.count === 1 ? 'says' : 'say'} that requests to ${lowered(server(d))} failed${d.error === undefined ? '' : ` (${errorOf(d)})`}.`
      const owner = d.owners.length === 0 ? '' : ` The address is held by ${joinWords(d.owners)}.`
      const effect = d.over
        ? 'The log goes on without them: at the time of the capture the API server was reached again.'
        : d.heartbeat
          ? `While this lasts ${d.node} is NotReady and learns of no change in the cluster; what runs goes on.`
          : `While this lasts whoever asks there on ${d.node} goes without: network plugins cannot set up pods, controllers and agents stand still.`
      return `${lines}${owner} ${MEANING[d.kind]} ${effect}`
    },
    ruledOut: (d) => (d.over ? [] : ['A failure that ended: the log does not go on for long without one.']),
    remedy: remedyOf,
    verify: (d) => [
      {
        text: 'The API server answers, and the node is Ready.',
        commands: [...probe(d), `kubectl get node ${shellQuote(d.node)}`],
      },
    ],
    reasons: {
      starting: 'The node had started less than five minutes before; failures are usual then.',
      noKubeletLog: 'No log of the kubelet, of k3s or of rke2 was captured.',
    },
    notes: {
      last: (count) => (count === '1' ? 'the only one' : `the last of at least ${count} such lines`),
      more: () => 'another',
    },
  },
}

function endpoint({ host, port }: ApiTarget): string {
  const bracketed = host.includes(':') ? `[${host}]` : host
  return port === undefined ? bracketed : `${bracketed}:${port}`
}

function server(d: ApiTarget): string {
  return d.host === '' ? 'The API server' : `The API server at ${endpoint(d)}`
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function errorOf({ error = '' }: ApiServerUnreachable): string {
  return error.trim()
}

/** Any answer, 401 and 403 among them, shows that the way is free. */
function probe(d: ApiTarget): readonly string[] {
  if (d.host === '') return []
  return [`curl -sk -m 5 -o /dev/null -w '%{http_code}\\n' ${shellQuote(`https://${endpoint(d)}/livez`)}`]
}

function remedyOf(d: ApiServerUnreachable): readonly Step[] {
  const host = shellQuote(d.host)
  switch (d.kind) {
    case 'refused':
      return [
        {
          text: `On the host of the API server${d.owners.length > 0 ? ` (${joinWords(d.owners)})` : ''}: see whether it runs and listens, and what its last log says.`,
          commands: [
            `ss -ltnp${d.port === undefined ? '' : ` 'sport = :${d.port}'`}`,
            'crictl ps -a --name kube-apiserver',
            'journalctl -u kubelet --since -15min | grep -i apiserver',
          ],
        },
      ]
    case 'no-route':
    case 'timeout':
    case 'reset':
      return [
        {
          text: `On ${d.node}: see which way the address takes, whether the neighbour answers, and whether a large packet passes.`,
          commands:
            d.host === ''
              ? ['grep -H server: /etc/kubernetes/*.conf']
              : [`ip route get ${host}`, `ip neigh show ${host}`, `ping -c 2 -M do -s 1472 ${host}`],
        },
        {
          text: 'The route must lead to the network card, not to lo, kube-ipvs0 or a tunnel. On both ends look for firewall rules that reject or drop.',
          commands: ['iptables-save | grep -E "REJECT|DROP"'],
        },
      ]
    case 'certificate':
      return [
        {
          text: 'Compare the dates and the issuer of the certificate that the server shows with the node’s clock and authority.',
          commands: [
            'date -u',
            ...(d.host === ''
              ? []
              : [
                  `openssl s_client -connect ${shellQuote(endpoint(d))} </dev/null 2>/dev/null | openssl x509 -noout -dates -issuer`,
                ]),
          ],
        },
      ]
    case 'rejected':
      return [
        {
          text: `On ${d.node}: see whether the kubelet’s certificate is still valid, and whether the clock is right.`,
          commands: [
            'openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -dates -issuer',
            'date -u',
          ],
        },
        {
          text: 'An expired one is replaced by joining anew (kubeadm), or by a restart of k3s or rke2.',
          commands: ['kubeadm token create --print-join-command'],
        },
      ]
    case 'unnamed':
      return [
        {
          text: 'Read the lines in full on the node.',
          commands: ['journalctl -u kubelet --since -1h | grep -iE "lease|node status"'],
        },
      ]
  }
}
