import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  COLLECTOR,
  SHELLS,
  SYSTEM_PATH,
  type Workshop,
  closeWorkshop,
  collect,
  commandLine,
  discrepancies,
  openWorkshop,
  plant,
  statusOf,
  stub,
  unpack,
} from './workshop.ts'

/** What a node needs for a bundle at all. */
const BARE_TOOLS =
  'awk cat cut date df find grep gzip head id mkdir mktemp mv rm sed sh sha256sum printf sleep sort tail tar tr true uname wc base64 readlink busybox'.split(
    ' ',
  )
const isRoot = process.getuid?.() === 0

let workshop: Workshop

beforeEach(() => {
  workshop = openWorkshop()
  plant(workshop, 'etc/hostname', 'node-1\n')
  plant(workshop, 'etc/hosts', '127.0.0.1 localhost\n')
  stub(workshop, 'journalctl', "echo '-- No entries --'")
})
afterEach(() => closeWorkshop(workshop))

/** A folder that holds the tools a bundle needs, and nothing else. */
function bareTools(): string {
  const folder = join(workshop.folder, 'bare')
  mkdirSync(folder)
  for (const tool of BARE_TOOLS) {
    symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(folder, tool))
  }
  return folder
}

it('makes a bundle on a node without any network tool, and says why for each', () => {
  const run = collect(workshop, ['dash'], [], bareTools())
  const bundle = unpack(workshop, run.stdout)
  expect(discrepancies(bundle)).toEqual([])
  const commands = bundle.rows.filter(({ command }) => /^(ip|bridge|ss|ipset|journalctl) /.test(command))
  expect(commands.length).toBeGreaterThan(25)
  expect(new Set(commands.map(({ status }) => status))).toEqual(new Set(['absent']))
  expect(commands.every(({ command }) => command.includes(' # no '))).toBe(true)
  expect(statusOf(bundle, 'net/hosts.txt')).toBe('ok')
})

/** Ways to limit a command in time; each is a stub of `timeout`, or none. */
const LIMITERS = {
  coreutils: 'exec /usr/bin/timeout "$@"',
  'BusyBox 1.30 and later': '[ "$1" != -k ] && exec busybox timeout "$@"',
  'BusyBox before 1.30': '[ "$1" = -t ] && shift && exec busybox timeout "$@"',
}

it.each([
  ...SHELLS.map((shell) => ({ shell, name: shell.join(' '), limiter: undefined, by: 'the shell alone' })),
  ...Object.entries(LIMITERS).map(([by, limiter]) => ({
    shell: ['dash'],
    name: 'dash',
    limiter,
    by: `timeout of ${by}`,
  })),
])('$name ends a capture that hangs, by $by', ({ shell, limiter }) => {
  if (limiter !== undefined) stub(workshop, 'timeout', limiter)
  stub(workshop, 'ss', 'case $1 in -s) echo started; exec sleep 600 ;; esac')
  const run = collect(workshop, shell, ['--timeout', '2'], `${workshop.stubs}:${bareTools()}`)
  expect(run.status).toBe(1)
  const bundle = unpack(workshop, run.stdout)
  expect(discrepancies(bundle)).toEqual([])
  expect(statusOf(bundle, 'net/ss-summary.txt')).toBe('timeout')
  expect(bundle.files.get('net/ss-summary.txt')?.toString()).toBe('started\n')
  expect(statusOf(bundle, 'net/hosts.txt')).toBe('ok')
})

it('starts nothing more once its time is up', () => {
  for (const tool of ['ip', 'ss', 'bridge', 'ethtool', 'conntrack', 'nft'])
    stub(workshop, tool, 'exec sleep 600')
  const run = collect(workshop, ['dash'], ['--timeout', '1'])
  const bundle = unpack(workshop, run.stdout)
  expect(run.status).toBe(1)
  expect(discrepancies(bundle)).toEqual([])
  expect(
    bundle.rows.filter(({ command }) => command.endsWith('not started: the time is up')).length,
  ).toBeGreaterThan(20)
  expect(bundle.files.get('meta/node.txt')?.toString()).toContain('hostname=node-1')
})

it('does not open what is no regular file', () => {
  execFileSync('mkfifo', [join(workshop.root, 'etc/resolv.conf')])
  mkdirSync(join(workshop.root, 'etc/nsswitch.conf'))
  mkdirSync(join(workshop.root, 'etc/sysctl.d'))
  execFileSync('mkfifo', [join(workshop.root, 'etc/sysctl.d/10-x.conf')])
  const run = collect(workshop)
  const bundle = unpack(workshop, run.stdout)
  expect(run.status).toBe(1)
  expect(statusOf(bundle, 'net/resolv-conf.txt')).toBe('failed')
  expect(statusOf(bundle, 'net/nsswitch.txt')).toBe('failed')
  expect(statusOf(bundle, 'sysctl/files/etc/sysctl.d/10-x.conf')).toBe('failed')
})

it('keeps the newest lines of a long log, whole', () => {
  stub(
    workshop,
    'journalctl',
    'case $* in *" k3s "*) seq -f "line %09.0f of a log that is rather long" 1 500000 ;; esac',
  )
  const bundle = unpack(workshop, collect(workshop).stdout)
  const log = bundle.files.get('journal/k3s.txt')?.toString() ?? ''
  expect(statusOf(bundle, 'journal/k3s.txt')).toBe('truncated')
  expect(log.startsWith('line 000')).toBe(true)
  expect(log.endsWith('line 000500000 of a log that is rather long\n')).toBe(true)
  const row = bundle.rows.find(({ path }) => path === 'journal/k3s.txt')
  expect(Number(row?.bytes) + Number(row?.dropped)).toBe(500_000 * 44)
})

it('stops a command that never stops printing', () => {
  stub(workshop, 'ss', 'case $1 in -s) exec yes a-line-of-a-table ;; esac')
  const run = collect(workshop, ['dash'], ['--timeout', '20'])
  const bundle = unpack(workshop, run.stdout)
  expect(run.status).toBe(1)
  expect(statusOf(bundle, 'net/ss-summary.txt')).toBe('truncated')
  expect(bundle.files.get('net/ss-summary.txt')?.length).toBeLessThan(65 * 1024 * 1024)
})

it.each(
  SHELLS.flatMap((shell) => [
    { name: `${shell.join(' ')} TERM`, shell, signal: 'SIGTERM', code: 143 } as const,
    { name: `${shell.join(' ')} INT`, shell, signal: 'SIGINT', code: 130 } as const,
  ]),
)('$name in the middle leaves nothing behind', async ({ shell, signal, code }) => {
  stub(workshop, 'ss', `touch ${workshop.folder}/hangs; exec sleep 600`)
  const [command = '', ...rest] = commandLine(workshop, shell)
  const run = spawn(command, rest, {
    stdio: 'ignore',
    env: { ...process.env, COLDCASE_PATH: `${workshop.stubs}:${SYSTEM_PATH}` },
  })
  const ended = new Promise<number | null>((resolve) => run.on('exit', (status) => resolve(status)))
  for (let waited = 0; waited < 200 && !existsSync(join(workshop.folder, 'hangs')); waited++) await sleep(50)
  run.kill(signal)
  expect(await ended).toBe(code)
  expect(readdirSync(workshop.out)).toEqual([])
})

it('cannot be led astray by what others planted in the folder of the archive', () => {
  const victim = join(workshop.folder, 'victim')
  writeFileSync(victim, 'unharmed')
  stub(workshop, 'date', 'case $* in *%Y*) echo 20261120T234500Z ;; *) exec /bin/date "$@" ;; esac')
  symlinkSync(victim, join(workshop.out, 'coldcase-node-1-20261120T234500Z.tar.gz'))
  symlinkSync('/etc', join(workshop.out, '.coldcase.abcdef'))
  const run = collect(workshop)
  expect(run.status).toBe(3)
  expect(readFileSync(victim, 'utf8')).toBe('unharmed')
  expect(readdirSync(workshop.out).toSorted()).toEqual([
    '.coldcase.abcdef',
    'coldcase-node-1-20261120T234500Z.tar.gz',
  ])
})

it('removes what a killed run left a day ago, and only that', () => {
  const old = join(workshop.out, '.coldcase.AAAAAA')
  const young = join(workshop.out, '.coldcase.BBBBBB')
  for (const folder of [old, young]) mkdirSync(folder)
  const dayBeforeYesterday = Date.now() / 1000 - 2 * 86_400
  utimesSync(old, dayBeforeYesterday, dayBeforeYesterday)
  collect(workshop)
  expect(existsSync(old)).toBe(false)
  expect(existsSync(young)).toBe(true)
})

it('leaves the file system its floor', () => {
  stub(workshop, 'ss', 'exec yes a-line-of-a-table')
  stub(workshop, 'bridge', 'head -c 30000000 /dev/urandom | base64')
  const [, ...collector] = commandLine(workshop, ['dash'])
  const script = `mount -t tmpfs -o size=64m tmpfs "$1" && shift && { "$@"; echo "status $?"; df -Pk "$OUT" | tail -n 1; ls -A "$OUT"; }`
  const env = { ...process.env, COLDCASE_PATH: `${workshop.stubs}:${SYSTEM_PATH}`, OUT: workshop.out }
  const unshare = [
    '-m',
    ...(isRoot ? ['-n'] : ['-rn']),
    'sh',
    '-c',
    script,
    'sh',
    workshop.out,
    ...collector.slice(1),
  ]
  const run = spawnSync('unshare', unshare, { encoding: 'utf8', env })
  expect(run.stdout).toContain('status 1\n')
  const [, availableKib = ''] = / (\d{1,9}) +\d{1,3}% /.exec(run.stdout) ?? []
  expect(Number(availableKib)).toBeGreaterThanOrEqual(32 * 1024 - 1024)
  expect(run.stdout).toMatch(/\ncoldcase-node-1-\S+\.tar\.gz\n$/)
})

it.each([
  ['nothing', 'true'],
  ['a heading alone', "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'"],
])('takes a file system for roomy of which df prints %s', (_, body) => {
  stub(workshop, 'df', body)
  const bundle = unpack(workshop, collect(workshop).stdout)
  expect(bundle.rows.filter(({ command }) => command.includes('not started'))).toEqual([])
  expect(statusOf(bundle, 'net/hosts.txt')).toBe('ok')
})

it('names no folder of its own in the manifest', () => {
  plant(workshop, 'etc/rancher/k3s/k3s.yaml', 'apiVersion: v1\n')
  stub(workshop, 'kubectl', 'echo "{}"')
  const bundle = unpack(workshop, collect(workshop).stdout)
  expect(statusOf(bundle, 'kube/api/pods.json')).toBe('ok')
  expect(bundle.rows.filter(({ command }) => command.includes('.coldcase.'))).toEqual([])
})

it.runIf(isRoot)('serves an ordinary user, and names what is closed to them', () => {
  plant(workshop, 'etc/rancher/k3s/config.yaml', 'node-ip: 192.0.2.11\n', 0o600)
  execFileSync('chmod', ['-R', 'go+rX', workshop.folder])
  execFileSync('chmod', ['600', join(workshop.root, 'etc/rancher/k3s/config.yaml')])
  execFileSync('chmod', ['777', workshop.out])
  const command = ['-n', 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-s', '--']
  const run = spawnSync('unshare', [...command, '--out', workshop.out, '--root', workshop.root], {
    encoding: 'utf8',
    cwd: '/',
    input: readFileSync(COLLECTOR),
    env: { PATH: SYSTEM_PATH, COLDCASE_PATH: `${workshop.stubs}:${SYSTEM_PATH}` },
  })
  expect(run.status).toBe(1)
  const bundle = unpack(workshop, run.stdout)
  expect(discrepancies(bundle)).toEqual([])
  expect(statusOf(bundle, 'kube/config/etc/rancher/k3s/config.yaml')).toBe('denied')
  expect(statusOf(bundle, 'netfilter/iptables-save.txt')).toBe('denied')
  expect(bundle.files.get('meta/node.txt')?.toString()).toMatch(/^user=nobody$/m)
})

it('finds the tools that k3s carries along', () => {
  plant(workshop, 'var/lib/rancher/k3s/data/current/bin/crictl', '#!/bin/sh\necho "{"; echo "}"\n', 0o755)
  plant(workshop, 'run/k3s/containerd/containerd.sock', '')
  plant(
    workshop,
    'var/lib/rancher/k3s/data/current/bin/aux/iptables',
    '#!/bin/sh\necho "iptables v1.8.8 (nf_tables)"\n',
    0o755,
  )
  plant(
    workshop,
    'var/lib/rancher/k3s/data/current/bin/aux/iptables-save',
    '#!/bin/sh\necho "*filter"\n',
    0o755,
  )
  const bundle = unpack(workshop, collect(workshop).stdout)
  expect(bundle.files.get('runtime/crictl-pods.json')?.toString()).toBe('{\n}\n')
  expect(bundle.files.get('netfilter/bundled/iptables-save.txt')?.toString()).toBe('*filter\n')
  expect(bundle.files.get('meta/versions.txt')?.toString()).toMatch(
    /^bundled-iptables: iptables v1\.8\.8 \(nf_tables\)$/m,
  )
})
