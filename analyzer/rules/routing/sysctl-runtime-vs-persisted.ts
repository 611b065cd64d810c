import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import type { Inputs } from '../../engine/fact.ts'
import { type Found, found } from '../../engine/verdict.ts'
import {
  type PersistedSetting,
  type PersistedSysctls,
  persistedSysctls,
} from '../../facts/node/persistedSysctls.ts'
import { type NumericSetting, sysctl } from '../../facts/node/sysctl.ts'
import { captured } from '../../sources/captured.ts'
import { wholeNumber } from '../../text/wholeNumber.ts'
import { type SettingDiffers, text } from './sysctl-runtime-vs-persisted.text.ts'
import { WATCHED_SETTINGS, type WatchedSetting, harmWants } from './watchedSettings.ts'

type Note = 'runtime' | 'persisted' | 'overridden' | 'noKey'

const needs = { values: captured.sysctlValues, sysctl, persisted: persistedSysctls }
type Given = Inputs<typeof needs, typeof harmWants>

/**
 * A kernel setting is not what the files of sysctl.d ask for: somebody reset it after the boot, or the next boot (or whoever runs
 * `sysctl --system`) will undo what works now.
 */
export default defineRule({
  id: 'sysctl-runtime-vs-persisted',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'sysctl.d(5)', url: 'https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html' },
    { title: 'sysctl(8), --system', url: 'https://man7.org/linux/man-pages/man8/sysctl.8.html' },
    { title: 'Linux Documentation/networking/ip-sysctl.rst' },
  ],
  needs,
  wants: harmWants,
  text,
  check(inputs, node) {
    return WATCHED_SETTINGS.flatMap((watched) => {
      const asked = askedFor(inputs.persisted, watched.key)
      const value = wholeNumber(asked?.setting.value)
      if (asked === undefined || value === undefined) return []
      const runtime = inputs.sysctl.number(watched.key)
      const base = { node: node.id, key: watched.key, asked: value, file: asked.setting.file }
      const proof = { asked, watched, inputs }
      if (runtime === undefined) {
        if (watched.isHarmful(value, inputs) || !isModuleMissing(watched.key, inputs)) return []
        return differs({ ...base, kind: 'unset' }, undefined, proof)
      }
      if (runtime.value === value) return []
      const isWorseNow = watched.worse === 'smaller' ? runtime.value < value : runtime.value > value
      if (isWorseNow) return differs({ ...base, kind: 'reset', runtime: runtime.value }, runtime, proof)
      if (!watched.isHarmful(value, inputs)) return []
      return differs({ ...base, kind: 'undone', runtime: runtime.value }, runtime, proof)
    })
  },
})

/** The setting that counts; from /etc/sysctl.conf alone only where nothing that is read at boot names the key. */
interface Asked {
  readonly setting: PersistedSetting
  readonly isUnreadAtBoot: boolean
  readonly overridden: readonly PersistedSetting[]
}

function askedFor(persisted: PersistedSysctls, key: string): Asked | undefined {
  const atBoot = persisted.atBoot(key)
  const setting = atBoot ?? persisted.bySystem(key)
  if (setting === undefined) return undefined
  const overridden = persisted.asked(key).filter(({ value }) => value !== setting.value)
  return { setting, isUnreadAtBoot: atBoot === undefined, overridden }
}

/** Keys of a module that is not loaded do not exist. */
function isModuleMissing(key: string, { values }: Given): boolean {
  if (!key.startsWith('net.bridge.') || values.status !== 'ok') return false
  return ![...values.value.keys()].some((known) => known.startsWith('net.bridge.'))
}

interface Proof {
  readonly asked: Asked
  readonly watched: WatchedSetting
  readonly inputs: Given
}

type Bare = Pick<SettingDiffers, 'kind' | 'node' | 'key' | 'asked' | 'file' | 'runtime'>

function differs(
  bare: Bare,
  runtime: NumericSetting | undefined,
  { asked, watched, inputs }: Proof,
): Found<SettingDiffers, Note>[] {
  const now = runtime?.value ?? 0
  const isHarmful = watched.isHarmful(bare.kind === 'undone' ? bare.asked : now, inputs)
  if (bare.kind === 'unset' && !isHarmful) return []
  const isBootKnown = !asked.isUnreadAtBoot
  const data: SettingDiffers = {
    ...bare,
    isHarmful,
    isUnreadAtBoot: asked.isUnreadAtBoot,
    overridden: asked.overridden.map(({ file }) => file),
    ...(watched.setBy && { setBy: watched.setBy }),
  }
  return [
    found<SettingDiffers, Note>(data, {
      subject: watched.key,
      severity: isHarmful ? 'high' : 'low',
      confidence: bare.kind === 'undone' ? (isBootKnown ? 'likely' : 'possible') : 'certain',
      evidence: [...evidenceOf(runtime, asked, inputs)],
      about: [`node:${bare.node}`, `sysctl:${bare.node}/${watched.key}`],
    }),
  ]
}

function evidenceOf(runtime: NumericSetting | undefined, asked: Asked, { values }: Given): Citation<Note>[] {
  return [
    runtime === undefined
      ? withNote<Note>(values.cite({ number: 0, text: '' }), 'noKey')
      : withNote<Note>(runtime.origin, 'runtime'),
    withNote<Note>(asked.setting.origin, 'persisted', asked.setting.file),
    ...asked.overridden.slice(-3).map(({ origin, file }) => withNote<Note>(origin, 'overridden', file)),
  ]
}
