import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { COLLECTED, leakDump, uniqueDump } from '../../fixtures/generators/leakDump.ts'

/**
 * What a bundle with a very large iptables dump costs, as ratios: seconds say little on another machine.
 * Measured against the least that any reader of the dump must do (`gzip -dc | wc -l`) and against iptables' own reader
 * (`iptables-legacy-restore --test`, in a network namespace of its own, as root).
 */
const ROUNDS = 5
const CLI = join(import.meta.dirname, '../../dist/coldcase.mjs')
const FOLDER = 'coldcase-bench-20261120T234500Z'

/** Prints the peak of resident memory, in KiB, as the last line of standard error. */
const REPORT_MEMORY = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('\\nmaxRSS ' + process.resourceUsage().maxRSS + '\\n'))",
)}`

const DUMPS = [
  { name: '180,000 copies of three rules, counters', dump: () => leakDump(1, 60_000) },
  {
    name: '180,000 copies of three rules, legacy, no counters',
    dump: () => leakDump(1, 60_000, { header: 'iptables-save v1.8.9', counters: false }),
  },
  { name: '198,000 rules, no two alike, 72,000 chains', dump: () => uniqueDump(1, COLLECTED) },
]

interface Run {
  readonly milliseconds: number
  readonly ok: boolean
  readonly stderr: string
}

function run(command: string, args: readonly string[]): Run {
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  return {
    milliseconds: Number(process.hrtime.bigint() - start) / 1e6,
    ok: status === 0,
    stderr: stderr ?? '',
  }
}

/** A bundle (docs/bundle-format.md) that holds the dump and what names the node. */
async function bundleOf(dump: string): Promise<Buffer> {
  const files = [
    ['node-meta', 'meta/node.txt', 'hostname=node-1\nfinished_utc=1795218300\n', '-'],
    ['iptables-save', 'netfilter/iptables-save.txt', dump, 'iptables-save -c'],
  ] as const
  const rows = files.map(([source, path, text, command]) => {
    const digest = createHash('sha256').update(text).digest('hex')
    return [source, path, 'ok', '0', '5', Buffer.byteLength(text), '0', digest, command].join('\t')
  })
  const header = 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand'
  const archive = pack()
  archive.entry({ name: `${FOLDER}/manifest.tsv` }, ['# coldcase-bundle 1', header, ...rows, ''].join('\n'))
  for (const [, path, text] of files) archive.entry({ name: `${FOLDER}/${path}` }, text)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) if (chunk instanceof Uint8Array) chunks.push(chunk)
  return gzipSync(Buffer.concat(chunks))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The commands compared, one after the other in every round, so that a busy moment hits them all. */
function measure(bundle: string, dump: string, canRestore: boolean): void {
  const times = { analyze: [] as number[], restore: [] as number[], count: [] as number[] }
  let memoryKib = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const analyze = run(process.execPath, [
      '--import',
      REPORT_MEMORY,
      CLI,
      'analyze',
      '--format',
      'json',
      '--quiet',
      bundle,
    ])
    if (!analyze.ok) console.log(`analyze ended with an error: ${analyze.stderr.slice(0, 500)}`)
    times.analyze.push(analyze.milliseconds)
    memoryKib = Math.max(memoryKib, Number(/maxRSS (\d+)/.exec(analyze.stderr)?.[1] ?? 0))
    if (canRestore) times.restore.push(run('unshare', ['-n', 'sh', '-c', RESTORE, 'sh', dump]).milliseconds)
    times.count.push(run('sh', ['-c', 'gzip -dc "$1" | wc -l', 'sh', bundle]).milliseconds)
  }
  const [analyze, restore, count] = [times.analyze, times.restore, times.count].map(median)
  console.log(
    `  analyze                           ${format(analyze)} ms, peak memory ${Math.round(memoryKib / 1024)} MiB`,
  )
  if (canRestore)
    console.log(
      `  iptables-legacy-restore --test    ${format(restore)} ms   ratio ${ratio(analyze, restore)}`,
    )
  console.log(`  gzip -dc | wc -l                  ${format(count)} ms   ratio ${ratio(analyze, count)}`)
}

const RESTORE = 'iptables-legacy-restore -c --test < "$1"'

function format(milliseconds = Number.NaN): string {
  return milliseconds.toFixed(0).padStart(6)
}

function ratio(a = Number.NaN, b = Number.NaN): string {
  return (a / b).toFixed(2)
}

/** Undefined: iptables-legacy-restore can read a dump here; else why it cannot. */
function whyNoRestore(dump: string): string | undefined {
  if (process.getuid?.() !== 0) return 'not run: needs root, for a network namespace of its own'
  const { ok, stderr } = run('unshare', ['-n', 'sh', '-c', RESTORE, 'sh', dump])
  return ok ? undefined : `not run: ${stderr.trim().split('\n')[0] ?? 'it failed'}`
}

async function main(): Promise<void> {
  if (!existsSync(CLI)) {
    console.error(`${CLI} is not there: run npm run build first`)
    process.exitCode = 2
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'coldcase-bench-'))
  try {
    for (const { name, dump } of DUMPS) {
      const text = dump()
      const [dumpFile, bundleFile] = [join(folder, 'dump.txt'), join(folder, `${FOLDER}.tar.gz`)]
      writeFileSync(dumpFile, text)
      writeFileSync(bundleFile, await bundleOf(text))
      console.log(
        `${name}: ${(text.length / 1e6).toFixed(1)} MB, ${readFileSync(bundleFile).length} bytes as a bundle`,
      )
      const reason = whyNoRestore(dumpFile)
      if (reason !== undefined) console.log(`  iptables-legacy-restore --test    ${reason}`)
      measure(bundleFile, dumpFile, reason === undefined)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
