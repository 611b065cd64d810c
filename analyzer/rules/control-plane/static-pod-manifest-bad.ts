import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { found, notApplicable } from '../../engine/verdict.ts'
import { asString, field } from '../../parsers/jsonValue.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './static-pod-manifest-bad.text.ts'

/** The kubelet reads every file of its folder but those that begin with a dot. */
const MANIFEST =
  /^kube\/config(?<file>\/(?:etc\/kubernetes\/manifests|var\/lib\/rancher\/(?:k3s|rke2)\/agent\/pod-manifests)\/[^./][^/]*)$/

interface Manifest {
  readonly file: string
  readonly capture: Capture<YamlConfig>
}

/**
 * Two manifests in the kubelet's folder of static pods that declare one pod: a copy was left there. One that breaks its grammar is
 * told by config-syntax.
 */
export default defineRule({
  id: 'static-pod-manifest-bad',
  area: 'control-plane',
  severity: 'high',
  references: [
    {
      title: 'Create static Pods (Kubernetes)',
      url: 'https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/',
    },
    { title: 'Kubernetes 1.30, pkg/kubelet/config/file.go: every file but those that begin with a dot' },
  ],
  needs: { configs: captured.kubeConfigFiles },
  text,
  check({ configs }, node) {
    const manifests = configs.flatMap((capture): readonly Manifest[] => {
      const file = MANIFEST.exec(capture.path)?.groups?.['file']
      return file === undefined ? [] : [{ file, capture }]
    })
    if (manifests.length === 0) return notApplicable('noManifests')
    return [...byPod(manifests)].flatMap(([pod, files]) => {
      if (files.length < 2) return []
      const data = { node: node.id, files: files.map(({ file }) => file), pod }
      return [
        found(data, {
          subject: pod,
          confidence: 'likely',
          about: [`node:${node.id}`],
          evidence: files.flatMap(({ capture }) => {
            const setting = configValue(capture.value, ['metadata', 'name'])
            return setting === undefined ? [] : [withNote(capture.cite(setting.line), 'declares', pod)]
          }),
        }),
      ]
    })
  },
})

function byPod(manifests: readonly Manifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const pods = new Map<string, readonly Manifest[]>()
  for (const manifest of manifests) {
    const [document] = manifest.capture.value.documents
    const name = asString(field(document?.value, 'metadata', 'name'))
    if (name === undefined || asString(field(document?.value, 'kind')) !== 'Pod') continue
    const namespace = asString(field(document?.value, 'metadata', 'namespace')) ?? 'default'
    const pod = `${namespace}/${name}`
    pods.set(pod, [...(pods.get(pod) ?? []), manifest])
  }
  return pods
}
