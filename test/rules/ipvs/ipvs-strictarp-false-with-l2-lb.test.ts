import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/ipvs/ipvs-strictarp-false-with-l2-lb.ts'
import { text } from '../../../analyzer/rules/ipvs/ipvs-strictarp-false-with-l2-lb.text.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const FILES = {
  'net/ip-addr.txt': [
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000',
    '    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff',
    '    inet 192.168.50.11/24 scope global eth0',
    '       valid_lft forever preferred_lft forever',
    '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
    '    link/ether 4a:f3:f8:f2:a6:aa brd ff:ff:ff:ff:ff:ff',
    '    inet 192.168.50.100/32 scope global kube-ipvs0',
    '       valid_lft forever preferred_lft forever',
  ].join('\n'),
  'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
  'netfilter/ipset-save.txt': fixture('ipset-save/kube-proxy-ipvs.txt').replace(
    'add KUBE-EXTERNAL-IP 192',
    'add KUBE-LOAD-BALANCER 192',
  ),
  'net/ss-listen.txt':
    'Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\ntcp   LISTEN 0      4096               *:7946             *:*    users:(("speaker",pid=3120,fd=9))\n',
}

function values(all: number, own: number): string {
  return `net.ipv4.conf.all.arp_ignore = ${all}\nnet.ipv4.conf.eth0.arp_ignore = ${own}\n`
}

async function judged(settings: string) {
  return rule.check(await textNode({ ...FILES, 'sysctl/values.txt': settings }), 'en')
}

test('the larger of the values of all and of the interface counts', async () => {
  expect(await judged(values(0, 0))).toMatchObject({ state: 'found', findings: [{ confidence: 'likely' }] })
  expect(await judged(values(1, 0))).toMatchObject({ state: 'clear' })
  expect(await judged(values(0, 1))).toMatchObject({ state: 'clear' })
})

test('asks on the interface in whose network the address lies', () => {
  const data = { node: 'node-1', addresses: ['192.168.50.100'], device: 'eth0', isSplit: false }
  expect(text.en.verify(data)[0]?.commands).toContain('arping -c 3 -I eth0 192.168.50.100')
})
