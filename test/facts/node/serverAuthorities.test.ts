import { expect, test } from 'vitest'
import { serverAuthorities } from '../../../analyzer/facts/node/serverAuthorities.ts'
import { certificateMaker } from '../../support/openssl.ts'
import { textNode } from '../../support/textCluster.ts'

const make = certificateMaker()
const TLS = 'certs/var/lib/rancher/rke2/server/tls'

async function read(files: Readonly<Record<string, string>>) {
  const fact = serverAuthorities.of(await textNode(files))
  return fact.available ? fact.value : undefined
}

test('the chain of the first certificate leads to its root, over a cross-signed one and past the old root', async () => {
  const old = make('/CN=rke2-server-ca@1')
  const root = make('/CN=rke2-server-root@2')
  const crossed = make('/CN=rke2-server-root@2', old, undefined, root)
  const authority = make('/CN=rke2-server-ca@2', root)
  const file = [authority, crossed, root, old].map(({ pem }) => pem).join('')
  const server = await read({ [`${TLS}/server-ca.crt`]: file })
  expect(server?.distribution).toBe('rke2')
  expect(server?.authorities).toMatchObject([
    { file: 'server-ca.crt', isOwn: true, root: { subject: { commonName: 'rke2-server-root@2' } } },
  ])
  expect(server?.missing).toEqual([
    'client-ca.crt',
    'request-header-ca.crt',
    'etcd/server-ca.crt',
    'etcd/peer-ca.crt',
  ])
})

test('a chain that breaks off has no root, and says whom it lacks', async () => {
  const root = make('/CN=root')
  const intermediate = make('/CN=intermediate', root)
  const authority = make('/CN=k3s-server-ca@1', intermediate)
  const server = await read({ [`${TLS}/server-ca.crt`]: authority.pem + intermediate.pem })
  expect(server?.authorities[0]).toMatchObject({ isOwn: false, lastIssuer: 'CN=root' })
  expect(server?.authorities[0]?.root).toBeUndefined()
})

test('copies of the folder, and agents, are no servers', async () => {
  const { pem } = make('/CN=k3s-server-ca@1')
  const copy = 'certs/var/lib/rancher/k3s/server/tls-1794268800/server-ca.crt'
  expect(await read({ [copy]: pem, 'certs/var/lib/rancher/k3s/agent/server-ca.crt': pem })).toBeUndefined()
})
