import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { captured } from '../../sources/captured.ts'
import { kubeApi } from '../cluster/kubeApi.ts'
import { certificates } from './certificates.ts'
import { kubeNodeOf } from './nodeAddresses.ts'

/** A version of Kubernetes, `v1.28.5` as 28, and the line that says so. */
export interface KubernetesVersion {
  /** As printed: `v1.28.5+k3s1`. */
  readonly text: string
  /** Behind `1.`. */
  readonly minor: number
  readonly origin: Evidence
}

/** Which releases a node's components are of. */
export interface ComponentVersions {
  readonly kubelet?: KubernetesVersion
  /** Only where an API server runs on the node. */
  readonly apiServer?: KubernetesVersion
}

const VERSION = /\bv?1\.(?<minor>\d{1,2})\.\d{1,3}(?:[+-][A-Za-z0-9.+-]{1,40})?/
const API_SERVER_IMAGE = /^\s*(?:- )?image:\s*\S{0,200}kube-apiserver(?:-[a-z0-9]{1,8})?:(?<tag>\S{1,80})/

/**
 * The kubelet’s release, as the API server lists it, else as the program on disk says (which may be newer than what runs); the API
 * server’s by the image of its static pod, or that of k3s or rke2 where the node has the certificate of a server.
 */
export const componentVersions = defineNodeFact({
  name: 'versions of Kubernetes',
  needs: {},
  wants: {
    versions: captured.versions,
    kubeNodes: kubeApi.nodes,
    configs: captured.kubeConfigFiles,
    certificates,
  },
  compute({ versions, kubeNodes, configs, certificates }, node): Availability<ComponentVersions> {
    const programs = (name: string) => {
      const row = versions?.value.find((version) => version.name === name)
      return row === undefined || versions === undefined
        ? undefined
        : parsed(row.output, versions.cite(row.line))
    }
    const registered = kubeNodeOf(node, kubeNodes)
    const listed =
      registered === undefined || kubeNodes === undefined
        ? undefined
        : parsed(registered.kubeletVersion, kubeNodes.cite(registered.line))
    const distribution = programs('k3s') ?? programs('rke2')
    const kubelet = listed ?? distribution ?? programs('kubelet')
    const image = (configs ?? [])
      .filter(({ path }) => /\/(?:manifests|pod-manifests)\/kube-apiserver\.ya?ml$/.test(path))
      .flatMap(({ value, cite }) =>
        value.lines.flatMap(
          (line) => parsed(API_SERVER_IMAGE.exec(line.text)?.groups?.['tag'] ?? '', cite(line)) ?? [],
        ),
      )[0]
    const isServer =
      certificates?.some(({ path }) => path.endsWith('/server/tls/serving-kube-apiserver.crt')) ?? false
    const apiServer = image ?? (isServer ? (listed ?? distribution) : undefined)
    if (kubelet === undefined && apiServer === undefined)
      return unavailable({ code: 'undetermined', node: node.id, what: 'versions of Kubernetes' })
    return available({
      ...(kubelet !== undefined && { kubelet }),
      ...(apiServer !== undefined && { apiServer }),
    })
  },
})

function parsed(text: string, origin: Evidence): KubernetesVersion | undefined {
  const match = VERSION.exec(text)
  return match === null ? undefined : { text: match[0], minor: Number(match.groups?.['minor']), origin }
}
