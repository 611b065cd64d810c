import type { Rule } from '../../analyzer/engine/defineRule.ts'
import { textNode } from './textCluster.ts'

/** Collected on 21 November 2026 at 00:00:45 UTC, ten days after the node had started. */
const META = { 'meta/node.txt': 'started_utc=1795219245\nuptime_seconds=864000\n' }

/** What a rule finds on a node with these files, as subject, severity and confidence; its state where it finds nothing. */
export async function foundIn(
  rule: Rule,
  files: Readonly<Record<string, string>>,
): Promise<string | string[][]> {
  const result = rule.check(await textNode({ ...META, ...files }), 'en')
  if (result.state !== 'found') return result.state
  return result.findings.map(({ subject, severity, confidence }) => [subject, severity, confidence])
}
