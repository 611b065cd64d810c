import type { Capture } from '../../bundle/bundle.ts'
import { type Availability, available, unavailable } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import type { ConfigText } from '../../parsers/configText.ts'
import { parseJsonText } from '../../parsers/jsonText.ts'
import { asArray, asString, field } from '../../parsers/jsonValue.ts'
import { type TomlAssignment, readToml } from '../../parsers/tomlSyntax.ts'
import { captured } from '../../sources/captured.ts'
import { lineFinder } from '../../text/lineFinder.ts'

/** The cgroup driver that a container runtime is configured with. */
export interface RuntimeDriver {
  readonly name: 'docker' | 'containerd'
  readonly driver: 'systemd' | 'cgroupfs'
  /** Further files, which were not captured, may say otherwise. */
  readonly hasImports: boolean
  readonly origin: Evidence
}

/** What the CRI plugin's runtimes lie under: schema 2, schema 3 (containerd 2), schema 1. */
const CRI_PLUGIN = /^(?:io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.runtime|cri)$/

/**
 * The driver that is written in containerd's config.toml, else in docker's daemon.json. containerd's is `SystemdCgroup` of the default
 * runtime, which is false where the runtime's table is there without it; a file that leaves out the CRI plugin says nothing.
 */
export const runtimeDriver = defineNodeFact({
  name: 'cgroup driver of the container runtime',
  needs: { configs: captured.runtimeConfig },
  compute({ configs }, node): Availability<RuntimeDriver> {
    const containerd = configs.find(({ path }) => path === 'runtime/config/etc/containerd/config.toml')
    const docker = configs.find(({ path }) => path === 'runtime/config/etc/docker/daemon.json')
    const driver = (containerd && driverOfContainerd(containerd)) ?? (docker && driverOfDocker(docker))
    if (driver !== undefined) return available(driver)
    return unavailable({
      code: 'undetermined',
      node: node.id,
      what: { en: 'the cgroup driver of the container runtime', zh: '容器运行时的 cgroup driver' },
    })
  },
})

function driverOfContainerd(config: Capture<ConfigText>): RuntimeDriver | undefined {
  const { assignments, fault } = readToml(config.value.text)
  const isOff = assignments.some(
    ({ path, written }) => path.join() === 'disabled_plugins' && /cri\b/.test(written),
  )
  if (fault !== undefined || isOff) return undefined
  const own = assignments.filter(({ path }) => path[0] === 'plugins' && CRI_PLUGIN.test(path[1] ?? ''))
  const named = own.find(({ path }) => path.at(-1) === 'default_runtime_name')
  const name = named?.written.replace(/^["']|["']$/g, '') ?? 'runc'
  const table = own.filter(({ path }) => path.includes(name) && path[path.indexOf(name) - 1] === 'runtimes')
  const set = table.find(({ path }) => path.slice(-2).join() === 'options,SystemdCgroup')
  const shown = set ?? table[0]
  // Runtimes that are no runc, such as kata's, have no cgroups of their own to set.
  const type = table.find(({ path }) => path.at(-1) === 'runtime_type')?.written ?? 'runc'
  if (shown === undefined || !type.includes('runc')) return undefined
  return {
    name: 'containerd',
    driver: set?.written === 'true' ? 'systemd' : 'cgroupfs',
    hasImports: hasImports(assignments),
    origin: config.cite(lineFinder(config.value.text)(shown.offset).line),
  }
}

function hasImports(assignments: readonly TomlAssignment[]): boolean {
  return assignments.some(({ path, written }) => path.join() === 'imports' && !/^\[\s*\]$/.test(written))
}

function driverOfDocker(config: Capture<ConfigText>): RuntimeDriver | undefined {
  const { document } = parseJsonText(config.value.text)
  const options = asArray(field(document, 'exec-opts')).flatMap((option) => asString(option) ?? [])
  const [, driver] =
    options.map((option) => option.split('=')).find(([key]) => key === 'native.cgroupdriver') ?? []
  const line = config.value.lines.find(({ text }) => text.includes('native.cgroupdriver'))
  if (line === undefined || (driver !== 'systemd' && driver !== 'cgroupfs')) return undefined
  return { name: 'docker', driver, hasImports: false, origin: config.cite(line) }
}
