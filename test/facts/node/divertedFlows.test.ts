import { expect, test } from 'vitest'
import { divertedFlows } from '../../../analyzer/facts/node/divertedFlows.ts'
import { replacing, soundFiles } from '../../support/checkRule.ts'
import { textCluster } from '../../support/textCluster.ts'

async function flowsOf(rules: string, routes: string) {
  const files = soundFiles('host-gw', {
    'net/ip-rule.txt': replacing('32766:', `${rules}\n32766:`),
    'net/ip-route.txt': (before) => `${before}${routes}\n`,
  })
  const [node] = (await textCluster(files)).nodes
  const answer = node && divertedFlows.of(node)
  if (answer?.available !== true) throw new Error('no flows')
  return answer.value.flows
}

test('pods as sources and as destinations, in the order of the main table', async () => {
  const flows = await flowsOf('100:\tfrom all lookup 7', 'default via 192.168.50.200 dev eth0 table 7')
  expect(flows.map(({ from, to, source, network }) => `${from} ${source} ${to} ${network.address}`)).toEqual([
    'node 192.168.50.11 own 10.244.1.0',
    'node 10.244.1.1 own 10.244.1.0',
    'node 192.168.50.11 others 10.244.2.0',
    'node 192.168.50.11 others 10.244.3.0',
    'pods 10.244.1.2 others 10.244.2.0',
    'peers 10.244.2.2 own 10.244.1.0',
    'pods 10.244.1.2 others 10.244.3.0',
    'peers 10.244.3.2 own 10.244.1.0',
  ])
})

test('what is sent to a peer after all is not diverted', async () => {
  expect(
    await flowsOf('100:\tfrom all to 10.244.2.0/24 lookup 7', 'default via 192.168.50.12 dev eth0 table 7'),
  ).toEqual([])
})

test('without rules but the kernel’s own nothing is looked up', async () => {
  expect(await flowsOf('32765:\tfrom all lookup main', '')).toEqual([])
})
