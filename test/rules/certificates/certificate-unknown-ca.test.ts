import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-unknown-ca.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'
const REFUSAL = 'x509: certificate signed by unknown authority'

async function outcome(unit: string, lines: readonly string[]) {
  const log = lines.map(
    (line, index) => `2026-11-21T00:27:${10 + index}.000000+0000 node-1 ${unit}[1]: ${line}\n`,
  )
  const node = await textNode({ 'meta/node.txt': META, [`journal/${unit}.txt`]: log.join('') })
  return rule.check(node, 'en')
}

async function subjects(unit: string, lines: readonly string[]): Promise<readonly string[]> {
  const result = await outcome(unit, lines)
  if (result.state !== 'found') return []
  return result.findings.map((finding) => `${finding.subject} ${finding.severity} ${finding.confidence}`)
}

test('what is refused is told apart by what was called', async () => {
  const api = `E1121 00:27:10.000000       1 reflector.go:138] failed to list *v1.Node: Get "https://[fd00::11]:6443/api/v1/nodes": ${REFUSAL}`
  const hook = `E1121 00:27:10.000000       1 dispatcher.go:206] failed calling webhook "a.example": failed to call webhook: Post "https://hook.example.svc:443/validate?timeout=10s": tls: failed to verify certificate: ${REFUSAL}`
  const client = `E1121 00:27:10.000000       1 authentication.go:73] "Unable to authenticate the request" err="${REFUSAL}"`
  const other = `something called https://metrics.example.org/x: ${REFUSAL}`
  expect(await subjects('k3s', [api, api, api, hook, client, other])).toEqual([
    'logged-api-[fd00::11]:6443 critical likely',
    'logged-webhook-hook.example.svc:443 high possible',
    'logged-client high possible',
    'logged-other-metrics.example.org medium possible',
  ])
})

test('nothing to compare and no complaint is unchecked, not clear', async () => {
  expect((await outcome('k3s', ['nothing'])).state).toBe('unchecked')
})

test('the candidate that Go names is told', async () => {
  const result = await outcome('k3s', [
    `Get "https://192.168.50.11:6443/api/v1/nodes": ${REFUSAL} (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "kubernetes")`,
  ])
  expect(result.state === 'found' && result.findings[0]?.summary).toContain('made anew under the same name')
})
