import { describe, expect, test } from 'vitest'
import { persistedSysctls } from '../../../analyzer/facts/node/persistedSysctls.ts'
import { textCluster, textNode } from '../../support/textCluster.ts'

async function read(files: Readonly<Record<string, string>>) {
  const node = await textNode(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`sysctl/files${path}`, text])),
  )
  const answer = persistedSysctls.of(node)
  if (!answer.available) throw new Error('not available')
  return answer.value
}

/** What is known where a file of the weakest folder came, and its namesake in /etc did not. */
async function besides(status: string, command: string) {
  const { nodes } = await textCluster(
    { 'node-1': { 'sysctl/files/usr/lib/sysctl.d/80-m.conf': 'net.ipv4.ip_forward=0\n' } },
    {},
    `-\tsysctl/files/etc/sysctl.d/80-m.conf\t${status}\t-\t0\t0\t0\t-\t${command}\n`,
  )
  const [node] = nodes
  if (node === undefined) throw new Error('no node')
  return persistedSysctls.of(node)
}

/** Each was seen of systemd-sysctl 252 and of `sysctl --system` of procps-ng 4.0.2. */
describe('persistedSysctls', () => {
  test('of files with one name that of the strongest folder is read', async () => {
    const settings = await read({
      '/usr/lib/sysctl.d/50-a.conf': 'net.ipv4.conf.all.arp_ignore=1\n',
      '/etc/sysctl.d/50-a.conf': 'net.ipv4.conf.all.arp_ignore=3\n',
      '/run/sysctl.d/50-a.conf': 'net.ipv4.conf.all.arp_ignore=2\n',
    })
    expect(settings.atBoot('net.ipv4.conf.all.arp_ignore')).toMatchObject({
      value: '3',
      file: '/etc/sysctl.d/50-a.conf',
    })
  })

  test('files are read in the order of their names over all folders, /etc/sysctl.conf last by procps alone', async () => {
    const key = 'net.ipv4.conf.all.arp_announce'
    const settings = await read({
      '/etc/sysctl.d/10-z.conf': `${key}=1\n`,
      '/usr/lib/sysctl.d/90-z.conf': `${key}=2\n`,
      '/etc/sysctl.conf': `${key}=0\n`,
    })
    expect(settings.atBoot(key)?.value).toBe('2')
    expect(settings.bySystem(key)?.value).toBe('0')
    expect(settings.asked(key).map(({ value }) => value)).toEqual(['1', '2', '0'])
  })

  test('a pattern leaves out what any file names, and what is named without a value', async () => {
    const settings = await read({
      '/etc/sysctl.d/20-exact.conf': 'net.ipv4.conf.lo.rp_filter=0\n',
      '/etc/sysctl.d/60-glob.conf': 'net.ipv4.conf.*.rp_filter=2\n-net.ipv4.conf.default.rp_filter\n',
    })
    expect(settings.atBoot('net.ipv4.conf.lo.rp_filter')?.value).toBe('0')
    expect(settings.atBoot('net.ipv4.conf.default.rp_filter')).toBeUndefined()
    expect(settings.atBoot('net.ipv4.conf.all.rp_filter')?.value).toBe('2')
    expect(settings.atBoot('net.ipv4.conf.all.log_martians')).toBeUndefined()
  })

  test('of patterns the later one counts', async () => {
    const settings = await read({
      '/etc/sysctl.d/61-g.conf': 'net.ipv4.conf.e*0.accept_redirects=0\n',
      '/etc/sysctl.d/62-g.conf': 'net.ipv4.conf.*.accept_redirects=1\n',
    })
    expect(settings.atBoot('net.ipv4.conf.eth0.accept_redirects')?.value).toBe('1')
  })

  test('one setting under two names: what changes last; the same value again leaves a key in its place', async () => {
    const settings = await read({
      '/etc/sysctl.d/11.conf': 'net.ipv4.ip_forward=0\n',
      '/etc/sysctl.d/12.conf': 'net.ipv4.conf.all.forwarding=1\n',
      '/etc/sysctl.d/13.conf': 'net.ipv4.ip_forward=0\n',
    })
    expect(settings.atBoot('net.ipv4.ip_forward')).toMatchObject({
      value: '1',
      file: '/etc/sysctl.d/12.conf',
    })
  })

  test('names with slashes, and interfaces with dots', async () => {
    const settings = await read({ '/etc/sysctl.d/70.conf': 'net/ipv4/conf/flannel.1/rp_filter = 0\n' })
    expect(settings.atBoot('net.ipv4.conf.flannel/1.rp_filter')?.value).toBe('0')
  })

  test('files without the ending .conf, of other folders and of folders below are not read', async () => {
    const settings = await read({
      '/etc/sysctl.d/99-x': 'net.ipv4.ip_forward=0\n',
      '/etc/sysconf.d/99-x.conf': 'net.ipv4.ip_forward=0\n',
      '/etc/sysctl.d/old/99-x.conf': 'net.ipv4.ip_forward=0\n',
    })
    expect(settings.atBoot('net.ipv4.ip_forward')).toBeUndefined()
  })

  test('an empty file takes the place of its namesake', async () => {
    const settings = await read({
      '/etc/sysctl.d/80-m.conf': '',
      '/usr/lib/sysctl.d/80-m.conf': 'net.ipv4.ip_forward=0\n',
    })
    expect(settings.atBoot('net.ipv4.ip_forward')).toBeUndefined()
  })

  test('a link to /dev/null masks its namesake; any other missing file makes all unknown', async () => {
    const masked = await besides('failed', 'cat /etc/sysctl.d/80-m.conf # not a regular file')
    expect(masked.available && masked.value.atBoot('net.ipv4.ip_forward')).toBeUndefined()
    const denied = await besides('denied', 'cat /etc/sysctl.d/80-m.conf')
    expect(denied.available).toBe(false)
  })

  test('nothing is said where no file came', async () => {
    expect(persistedSysctls.of(await textNode({})).available).toBe(false)
  })
})
