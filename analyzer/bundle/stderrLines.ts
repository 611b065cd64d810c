import type { Line } from '../text/line.ts'
import type { BundleFile } from './bundleIntake.ts'
import { STDERR_SUFFIX } from './sourceLookup.ts'

/** What the commands wrote to standard error, by the path of the capture. */
export function stderrLines(files: ReadonlyMap<string, BundleFile>): ReadonlyMap<string, readonly Line[]> {
  const lines = new Map<string, readonly Line[]>()
  for (const { path, stderr } of files.values()) {
    if (stderr !== undefined) lines.set(path.slice(0, -STDERR_SUFFIX.length), stderr)
  }
  return lines
}
