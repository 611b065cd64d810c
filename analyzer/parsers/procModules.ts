import type { Line } from '../text/line.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** A loaded kernel module. */
export interface KernelModule {
  readonly sizeBytes: number
  /** Modules that need it. */
  readonly usedBy: readonly string[]
  readonly line: Line
}

/**
 * `meta/modules.txt`, /proc/modules, by name. What is built into the kernel is not listed there:
 * ```
 * br_netfilter 36864 0 - Live 0x0000000000000000
 * bridge 311296 1 br_netfilter, Live 0x0000000000000000
 * ```
 */
export const procModules: LineParser<ReadonlyMap<string, KernelModule>> = {
  kind: 'lines',
  start() {
    const modules = new Map<string, KernelModule>()
    return {
      line(text, number) {
        const [name, size, , users = ''] = words(text)
        if (name === undefined) return true
        const sizeBytes = wholeNumber(size)
        if (sizeBytes === undefined) return false
        const usedBy = users.split(',').filter((user) => user !== '' && user !== '-' && !user.startsWith('['))
        modules.set(name, { sizeBytes, usedBy, line: { number, text } })
        return true
      },
      end: () => modules,
    }
  },
}
