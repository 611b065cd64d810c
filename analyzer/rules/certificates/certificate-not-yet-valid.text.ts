import type { RuleTexts } from '../../engine/ruleText.ts'
import { stepsIn } from '../../engine/saidStep.ts'
import { formatTime } from '../../text/formatTime.ts'
import { howOften } from '../../text/howOften.ts'
import { consequence, pathsInWords, rolesInWords } from './certificateWords.ts'
import { chineseConsequence, chinesePaths, chineseRoles } from './certificateWordsChinese.ts'
import { datesStep } from './datesStep.ts'
import type { LifetimeFault, LifetimeNote } from './lifetimeFault.ts'

/** The words of certificate-not-yet-valid. */
export const text: RuleTexts<LifetimeFault, 'noCertificates', LifetimeNote> = {
  en: {
    name: 'A certificate is not valid yet',
    looksFor:
      'The beginning of every certificate that the node works with, judged by the node’s own clock at the time of the capture, and log lines that say `x509: … current time … is before …`.',
    why: 'A certificate is refused before its beginning as it is past its end. Certificates are made valid from the moment they are made, so that one from the future tells of a clock: that of this node is behind, or that of the machine that made the certificate was ahead. Nodes without a battery for their clock start in the past until they reach a time server.',
    consequences:
      'Connections between components are refused with x509 errors right after an installation or a start, until the clock has caught up.',
    commonCauses: [
      'A node without a battery for its clock, or a virtual machine resumed from a snapshot.',
      'A time zone taken for UTC when the clock was set by hand.',
      'Certificates made on a machine whose clock was ahead.',
    ],
    mimics: [
      'An authority that was prepared for a rotation, beside the one in use.',
      'Copies that were put aside: nothing reads them.',
    ],
    cure: 'Set the clock right, and keep it right with a time server. Certificates that were made by a clock ahead of time have to be made anew.',
    title({ node, certificates }) {
      if (certificates.length === 0)
        return `${node} logs a certificate that is not valid yet, none of the captured ones`
      const [first] = certificates
      if (certificates.length === 1) return `A certificate of ${node} is not valid yet: ${first?.path ?? ''}`
      return `${certificates.length} certificates of ${node} are not valid yet`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const begin = loggedBound === '' ? '' : `: it begins at ${formatTime(loggedBound)}`
        return `Logs of ${node} say ${howOften(refusals)} that a certificate is not valid yet${begin}. None of the captured certificates bears that time. Most often the clock of ${node} is, or was, behind.`
      }
      const logged = refusals === 0 ? '' : ` Logs name this very beginning ${howOften(refusals)}.`
      return `By the clock of ${node}, ${pathsInWords(certificates, 'notBeforeMs')} ${certificates.length === 1 ? 'begins' : 'begin'} in the future: ${rolesInWords(certificates)}.${logged} Either this clock is behind, or the one that the certificates were made by was ahead. ${consequence(certificates)}`
    },
    ruledOut: () => [],
    remedy: ({ certificates }) => [
      {
        text: 'Compare the clock of this node with a right one, and have it follow a time server.',
        commands: ['date -u', 'timedatectl set-ntp true', 'timedatectl status'],
      },
      ...(certificates.length === 0
        ? []
        : [
            {
              text: 'Where this clock was right, the certificates were made by a wrong one: set that one right, have the certificates made anew, and restart what serves them.',
              commands: [],
            },
          ]),
    ],
    verify: ({ certificates }) => [
      ...stepsIn('en', certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: 'The clock follows its server, and the logs complain no more.',
        commands: [
          'timedatectl show -p NTPSynchronized',
          'journalctl --since -5min | grep "is not yet valid"',
        ],
      },
    ],
    reasons: { noCertificates: 'No certificate of this node was captured, and no log speaks of one.' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? 'refused' : `refused; one of ${lines} such lines`),
    },
  },
  zh: {
    name: '证书尚未生效',
    looksFor:
      '节点使用的每个证书的起始时间，以采集时节点自己的时钟判断；以及日志 `x509: … current time … is before …`。',
    why: '证书在生效之前和过期之后一样会被拒绝。证书从签发时刻起生效，来自未来的证书说明时钟有问题：本节点的时钟落后，或者签发证书的机器当时超前。没有时钟电池的节点在连上时间服务器之前从过去开始计时。',
    consequences: '安装或启动之后，组件之间的连接因 x509 错误被拒绝，直到时钟追上。',
    commonCauses: [
      '节点没有时钟电池，或虚拟机从快照恢复。',
      '手工设置时钟时把本地时间当成 UTC。',
      '签发证书的机器时钟超前。',
    ],
    mimics: ['为轮换准备的 CA，与在用的并存。', '另存的副本：没有程序读取它们。'],
    cure: '校准时钟，并用时间服务器保持准确。由超前的时钟签发的证书需要重新签发。',
    title({ node, certificates }) {
      if (certificates.length === 0) return `${node} 的日志提到一个尚未生效的证书，但不在采集到的证书中`
      const [first] = certificates
      if (certificates.length === 1) return `${node} 的证书尚未生效：${first?.path ?? ''}`
      return `${node} 有 ${certificates.length} 个证书尚未生效`
    },
    summary({ node, certificates, refusals, loggedBound }) {
      if (certificates.length === 0) {
        const begin = loggedBound === '' ? '' : `：它从 ${formatTime(loggedBound)} 起生效`
        return `${node} 的日志有 ${refusals} 行说明某个证书尚未生效${begin}。采集到的证书没有一个是这个时间。最常见的原因是 ${node} 的时钟落后或曾经落后。`
      }
      const logged = refusals === 0 ? '' : `日志中有 ${refusals} 行正好提到这个起始时间。`
      return `按 ${node} 的时钟，${chinesePaths(certificates, 'notBeforeMs')} 在将来才生效：${chineseRoles(certificates)}。${logged}要么本节点的时钟落后，要么签发证书的时钟超前。${chineseConsequence(certificates)}`
    },
    ruledOut: () => [],
    remedy: ({ certificates }) => [
      {
        text: '把本节点的时钟与准确的时钟比较，并让它与时间服务器同步。',
        commands: ['date -u', 'timedatectl set-ntp true', 'timedatectl status'],
      },
      ...(certificates.length === 0
        ? []
        : [
            {
              text: '如果本节点的时钟是准的，证书就是由不准的时钟签发的：校准那个时钟，重新签发证书，并重启使用它的程序。',
              commands: [],
            },
          ]),
    ],
    verify: ({ certificates }) => [
      ...stepsIn('zh', certificates.length === 0 ? [] : [datesStep(certificates)]),
      {
        text: '时钟已同步，日志不再报错。',
        commands: [
          'timedatectl show -p NTPSynchronized',
          'journalctl --since -5min | grep "is not yet valid"',
        ],
      },
    ],
    reasons: { noCertificates: '没有采集到该节点的证书，日志也没有提到。' },
    notes: {
      certificate: (subject) => subject,
      refused: (lines) => (lines === '1' ? '被拒绝' : `被拒绝；共 ${lines} 行，这是其中之一`),
    },
  },
}
