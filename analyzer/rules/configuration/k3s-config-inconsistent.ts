import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type OfNode, eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type ClusterMates, clusterMates } from '../../facts/cluster/clusterMates.ts'
import { clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { type ServerSettings, serverSettings } from '../../facts/node/serverSettings.ts'
import { type InconsistentServers, type Note, type Difference, text } from './k3s-config-inconsistent.text.ts'

/** What all servers must have alike (“Critical Configuration Values”), with what stands for an option that is not set. */
const CRITICAL: readonly (readonly [option: string, byDefault: string])[] = [
  ['cluster-cidr', '10.42.0.0/16'],
  ['service-cidr', '10.43.0.0/16'],
  ['cluster-dns', ''],
  ['cluster-domain', 'cluster.local'],
  ['flannel-backend', 'vxlan'],
  ['flannel-external-ip', 'false'],
  ['flannel-ipv6-masq', 'false'],
  ['disable-cloud-controller', 'false'],
  ['disable-helm-controller', 'false'],
  ['disable-network-policy', 'false'],
  ['egress-selector-mode', 'agent'],
  ['embedded-registry', 'false'],
]
/** rke2 encrypts where it is not told otherwise. */
const ENCRYPTION = { k3s: 'false', rke2: 'true' } as const
/** The one packaged component of k3s that must be disabled on all servers or on none. */
const SHARED_COMPONENT = 'servicelb'
/** systemd starts the service again every few seconds. */
const FEWEST_LINES = 3

type Finding = Found<InconsistentServers, Note>

/** Servers of one k3s or rke2 cluster that are configured differently where they must be alike. */
export default defineRule({
  id: 'k3s-config-inconsistent',
  area: 'configuration',
  severity: 'high',
  references: [
    {
      title: 'k3s server: Critical Configuration Values (K3s documentation)',
      url: 'https://docs.k3s.io/cli/server#critical-configuration-values',
    },
    { title: 'k3s#4579 and k3s#12745', url: 'https://github.com/k3s-io/k3s/issues/12745' },
    { title: 'k3s 1.33, pkg/cluster/bootstrap.go: compareConfig; pkg/configfilearg/parser.go' },
  ],
  needs: { servers: eachNode(serverSettings) },
  wants: { mates: clusterMates, logs: logSignals, clock },
  text,
  check({ servers, mates, logs, clock }, node) {
    const refused = logs?.of('k3s-config-refused')
    const lines = refused?.lines.filter(({ old }) => !old) ?? []
    const own = valueOfNode(servers, node.id)
    const compared = own === undefined ? [] : differing(node.id, own, servers, mates)
    if (refused !== undefined && lines.length > 0) {
      const seen = lines.slice(-1).map(({ origin }) => withNote<Note>(origin, 'refused'))
      if (compared.length > 0)
        return compared.map((one): Finding => ({
          ...one,
          confidence: one.confidence === 'certain' ? 'certain' : 'likely',
          evidence: [...one.evidence, ...seen],
        }))
      const named = (logs?.of('k3s-option-differs')?.lines ?? []).filter(({ old }) => !old)
      const options = [...new Set(named.flatMap(({ groups }) => groups.get('option') ?? []))]
      const goesOn = refused.count >= FEWEST_LINES && isRecent(lines, clock)
      return found<InconsistentServers, Note>(
        {
          node: node.id,
          other: '',
          differences: [],
          options,
          count: refused.count,
          distribution:
            own?.distribution ?? (lines[0]?.origin.path.includes('rke2') === true ? 'rke2' : 'k3s'),
        },
        {
          subject: 'refused',
          confidence: confidenceFromLog(goesOn ? 'likely' : 'possible', lines),
          about: [`node:${node.id}`],
          evidence: [
            ...named.slice(-options.length).map(({ origin }) => withNote<Note>(origin, 'refused')),
            ...seen,
          ],
        },
      )
    }
    if (compared.length > 0) return compared
    if (own === undefined) return notApplicable('noServer')
    return matesOf(node.id, own, servers, mates).length === 0 ? unchecked('alone') : []
  },
})

type Server = OfNode<ServerSettings>

function matesOf(
  node: string,
  own: ServerSettings,
  servers: readonly OfNode<ServerSettings | undefined>[],
  mates: ClusterMates | undefined,
): readonly Server[] {
  return servers.flatMap(({ node: other, value }) =>
    value === undefined ||
    other.id === node ||
    value.distribution !== own.distribution ||
    mates?.of(node, other.id) === false
      ? []
      : [{ node: other, value }],
  )
}

/** Held against the first server that joins no other, and told of those that differ from it; it itself is not told. */
function differing(
  node: string,
  own: ServerSettings,
  servers: readonly OfNode<ServerSettings | undefined>[],
  mates: ClusterMates | undefined,
): readonly Finding[] {
  const others = matesOf(node, own, servers, mates)
  const first = others.find(({ value }) => !value.of.has('server')) ?? others[0]
  if (first === undefined) return []
  const isFirst = !own.of.has('server') && (first.value.of.has('server') || node < first.node.id)
  if (isFirst || (own.of.has('server') && first.value.of.has('server') && node < first.node.id)) return []
  const differences = differencesOf(own, first.value)
  if (differences.length === 0) return []
  return [
    found<InconsistentServers, Note>(
      { node, other: first.node.id, differences, options: [], count: 0, distribution: own.distribution },
      {
        subject: '',
        nodes: [first.node.id],
        confidence: mates?.of(node, first.node.id) === true ? 'certain' : 'possible',
        about: [`node:${node}`],
        evidence: differences.flatMap(({ option }): Citation<Note>[] =>
          [own, first.value].flatMap((settings) => {
            const [name = ''] = option.split('=')
            const setting = settings.of.get(name)
            return setting === undefined
              ? []
              : [withNote(setting.origin, 'set', `${name}: ${setting.values.join(',')}`)]
          }),
        ),
      },
    ),
  ]
}

function differencesOf(own: ServerSettings, other: ServerSettings): readonly Difference[] {
  const encryption = ['secrets-encryption', ENCRYPTION[own.distribution]] as const
  const options = [...CRITICAL, encryption].map(([option, byDefault]) => ({
    option,
    own: valueOf(own, option, byDefault),
    other: valueOf(other, option, byDefault),
  }))
  const component = {
    option: `disable=${SHARED_COMPONENT}`,
    own: String(isDisabled(own)),
    other: String(isDisabled(other)),
  }
  return [...options, component].filter((difference) => difference.own !== difference.other)
}

function valueOf(settings: ServerSettings, option: string, byDefault: string): string {
  const set = settings.of.get(option)?.values.join(',').toLowerCase()
  if (set !== undefined) return set
  return option === 'cluster-dns' ? tenthOf(valueOf(settings, 'service-cidr', '10.43.0.0/16')) : byDefault
}

/** The address that DNS has by default: the tenth of the first network of Services. */
function tenthOf(networks: string): string {
  const [, head, last] = /^(\d+\.\d+\.\d+\.)(\d+)\//.exec(networks) ?? []
  return head === undefined ? '' : `${head}${Number(last) + 10}`
}

function isDisabled({ of }: ServerSettings): boolean {
  return of.get('disable')?.values.includes(SHARED_COMPONENT) ?? false
}
