import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll } from 'vitest'
import type { Report } from '../../analyzer/report/report.ts'
import { type Ended, type Start, buildColdcase, runColdcase, scratchFolder } from './coldcase.ts'
import { FIXTURES } from './faultCase.ts'
import { bundleFiles, tarOf } from './foreignBundle.ts'
import { foreignCaptures } from './foreignCaptures.ts'

/** The built command, and bundles to run it on. */
export interface CliCase {
  readonly coldcase: string
  /** Where the command runs; gone after the tests. */
  readonly work: string
  /** Three whole bundles of sound nodes, unpacked: node-1, node-2 and node-3. */
  readonly sound: readonly string[]
  /** node-7, whose kernel says that its connection tracking table was full, which is `high`; it has no other fault. */
  readonly high: string
  /** The same bundle without its last 900 bytes. */
  readonly cut: string
  readonly cli: (args: readonly string[], start?: Start) => Promise<Ended>
  /** Analyses to JSON; the report, and how the run ended. */
  readonly judged: (
    args: readonly string[],
    start?: Start,
  ) => Promise<{ readonly report: Report; readonly ended: Ended }>
}

const PATHS_OF_HIGH = new Set(['meta/node.txt', 'conntrack/counts.txt', 'kernel/dmesg.txt'])

/** Builds the command and writes the bundles, before the tests of the file that asks for it. */
export function cliCase(): CliCase {
  const coldcase = buildColdcase()
  const work = scratchFolder()
  const high = join(work, 'high.tar.gz')
  const cut = join(work, 'cut.tar.gz')
  const cli = (args: readonly string[], start: Start = {}) =>
    runColdcase(coldcase, args, { cwd: work, ...start })
  beforeAll(async () => {
    const captures = foreignCaptures().filter(({ path }) => PATHS_OF_HIGH.has(path))
    const whole = gzipSync(await tarOf(bundleFiles(captures)))
    writeFileSync(high, whole)
    writeFileSync(cut, whole.subarray(0, whole.length - 900))
    writeFileSync(join(work, 'notes.txt'), 'What the customer said on the telephone.\n')
  })
  return {
    coldcase,
    work,
    sound: ['node-1', 'node-2', 'node-3'].map((node) => join(FIXTURES, 'nodes/host-gw', node)),
    high,
    cut,
    cli,
    async judged(args, start) {
      const ended = await cli(['analyze', ...args, '--format', 'json', '--quiet'], start)
      return { report: JSON.parse(ended.stdout), ended }
    },
  }
}
