import { defineRule } from '../../engine/defineRule.ts'
import { withNote } from '../../engine/evidence.ts'
import { clear, found, unchecked } from '../../engine/verdict.ts'
import { confidenceFromLog, logSignals } from '../../facts/node/logSignals.ts'
import { nodeAddresses } from '../../facts/node/nodeAddresses.ts'
import { captured } from '../../sources/captured.ts'
import { type Note, type NoSpace, text } from './etcd-nospace.text.ts'
import { aboutEtcd, hasEtcdLog } from './etcdLog.ts'

/** etcd's own default for --quota-backend-bytes (server/storage/quota.go). */
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3
const NEARLY = 0.9
const QUOTA = /--quota-backend-bytes[= ](?<bytes>\d{7,15})\b/

/** etcd has reached its quota and takes no more writes, or nearly. */
export default defineRule({
  id: 'etcd-nospace',
  area: 'control-plane',
  severity: 'critical',
  references: [
    {
      title: 'Maintenance (etcd): space quota',
      url: 'https://etcd.io/docs/v3.5/op-guide/maintenance/#space-quota',
    },
  ],
  needs: {},
  wants: {
    etcd: captured.etcd,
    configs: captured.kubeConfigFiles,
    logs: logSignals,
    journals: captured.journals,
    addresses: nodeAddresses,
  },
  text,
  check({ etcd, configs, logs, journals, addresses }, node) {
    const states = (etcd ?? []).flatMap(({ value, cite }) =>
      value.endpoints.map((endpoint) => ({ ...endpoint, origin: cite(value.line) })),
    )
    const about = aboutEtcd(node.id, addresses ?? [])
    const alarmed = states.find(({ errors }) => errors.some((error) => error.includes('NOSPACE')))
    const refused = logs?.of('etcd-no-space')
    const base = { node: node.id, refusals: refused?.count ?? 0 }
    if (alarmed !== undefined) {
      const { databaseBytes, usedBytes } = alarmed
      return found<NoSpace, Note>(
        { ...base, kind: 'full', databaseBytes, usedBytes },
        { subject: '', confidence: 'certain', about, evidence: [withNote(alarmed.origin, 'alarm')] },
      )
    }
    // An endpoint without the alarm tells that what was logged is over.
    if (states.length === 0 && refused !== undefined) {
      return found<NoSpace, Note>(
        { ...base, kind: 'logged' },
        {
          subject: '',
          confidence: confidenceFromLog('likely', refused.lines),
          about,
          evidence: refused.lines.slice(-2).map(({ origin }) => withNote(origin, 'refused')),
        },
      )
    }
    const configured = (configs ?? []).flatMap(({ value, cite }) =>
      value.lines.flatMap((line) => {
        const bytes = QUOTA.exec(line.text)?.groups?.['bytes']
        return bytes === undefined ? [] : [{ bytes: Number(bytes), origin: cite(line) }]
      }),
    )[0]
    const quotaBytes = configured?.bytes ?? DEFAULT_QUOTA_BYTES
    const near = states.find(({ databaseBytes }) => (databaseBytes ?? 0) > NEARLY * quotaBytes)
    if (near === undefined) {
      return states.length > 0 || hasEtcdLog(journals ?? []) ? clear() : unchecked('noStatus')
    }
    const { databaseBytes, usedBytes } = near
    return found<NoSpace, Note>(
      { ...base, kind: 'near', databaseBytes, usedBytes, quotaBytes },
      {
        subject: '',
        severity: 'high',
        confidence: configured === undefined ? 'possible' : 'likely',
        about: [`node:${node.id}`],
        evidence: [
          withNote(near.origin, 'size'),
          ...(configured === undefined ? [] : [withNote(configured.origin, 'quota')]),
        ],
      },
    )
  },
})
