import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, notApplicable } from '../../engine/verdict.ts'
import { captured } from '../../sources/captured.ts'
import { text } from './flannel-state-wiped.text.ts'

type Note = 'state' | 'pods' | 'config'

/** Pods that were just being made or removed account for so many. */
const SLACK = 3
const PLUGIN = 'flannel'

/**
 * The flannel plugin keeps what it handed to its delegate in /var/lib/cni/flannel, one file for each sandbox. Without it DEL ends
 * without calling host-local: the address stays taken (containernetworking/plugins 0.9, flannel_linux.go, doCmdDel).
 */
export default defineRule({
  id: 'flannel-state-wiped',
  area: 'cni',
  severity: 'medium',
  references: [
    { title: 'flannel-io/cni-plugin flannel_linux.go, doCmdDel: a missing state file is no error' },
    {
      title: 'rke2 documentation, Known Issues: Canal and IP exhaustion',
      url: 'https://docs.rke2.io/known_issues',
    },
  ],
  needs: { state: captured.flannelState, pods: captured.criPods, confs: captured.cniConf },
  text,
  check({ state, pods, confs }, node) {
    const conf = confs.find(({ value }) => value.plugins.some(({ type }) => type === PLUGIN))
    if (conf === undefined) return notApplicable('noFlannel')
    // Whether a sandbox is on the host's network the list does not tell: only a folder with next to nothing speaks for itself.
    const saved = state.value.length
    const running = pods.value.length
    if (saved > 0 || running <= SLACK) return clear()
    return found(
      { node: node.id, pods: running },
      {
        subject: 'state',
        confidence: 'possible',
        evidence: [
          withNote<Note>(state.cite({ number: 0, text: state.status }), 'state'),
          withNote<Note>(pods.cite({ number: 0, text: pods.status }), 'pods', running),
          ...(conf.value.line ? [withNote<Note>(conf.cite(conf.value.line), 'config')] : []),
        ],
        about: [`node:${node.id}`],
      },
    )
  },
})
