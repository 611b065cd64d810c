import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/routing/sysctl-rp-filter-cni.ts'
import { textCluster } from '../../support/textCluster.ts'

/** Two NICs of each node in one network: the answer to what comes in by eth1 leaves by eth0, whose route stands first. */
const node = (host: number, filter: number) => ({
  'sysctl/values.txt': `net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.eth0.rp_filter = ${filter}\nnet.ipv4.conf.eth1.rp_filter = ${filter}\n`,
  'net/ip-addr.txt': [0, 1]
    .flatMap((index) => [
      `${index + 2}: eth${index}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000`,
      `    link/ether 02:00:00:00:0${index}:0${host} brd ff:ff:ff:ff:ff:ff`,
      `    inet 192.0.2.${host + 100 * index}/24 scope global eth${index}`,
    ])
    .join('\n'),
  'net/ip-route.txt': [0, 1]
    .map((index) => `192.0.2.0/24 dev eth${index} proto kernel scope link src 192.0.2.${host + 100 * index}`)
    .join('\n'),
})

async function subjects(filter: number) {
  const { nodes } = await textCluster({ 'node-1': node(1, filter), 'node-2': node(2, filter) })
  return nodes.map((each) => {
    const result = rule.check(each, 'en')
    return result.state === 'found' ? result.findings.map(({ subject }) => subject) : result.state
  })
}

test('two NICs in one network: the strict filter drops what comes in by the second', async () => {
  expect(await subjects(1)).toEqual([['eth1'], ['eth1']])
})

test('the loose filter lets it pass', async () => {
  expect(await subjects(2)).toEqual(['clear', 'clear'])
})

test('both languages name the interface of the way back', async () => {
  const { nodes } = await textCluster({ 'node-1': node(1, 1), 'node-2': node(2, 0) })
  for (const language of ['en', 'zh'] as const) {
    const result = nodes[0] && rule.check(nodes[0], language)
    expect(result?.state === 'found' && result.findings[0]?.summary).toMatch(/eth1.*eth0/)
  }
})
