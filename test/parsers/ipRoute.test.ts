import { expect, test } from 'vitest'
import { formatPrefix } from '../../analyzer/net/prefix.ts'
import { type Route, ip6Route, ipRoute } from '../../analyzer/parsers/ipRoute.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { fixture } from '../support/fixture.ts'

const find = (routes: readonly Route[], destination: string) =>
  routes.filter((route) => formatPrefix(route.destination) === destination)

test('reads the routes of flannel, Calico and IPVS', () => {
  const { value, unread } = parseText(ipRoute, fixture('ip-route/flannel-calico-ipvs.txt'))
  expect(unread).toEqual([])
  expect(value).toHaveLength(21)
  expect(find(value, '10.244.2.0/24')).toEqual([
    {
      type: 'unicast',
      destination: { address: '10.244.2.0', length: 24 },
      via: '10.244.2.0',
      device: 'flannel.1',
      table: 'main',
      flags: new Set(['onlink']),
      nexthops: [],
      line: { number: 2, text: '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink ' },
    },
  ])
  expect(find(value, '10.245.1.0/26')).toMatchObject([{ type: 'blackhole', protocol: 'bird', table: 'main' }])
  expect(find(value, '192.168.50.0/24')).toMatchObject([
    { protocol: 'kernel', scope: 'link', src: '192.168.50.11' },
  ])
  expect(find(value, '10.96.0.1/32')).toMatchObject([
    { type: 'local', device: 'kube-ipvs0', table: 'local', scope: 'host' },
  ])
})

test('reads the four ways to refuse, and both families of one file', () => {
  const { value, unread } = parseText(ipRoute, fixture('ip-route/refusing-routes.txt'))
  expect(unread).toEqual([])
  expect(value.slice(0, 5).map(({ type, destination }) => [type, formatPrefix(destination)])).toEqual([
    ['unicast', '0.0.0.0/0'],
    ['blackhole', '10.66.0.0/16'],
    ['unreachable', '10.67.0.0/16'],
    ['prohibit', '10.68.0.0/16'],
    ['throw', '10.69.0.0/16'],
  ])
  expect(find(value, 'ff00::/8').map(({ type }) => type)).toEqual([
    'multicast',
    'multicast',
    'multicast',
    'multicast',
  ])
})

test('reads multipath routes, tables, metrics and every attribute', () => {
  const { value, unread } = parseText(ipRoute, fixture('ip-route/multipath-and-attributes.txt'))
  expect(unread).toEqual([])
  expect(find(value, '0.0.0.0/0')).toMatchObject([
    { via: '192.0.2.1', protocol: 'static', metric: 100, nexthops: [] },
    {
      metric: 500,
      nexthops: [
        { via: '192.0.2.2', device: 'd0', weight: 1 },
        { via: '192.0.2.3', device: 'd0', weight: 2 },
        { via: '2001:db8::7', device: 'd0', weight: 1, flags: new Set(['onlink']) },
      ],
    },
  ])
  expect(find(value, '10.45.0.0/16')).toMatchObject([
    { table: '200', protocol: 'bird', mtuBytes: 1400, src: '192.0.2.10' },
  ])
  expect(find(value, '10.46.0.0/16')).toMatchObject([{ device: 'd0', mtuBytes: 1400, scope: 'link' }])
  expect(find(value, '10.44.0.0/16')).toMatchObject([{ via: '2001:db8::5' }])
  expect(find(value, '10.48.0.0/16')[0]).not.toHaveProperty('src')
  expect(find(value, '10.48.0.0/16')).toMatchObject([{ device: 'd0', scope: 'link' }])
  expect(find(value, '10.49.0.0/16')).toMatchObject([{ via: '192.0.2.4', device: 'd0' }])
  expect(find(value, '10.50.0.0/16')[0]?.nexthops).toMatchObject([{ weight: 1 }, { weight: 3 }])
  expect(find(value, '10.53.0.0/16')).toMatchObject([{ table: '4294967295' }])
  expect(find(value, '10.77.0.0/16')).toMatchObject([{ device: 'v1', flags: new Set(['linkdown']) }])
  expect(find(value, '10.99.0.0/16')).toMatchObject([{ type: 'blackhole', protocol: '80' }])
})

test.each(['ip-route/details.txt', 'ip-route/busybox.txt'])('reads all of %s', (path) => {
  const { value, unread } = parseText(ipRoute, fixture(path))
  expect(unread).toEqual([])
  expect(find(value, '0.0.0.0/0')).toMatchObject([{ via: '192.0.2.1', metric: 100 }, { metric: 500 }])
  expect(find(value, '192.0.2.0/24')).toMatchObject([{ type: 'unicast', scope: 'link', src: '192.0.2.10' }])
})

test('BusyBox says nothing of the ways of a multipath route', () => {
  const { value } = parseText(ipRoute, fixture('ip-route/busybox.txt'))
  const [, multipath] = find(value, '0.0.0.0/0')
  expect(multipath).toMatchObject({ metric: 500, nexthops: [], line: { text: 'default  metric 500 ' } })
  expect(multipath).not.toHaveProperty('device')
})

test('reads IPv6 routes', () => {
  const { value, unread } = parseText(ip6Route, fixture('ip6-route/multipath.txt'))
  expect(unread).toEqual([])
  expect(find(value, '::/0')).toMatchObject([{ via: '2001:db8::1', device: 'd0', metric: 50 }])
  expect(find(value, '2001:db8:9::/48')[0]?.nexthops).toMatchObject([{ via: '2001:db8::2' }, { weight: 5 }])
  expect(find(value, '2001:db8:a::/48')).toMatchObject([{ type: 'unreachable', device: 'lo' }])
  expect(find(value, '2001:db8:b::/48')).toMatchObject([{ from: { address: '2001:db8:c::', length: 48 } }])
})

test.each([
  [ipRoute, 'default dev tun0', '0.0.0.0/0'],
  [ip6Route, 'default dev tun0', '::/0'],
  [ipRoute, 'default via fe80::1 dev eth0', '::/0'],
  [ipRoute, 'default via inet6 fe80::1 dev eth0', '0.0.0.0/0'],
  [ip6Route, 'default via 192.0.2.1 dev eth0', '0.0.0.0/0'],
  [ipRoute, 'unreachable default dev lo metric 4294967295 error -101', '0.0.0.0/0'],
])('%#: default of %s', (parser, text, destination) => {
  const { value } = parseText(parser, text)
  expect(value.map((route) => formatPrefix(route.destination))).toEqual([destination])
})

test('reads attributes it does not know on a route that is plainly one', () => {
  const { value, unread } = parseText(ipRoute, '10.1.0.0/16 via 192.0.2.1 dev eth0 newfangled 7')
  expect(unread).toEqual([])
  expect(value).toMatchObject([{ via: '192.0.2.1', device: 'eth0' }])
})

test('lists lines that are no route, and nexthops of none', () => {
  const text = [
    '\tnexthop via 192.0.2.2 dev d0 weight 1',
    '10.0.0.0/8 dev eth0',
    'Error: ipv4: FIB table does not exist.',
    '\tnexthop via 192.0.2.2 dev d0 weight 1',
    '10.0.0.0/33 dev eth0',
    '10.0.0.0/8 via __proto__ dev eth0',
    '10.0.0.0/8 dev',
    '10.0.0.1 is the gateway',
    '10.0.0.0/8 dev eth0 metric 99999999999999999999999999',
  ].join('\n')
  const { value, unread } = parseText(ipRoute, text)
  expect(value).toHaveLength(1)
  expect(unread.map((line) => line.number)).toEqual([1, 3, 4, 5, 6, 7, 8, 9])
})

test('an empty file has no routes', () => {
  expect(parseText(ip6Route, '\n')).toEqual({ value: [], unread: [] })
})
