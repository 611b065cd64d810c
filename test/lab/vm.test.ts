import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundleFiles } from '../../fixtures/lab/bundleFiles.ts'
import { MACHINES, recordedRun } from '../../fixtures/lab/recorded.ts'
import { scenarios } from '../../fixtures/lab/vm/scenarios/index.ts'

/** Files of a recorded bundle by their path. */
async function filesOf(scenario: string, bundle: string): Promise<ReadonlyMap<string, string>> {
  return await bundleFiles(join(MACHINES.bundles, scenario, bundle))
}

describe.each(scenarios)('recorded in a virtual machine: $name', ({ name }) => {
  test('names no machine but its own', async () => {
    for (const number of [1, 2, 3]) {
      const files = await filesOf(name, `after/node-${number}.tar.gz`)
      expect(files.get('meta/uname.txt')).toMatch(
        new RegExp(`^Linux node-${number} ${recordedRun(MACHINES, name)?.note.kernel} `),
      )
    }
  })
})

/** Words of Linux 6.1 (net/netfilter/nf_conntrack_core.c, net/core/neighbour.c, net/ipv4/route.c). */
test.each([
  ['conntrack-maximum-lowered', 'nf_conntrack: nf_conntrack: table full, dropping packet'],
  ['neighbour-limit-lowered', 'neighbour: arp_cache: neighbor table overflow!'],
  ['martian-sources', 'IPv4: martian source 10.244.1.2 from 10.244.2.2, on dev flannel.1'],
  ['ipvs-external-ip-other-node', 'IPv4: martian source 192.168.50.11 from 192.168.50.13, on dev eth0'],
])('the kernel of %s says: %s', async (scenario, words) => {
  expect((await filesOf(scenario, 'before/node-1.tar.gz')).get('kernel/dmesg.txt')).not.toContain(words)
  expect((await filesOf(scenario, 'after/node-1.tar.gz')).get('kernel/dmesg.txt')).toContain(words)
  expect((await filesOf(scenario, 'after/node-2.tar.gz')).get('kernel/dmesg.txt')).not.toContain(words)
})

test('the first network namespace has settings that the others lack', async () => {
  const [first = '', second = ''] = await Promise.all(
    [1, 2].map(async (number) =>
      (await filesOf('neighbour-limit-lowered', `after/node-${number}.tar.gz`)).get('sysctl/values.txt'),
    ),
  )
  expect(first).toContain('net.ipv4.neigh.default.gc_thresh3 = 128\n')
  expect(second).not.toContain('gc_thresh3')
  for (const key of [
    'net.bridge.bridge-nf-call-iptables',
    'net.netfilter.nf_conntrack_max',
    'net.ipv4.conf.eth0.rp_filter',
  ]) {
    expect(first).toContain(`\n${key} = `)
    expect(second).toContain(`\n${key} = `)
  }
})

test('IPVS has settings of its own', async () => {
  const values = (await filesOf('ipvs-weight-zero', 'after/node-1.tar.gz')).get('sysctl/values.txt')
  expect(values).toContain('\nnet.ipv4.vs.conntrack = 1\n')
})

test('an IP-in-IP tunnel stands as iproute2 prints it', async () => {
  const files = await filesOf('ipip-blocked', 'after/node-1.tar.gz')
  expect(files.get('net/ip-addr.txt')).toMatch(/: tunl0@NONE: <NOARP,UP,LOWER_UP> mtu 1480 /)
  expect(files.get('net/ip-route.txt')).toContain(
    '10.244.2.0/24 via 192.168.50.12 dev tunl0 proto bird onlink',
  )
  expect(files.get('net/ip-route.txt')).toContain('blackhole 10.244.1.128/26 proto bird')
})
