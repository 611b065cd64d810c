import type { Line } from '../text/line.ts'
import type { Mutable } from '../text/mutable.ts'
import { wholeNumber } from '../text/wholeNumber.ts'
import type { LineParser } from './parser.ts'

/** What the collector noted of the node and of itself. A key that is missing or malformed is left out. */
export interface NodeMeta {
  readonly hostname?: string
  readonly collectorVersion?: string
  /** Seconds since 1970, by the node's clock. */
  readonly startedUtcSeconds?: number
  readonly finishedUtcSeconds?: number
  readonly timezone?: string
  readonly bootId?: string
  /** SHA-256 of /etc/machine-id. */
  readonly machineIdHash?: string
  readonly productUuidHash?: string
  readonly uptimeSeconds?: number
  readonly user?: string
  readonly shell?: string
  /** Does the node say that its clock follows a time server? */
  readonly ntpSynchronized?: boolean
  /** Every line by its key as it stands in the file, such as `started_utc`. */
  readonly lines: ReadonlyMap<string, Line>
}

const TEXTS = new Map([
  ['hostname', 'hostname'],
  ['collector_version', 'collectorVersion'],
  ['timezone', 'timezone'],
  ['boot_id', 'bootId'],
  ['machine_id_hash', 'machineIdHash'],
  ['product_uuid_hash', 'productUuidHash'],
  ['user', 'user'],
  ['shell', 'shell'],
] as const)

const NUMBERS = new Map([
  ['started_utc', 'startedUtcSeconds'],
  ['finished_utc', 'finishedUtcSeconds'],
  ['uptime_seconds', 'uptimeSeconds'],
] as const)

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
])

/**
 * `meta/node.txt`, a `key=value` a line (docs/bundle-format.md). Keys of later collectors are read and only kept in `lines`:
 * ```
 * hostname=node-1
 * started_utc=1795242300
 * ntp_synchronized=yes
 * ```
 */
export const nodeMeta: LineParser<NodeMeta> = {
  kind: 'lines',
  start() {
    const lines = new Map<string, Line>()
    const meta: Mutable<NodeMeta> = { lines }
    return {
      line(text, number) {
        if (text.trim() === '') return true
        const [, key, value = ''] = /^([a-z][a-z0-9_]{0,63})=(.*)$/.exec(text) ?? []
        if (key === undefined) return false
        lines.set(key, { number, text })
        return keep(meta, key, value.trim())
      },
      end: () => meta,
    }
  },
}

/**
 * False for a value that its key cannot bear. An empty value is one that the collector could not find out, and so is
 * `unknown` of the clock: not every init system can tell.
 */
function keep(meta: Mutable<NodeMeta>, key: string, value: string): boolean {
  if (value === '') return true
  for (const [name, field] of TEXTS) if (name === key) meta[field] = value
  for (const [name, field] of NUMBERS) {
    if (name !== key) continue
    // Uptime comes from /proc/uptime and may bear a fraction.
    const number = wholeNumber(value.replace(/\.\d{1,9}$/, ''))
    if (number === undefined) return false
    meta[field] = number
  }
  if (key === 'ntp_synchronized' && value !== 'unknown') {
    const truth = TRUTHS.get(value)
    if (truth === undefined) return false
    meta.ntpSynchronized = truth
  }
  return true
}
