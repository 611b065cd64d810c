import { expect, test } from 'vitest'
import { podLinks } from '../../../analyzer/facts/node/podLinks.ts'
import { textNode } from '../../support/textCluster.ts'

/** Of each group: the bridge, how many links, and the names of those that lead nowhere. */
async function linksOf(addr: string, routes = '') {
  const answer = podLinks.of(await textNode({ 'net/ip-addr.txt': addr, 'net/ip-route.txt': routes }))
  if (!answer.available) return undefined
  return answer.value.map(({ bridge, links, idle }) => [bridge, links.length, idle.map(({ name }) => name)])
}

const link = (index: number, name: string, flags: string, master = '') =>
  `${index}: ${name}: <${flags}> mtu 1500 qdisc noqueue${master && ` master ${master}`} state UP\n`

test('ports of plugins’ bridges count, those of Docker do not', async () => {
  const addr =
    link(2, 'cni0', 'UP,LOWER_UP') +
    link(3, 'docker0', 'UP,LOWER_UP') +
    link(4, 'veth0a0b0c0d@if2', 'UP,LOWER_UP', 'cni0') +
    link(5, 'veth1a1b1c1d@if2', 'NO-CARRIER,UP', 'cni0') +
    link(6, 'veth2a2b2c2d@if2', 'UP,LOWER_UP', 'docker0')
  expect(await linksOf(addr)).toEqual([['cni0', 2, ['veth1a1b1c1d']]])
})

test('a link of Calico needs a route, but not where none of them has one', async () => {
  const addr = link(4, 'cali0a0b0c0d0e0@if2', 'UP') + link(5, 'cali1a1b1c1d1e1@if2', 'UP')
  expect(await linksOf(addr, '10.245.1.130 dev cali0a0b0c0d0e0 scope link \n')).toEqual([
    [undefined, 2, ['cali1a1b1c1d1e1']],
  ])
  expect(await linksOf(addr)).toEqual([[undefined, 2, []]])
})
