import { describe, expect, test } from 'vitest'
import {
  hashInChainName,
  kubeChainHash,
  servicePortName,
} from '../../../analyzer/facts/node/kubeChainName.ts'
import { fixture } from '../../support/fixture.ts'

describe('kubeChainHash', () => {
  test.each([
    // Chains that every cluster has (kubernetes/kubernetes issues and documentation are full of them).
    ['kube-system/kube-dns:dns', 'UDP', 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'tcp', 'ERIFXISQEP7F7OF4'],
    ['default/kubernetes:https', 'tcp', 'NPX46M4PTMTKRN6Y'],
    // From a report of a k3s node in the field.
    ['default/eopx-register:8848tcp1-eopx-register', 'tcp', 'C4WILTTNV4XPAEEQ'],
  ])('%s %s', (name, protocol, hash) => {
    expect(kubeChainHash(name, protocol)).toBe(hash)
  })

  test('of an endpoint', () => {
    expect(kubeChainHash('default/eopx-register:8848tcp1-eopx-register', 'tcp', '10.42.1.94:8848')).toBe(
      'ZBUGZHNZKU6FMQKM',
    )
  })

  test.each(['kube-proxy-1.20.txt', 'kube-proxy.txt'])('every endpoint chain of %s', (file) => {
    const rules = fixture(`iptables-save/${file}`).matchAll(
      /-A KUBE-SEP-(\w{16}) -p (tcp|udp) -m comment --comment "?([^\s"]+)"? .*--to-destination (\S+)/g,
    )
    const seen = [...rules].map(([, hash, protocol = '', name = '', to = '']) => [
      hash,
      kubeChainHash(name, protocol, to),
    ])
    expect(seen.length).toBeGreaterThan(5)
    for (const [printed, computed] of seen) expect(computed).toBe(printed)
  })
})

test('servicePortName leaves out the colon of a port without a name', () => {
  expect(servicePortName('default', 'web', 'http')).toBe('default/web:http')
  expect(servicePortName('default', 'one', undefined)).toBe('default/one')
  expect(servicePortName('default', 'one', '')).toBe('default/one')
})

test('hashInChainName knows the chains of Services and endpoints only', () => {
  expect(hashInChainName('KUBE-XLB-3ENVKKDUT2EZ6WIE')).toBe('3ENVKKDUT2EZ6WIE')
  expect(hashInChainName('KUBE-SERVICES')).toBeUndefined()
  expect(hashInChainName('KUBE-POD-FW-3ENVKKDUT2EZ6WIE')).toBeUndefined()
})
