import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { type IptablesDump, iptablesReadings } from '../../facts/node/iptablesReadings.ts'
import type { IptablesTaint } from '../../facts/node/iptablesTaints.ts'
import { type LoggedSignal, confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, text } from './iptables-table-incompatible.text.ts'

/**
 * A native nftables rule in a table of iptables: iptables-nft refuses the whole table from then on (kube-router#1777, k3s#11415).
 * `iptables-nft-save` prints a comment in its place and exits with 0; 1.8.0 to 1.8.2 print nothing.
 */
export default defineRule({
  id: 'iptables-table-incompatible',
  area: 'iptables',
  severity: 'high',
  references: [
    {
      title: 'cloudnativelabs/kube-router#1777: chain in table is incompatible, use nft tool',
      url: 'https://github.com/cloudnativelabs/kube-router/issues/1777',
    },
    { title: 'iptables/nft.c and xtables-save.c (1.8.x)' },
  ],
  needs: {},
  // What the dumps show is enough to say that all is well: a log that is cut short does not put it in doubt.
  wants: { dumps: iptablesReadings, logs: eachNode(logSignals), nft: eachNode(captured.nftRuleset) },
  text,
  check({ dumps, logs, nft }, node) {
    const refused = (dumps ?? []).flatMap((dump) =>
      dump.taints
        .filter(({ why }) => why === 'incompatible' || why === 'left-out')
        .map((taint) => ({ dump, taint })),
    )
    const logged = logs?.find((log) => log.node.id === node.id)?.value.of('iptables-table-incompatible')
    if (refused.length === 0 && logged === undefined) {
      if (dumps === undefined) return unchecked('noDump')
      return dumps.some(({ backend }) => backend !== 'legacy') ? clear() : notApplicable('legacyOnly')
    }
    const ruleset = nft?.find((answer) => answer.node.id === node.id)?.value
    const tables = new Set([...refused.map(({ taint }) => taint.table), ...loggedTables(logged)])
    const nftLines = (ruleset?.value.tables ?? [])
      .filter(({ family, name }) => family === 'ip' && tables.has(name))
      .map(({ line }) => line)
    return found(
      {
        node: node.id,
        tables: [...tables].toSorted(),
        isInDump: refused.length > 0,
        logLines: logged?.count ?? 0,
      },
      {
        subject: 'tables',
        confidence: refused.length > 0 ? 'certain' : confidenceFromLog('likely', logged?.lines ?? []),
        evidence: [
          ...refused.slice(0, 3).flatMap(({ dump, taint }) => dumpLine(dump, taint)),
          ...(logged?.lines ?? []).slice(-2).map(({ origin }) => withNote<Note>(origin, 'log')),
          ...nftLines
            .slice(0, 2)
            .flatMap((line) => (ruleset ? [withNote<Note>(ruleset.cite(line), 'nft')] : [])),
        ],
        about: [`node:${node.id}`],
      },
    )
  },
})

/** Where nothing stands in place of the table, the head of the dump that lacks it. */
function dumpLine(dump: IptablesDump, { line, table }: IptablesTaint): Citation<Note>[] {
  if (line !== undefined) return [withNote(dump.capture.cite(line), 'dump')]
  return dump.versionOrigin === undefined ? [] : [withNote(dump.versionOrigin, 'leftOut', table)]
}

function loggedTables(logged: LoggedSignal | undefined): readonly string[] {
  return (logged?.lines ?? []).flatMap(({ groups }) => groups.get('table') ?? [])
}
