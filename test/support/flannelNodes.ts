import type { Rule, RuleResult } from '../../analyzer/engine/defineRule.ts'
import { type TextFiles, textCluster } from './textCluster.ts'

/** The files of a node of a cluster of two, with flannel’s VXLAN devices. */
function filesOf(own: number, peer: number): Record<string, string> {
  return {
    'net/ip-addr.txt': [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000',
      `    link/ether 02:00:00:00:00:0${own} brd ff:ff:ff:ff:ff:ff`,
      `    inet 192.168.50.1${own}/24 scope global eth0`,
      '3: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP group default qlen 1000',
      `    link/ether 0a:58:0a:f4:0${own}:01 brd ff:ff:ff:ff:ff:ff`,
      `    inet 10.244.${own}.1/24 scope global cni0`,
      '4: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UNKNOWN group default',
      `    link/ether 02:fe:00:00:00:0${own} brd ff:ff:ff:ff:ff:ff`,
      `    vxlan id 1 local 192.168.50.1${own} dev eth0 srcport 0 0 dstport 8472 nolearning ttl auto ageing 300`,
      `    inet 10.244.${own}.0/32 scope global flannel.1`,
      '',
    ].join('\n'),
    'net/ip-route.txt': [
      'default via 192.168.50.200 dev eth0',
      `10.244.${own}.0/24 dev cni0 proto kernel scope link src 10.244.${own}.1`,
      `10.244.${peer}.0/24 via 10.244.${peer}.0 dev flannel.1 onlink`,
      `192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.1${own}`,
      '',
    ].join('\n'),
    'net/ip-neigh.txt': `10.244.${peer}.0 dev flannel.1 lladdr 02:fe:00:00:00:0${peer} PERMANENT\n`,
    'net/bridge-fdb.txt': `02:fe:00:00:00:0${peer} dev flannel.1 dst 192.168.50.1${peer} self permanent\n`,
  }
}

/** Replaces what is found in a file of node-1 or node-2. */
export type FlannelEdit = readonly [file: string, find: string, replace: string]

/** What a rule says of node-1, in a sound cluster of node-1 and node-2 but for these edits and further files. */
export async function tellOfFlannel(
  rule: Rule,
  edits: readonly FlannelEdit[] = [],
  further: TextFiles = {},
): Promise<RuleResult | undefined> {
  const files = {
    'node-1': { ...filesOf(1, 2), ...further['node-1'] },
    'node-2': { ...filesOf(2, 1), ...further['node-2'] },
  }
  for (const [file, find, replace] of edits) {
    const [node = '', ...path] = file.split('/')
    const own: Record<string, string> = node === 'node-1' ? files['node-1'] : files['node-2']
    const before = own[path.join('/')] ?? ''
    if (!before.includes(find)) throw new Error(`'${find}' is not in ${file}`)
    own[path.join('/')] = before.replaceAll(find, replace)
  }
  const [node] = (await textCluster(files)).nodes
  return node && rule.check(node, 'en')
}
