import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode, valueOfNode } from '../../engine/fact.ts'
import { type Found, found, unchecked } from '../../engine/verdict.ts'
import { type PersistedSysctls, persistedSysctls } from '../../facts/node/persistedSysctls.ts'
import type { SysctlAssignment } from '../../parsers/sysctlConf.ts'
import type { SysctlValues } from '../../parsers/sysctlValues.ts'
import { captured } from '../../sources/captured.ts'
import { type DeadDropin, type DeadSetting, text } from './sysctl-dead-dropin.text.ts'

type Note = 'dead' | 'runtime'

/** A folder of the bundle whose files nothing reads on a node: /etc/sysctl.d is meant. */
const DEAD_FOLDER = 'sysctl/files/etc/sysconf.d/'
const BUNDLE_FOLDER = 'sysctl/files'

/**
 * Kernel settings in /etc/sysconf.d, a folder that neither systemd-sysctl nor procps reads (sysctl.d(5), sysctl(8)): the name stands in
 * guides that are often copied.
 */
export default defineRule({
  id: 'sysctl-dead-dropin',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'sysctl.d(5)', url: 'https://www.freedesktop.org/software/systemd/man/latest/sysctl.d.html' },
  ],
  needs: { files: captured.sysctlFiles },
  // Taken from each node: what is short of either is nothing to a node without such files.
  wants: { values: eachNode(captured.sysctlValues), persisted: eachNode(persistedSysctls) },
  text,
  check({ files, values, persisted }, node) {
    if (files.length === 0) return unchecked('noFiles')
    const now = valueOfNode(values ?? [], node.id)
    const read = valueOfNode(persisted ?? [], node.id)
    return files
      .filter(({ path, value }) => path.startsWith(DEAD_FOLDER) && value.length > 0)
      .map((file) => deadDropin(file, node.id, now, read))
  },
})

function deadDropin(
  file: Capture<readonly SysctlAssignment[]>,
  node: string,
  now: Capture<SysctlValues> | undefined,
  read: PersistedSysctls | undefined,
): Found<DeadDropin, Note> {
  const settings = file.value.flatMap(({ key, value, line }) => {
    if (value === undefined) return []
    const current = now?.value.get(key)
    const setting: DeadSetting = {
      key,
      asked: value,
      ...(current && { runtime: current.value }),
      isMissed: current !== undefined && plain(current.value) !== plain(value),
      isReadElsewhere: plain(read?.atBoot(key)?.value ?? '') === plain(value),
    }
    return [{ setting, line, current }]
  })
  const missed = settings.filter(({ setting }) => setting.isMissed)
  const cited = (missed.length > 0 ? missed : settings).slice(0, 4)
  return found<DeadDropin, Note>(
    { node, file: file.path.slice(BUNDLE_FOLDER.length), settings: settings.map(({ setting }) => setting) },
    {
      subject: file.path.slice(DEAD_FOLDER.length),
      severity: missed.length > 0 ? 'medium' : 'low',
      confidence: 'certain',
      evidence: [
        ...cited.map(({ line }) => withNote<Note>(file.cite(line), 'dead')),
        ...cited.flatMap(({ current }) =>
          now && current ? withNote<Note>(now.cite(current.line), 'runtime') : [],
        ),
      ],
      about: [`node:${node}`, ...missed.map(({ setting }) => `sysctl:${node}/${setting.key}` as const)],
    },
  )
}

/** The kernel parts the numbers of one value by tabs, a file by whatever was typed. */
function plain(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}
