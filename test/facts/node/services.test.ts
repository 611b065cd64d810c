import { describe, expect, test } from 'vitest'
import type { ProxiedService } from '../../../analyzer/facts/node/proxiedService.ts'
import { services } from '../../../analyzer/facts/node/services.ts'
import { fixture } from '../../support/fixture.ts'
import { textNode } from '../../support/textCluster.ts'

async function servicesOf(files: Readonly<Record<string, string>>): Promise<readonly ProxiedService[]> {
  const answer = services.of(await textNode(files))
  if (!answer.available) throw new Error(JSON.stringify(answer.shortfalls))
  return answer.value
}

/** `cluster 10.96.10.10:80/tcp default/web:http → 10.244.1.2:8080 10.244.2.2:8080`. */
function inShort(service: ProxiedService): string {
  const { address = '*', port, protocol, kind, name = '?', endpoints, localOnly, refusedBy } = service
  const to = endpoints.map((endpoint) => `${endpoint.address}:${endpoint.port}`).toSorted()
  const flags = [...(localOnly ? ['local'] : []), ...(refusedBy ? ['refused'] : [])]
  return [`${kind} ${address}:${port}/${protocol} ${name} →`, ...to, ...flags].join(' ')
}

/** What the API told kube-proxy in these captures; the node's own pods are 10.244.1.*. */
const WEB = '10.244.1.2:8080 10.244.2.2:8080 10.244.3.2:8080'
const PROGRAMMED = [
  'cluster 10.96.0.1:443/tcp default/kubernetes:https → 192.168.50.11:6443',
  `cluster 10.96.10.10:80/tcp default/web:http → ${WEB}`,
  `cluster 10.96.10.10:80/udp default/webudp:u → ${WEB}`,
  'cluster 10.96.10.11:9000/tcp default/one → 10.244.3.3:9000',
  'cluster 10.96.10.11:9000/udp default/oneudp → 10.244.3.3:9000',
  'cluster 10.96.10.12:80/tcp default/local:http → 10.244.2.3:8080',
  'cluster 10.96.10.13:80/tcp default/noeps:http → refused',
  'cluster 10.96.10.14:80/tcp default/sticky:http → 10.244.1.3:8080 10.244.2.3:8080',
  `external 192.168.50.100:80/tcp default/web:http → ${WEB}`,
  `nodePort *:30080/tcp default/web:http → ${WEB}`,
  `nodePort *:30081/udp default/webudp:u → ${WEB}`,
  'nodePort *:30090/tcp default/local:http → local',
  'nodePort *:30091/tcp default/noeps:http → refused',
]

describe('of iptables', () => {
  test.each([
    ['1.20', 'kube-proxy-1.20.txt'],
    ['1.30', 'kube-proxy.txt'],
  ])('kube-proxy %s', async (_, file) => {
    const found = await servicesOf({ 'netfilter/iptables-save.txt': fixture(`iptables-save/${file}`) })
    expect(found.map(inShort).toSorted()).toEqual(PROGRAMMED)
  })

  test('a chain without comments is named by its hash', async () => {
    const bare = fixture('iptables-save/kube-proxy.txt').replaceAll(
      / -m comment --comment "default\/kubernetes[^"]*"/g,
      '',
    )
    const found = await servicesOf({ 'netfilter/iptables-save.txt': bare })
    expect(found.map(inShort)).toContain(PROGRAMMED[0])
  })

  test('a load balancer with admitted source ranges (kube-proxy before 1.24)', async () => {
    const found = await servicesOf({
      'netfilter/iptables-save.txt': [
        '*nat',
        ':PREROUTING ACCEPT [0:0]',
        ':KUBE-SERVICES - [0:0]',
        ':KUBE-FW-CDGGSHYLG3RE2FKL - [0:0]',
        ':KUBE-SVC-CDGGSHYLG3RE2FKL - [0:0]',
        ':KUBE-SEP-UIQK3OSOSTRHRPBX - [0:0]',
        '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
        '-A KUBE-SERVICES -d 192.168.50.101/32 -p tcp -m comment --comment "default/web:http loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-CDGGSHYLG3RE2FKL',
        '-A KUBE-FW-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http loadbalancer IP" -j KUBE-MARK-MASQ',
        '-A KUBE-FW-CDGGSHYLG3RE2FKL -s 203.0.113.0/24 -m comment --comment "default/web:http loadbalancer IP" -j KUBE-SVC-CDGGSHYLG3RE2FKL',
        '-A KUBE-FW-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http loadbalancer IP" -j KUBE-MARK-DROP',
        '-A KUBE-SVC-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http" -j KUBE-SEP-UIQK3OSOSTRHRPBX',
        '-A KUBE-SEP-UIQK3OSOSTRHRPBX -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.1.2:8080',
        'COMMIT',
        '',
      ].join('\n'),
    })
    expect(found.map(inShort)).toEqual([
      'loadBalancer 192.168.50.101:80/tcp default/web:http → 10.244.1.2:8080',
    ])
  })
})

/** Rules for one Service with two endpoints, whose lines a test may change. */
const TWO_ENDPOINTS = [
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-SVC-CDGGSHYLG3RE2FKL - [0:0]',
  ':KUBE-SEP-UIQK3OSOSTRHRPBX - [0:0]',
  ':KUBE-SEP-4EX2N4PG4ASNZOBF - [0:0]',
  '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A KUBE-SERVICES -d 10.96.10.10/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-CDGGSHYLG3RE2FKL',
  '-A KUBE-SVC-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http -> 10.244.1.2:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-UIQK3OSOSTRHRPBX',
  '-A KUBE-SVC-CDGGSHYLG3RE2FKL -m comment --comment "default/web:http -> 10.244.2.2:8080" -j KUBE-SEP-4EX2N4PG4ASNZOBF',
  '-A KUBE-SEP-UIQK3OSOSTRHRPBX -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.1.2:8080',
  '-A KUBE-SEP-4EX2N4PG4ASNZOBF -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.2.2:8080',
  'COMMIT',
  '',
].join('\n')

async function brokenIn(dump: string): Promise<readonly string[]> {
  const found = await servicesOf({ 'netfilter/iptables-save.txt': dump })
  return found.flatMap(({ broken }) =>
    broken.map(({ kind, chain, lines }) => `${kind} ${chain} ${lines.map(({ line }) => line).join(' ')}`),
  )
}

describe('links that are broken', () => {
  test.each(['kube-proxy-1.20.txt', 'kube-proxy.txt'])('none in %s', async (file) => {
    expect(await brokenIn(fixture(`iptables-save/${file}`))).toEqual([])
  })

  test.each([
    [':KUBE-SEP-4EX2N4PG4ASNZOBF - [0:0]\n', '', []],
    ['-A KUBE-SEP-4EX2N4PG4ASNZOBF -p', '# ', ['no-destination KUBE-SEP-4EX2N4PG4ASNZOBF 10 6']],
    [
      ' --to-destination 10.244.2.2:8080',
      ' --random --persistent',
      ['unreadable KUBE-SEP-4EX2N4PG4ASNZOBF 10 12'],
    ],
    [
      ' --to-destination 10.244.2.2:8080',
      ' --to-destination :0 --persistent',
      ['unreadable KUBE-SEP-4EX2N4PG4ASNZOBF 10 12'],
    ],
    ['0.50000000000', '0.33333333349', ['uneven-shares KUBE-SVC-CDGGSHYLG3RE2FKL 9']],
    ['0.50000000000', '0.49999', []],
    [
      '8080" -j KUBE-SEP-4EX',
      '8080" -m statistic --mode random --probability 0.5 -j KUBE-SEP-4EX',
      ['lost-share KUBE-SVC-CDGGSHYLG3RE2FKL 10'],
    ],
    [
      ' -m statistic --mode random --probability 0.50000000000',
      '',
      ['uneven-shares KUBE-SVC-CDGGSHYLG3RE2FKL 9'],
    ],
    [
      '-j KUBE-SVC-CDGGSHYLG3RE2FKL\n',
      '-j KUBE-SVC-GC7YPRXAEGOKCMA3\n',
      ['missing-chain KUBE-SVC-GC7YPRXAEGOKCMA3 8'],
    ],
    [
      '-j KUBE-SEP-4EX2N4PG4ASNZOBF\n',
      '-j KUBE-SEP-TACM5ZHOYMVRF5K7\n',
      ['missing-chain KUBE-SEP-TACM5ZHOYMVRF5K7 10'],
    ],
    ['-A KUBE-SVC-', '# ', ['empty-chain KUBE-SVC-CDGGSHYLG3RE2FKL 8 4']],
  ])('%j → %j', async (before, after, expected) => {
    expect(await brokenIn(TWO_ENDPOINTS.replaceAll(before, after))).toEqual(expected)
  })
})

test('a rule that lost its comment is named by the comments of the chains behind it', async () => {
  const bare = TWO_ENDPOINTS.replace(' -m comment --comment "default/web:http cluster IP"', '')
  const found = await servicesOf({ 'netfilter/iptables-save.txt': bare })
  expect(found.map(({ name }) => name)).toEqual(['default/web:http'])
})

describe('of nftables', () => {
  const ruleset = fixture('nft-ruleset/kube-proxy-nftables.txt')

  test('kube-proxy 1.30: the same as of iptables', async () => {
    const found = await servicesOf({ 'netfilter/nft-ruleset.txt': ruleset })
    expect(found.map(inShort).toSorted()).toEqual(PROGRAMMED)
    expect(found.flatMap(({ broken }) => broken)).toEqual([])
    const local = found.find(({ kind, port }) => kind === 'nodePort' && port === 30_090)
    expect(local?.droppedBy?.text).toContain('default/local:http')
  })

  test('an endpoint’s chain without dnat, and one that is missing', async () => {
    const found = await servicesOf({
      'netfilter/nft-ruleset.txt': ruleset
        .replace('meta l4proto tcp dnat to 10.244.3.3:9000', 'meta l4proto tcp accept')
        .replace('goto endpoint-YDF2XFUG-', 'goto endpoint-ZZZZZZZZ-'),
    })
    expect(found.flatMap(({ broken }) => broken.map(({ kind, chain }) => `${kind} ${chain}`))).toEqual([
      'no-destination endpoint-QQ5RSWVU-default/one/tcp/__10.244.3.3/9000',
      'missing-chain endpoint-ZZZZZZZZ-default/kubernetes/tcp/https__192.168.50.11/6443',
    ])
  })

  test('a listing that breaks off is a shortfall', async () => {
    const cut = ruleset.slice(0, ruleset.lastIndexOf('}'))
    const answer = services.of(await textNode({ 'netfilter/nft-ruleset.txt': cut }))
    expect(answer.shortfalls).toMatchObject([{ code: 'truncated' }])
  })
})

describe('of IPVS', () => {
  const dummy = [
    '9: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default ',
    '    link/ether 4a:f3:f8:f2:a6:aa brd ff:ff:ff:ff:ff:ff',
    '    inet 10.96.0.1/32 scope global kube-ipvs0',
    '       valid_lft forever preferred_lft forever',
  ].join('\n')
  const table = fixture('ipvsadm/kube-proxy.txt')

  test('sets tell what an address is for', async () => {
    const found = await servicesOf({
      'net/ip-addr.txt': dummy,
      'ipvs/ipvsadm.txt': table,
      'netfilter/ipset-save.txt': fixture('ipset-save/kube-proxy-ipvs.txt'),
    })
    const kinds = new Map(found.map((service) => [`${service.address}:${service.port}`, service.kind]))
    expect(kinds.get('10.96.10.13:80')).toBe('cluster')
    expect(kinds.get('192.168.50.100:80')).toBe('external')
    expect(kinds.get('127.0.0.1:30080')).toBe('nodePort')
  })

  test('without ipvsadm the kernel’s own list does', async () => {
    const ofTool = await servicesOf({ 'net/ip-addr.txt': dummy, 'ipvs/ipvsadm.txt': table })
    const ofKernel = await servicesOf({
      'net/ip-addr.txt': dummy,
      'ipvs/proc-ip-vs.txt': fixture('proc-ip-vs/kube-proxy.txt'),
    })
    expect(ofKernel.map(inShort).toSorted()).toEqual(ofTool.map(inShort).toSorted())
  })

  test('a listing that was cut by hand is completed by the kernel’s list', async () => {
    const cut = table.slice(0, table.indexOf('10.96.10.14:80'))
    const found = await servicesOf({
      'net/ip-addr.txt': dummy,
      'ipvs/ipvsadm.txt': `${cut}10.96.10.14:80 rr persistent 10800\n`,
      'ipvs/proc-ip-vs.txt': fixture('proc-ip-vs/kube-proxy.txt'),
    })
    expect(found.find(({ address }) => address === '10.96.10.14')?.endpoints).toHaveLength(2)
  })
})

describe('the mode', () => {
  test('kube-ipvs0 without virtual services tells nothing', async () => {
    const node = await textNode({ 'ipvs/ipvsadm.txt': 'Prot LocalAddress:Port Scheduler Flags\n' })
    expect(services.of(node)).toMatchObject({ available: false })
  })
})

test('a dump that breaks off is a shortfall: what it lacks proves nothing', async () => {
  const dump = fixture('iptables-save/kube-proxy.txt')
  const cut = dump.slice(0, dump.lastIndexOf('COMMIT'))
  const answer = services.of(await textNode({ 'netfilter/iptables-save.txt': cut }))
  expect(answer.available).toBe(true)
  expect(answer.shortfalls).toMatchObject([{ code: 'truncated' }])
})
