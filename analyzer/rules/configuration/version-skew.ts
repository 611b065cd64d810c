import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { componentVersions } from '../../facts/node/componentVersions.ts'
import { type VersionSkew, text } from './version-skew.text.ts'

/** A kubelet may be three minor releases older than the API server since Kubernetes 1.28, two before. */
const MOST_OLDER = 3
const MOST_OLDER_BEFORE = 2
const SINCE_MINOR = 28
/** API servers of one cluster may differ by one, while they are upgraded. */
const MOST_BETWEEN_SERVERS = 1

/** A kubelet that is newer than an API server, or older than what that supports; API servers more than one release apart. */
export default defineRule({
  id: 'version-skew',
  area: 'configuration',
  severity: 'medium',
  references: [
    { title: 'Version Skew Policy (Kubernetes)', url: 'https://kubernetes.io/releases/version-skew-policy/' },
  ],
  needs: { versions: eachNode(componentVersions) },
  text,
  check({ versions }, node) {
    const servers = versions
      .flatMap(({ node: holder, value }) =>
        value.apiServer === undefined ? [] : [{ node: holder.id, ...value.apiServer }],
      )
      .toSorted((a, b) => a.minor - b.minor)
    const own = valueOfNode(versions, node.id)
    const [oldest] = servers
    const newest = servers.at(-1)
    if (own === undefined || oldest === undefined || newest === undefined) return unchecked('unknown')
    const mostOlder = newest.minor >= SINCE_MINOR ? MOST_OLDER : MOST_OLDER_BEFORE
    const { kubelet, apiServer } = own
    const newer = kubelet !== undefined && kubelet.minor > oldest.minor ? oldest : undefined
    const older = kubelet !== undefined && newest.minor - kubelet.minor > mostOlder ? newest : undefined
    const apart =
      apiServer !== undefined && newest.minor - apiServer.minor > MOST_BETWEEN_SERVERS ? newest : undefined
    const server = newer ?? older ?? apart
    const mine = newer === undefined && older === undefined ? apiServer : kubelet
    if (server === undefined || mine === undefined) return clear()
    return found<VersionSkew, 'version' | 'server'>(
      {
        node: node.id,
        kind: newer !== undefined ? 'newer' : older !== undefined ? 'older' : 'servers',
        version: mine.text,
        server: { node: server.node, version: server.text },
        mostOlder,
      },
      {
        subject: '',
        confidence: 'certain',
        about: [`node:${node.id}`],
        evidence: [
          withNote(mine.origin, 'version', mine.text),
          withNote(server.origin, 'server', server.text),
        ],
      },
    )
  },
})
