import { expect, test } from 'vitest'
import { takenAddresses } from '../../../analyzer/facts/cluster/takenAddresses.ts'
import { type TextFiles, textCluster } from '../../support/textCluster.ts'

async function taken(files: TextFiles) {
  const answer = takenAddresses.of(await textCluster(files))
  if (!answer.available) throw new Error('unavailable')
  return answer.value.map(({ address, takers, owners }) => [
    address,
    takers.map(({ node }) => node),
    owners.map(({ node }) => node),
  ])
}

const peer = {
  'net/ip-addr.txt':
    '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500\n    link/ether 02:00:00:00:00:03 brd ff:ff:ff:ff:ff:ff\n    inet 192.0.2.13/24 scope global eth0\n',
}
const ipvsadm = (service: string) => `IP Virtual Server version 1.2.1 (size=4096)\n${service} rr\n`

test('without kube-ipvs0 in the bundle, a virtual service on the address of a peer is enough', async () => {
  const files = { 'node-1': { 'ipvs/ipvsadm.txt': ipvsadm('TCP  192.0.2.13:80') }, 'node-3': peer }
  expect(await taken(files)).toEqual([['192.0.2.13', ['node-1'], ['node-3']]])
})

test('virtual services on the own addresses are NodePorts', async () => {
  const files = { 'node-3': { ...peer, 'ipvs/ipvsadm.txt': ipvsadm('TCP  192.0.2.13:30080') } }
  expect(await taken(files)).toEqual([])
})

test('unless kube-proxy lists the address as an external one', async () => {
  const sets = 'create KUBE-EXTERNAL-IP hash:ip,port family inet\nadd KUBE-EXTERNAL-IP 192.0.2.13,tcp:80\n'
  const files = {
    'node-3': {
      ...peer,
      'ipvs/ipvsadm.txt': ipvsadm('TCP  192.0.2.13:80'),
      'netfilter/ipset-save.txt': sets,
    },
  }
  expect(await taken(files)).toEqual([['192.0.2.13', ['node-3'], ['node-3']]])
})

test('a virtual service whose address was released from kube-ipvs0 takes nothing', async () => {
  const routes = 'local 10.96.0.1 dev kube-ipvs0 table local proto kernel scope host src 10.96.0.1\n'
  const files = {
    'node-1': { 'ipvs/ipvsadm.txt': ipvsadm('TCP  192.0.2.13:80'), 'net/ip-route.txt': routes },
    'node-3': peer,
  }
  expect(await taken(files)).toEqual([])
})
