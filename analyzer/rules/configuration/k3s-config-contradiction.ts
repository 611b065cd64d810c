import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Confidence, Severity } from '../../engine/outcome.ts'
import { type Found, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type Clock, clock } from '../../facts/node/clock.ts'
import { isRecent } from '../../facts/node/isRecent.ts'
import {
  type LogSignals,
  type LoggedLine,
  confidenceFromLog,
  logSignals,
} from '../../facts/node/logSignals.ts'
import {
  type RancherSettings,
  type SettingsByName,
  isOn,
  rancherSettings,
} from '../../facts/node/rancherSettings.ts'
import type { LogExtract } from '../../logs/logEntry.ts'
import type { SignalId } from '../../logs/signals.ts'
import { captured } from '../../sources/captured.ts'
import { type Contradiction, type Kind, type Note, text } from './k3s-config-contradiction.text.ts'
import { SINGLE_OPTIONS } from './singleOptions.ts'

type Finding = Found<Contradiction, Note>

/** What the node has to show: its options, and what k3s or rke2 logged. */
interface Shown {
  readonly node: string
  readonly settings: RancherSettings | undefined
  readonly journals: readonly Capture<LogExtract>[]
  readonly logs: LogSignals | undefined
  readonly clock: Clock | undefined
}

const JOURNAL = /^journal\/(?:.*\/)?(?:k3s|rke2)[^/]*$/
/** systemd starts the service again every few seconds. */
const FEWEST_LINES = 3
/** A log that goes on for so long without another such line is of a node that has started. */
const STARTED_MS = 600_000
/** The service does not start, or does not what it is told; else a value is not what it seems. */
const SEVERITIES: Readonly<Record<Kind, Severity>> = {
  undefined: 'high',
  refused: 'high',
  reset: 'high',
  skipped: 'medium',
  overridden: 'low',
  datastore: 'low',
  joins: 'info',
}

/** Options of k3s or rke2 that contradict each other, are not known to it, or have no effect. */
export default defineRule({
  id: 'k3s-config-contradiction',
  area: 'configuration',
  severity: 'medium',
  references: [
    {
      title: 'k3s, pkg/configfilearg/parser.go: Parse, stripInvalidFlags; defaultparser.go: ValidFlags',
      url: 'https://github.com/k3s-io/k3s/tree/master/pkg/configfilearg',
    },
    {
      title: 'k3s, pkg/cluster/managed.go: assignManagedDriver, start; pkg/cli/server/server.go: run',
      url: 'https://github.com/k3s-io/k3s/blob/master/pkg/cluster/managed.go',
    },
    {
      title: 'k3s#4509: unknown options of a server are skipped',
      url: 'https://github.com/k3s-io/k3s/issues/4509',
    },
    {
      title: 'k3s#6565: an agent ends at an option of servers',
      url: 'https://github.com/k3s-io/k3s/issues/6565',
    },
    {
      title: 'Configuration File (K3s documentation)',
      url: 'https://docs.k3s.io/installation/configuration#configuration-file',
    },
  ],
  needs: { settings: rancherSettings },
  wants: { journals: captured.journals, logs: logSignals, clock },
  text,
  check({ settings, journals, logs, clock }, node) {
    const own = (journals ?? []).filter(({ path }) => JOURNAL.test(path))
    if (settings === undefined && own.length === 0) return notApplicable('noK3s')
    const shown: Shown = { node: node.id, settings, journals: own, logs, clock }
    const refused = refusedOptions(shown)
    const findings = [
      ...skippedOptions(shown),
      ...undefinedOptions(shown),
      ...(refused.length > 0 ? refused : resetAgain(shown)),
      ...(settings === undefined
        ? []
        : [...overriddenOptions(shown, settings), ...idleOptions(shown, settings)]),
    ]
    if (findings.length > 0) return findings
    if (settings === undefined) return unchecked('noUnit')
    return own.length === 0 ? unchecked('noLog') : []
  },
})

/** A server skips what it does not know, once at each start; what was taken out of the file since is no matter. */
function skippedOptions(shown: Shown): readonly Finding[] {
  const { settings } = shown
  const starts = linesOf(shown, 'k3s-started').flatMap(({ timeMs }) => timeMs ?? [])
  const before = starts.at(-2) ?? -Infinity
  const lines = linesOf(shown, 'k3s-option-unknown').filter(({ timeMs = Infinity }) => timeMs > before)
  const file: SettingsByName = settings?.file ?? new Map<string, never>()
  const options = optionsOf(lines).filter((option) => file.size === 0 || file.has(option))
  const kept = lines.filter(({ groups }) => options.includes(groups.get('option') ?? ''))
  if (kept.length === 0) return []
  return [finding(shown, 'skipped', options, file.size > 0 ? 'certain' : 'likely', kept)]
}

/** An agent, and an old server, end at what they do not know. */
function undefinedOptions(shown: Shown): readonly Finding[] {
  const lines = failuresOf(shown, 'k3s-option-undefined')
  if (lines.length === 0) return []
  const options = optionsOf(lines.slice(-1))
  return [finding(shown, 'undefined', options, confidenceOf(shown, options, lines), lines)]
}

function refusedOptions(shown: Shown): readonly Finding[] {
  const lines = failuresOf(shown, 'k3s-options-refused')
  const words = lines.at(-1)?.groups.get('words')
  if (words === undefined) return []
  const options = words.includes('server URL')
    ? ['cluster-reset', 'server']
    : [...words.matchAll(/--([a-z][a-z0-9-]*)/g)].map(([, option = '']) => option)
  return [finding(shown, 'refused', options, confidenceOf(shown, options, lines), lines, words)]
}

/** It is meant to be given once, by hand: the server resets, and ends. */
function resetAgain(shown: Shown): readonly Finding[] {
  const { settings } = shown
  const lines = failuresOf(shown, 'k3s-reset-again')
  const isSet = settings?.role === 'server' && isOn(settings, 'cluster-reset')
  if (lines.length === 0 && !isSet) return []
  const options = ['cluster-reset']
  const confidence = lines.length === 0 ? 'likely' : confidenceOf(shown, options, lines)
  return [finding(shown, 'reset', options, confidence, lines)]
}

/** Of options that hold one value; of lists k3s takes both. */
function overriddenOptions(shown: Shown, { file, flags }: RancherSettings): readonly Finding[] {
  const options = [...flags.keys()].filter((option) => {
    const values = [valueOf(file, option), valueOf(flags, option)]
    const isTold = values.every((value) => value !== undefined && !value.includes('$'))
    return SINGLE_OPTIONS.has(option) && isTold && values[0] !== values[1]
  })
  return options.length === 0 ? [] : [finding(shown, 'overridden', options, 'certain', [])]
}

/** `cluster-init` is for a server that has neither a cluster to join nor another datastore; rke2 does not know it. */
function idleOptions(shown: Shown, settings: RancherSettings): readonly Finding[] {
  if (settings.distribution !== 'k3s' || settings.role !== 'server' || !isOn(settings, 'cluster-init'))
    return []
  const told = (kind: Kind, option: string): Finding[] =>
    settings.of.has(option) ? [finding(shown, kind, ['cluster-init', option], 'certain', [])] : []
  return [...told('datastore', 'datastore-endpoint'), ...told('joins', 'server')]
}

function valueOf(settings: SettingsByName, option: string): string | undefined {
  return settings.get(option)?.values.join(',').toLowerCase()
}

function linesOf({ logs }: Shown, signal: SignalId): readonly LoggedLine[] {
  return (logs?.of(signal)?.lines ?? []).filter(({ origin }) => JOURNAL.test(origin.path))
}

/** Lines with which a start failed; none where the log goes on without them. */
function failuresOf(shown: Shown, signal: SignalId): readonly LoggedLine[] {
  const lines = linesOf(shown, signal)
  const last = lines.at(-1)
  const end = shown.journals.find(({ path }) => path === last?.origin.path)?.value.lastTimeMs
  const hasStarted = last?.timeMs !== undefined && end !== undefined && end - last.timeMs > STARTED_MS
  return hasStarted ? [] : lines
}

function optionsOf(lines: readonly LoggedLine[]): readonly string[] {
  return [...new Set(lines.flatMap(({ groups }) => groups.get('option') ?? []))]
}

/** The log and the option where it is set tell it together; the log alone, where it goes on. */
function confidenceOf(
  { settings, clock }: Shown,
  options: readonly string[],
  lines: readonly LoggedLine[],
): Confidence {
  if (options.some((option) => settings?.of.has(option))) return 'certain'
  return lines.length >= FEWEST_LINES && isRecent(lines, clock) ? 'likely' : 'possible'
}

function finding(
  { node, settings, journals }: Shown,
  kind: Kind,
  options: readonly string[],
  confidence: Confidence,
  lines: readonly LoggedLine[],
  words = '',
): Finding {
  const isServer = journals.every(({ path }) => !path.includes('agent'))
  const set = options.flatMap((option) =>
    [settings?.file, settings?.flags].flatMap((from) => {
      const setting = from?.get(option)
      return setting === undefined
        ? []
        : [{ option, value: setting.values.join(','), origin: setting.origin }]
    }),
  )
  const evidence: Citation<Note>[] = [
    ...set.map(({ option, value, origin }) => withNote<Note>(origin, 'set', `${option}: ${value}`)),
    ...lines.slice(-2).map(({ origin }) => withNote<Note>(origin, 'logged')),
  ]
  return found<Contradiction, Note>(
    {
      node,
      kind,
      options,
      words,
      distribution:
        settings?.distribution ?? (journals.some(({ path }) => path.includes('rke2')) ? 'rke2' : 'k3s'),
      role: settings?.role ?? (isServer ? 'server' : 'agent'),
      values: options.map((option) => ({
        option,
        file: settings?.file.get(option)?.values.join(',') ?? '',
        flag: settings?.flags.get(option)?.values.join(',') ?? '',
      })),
      isLogged: lines.length > 0,
      isRestored: settings?.of.has('cluster-reset-restore-path') === true,
    },
    {
      subject: kind,
      severity: SEVERITIES[kind],
      confidence: lines.length === 0 ? confidence : confidenceFromLog(confidence, lines),
      about: [`node:${node}`],
      evidence,
    },
  )
}
