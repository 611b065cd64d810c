import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { type Found, clear, found, unchecked } from '../../engine/verdict.ts'
import { configReaderOf } from '../../facts/node/configReader.ts'
import { type LoggedLine, logSignals } from '../../facts/node/logSignals.ts'
import { readSystemdUnit } from '../../parsers/systemdUnit.ts'
import { captured } from '../../sources/captured.ts'
import { type SystemdDropinNoSection, text } from './systemd-dropin-no-section.text.ts'

type Note = 'ignored' | 'log'

const CITED = 4
const FOLDER = 'kube/config'

/** Settings in front of any section, which systemd ignores (systemd.syntax(7), src/shared/conf-parser.c). */
export default defineRule({
  id: 'systemd-dropin-no-section',
  area: 'configuration',
  severity: 'high',
  references: [
    {
      title: 'systemd.syntax(7)',
      url: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html',
    },
  ],
  needs: { files: captured.kubeConfigFiles },
  wants: { logs: logSignals },
  text,
  check({ files, logs }, node) {
    const logged = (logs?.of('unit-line-ignored')?.lines ?? []).filter(
      ({ groups, old }) => !old && groups.get('error') === 'Assignment outside of section',
    )
    const units = files.flatMap((file) => {
      const path = file.path.slice(FOLDER.length)
      return configReaderOf(path)?.grammar === 'systemd' ? [{ file, path }] : []
    })
    if (units.length === 0 && logged.length === 0) return unchecked('noUnits')

    const broken = units.flatMap(({ file, path }): Found<SystemdDropinNoSection, Note>[] => {
      const { outside } = readSystemdUnit(file.value.lines)
      if (outside.length === 0) return []
      const last = logged.findLast(({ groups }) => groups.get('file') === path)
      const settings = outside.map((line) => line.text.trim())
      return [
        found<SystemdDropinNoSection, Note>(
          { node: node.id, path, settings, isLogged: last !== undefined },
          {
            subject: path,
            severity: settings.some((setting) => /^(?:Exec|Environment)/.test(setting)) ? 'high' : 'medium',
            confidence: 'certain',
            evidence: [
              ...outside.slice(0, CITED).map((line) => withNote<Note>(file.cite(line), 'ignored')),
              ...(last === undefined ? [] : [withNote<Note>(last.origin, 'log')]),
            ],
            about: [`node:${node.id}`],
          },
        ),
      ]
    })
    const seen = new Set(units.map(({ path }) => path))
    const findings = [...broken, ...onlyLogged(node.id, logged, seen)]
    return findings.length === 0 ? clear() : findings
  },
})

function onlyLogged(
  node: string,
  logged: readonly LoggedLine[],
  seen: ReadonlySet<string>,
): readonly Found<SystemdDropinNoSection, Note>[] {
  const byPath = new Map(logged.map((line) => [line.groups.get('file') ?? '', line]))
  return [...byPath]
    .filter(([path]) => !seen.has(path))
    .map(([path, { origin }]) =>
      found<SystemdDropinNoSection, Note>(
        { node, path, settings: [], isLogged: true },
        {
          subject: path,
          severity: 'medium',
          confidence: 'likely',
          evidence: [withNote<Note>(origin, 'log')],
          about: [`node:${node}`],
        },
      ),
    )
}
