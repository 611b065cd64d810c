import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  SHELLS,
  type Workshop,
  closeWorkshop,
  collect,
  discrepancies,
  openWorkshop,
  plant,
  statusOf,
  stub,
  unpack,
} from './workshop.ts'

let workshop: Workshop

beforeEach(() => {
  workshop = openWorkshop()
  plant(workshop, 'etc/hostname', 'node-1\n')
  plant(workshop, 'etc/machine-id', '0123456789abcdef0123456789abcdef\n')
  plant(workshop, 'etc/resolv.conf', 'nameserver 192.0.2.53\n')
  plant(workshop, 'etc/rancher/k3s/config.yaml', 'node-ip: 192.0.2.11\n')
  plant(workshop, 'run/flannel/subnet.env', 'FLANNEL_NETWORK=10.42.0.0/16\n')
  plant(workshop, 'var/lib/cni/networks/cbr0/10.42.0.2', 'f00d\r\neth0')
  plant(workshop, 'var/lib/cni/networks/cbr0/last_reserved_ip.0', '10.42.0.2')
  plant(workshop, 'var/lib/cni/networks/cbr0/lock', '')
  plant(workshop, 'opt/cni/bin/portmap', '')
  stub(workshop, 'journalctl', "echo '-- No entries --'")
})
afterEach(() => closeWorkshop(workshop))

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(' ') })))('in $name', ({ shell }) => {
  it('makes a bundle whose manifest holds', () => {
    const run = collect(workshop, shell)
    expect(run.stdout).toMatch(/^\/\S+\/coldcase-node-1-\d{8}T\d{6}Z\.tar\.gz\n$/)
    const bundle = unpack(workshop, run.stdout)
    expect(discrepancies(bundle)).toEqual([])
    expect(bundle.rows.filter(({ status }) => /denied|timeout|truncated|failed/.test(status))).toEqual([])
    expect(run.status).toBe(process.getuid?.() === 0 ? 0 : 1)
    expect(run.stderr.split('\n').length).toBeGreaterThan(bundle.rows.length)
    expect(statSync(bundle.archive).mode & 0o777).toBe(0o600)
    expect(bundle.files.get('cni/ipam/cbr0/10.42.0.2')?.toString()).toBe('f00d\r\neth0')
    expect(bundle.files.get('cni/ipam/cbr0/last_reserved_ip.0')?.toString()).toBe('10.42.0.2')
    expect(statusOf(bundle, 'cni/ipam/cbr0/lock')).toBeUndefined()
    expect(bundle.files.get('cni/bin.txt')?.toString()).toBe('portmap\n')
    expect(bundle.files.get('kube/config/etc/rancher/k3s/config.yaml')?.toString()).toBe(
      'node-ip: 192.0.2.11\n',
    )
    expect(bundle.files.get('meta/node.txt')?.toString()).toMatch(/^hostname=node-1\n/)
    expect(bundle.files.get('net/ip-addr.txt')?.toString()).toContain(' lo: <LOOPBACK')
    expect(bundle.files.get('sysctl/values.txt')?.toString()).toMatch(
      /^net\.ipv4\.conf\.lo\.rp_filter = \d$/m,
    )
    expect(readdirSync(workshop.out)).toHaveLength(1)
  })
})

it('reads numbers of the kernel whole, whatever reads them', () => {
  const real = execFileSync('cat', ['/proc/sys/kernel/pid_max'], { encoding: 'utf8' }).trim()
  const bundle = unpack(workshop, collect(workshop).stdout)
  expect(bundle.files.get('sysctl/values.txt')?.toString()).toContain(`kernel.pid_max = ${real}\n`)
})

it('runs on a node that has nothing but BusyBox', () => {
  const applets = join(workshop.folder, 'applets')
  mkdirSync(applets)
  execFileSync('busybox', ['--install', '-s', applets])
  const run = collect(workshop, [join(applets, 'sh')], [], applets)
  const bundle = unpack(workshop, run.stdout)
  expect(discrepancies(bundle)).toEqual([])
  expect(statusOf(bundle, 'netfilter/iptables-save.txt')).toBe('absent')
  expect(statusOf(bundle, 'journal/k3s.txt')).toBe('absent')
  expect(statusOf(bundle, 'net/dev.txt')).toBe('ok')
  expect(bundle.files.get('cni/ipam/cbr0/10.42.0.2')?.toString()).toBe('f00d\r\neth0')
})

it('takes the files that sysctl reads, and no others', () => {
  for (const name of ['10-a.conf', 'README.sysctl'])
    plant(workshop, `etc/sysctl.d/${name}`, 'vm.swappiness = 1\n')
  plant(workshop, 'etc/sysctl.conf', 'vm.swappiness = 2\n')
  const taken = [...unpack(workshop, collect(workshop).stdout).files.keys()]
  expect(taken.filter((path) => path.startsWith('sysctl/files/')).toSorted()).toEqual([
    'sysctl/files/etc/sysctl.conf',
    'sysctl/files/etc/sysctl.d/10-a.conf',
  ])
})

it('keeps nothing of a journal without entries', () => {
  const bundle = unpack(workshop, collect(workshop).stdout)
  expect(statusOf(bundle, 'journal/k3s.txt')).toBe('empty')
  expect(bundle.files.get('journal/k3s.txt')?.length).toBe(0)
})

it('prints what it would run, and runs nothing', () => {
  stub(workshop, 'ip', `touch ${workshop.folder}/ran`)
  const run = collect(workshop, ['dash'], ['--dry-run'])
  expect(run.status).toBe(0)
  expect(run.stdout).toContain('net/ip-addr.txt <- ip -d addr show\n')
  expect(readdirSync(workshop.out)).toEqual([])
  expect(readdirSync(workshop.folder).toSorted()).toEqual(['out', 'root', 'stubs'])
})

it.each([
  [['--since', 'yesterday']],
  [['--timeout', '0']],
  [['--root', '/a b']],
  [['--nonsense']],
  [['--out']],
])('refuses %j', (options) => {
  const run = collect(workshop, ['dash'], options)
  expect(run.status).toBe(2)
  expect(run.stdout).toBe('')
})

it('says so where it cannot write', () => {
  const run = collect({ ...workshop, out: join(workshop.folder, 'nowhere') })
  expect(run.status).toBe(3)
  expect(run.stdout).toBe('')
})

it('passes the linters of portable shell', () => {
  const script = new URL('../../collector/collect.sh', import.meta.url).pathname
  expect(execFileSync('shellcheck', ['-s', 'sh', script], { encoding: 'utf8' })).toBe('')
  expect(execFileSync('checkbashisms', [script], { encoding: 'utf8' })).toBe('')
})
