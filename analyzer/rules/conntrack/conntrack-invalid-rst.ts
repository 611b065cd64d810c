import { defineRule } from '../../engine/defineRule.ts'
import { type Citation, withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { kubeProxyDump } from '../../facts/node/kubeProxyDump.ts'
import { sysctl } from '../../facts/node/sysctl.ts'
import { parseIptablesRule } from '../../parsers/iptablesRule.ts'
import type { IptablesChain } from '../../parsers/iptablesTables.ts'
import { captured } from '../../sources/captured.ts'
import { type InvalidReset, text } from './conntrack-invalid-rst.text.ts'

type Note = 'invalid' | 'chain' | 'liberal'

const KEY = 'net.netfilter.nf_conntrack_tcp_be_liberal'
/** Fewer happen on any node: late packets of connections that are over. */
const MANY = 1000

/**
 * Packets that connection tracking calls invalid pass untranslated to the client, which answers with a reset: kube-proxy of before 1.15
 * has no rule that drops them (kubernetes#74839), and tracking is strict about TCP windows.
 */
export default defineRule({
  id: 'conntrack-invalid-rst',
  area: 'conntrack',
  severity: 'medium',
  references: [
    { title: 'kubernetes/kubernetes#74839', url: 'https://github.com/kubernetes/kubernetes/issues/74839' },
    { title: 'kubernetes/kubernetes#94861', url: 'https://github.com/kubernetes/kubernetes/issues/94861' },
    { title: 'Linux Documentation/networking/nf_conntrack-sysctl.rst, nf_conntrack_tcp_be_liberal' },
  ],
  needs: { dump: kubeProxyDump, sysctl, stats: captured.conntrackStats },
  text,
  check({ dump, sysctl, stats }, node) {
    const chain = dump.value.tables.get('filter')?.chains.get('KUBE-FORWARD')
    if (chain === undefined) return notApplicable('noChain')
    if (dropsInvalid(chain)) return clear()
    const liberal = sysctl.number(KEY)
    const invalid = stats.value.totals.get('invalid')
    if (liberal === undefined || invalid === undefined) return unchecked('noCounter')
    if (liberal.value !== 0 || invalid < MANY) return clear()
    const evidence: Citation<Note>[] = [
      ...stats.value.lines
        .filter(({ text: line }) => /\binvalid(?:=|\s+)[1-9]/.test(line))
        .slice(0, 2)
        .map((line) => withNote<Note>(stats.cite(line), 'invalid')),
      withNote<Note>(liberal.origin, 'liberal'),
      ...chain.rules.slice(0, 3).map(({ line }) => withNote<Note>(dump.cite(line), 'chain')),
    ]
    return found<InvalidReset, Note>(
      { node: node.id, invalid },
      {
        subject: 'KUBE-FORWARD',
        confidence: 'possible',
        evidence,
        about: [`node:${node.id}`, `sysctl:${node.id}/${KEY}`, 'chain:filter/KUBE-FORWARD'],
      },
    )
  },
})

/** `-m conntrack --ctstate INVALID -j DROP`. */
function dropsInvalid({ rules }: Pick<IptablesChain, 'rules'>): boolean {
  return rules.some((rule) => {
    const { matches, target } = parseIptablesRule(rule)
    const states = matches.flatMap(({ options }) =>
      options.flatMap(({ name, negated, values }) =>
        name === '--ctstate' && !negated ? values.flatMap((value) => value.split(',')) : [],
      ),
    )
    return target?.name === 'DROP' && states.includes('INVALID')
  })
}
