import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/certificate-key-mismatch.ts'
import { textNode } from '../../support/textCluster.ts'

/** 2026-11-21 00:27:58 UTC, a day after the boot. */
const META = 'started_utc=1795220878\nuptime_seconds=86400\n'

async function outcome(...times: readonly string[]) {
  const log = times.map(
    (time) =>
      `E${time}    3311 run.go:74] "command failed" err="tls: private key does not match public key"\n`,
  )
  const result = rule.check(
    await textNode({ 'meta/node.txt': META, 'journal/kubelet.txt': log.join('') || 'nothing\n' }),
    'en',
  )
  return result.state === 'found' ? result.findings[0]?.confidence : result.state
}

test('what is logged again and again is likely, once is possible, of an earlier boot is over', async () => {
  expect(await outcome('1121 00:27:11.000000', '1121 00:27:31.000000')).toBe('likely')
  expect(await outcome('1121 00:27:11.000000')).toBe('possible')
  expect(await outcome('1118 00:27:11.000000', '1118 00:27:31.000000')).toBe('clear')
  expect(await outcome()).toBe('clear')
})
