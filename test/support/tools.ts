import { spawnSync } from 'node:child_process'

/** Continuous integration: a missing tool must fail the test that needs it, not skip it. */
const strict = process.env['COLDCASE_STRICT'] === '1'

function onPath(tool: string): boolean {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  return spawnSync('sh', ['-c', 'command -v "$0"', tool], { env: { PATH: path } }).status === 0
}

/** Whether a test that needs these tools is to be skipped: one of them is missing, and this is not continuous integration. */
export function lacks(...tools: readonly string[]): boolean {
  return !strict && !tools.every(onPath)
}
