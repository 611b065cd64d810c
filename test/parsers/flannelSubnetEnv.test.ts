import { expect, test } from 'vitest'
import { flannelSubnetEnv } from '../../analyzer/parsers/flannelSubnetEnv.ts'
import { parseText } from '../../analyzer/parsers/parser.ts'

test('reads the networks of both families', () => {
  const text = [
    'FLANNEL_NETWORK=10.42.0.0/16',
    'FLANNEL_SUBNET=10.42.1.1/24',
    'FLANNEL_IPV6_NETWORK=2001:db8:42::/56',
    'FLANNEL_IPV6_SUBNET=2001:db8:42:1::1/64',
    'FLANNEL_MTU=1450',
    'FLANNEL_IPMASQ=true',
  ].join('\n')
  const { value, unread } = parseText(flannelSubnetEnv, text)
  expect(unread).toEqual([])
  expect(value).toMatchObject({
    networks: [{ value: { address: '10.42.0.0', length: 16 }, line: { number: 1 } }],
    subnet: { value: { address: '10.42.1.0', length: 24 }, line: { number: 2 } },
    ipv6Networks: [{ value: { address: '2001:db8:42::', length: 56 } }],
    ipv6Subnet: { value: { address: '2001:db8:42:1::', length: 64 } },
    mtuBytes: { value: 1450, line: { number: 5 } },
    ipMasquerade: { value: true },
  })
})

test('reads several networks', () => {
  const { value } = parseText(flannelSubnetEnv, 'FLANNEL_NETWORK=10.42.0.0/16,10.44.0.0/16')
  expect(value.networks.map((network) => network.value.address)).toEqual(['10.42.0.0', '10.44.0.0'])
})

test('lists lines that cannot be', () => {
  const text =
    'FLANNEL_MTU=big\nFLANNEL_SUBNET=10.42/24\nFLANNEL_NETWORK=\nFLANNEL_IPMASQ=maybe\n__proto__=1\n=\nhello'
  const { value, unread } = parseText(flannelSubnetEnv, text)
  expect(value).toEqual({ networks: [], ipv6Networks: [] })
  expect(unread).toHaveLength(7)
})
