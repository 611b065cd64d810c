import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { captured } from '../../sources/captured.ts'
import { type InotifyLimit, text } from './sysctl-inotify-limits.text.ts'

type Note = 'log' | 'limit' | 'containers'

const KEYS = { instances: 'fs.inotify.max_user_instances', watches: 'fs.inotify.max_user_watches' } as const
/** At or below these the limit itself explains the error; above them something else may (open files, a leak). */
const LOW = { instances: 1024, watches: 65_536 } as const
/** The kernel's default of instances, and how many containers live with it as a rule (kubernetes#58081: 59 pods did not). */
const DEFAULT_INSTANCES = 128
const MANY_CONTAINERS = 50

/** The limits of inotify are reached, or are those of a desktop on a node with many containers (inotify(7)). */
export default defineRule({
  id: 'sysctl-inotify-limits',
  area: 'routing',
  severity: 'medium',
  references: [
    { title: 'inotify(7)', url: 'https://man7.org/linux/man-pages/man7/inotify.7.html' },
    { title: 'kubernetes/kubernetes#58081', url: 'https://github.com/kubernetes/kubernetes/issues/58081' },
    { title: 'google/cadvisor#1581', url: 'https://github.com/google/cadvisor/issues/1581' },
  ],
  needs: { sysctl },
  wants: { logs: logSignals, containers: captured.criContainers },
  text,
  check({ sysctl, logs, containers }, node) {
    const logged = logs?.of('inotify-exhausted')
    const last = logged?.lines.at(-1)
    if (logged !== undefined && last !== undefined) {
      const isWatches = logged.lines.some((line) => line.groups.get('error') === 'no space left on device')
      const limit = isWatches ? 'watches' : 'instances'
      const setting = sysctl.number(KEYS[limit])
      const isLow = setting !== undefined && setting.value <= LOW[limit]
      const evidence: Citation<Note>[] = logged.lines
        .slice(-2)
        .map(({ origin }) => withNote<Note>(origin, 'log', logged.count))
      if (setting) evidence.push(withNote<Note>(setting.origin, 'limit'))
      return found<InotifyLimit, Note>(
        {
          kind: 'reached',
          node: node.id,
          limit,
          isLow,
          logLines: logged.count,
          ...(setting && { value: setting.value }),
        },
        {
          subject: limit,
          confidence: confidenceFromLog(isLow ? 'certain' : 'likely', logged.lines),
          evidence,
          about: [`node:${node.id}`, `sysctl:${node.id}/${KEYS[limit]}`],
        },
      )
    }
    const instances = sysctl.number(KEYS.instances)
    if (instances === undefined) return unchecked('noKey')
    const running = containers?.value.filter(({ state }) => state === 'RUNNING') ?? []
    if (instances.value > DEFAULT_INSTANCES || running.length <= MANY_CONTAINERS) return clear()
    return found<InotifyLimit, Note>(
      { kind: 'default', node: node.id, value: instances.value, containers: running.length },
      {
        subject: 'default',
        severity: 'low',
        confidence: 'possible',
        evidence: [
          withNote<Note>(instances.origin, 'limit'),
          ...(containers
            ? [withNote<Note>(containers.cite({ number: 0, text: '' }), 'containers', running.length)]
            : []),
        ],
        about: [`node:${node.id}`, `sysctl:${node.id}/${KEYS.instances}`],
      },
    )
  },
})
