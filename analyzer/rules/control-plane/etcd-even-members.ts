import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { eachNode } from '../../engine/fact.ts'
import { clear, found, notApplicable, unchecked } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './etcd-even-members.text.ts'

/** An etcd cluster with an even number of members that vote: one of them is there for nothing. */
export default defineRule({
  id: 'etcd-even-members',
  area: 'control-plane',
  severity: 'medium',
  references: [
    {
      title: 'Frequently asked questions (etcd): odd number of members',
      url: 'https://etcd.io/docs/v3.5/faq/',
    },
  ],
  needs: { lists: eachNode(captured.etcd) },
  text,
  check({ lists }, node) {
    const all = lists.flatMap(({ node: holder, value }) =>
      value.flatMap(({ value: { members, line }, cite }) =>
        members === undefined || members.length === 0
          ? []
          : [{ holder: holder.id, members, origin: cite(line) }],
      ),
    )
    const own = all.find(({ holder }) => holder === node.id)
    if (own === undefined) return all.length > 0 ? notApplicable('toldElsewhere') : unchecked('noMembers')
    const voters = own.members.filter(({ isLearner }) => !isLearner)
    if (voters.length % 2 === 1 || voters.length === 0) return clear()
    const names = voters.map(({ name, peerUrls }) => name || (peerUrls[0] ?? ''))
    const sameList = all.filter(({ members }) => urlsOf(members) === urlsOf(own.members))
    return found(
      { members: names.toSorted(), unstarted: voters.filter(({ name }) => name === '').length },
      {
        subject: '',
        severity: voters.length === 2 ? 'high' : 'medium',
        confidence: 'certain',
        nodes: sameList.map(({ holder }) => holder).toSorted(),
        about: sameList.map(({ holder }) => `node:${holder}` as const),
        evidence: [withNote(own.origin, 'members', voters.length)],
      },
    )
  },
})

function urlsOf(members: readonly { readonly peerUrls: readonly string[] }[]): string {
  return members
    .flatMap(({ peerUrls }) => peerUrls)
    .toSorted()
    .join(' ')
}
