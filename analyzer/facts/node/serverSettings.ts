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
export interface ServerSetting {
  /** A flag without a value is `true`; what a list holds in its order, parted at commas. */
  readonly values: readonly string[]
  readonly origin: Evidence
}

/** The configuration of a server of k3s or rke2, as a start would take it. */
export interface ServerSettings {
  readonly distribution: 'k3s' | 'rke2'
  /** By the name of the option, `cluster-cidr`. */
  readonly of: ReadonlyMap<string, ServerSetting>
}

const FILE = /\/etc\/rancher\/(?:k3s|rke2)\/config\.yaml(?:\.d\/[^/]+\.ya?ml)?$/
const UNIT = /\/systemd\/system\/(?<unit>k3s|rke2-server)\.service(?:\.d\/[^/]+\.conf)?$/

/**
 * The options of a node's server: config.yaml, over it config.yaml.d in the order of names (a key with `+` adds to a list), over
 * them the flags in ExecStart (pkg/configfilearg of k3s). Undefined where no unit of a server was captured: a configuration file
 * alone may be an agent's.
 */
export const serverSettings = defineNodeFact({
  name: 'configuration of the server',
  needs: { configs: captured.kubeConfigFiles },
  compute({ configs }) {
    const units = configs.filter(({ path }) => UNIT.test(path)).toSorted(byName)
    const unit = UNIT.exec(units[0]?.path ?? '')?.groups?.['unit']
    const flags = flagsOf(units)
    if (unit === undefined || flags === undefined) return available<ServerSettings | undefined>(undefined)
    const settings = new Map<string, ServerSetting>()
    for (const config of configs.filter(({ path }) => FILE.test(path)).toSorted(byName))
      readInto(settings, config)
    for (const [name, setting] of flags) settings.set(name, setting)
    return available<ServerSettings | undefined>({
      distribution: unit === 'k3s' ? 'k3s' : 'rke2',
      of: settings,
    })
  },
})

function byName(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1
}

function readInto(settings: Map<string, ServerSetting>, { value, cite }: Capture<YamlConfig>): void {
  const [document] = value.documents
  for (const key of Object.keys(asObject(document?.value) ?? {})) {
    const line = document?.lineOf([key])
    if (line === undefined) continue
    const values = valuesOf(field(document?.value, key))
    const name = key.replace(/\+$/, '')
    const before = key.endsWith('+') ? (settings.get(name)?.values ?? []) : []
    settings.set(name, { values: [...before, ...values], origin: cite(line) })
  }
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

/** The flags of the last ExecStart that is not empty; undefined where it starts no server. */
function flagsOf(units: readonly Capture<YamlConfig>[]): ReadonlyMap<string, ServerSetting> | undefined {
  const starts = units.flatMap(({ value, cite }) =>
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
  const at = start?.words.indexOf('server') ?? -1
  if (start === undefined || at < 0) return undefined
  const flags = new Map<string, ServerSetting>()
  let name = ''
  for (const word of start.words.slice(at + 1)) {
    const match = /^--?(?<name>[a-z][a-z0-9-]*)(?:=(?<value>.*))?$/s.exec(word)?.groups
    if (match === undefined) add(flags, name, parted(word), start.origin)
    else {
      name = match['name'] ?? ''
      const value = match['value']
      add(flags, name, value === undefined ? [] : parted(value), start.origin)
    }
  }
  for (const [flag, { values, origin }] of flags)
    if (values.length === 0) flags.set(flag, { values: ['true'], origin })
  return flags
}

function add(
  flags: Map<string, ServerSetting>,
  name: string,
  values: readonly string[],
  origin: Evidence,
): void {
  if (name !== '') flags.set(name, { values: [...(flags.get(name)?.values ?? []), ...values], origin })
}
