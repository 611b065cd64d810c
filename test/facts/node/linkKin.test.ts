import { expect, test } from 'vitest'
import { linkKin } from '../../../analyzer/facts/node/linkKin.ts'

const DEVICES = [
  { name: 'eth0', master: 'bond0' },
  { name: 'eth1', master: 'bond0' },
  { name: 'bond0', master: 'br0', kind: 'bond' },
  { name: 'br0', kind: 'bridge' },
  { name: 'br0.100', peer: 'br0', kind: 'vlan' },
  { name: 'mac0', peer: 'br0.100', kind: 'macvlan' },
  { name: 'eth2' },
  { name: 'veth7', peer: 'eth2', kind: 'veth' },
  { name: 'eth3', peer: 'if9' },
]

test('a bond in a bridge with a VLAN and a macvlan on top is one link', () => {
  const all = ['bond0', 'br0', 'br0.100', 'eth0', 'eth1', 'mac0']
  for (const name of all) expect([...linkKin(DEVICES, name)].toSorted()).toEqual(all)
})

test('a veth named beside another device is a link of its own: its peer is in another namespace', () => {
  expect([...linkKin(DEVICES, 'eth2')]).toEqual(['eth2'])
})

test('a peer that is no device of the node joins nothing', () => {
  expect([...linkKin(DEVICES, 'eth3')]).toEqual(['eth3'])
})
