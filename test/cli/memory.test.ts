import { createWriteStream, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, test } from 'vitest'
import type { Report } from '../../analyzer/report/report.ts'
import { leakDump } from '../../fixtures/generators/leakDump.ts'
import { buildColdcase, runColdcase, scratchFolder } from '../support/coldcase.ts'
import { TOP_FOLDER } from '../support/foreignBundle.ts'

const MIB = 1024 * 1024
const JOURNAL_BYTES = 200 * MIB
/** Of three rules each: 180,000 rules, 30 MB. */
const COPIES = 60_000
const ALLOWED_KIB = 200 * 1024

const coldcase = buildColdcase()
const folder = scratchFolder()

/** A busy kubelet's journal of `bytes` bytes, no two lines alike. */
function* journal(bytes: number): Generator<Buffer> {
  let left = bytes
  for (let number = 0; left > 0; number += 1) {
    const lines: string[] = []
    for (let step = 0; step < 500; step += 1) {
      const time = new Date(1_795_170_000_000 + (number * 500 + step) * 40)
        .toISOString()
        .replace('Z', '000+0000')
      const pod = `web-${((number * 500 + step) * 2_654_435_761) % 4_294_967_296}`
      lines.push(
        `${time} node-7 kubelet[812]: I1120 22:20:00.000000     812 kubelet.go:2421] "SyncLoop (PLEG): event for pod" pod="default/${pod}"\n`,
      )
    }
    const piece = Buffer.from(lines.join('')).subarray(0, left)
    left -= piece.length
    yield piece
  }
}

async function writeBundle(path: string): Promise<void> {
  const archive = pack()
  const written = pipeline(archive, createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(path))
  const rows = ['# coldcase-bundle 1', 'source\tpath\tstatus\texit\tms\tbytes\tdropped\tsha256\tcommand']
  const list = (name: string, bytes: number) => rows.push(`-\t${name}\tok\t0\t9\t${bytes}\t0\t-\t-`)
  const put = (name: string, text: string) => archive.entry({ name: `${TOP_FOLDER}/${name}` }, text)
  for (const [name, text] of [
    ['meta/node.txt', 'hostname=node-7\nstarted_utc=1795257290\n'],
    ['netfilter/iptables-save.txt', leakDump(1, COPIES)],
  ] as const) {
    put(name, text)
    list(name, Buffer.byteLength(text))
  }
  const name = 'journal/kubelet.txt'
  const entry = archive.entry({ name: `${TOP_FOLDER}/${name}`, size: JOURNAL_BYTES })
  await pipeline(Readable.from(journal(JOURNAL_BYTES)), entry)
  list(name, JOURNAL_BYTES)
  put('manifest.tsv', `${rows.join('\n')}\n`)
  archive.finalize()
  await written
}

/** What the process held at its most, as the kernel counts it; `resourceUsage` would count its parent's memory too. */
const TELL_PEAK = `
process.on('exit', () => {
  const [, peak] = /VmHWM:\\s*(\\d+) kB/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))
  require('fs').writeFileSync(process.env.PEAK_FILE, peak)
})
`

test.runIf(process.platform === 'linux')(
  'a journal of 200 MiB and 180,000 rules cost what is kept of them',
  async () => {
    const bundle = join(folder, 'large.tar.gz')
    const preload = join(folder, 'peak.cjs')
    const peak = join(folder, 'peak.txt')
    await writeBundle(bundle)
    writeFileSync(preload, TELL_PEAK)
    const args = ['analyze', bundle, '--format', 'json', '--quiet']
    const { code, stdout, stderr } = await runColdcase(coldcase, args, {
      env: { PEAK_FILE: peak },
      node: ['--require', preload],
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const report: Report = JSON.parse(stdout)
    expect(report.bundles[0]?.sources).toContainEqual(
      expect.objectContaining({ path: 'journal/kubelet.txt', parsed: JOURNAL_BYTES, unreadLines: 0 }),
    )
    expect(report.bundles[0]?.sources).toContainEqual(
      expect.objectContaining({ path: 'netfilter/iptables-save.txt', skipped: 0, unreadLines: 0 }),
    )
    expect(Number(readFileSync(peak, 'utf8'))).toBeGreaterThan(0)
    expect(Number(readFileSync(peak, 'utf8'))).toBeLessThan(ALLOWED_KIB)
  },
)
