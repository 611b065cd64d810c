import type { Capture } from '../../bundle/bundle.ts'
import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { type Found, clear, found } from '../../engine/verdict.ts'
import { type LoggedLine, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import type { CniConf } from '../../parsers/cniConf.ts'
import type { Line } from '../../text/line.ts'
import { captured } from '../../sources/captured.ts'
import { formatCount } from '../../text/formatCount.ts'
import { type CniConfigMissing, text } from './cni-config-missing.text.ts'

type Note = 'noConfig' | 'noPlugin' | 'names' | 'list'

/** Nothing is in the folder that the runtime reads, or what is there names a plugin that is not on the node. */
export default defineRule({
  id: 'cni-config-missing',
  area: 'cni',
  severity: 'critical',
  references: [
    { title: 'containernetworking/cni pkg/invoke/find.go, FindInPath' },
    { title: 'containerd/go-cni, ErrCNINotInitialized and ErrLoad' },
  ],
  needs: { confs: captured.cniConf, logs: logSignals },
  wants: { bin: captured.cniBin },
  text,
  check({ confs, logs, bin }, node) {
    const findings: Found<CniConfigMissing, Note>[] = []
    const noConfig = logs.of('cni-config-not-found')?.lines.at(-1)
    // A configuration that is there now came after the line was written.
    if (noConfig !== undefined && confs.length === 0) findings.push(withoutConfig(node.id, noConfig))
    const missing = logs.of('cni-plugin-not-found')
    for (const [plugin, line] of byPlugin(missing?.lines ?? [])) {
      if (bin?.status === 'ok' && bin.value.some(({ text }) => text === plugin)) continue
      findings.push(withoutPlugin(node.id, plugin, missing?.count ?? 1, line, confs, bin))
    }
    return findings.length > 0 ? findings : clear()
  },
})

function byPlugin(lines: readonly LoggedLine[]): ReadonlyMap<string, LoggedLine> {
  return new Map(lines.map((line) => [line.groups.get('plugin') ?? '', line]))
}

function withoutConfig(node: string, line: LoggedLine): Found<CniConfigMissing, Note> {
  return found<CniConfigMissing, Note>(
    { kind: 'config', node, folder: line.groups.get('folder') ?? '/etc/cni/net.d' },
    {
      subject: 'config',
      confidence: confidenceFromLog('likely', [line]),
      evidence: [withNote<Note>(line.origin, 'noConfig')],
      about: [`node:${node}`],
    },
  )
}

function withoutPlugin(
  node: string,
  plugin: string,
  count: number,
  line: LoggedLine,
  confs: readonly Capture<CniConf>[],
  bin: Capture<readonly Line[]> | undefined,
): Found<CniConfigMissing, Note> {
  const naming = confs.find(({ value }) => value.plugins.some(({ type }) => type === plugin))
  const isListed = bin?.status === 'ok'
  const evidence: Citation<Note>[] = [withNote<Note>(line.origin, 'noPlugin', formatCount(count))]
  if (naming?.value.line) evidence.push(withNote<Note>(naming.cite(naming.value.line), 'names', plugin))
  if (isListed) evidence.push(withNote<Note>(bin.cite({ number: 0, text: bin.path }), 'list', plugin))
  const isProved = isListed && naming !== undefined && !line.old
  return found<CniConfigMissing, Note>(
    { kind: 'plugin', node, plugin, path: line.groups.get('path') ?? '' },
    {
      subject: plugin,
      confidence: isProved ? 'certain' : confidenceFromLog('likely', [line]),
      evidence,
      about: [
        ...(naming?.value.name === undefined ? [] : [`network:${node}/${naming.value.name}` as const]),
        `node:${node}`,
      ],
    },
  )
}
