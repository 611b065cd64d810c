import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { words } from '../text/words.ts'
import type { LineParser } from './parser.ts'

/** The running kernel. */
export interface Uname {
  readonly system: string
  readonly hostname: string
  /** `5.15.0-91-generic`. */
  readonly release: string
  /** `#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023`. */
  readonly version: string
  /** `x86_64`, `aarch64`… */
  readonly machine?: string
  /** The numbers the release begins with: `[5, 15, 0]`; empty where it begins with none. */
  readonly kernelVersion: readonly number[]
  readonly line: Line
}

const MACHINE =
  /^(?:x86_64|amd64|i[3-6]86|aarch64|arm64|armv\d\w*|ppc64(?:le)?|s390x|riscv64|mips\w*|loongarch64)$/

/**
 * `meta/uname.txt`, `uname -a`; undefined where there is no such line:
 * ```
 * Linux node-1 5.15.0-91-generic #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023 x86_64 x86_64 x86_64 GNU/Linux
 * ```
 */
export const uname: LineParser<Uname | undefined> = {
  kind: 'lines',
  start() {
    let read: Uname | undefined
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const next = readUname({ number, text })
        read ??= next
        return next !== undefined
      },
      end: () => read,
    }
  },
}

function readUname(line: Line): Uname | undefined {
  const [system, hostname, release, ...rest] = words(line.text)
  if (system !== 'Linux' || hostname === undefined || release === undefined) return undefined
  const end = rest.findIndex((word) => MACHINE.test(word))
  const draft: Mutable<Uname> = {
    system,
    hostname,
    release,
    version: rest.slice(0, end < 0 ? rest.length : end).join(' '),
    kernelVersion: leadingNumbers(release),
    line,
  }
  const machine = rest[end]
  if (machine !== undefined) draft.machine = machine
  return draft
}

function leadingNumbers(release: string): number[] {
  const [, digits = ''] = /^(\d{1,5}(?:\.\d{1,5}){0,2})/.exec(release) ?? []
  return digits === '' ? [] : digits.split('.').map(Number)
}
