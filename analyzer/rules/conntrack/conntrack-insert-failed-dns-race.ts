import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { type InsertRace, text } from './conntrack-insert-failed-dns-race.text.ts'

type Note = 'failed' | 'kernel' | 'option'

/** Fewer happen on any node with Services. */
const MANY = 100
/** Linux 5.0 resolves such clashes (netfilter: nf_nat, nf_conntrack: "resolve clash" of UDP, 4.19 to 5.0). */
const RESOLVES_CLASHES = 5

/**
 * Entries that could not be put into the table of connections (insert_failed), as when the two queries of one name (A and AAAA) leave one
 * socket at once: the second packet is dropped, and the resolver waits five seconds (kubernetes#56903).
 */
export default defineRule({
  id: 'conntrack-insert-failed-dns-race',
  area: 'conntrack',
  severity: 'medium',
  references: [
    { title: 'kubernetes/kubernetes#56903', url: 'https://github.com/kubernetes/kubernetes/issues/56903' },
    { title: 'weaveworks/weave#3287', url: 'https://github.com/weaveworks/weave/issues/3287' },
    { title: 'conntrack(8), -S', url: 'https://manpages.debian.org/bookworm/conntrack/conntrack.8.en.html' },
  ],
  needs: { stats: captured.conntrackStats },
  wants: { uname: captured.uname, resolvConf: captured.resolvConf },
  text,
  check({ stats, uname, resolvConf }, node) {
    const failed = stats.value.totals.get('insert_failed')
    if (failed === undefined) return unchecked('noCounter')
    if (failed < MANY) return clear()
    const release = uname?.value
    const major = release?.kernelVersion[0]
    const isOld = major !== undefined && major < RESOLVES_CLASHES
    const avoids = resolvConf?.value.options.find(({ value }) => value.startsWith('single-request'))
    const evidence: Citation<Note>[] = stats.value.lines
      .filter(({ text: line }) => /\binsert_failed(?:=|\s+)[1-9]/.test(line))
      .slice(0, 3)
      .map((line) => withNote<Note>(stats.cite(line), 'failed'))
    if (uname && release) evidence.push(withNote<Note>(uname.cite(release.line), 'kernel'))
    if (resolvConf && avoids) evidence.push(withNote<Note>(resolvConf.cite(avoids.line), 'option'))
    return found<InsertRace, Note>(
      {
        node: node.id,
        failed,
        resolved: (stats.value.totals.get('clash_resolve') ?? 0) + (stats.value.totals.get('clashres') ?? 0),
        isOld,
        ...(release && { release: release.release }),
      },
      {
        subject: 'insert_failed',
        ...(!isOld && { severity: 'low' }),
        confidence: isOld ? 'likely' : 'possible',
        evidence,
        about: [`node:${node.id}`],
      },
    )
  },
})
