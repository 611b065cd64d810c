import type { Interface } from '../../parsers/ipAddr.ts'

/** Devices that stand on another one of the same node, and bear its hardware address or share its link. */
const STACKED: ReadonlySet<string> = new Set([
  'vlan',
  'macvlan',
  'macvtap',
  'ipvlan',
  'ipvtap',
  'bond',
  'team',
])

/**
 * The names of all devices that share a link with this one: the members of its bond or bridge, the bond or bridge itself, VLAN and
 * macvlan devices and what they stand on. Any of them may answer for an address of the others. The device itself is among them.
 */
export function linkKin(
  interfaces: readonly Pick<Interface, 'name' | 'master' | 'peer' | 'kind'>[],
  device: string,
): ReadonlySet<string> {
  const names = new Set(interfaces.map(({ name }) => name))
  const kin = new Set([device])
  for (const reached of kin) {
    for (const { name, master, peer, kind } of interfaces) {
      const lower = kind === undefined || STACKED.has(kind) ? peer : undefined
      for (const other of [master, lower]) {
        if (other === undefined || !names.has(other)) continue
        if (name === reached) kin.add(other)
        if (other === reached) kin.add(name)
      }
    }
  }
  return kin
}
