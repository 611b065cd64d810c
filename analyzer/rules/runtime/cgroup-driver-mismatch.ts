import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { type RuntimeDriver, runtimeDriver } from '../../facts/node/runtimeDriver.ts'
import { asString } from '../../parsers/jsonValue.ts'
import type { ToolVersion } from '../../parsers/toolVersions.ts'
import { type YamlConfig, configValue } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './cgroup-driver-mismatch.text.ts'

type Note = 'kubelet' | 'runtime' | 'log'

interface KubeletDriver {
  readonly driver: string
  readonly cited: Citation<Note>
}

/**
 * The kubelet's cgroup driver against the runtime's (kubernetes#89682, containerd#7276). Only what is written in the files is compared:
 * defaults differ between versions and installers.
 */
export default defineRule({
  id: 'cgroup-driver-mismatch',
  area: 'runtime',
  severity: 'high',
  references: [
    {
      title: 'Configuring a cgroup driver',
      url: 'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/configure-cgroup-driver/',
    },
    { title: 'containerd#7276', url: 'https://github.com/containerd/containerd/issues/7276' },
  ],
  needs: { configs: captured.kubeConfigFiles },
  wants: { runtime: runtimeDriver, versions: captured.versions, logs: logSignals },
  text,
  check({ configs, runtime, versions, logs }, node) {
    const kubelet = configs.map(kubeletDriver).find((driver) => driver !== undefined)
    const refused = logs?.of('cgroup-driver-mismatch')
    const last = refused?.lines.at(-1)
    const differs = kubelet !== undefined && runtime !== undefined && kubelet.driver !== runtime.driver
    if (last !== undefined && refused !== undefined) {
      return found(
        {
          node: node.id,
          runtime: 'docker',
          kubeletDriver: last.groups.get('kubelet') ?? '',
          runtimeDriver: last.groups.get('runtime') ?? '',
          isRefused: true,
          hasImports: false,
        },
        {
          subject: 'driver',
          confidence: differs && !last.old ? 'certain' : confidenceFromLog('likely', refused.lines),
          severity: last.old ? 'medium' : 'high',
          evidence: [withNote<Note>(last.origin, 'log'), ...(differs ? citations(kubelet, runtime) : [])],
          about: [`node:${node.id}`],
        },
      )
    }
    if (kubelet === undefined || runtime === undefined) {
      return configs.some(({ path }) => /\/rancher\//.test(path))
        ? notApplicable('managed')
        : unchecked('notCaptured')
    }
    if (!differs || asksRuntime(versions, runtime)) return clear()
    return found(
      {
        node: node.id,
        runtime: runtime.name,
        kubeletDriver: kubelet.driver,
        runtimeDriver: runtime.driver,
        isRefused: false,
        hasImports: runtime.hasImports,
      },
      {
        subject: 'driver',
        confidence: runtime.hasImports || versions === undefined ? 'possible' : 'likely',
        evidence: citations(kubelet, runtime),
        about: [`node:${node.id}`],
      },
    )
  },
})

function citations(kubelet: KubeletDriver, runtime: RuntimeDriver): readonly Citation<Note>[] {
  return [kubelet.cited, withNote<Note>(runtime.origin, 'runtime')]
}

/** kubeadm writes the driver into the kubelet's configuration; without it there is only a default. */
function kubeletDriver(config: Capture<YamlConfig>): KubeletDriver | undefined {
  if (!config.path.endsWith('/var/lib/kubelet/config.yaml')) return undefined
  const setting = configValue(config.value, ['cgroupDriver'])
  const driver = asString(setting?.value)
  return setting === undefined || driver === undefined
    ? undefined
    : { driver, cited: withNote<Note>(config.cite(setting.line), 'kubelet') }
}

/** KubeletCgroupDriverFromCRI is on since 1.31; containerd answers it since 2.0. */
function asksRuntime(
  versions: Capture<readonly ToolVersion[]> | undefined,
  { name }: RuntimeDriver,
): boolean {
  const kubelet = versionOf(versions, 'kubelet')
  const containerd = versionOf(versions, 'containerd')
  return name === 'containerd' && kubelet >= 1.031 && containerd >= 2
}

/** Major version, and the minor one in thousandths; 0 where it is not known. */
function versionOf(versions: Capture<readonly ToolVersion[]> | undefined, tool: string): number {
  const [, major = '0', minor = '0'] =
    /v?(\d{1,3})\.(\d{1,3})/.exec(versions?.value.find(({ name }) => name === tool)?.output ?? '') ?? []
  return Number(major) + Number(minor) / 1000
}
