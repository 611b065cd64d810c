import type { Capture } from '../../bundle/bundle.ts'
import { available } from '../../engine/availability.ts'
import type { Evidence } from '../../engine/evidence.ts'
import { defineNodeFact } from '../../engine/fact.ts'
import { type JsonValue, asObject, field } from '../../parsers/jsonValue.ts'
import { readSystemdUnit } from '../../parsers/systemdUnit.ts'
import type { YamlConfig } from '../../parsers/yamlConfig.ts'
import { captured } from '../../sources/captured.ts'
import { shellWords } from '../../text/shellWords.ts'

/** What an option of k3s or rke2 is set to. */
export interface RancherSetting {
  /** A flag without a value is `true`; what a list holds in its order, parted at commas. */
  readonly values: readonly string[]
  readonly origin: Evidence
}

/** Settings by the long name of the option, `cluster-cidr`. */
export type SettingsByName = ReadonlyMap<string, RancherSetting>

/** The configuration of k3s or rke2 on a node, as a start would take it. */
export interface RancherSettings {
  readonly distribution: 'k3s' | 'rke2'
  readonly role: 'server' | 'agent'
  /** Of config.yaml and config.yaml.d; empty where another file is read in their place. */
  readonly file: SettingsByName
  /** Of ExecStart. */
  readonly flags: SettingsByName
  /** Both together: of an option in both, the flag. */
  readonly of: SettingsByName
}

type Configs = readonly Capture<YamlConfig>[]

/** Servers first: a node that has the units of both was an agent before. */
const UNITS = ['k3s', 'rke2-server', 'k3s-agent', 'rke2-agent'] as const
const UNIT = /\/systemd\/system\/(?<unit>(?:k3s|rke2)(?:-server|-agent)?)\.service(?:\.d\/[^/]+\.conf)?$/
const FILE = /\/etc\/rancher\/(?<distribution>k3s|rke2)\/config\.yaml(?:\.d\/[^/]+\.ya?ml)?$/
const ENVIRONMENT = /\/systemd\/system\/[^/]+\.service\.env$/
/** The short names that are known to both. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['c', 'config'],
  ['d', 'data-dir'],
  ['i', 'node-ip'],
  ['s', 'server'],
  ['t', 'token'],
])

/**
 * The options of k3s or rke2 on a node: config.yaml, over it config.yaml.d in the order of names (a key with `+` adds to a list), over
 * them the flags in ExecStart (pkg/configfilearg of k3s). Undefined where no unit was captured: a configuration file alone does not
 * tell whose it is. Variables of the environment, which count least, are left out.
 */
export const rancherSettings = defineNodeFact({
  name: 'configuration of k3s or rke2',
  needs: { configs: captured.kubeConfigFiles },
  compute({ configs }) {
    for (const unit of UNITS) {
      const start = startOf(configs.filter(({ path }) => UNIT.exec(path)?.groups?.['unit'] === unit))
      if (start === undefined) continue
      const distribution = unit.startsWith('k3s') ? 'k3s' : 'rke2'
      const file = readsDefaultFile(configs, start.flags, distribution)
        ? settingsOfFiles(configs, distribution)
        : new Map<string, RancherSetting>()
      const of = new Map([...file, ...start.flags])
      return available<RancherSettings | undefined>({ distribution, file, of, ...start })
    }
    return available<RancherSettings | undefined>(undefined)
  },
})

function byName(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1
}

/** `--config FILE` and K3S_CONFIG_FILE name another file, which is not captured. */
function readsDefaultFile(configs: Configs, flags: SettingsByName, distribution: string): boolean {
  const named = flags.get('config')?.values[0]
  if (named !== undefined) return named === `/etc/rancher/${distribution}/config.yaml`
  return !configs.some(
    ({ path, value }) =>
      ENVIRONMENT.test(path) && value.lines.some(({ text }) => /^(?:K3S|RKE2)_CONFIG_FILE=/.test(text)),
  )
}

function settingsOfFiles(configs: Configs, distribution: string): SettingsByName {
  const settings = new Map<string, RancherSetting>()
  const own = configs.filter(({ path }) => FILE.exec(path)?.groups?.['distribution'] === distribution)
  for (const config of own.toSorted(byName)) readInto(settings, config)
  return settings
}

function readInto(settings: Map<string, RancherSetting>, { value, cite }: Capture<YamlConfig>): void {
  const [document] = value.documents
  for (const key of Object.keys(asObject(document?.value) ?? {})) {
    const line = document?.lineOf([key])
    if (line === undefined) continue
    const values = valuesOf(field(document?.value, key))
    const name = longName(key.replace(/\+$/, ''))
    const before = key.endsWith('+') ? (settings.get(name)?.values ?? []) : []
    settings.set(name, { values: [...before, ...values], origin: cite(line) })
  }
}

function longName(name: string): string {
  return SHORT.get(name) ?? name
}

function valuesOf(value: JsonValue | undefined): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(valuesOf)
  if (value === null || value === undefined) return ['true']
  return typeof value === 'object' ? [] : parted(String(value))
}

function parted(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** What the last ExecStart that is not empty starts; undefined where that is neither a server nor an agent. */
function startOf(units: Configs): Pick<RancherSettings, 'role' | 'flags'> | undefined {
  const starts = units.toSorted(byName).flatMap(({ value, cite }) =>
    readSystemdUnit(value.lines)
      .assignments.filter(
        ({ section, key, value: text }) => section === 'Service' && key === 'ExecStart' && text !== '',
      )
      .map(({ value: command, line }) => ({
        words: shellWords(command).map(({ text }) => text),
        origin: cite(line),
      })),
  )
  const start = starts.at(-1)
  const at = start?.words.findIndex((word) => word === 'server' || word === 'agent') ?? -1
  if (start === undefined || at < 0) return undefined
  const role = start.words[at] === 'server' ? 'server' : 'agent'
  return { role, flags: flagsOf(start.words.slice(at + 1), start.origin) }
}

function flagsOf(words: readonly string[], origin: Evidence): SettingsByName {
  const flags = new Map<string, RancherSetting>()
  let name = ''
  for (const word of words) {
    const match = /^--?(?<name>[a-z][a-z0-9-]*)(?:=(?<value>.*))?$/s.exec(word)?.groups
    if (match !== undefined) name = longName(match['name'] ?? '')
    const text = match === undefined ? word : (match['value'] ?? '')
    if (name !== '')
      flags.set(name, { values: [...(flags.get(name)?.values ?? []), ...parted(text)], origin })
  }
  for (const [flag, { values }] of flags)
    if (values.length === 0) flags.set(flag, { values: ['true'], origin })
  return flags
}

/** Whether a switch is on: set, and not to `false`. */
export function isOn({ of }: RancherSettings, option: string): boolean {
  const setting = of.get(option)
  return setting !== undefined && setting.values.at(-1)?.toLowerCase() !== 'false'
}
