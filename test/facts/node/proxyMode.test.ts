import { describe, expect, test } from 'vitest'
import { proxyMode } from '../../../analyzer/facts/node/proxyMode.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

const DUMMY = [
  '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
  '    link/ether 4a:f3:f8:f2:a6:aa brd ff:ff:ff:ff:ff:ff',
  '    inet 10.96.0.1/32 scope global kube-ipvs0',
  '       valid_lft forever preferred_lft forever',
].join('\n')

async function mode(files: Readonly<Record<string, string>>): Promise<string> {
  const answer = proxyMode.of(await textNode(files))
  return answer.available ? answer.value.mode : 'not known'
}

describe('proxyMode', () => {
  test('iptables, of kube-proxy 1.20 and 1.30', async () => {
    for (const file of ['kube-proxy-1.20.txt', 'kube-proxy.txt']) {
      expect(await mode({ 'netfilter/iptables-save.txt': fixture(`iptables-save/${file}`) })).toBe('iptables')
    }
  })

  test('IPVS: its KUBE-SERVICES matches sets and leads to no chain of a Service', async () => {
    const files = {
      'net/ip-addr.txt': DUMMY,
      'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
      'netfilter/ipset-save.txt': fixture('ipset-save/kube-proxy-ipvs.txt'),
      'netfilter/iptables-save.txt': fixture('iptables-save/kube-proxy-ipvs.txt'),
    }
    expect(await mode(files)).toBe('ipvs')
  })

  test('virtual services of another program (keepalived), without kube-ipvs0', async () => {
    const files = {
      'net/ip-addr.txt': DUMMY.replaceAll('kube-ipvs0', 'eth0'),
      'ipvs/ipvsadm.txt': fixture('ipvsadm/kube-proxy.txt'),
    }
    expect(await mode(files)).toBe('not known')
  })

  test('nftables', async () => {
    const files = { 'netfilter/nft-ruleset.txt': fixture('nft-ruleset/kube-proxy-nftables.txt') }
    expect(await mode(files)).toBe('nftables')
  })

  test('none, where the dumps have been looked at; not known, where one is missing', async () => {
    const bare = '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n'
    const files = {
      'netfilter/iptables-save.txt': bare,
      'net/ip-addr.txt': DUMMY.replaceAll('kube-ipvs0', 'eth0'),
    }
    expect(await mode({ ...files, 'netfilter/nft-ruleset.txt': 'table ip nat {\n}\n' })).toBe('none')
    expect(await mode(files)).toBe('not known')
  })

  test('iptables, where the chains of Services have rules and nothing leads to them', async () => {
    const save = fixture('iptables-save/kube-proxy.txt').replaceAll(
      /^(?:\[\d+:\d+\] )?-A KUBE-SERVICES .*\n/gmu,
      '',
    )
    const files = {
      'netfilter/iptables-save.txt': save,
      'net/ip-addr.txt': DUMMY.replaceAll('kube-ipvs0', 'eth0'),
    }
    const nft = { 'netfilter/nft-ruleset.txt': 'table ip nat {\n}\n' }
    expect(await mode({ ...files, ...nft })).toBe('iptables')
    expect(await mode(files)).toBe('not known')
    // Another program serves the Services, and what kube-proxy left is in pieces.
    const cilium = { 'net/ip-addr.txt': DUMMY.replaceAll('kube-ipvs0', 'cilium_host') }
    expect(await mode({ ...files, ...nft, ...cilium })).toBe('none')
  })
})
