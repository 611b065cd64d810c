import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cniConf } from '../../analyzer/parsers/cniConf.ts'
import { ipamReservation } from '../../analyzer/parsers/ipamReservation.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

const captured = (path: string) =>
  readFileSync(new URL(`../../fixtures/outputs/${path}`, import.meta.url), 'utf8')

test('a list of plugins of a real node', () => {
  const { value, unread } = parseText(cniConf, captured('cni-conf/bridge.conflist'))
  expect(unread).toEqual([])
  expect(value).toMatchObject({
    name: 'cbr0',
    cniVersion: '0.4.0',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        hairpinMode: true,
        isGateway: true,
        ipam: {
          type: 'host-local',
          dataDir: '/var/lib/cni/networks',
          subnets: [{ address: '10.244.1.0', length: 24 }],
        },
      },
      { type: 'portmap', isGateway: false },
    ],
    line: { number: 1 },
  })
})

test('the list that flannel installs, with its delegate', () => {
  // https://github.com/flannel-io/flannel/blob/master/Documentation/kube-flannel.yml
  const text = `{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    { "type": "flannel", "delegate": { "hairpinMode": true, "isDefaultGateway": true } },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}`
  const { value } = parseText(cniConf, text)
  expect(value.plugins[0]).toEqual({
    type: 'flannel',
    isGateway: false,
    delegate: { type: 'bridge', hairpinMode: true, isGateway: true },
  })
  expect(value.line).toEqual({ number: 2, text: '  "name": "cbr0",' })
})

test('a plain configuration is one plugin', () => {
  const text =
    '{"name": "n", "type": "bridge", "mtu": 1450, "ipam": {"type": "host-local", "subnet": "10.1.0.0/16"}}'
  expect(parseText(cniConf, text).value.plugins).toEqual([
    {
      type: 'bridge',
      mtuBytes: 1450,
      isGateway: false,
      ipam: {
        type: 'host-local',
        subnets: [{ address: '10.1.0.0', length: 16 }],
        rangeSets: [[{ subnet: { address: '10.1.0.0', length: 16 } }]],
      },
    },
  ])
})

test('ranges of host-local, as its documentation has them', () => {
  // https://www.cni.dev/plugins/current/ipam/host-local/
  const text = `{"name": "n", "type": "bridge", "ipam": {"type": "host-local", "ranges": [
    [{"subnet": "10.10.0.0/16", "rangeStart": "10.10.1.20", "rangeEnd": "10.10.3.50", "gateway": "10.10.0.254"},
     {"subnet": "172.16.5.0/24"}],
    [{"subnet": "3ffe:ffff:0:01ff::/64", "rangeStart": "3ffe:ffff:0:01ff::0010", "rangeEnd": "3ffe:ffff:0:01ff::0020"}]]}}`
  const [plugin] = parseText(cniConf, text).value.plugins
  expect(plugin?.ipam?.rangeSets).toEqual([
    [
      {
        subnet: { address: '10.10.0.0', length: 16 },
        first: '10.10.1.20',
        last: '10.10.3.50',
        gateway: '10.10.0.254',
      },
      { subnet: { address: '172.16.5.0', length: 24 } },
    ],
    [
      {
        subnet: { address: '3ffe:ffff:0:1ff::', length: 64 },
        first: '3ffe:ffff:0:1ff::10',
        last: '3ffe:ffff:0:1ff::20',
      },
    ],
  ])
})

test('a broken file tells where', () => {
  const { value, unread } = parseText(cniConf, '{\n  "name": "n",\n  "plugins": [],\n}\n')
  expect(value).toEqual({
    plugins: [],
    error: {
      code: 'trailing-comma',
      message: 'a comma before the closing brace',
      line: { number: 4, text: '}' },
      column: 1,
      character: '}',
    },
  })
  expect(unread).toEqual([])
  expect(parseText(cniConf, '')).toEqual({ value: { plugins: [] }, unread: [] })
  expect(parseText(cniConf, '[]').unread).toHaveLength(1)
})

const ID = '4dd463060739a706ea9dd642e2bd1e61af317576b4ce7d2fe19dcb194cf09bde'

test('files of a real host-local store', () => {
  expect(parseText(ipamReservation, captured('ipam-reservations/10.244.9.10')).value).toEqual({
    kind: 'reservation',
    containerId: ID,
    interfaceName: 'eth0',
    line: { number: 1, text: ID },
  })
  expect(parseText(ipamReservation, captured('ipam-reservations/last_reserved_ip.0')).value).toEqual({
    kind: 'last-reserved',
    address: '10.244.9.14',
    line: { number: 1, text: '10.244.9.14' },
  })
  expect(parseText(ipamReservation, captured('ipam-reservations/lock'))).toEqual({
    value: { kind: 'empty' },
    unread: [],
  })
})

test('the old form has the id alone; anything else is unread', () => {
  expect(parseText(ipamReservation, ID).value).toEqual({
    kind: 'reservation',
    containerId: ID,
    line: { number: 1, text: ID },
  })
  const { value, unread } = parseText(ipamReservation, `${ID}\r\neth0\r\nmore`)
  expect(value).toEqual({ kind: 'unknown' })
  expect(unread).toHaveLength(3)
  expect(parseText(ipamReservation, 'two words').value.kind).toBe('unknown')
})
