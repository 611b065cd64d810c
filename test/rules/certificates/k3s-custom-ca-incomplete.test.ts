import { expect, test } from 'vitest'
import rule from '../../../analyzer/rules/certificates/k3s-custom-ca-incomplete.ts'
import { checkRule } from '../../support/checkRule.ts'
import { foundIn } from '../../support/foundIn.ts'
import { certificateMaker } from '../../support/openssl.ts'

const make = certificateMaker()
const TLS = 'certs/var/lib/rancher/k3s/server/tls'
const own = (name: string) => make(`/CN=${name}@1794268800`).pem
const OWN = {
  [`${TLS}/server-ca.crt`]: own('k3s-server-ca'),
  [`${TLS}/client-ca.crt`]: own('k3s-client-ca'),
  [`${TLS}/request-header-ca.crt`]: own('k3s-request-header-ca'),
  [`${TLS}/etcd/server-ca.crt`]: own('etcd-server-ca'),
  [`${TLS}/etcd/peer-ca.crt`]: own('etcd-peer-ca'),
}
/** At 00:00 and some seconds before the capture. */
const log = (message: string, day = 21) =>
  ['10', '20', '30']
    .map(
      (second) =>
        `2026-11-${day}T00:00:${second}.000000+0000 node-1 k3s[1]: time="x" level=fatal msg="${message}"\n`,
    )
    .join('')
const MISMATCH = "preparing server: x509: provided PrivateKey doesn't match parent's PublicKey"

const logged = (unit: string, text: string) => foundIn(rule, { ...OWN, [`journal/${unit}.txt`]: text })
const withServerAuthority = (pem: string) => foundIn(rule, { ...OWN, [`${TLS}/server-ca.crt`]: pem })

test('what the server made itself is no fault, and no server has none', async () => {
  expect(await foundIn(rule, OWN)).toBe('clear')
  expect(await foundIn(rule, { 'certs/etc/kubernetes/pki/ca.crt': own('k3s-server-ca') })).toBe(
    'not-applicable',
  )
})

test('certificates of a server without any of its authorities do not tell', async () => {
  expect(await foundIn(rule, { [`${TLS}/serving-kube-apiserver.crt`]: own('kube-apiserver') })).toBe(
    'unchecked',
  )
})

test('one that is made by hand sets the others apart; one of version 1 may sign', async () => {
  expect(await withServerAuthority(make('/CN=by hand').pem)).toEqual([['mixed', 'medium', 'possible']])
  expect(await withServerAuthority(make('/CN=k3s-server-ca@1794268800', undefined, '').pem)).toBe('clear')
})

test('an authority that may sign no certificates is told by either of its two extensions', async () => {
  const noAuthority = make('/CN=k3s-server-ca@1794268800', undefined, 'subjectKeyIdentifier=hash').pem
  const usage = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature'
  const noSigning = make('/CN=k3s-server-ca@1794268800', undefined, usage).pem
  expect(await withServerAuthority(noAuthority)).toEqual([['cannot-sign', 'critical', 'certain']])
  expect(await withServerAuthority(noSigning)).toEqual([['cannot-sign', 'critical', 'certain']])
})

test('what a folder that was closed to the collector lacks is not told', async () => {
  const { [`${TLS}/client-ca.crt`]: _, ...files } = OWN
  expect(await foundIn(rule, files)).toEqual([['missing', 'medium', 'certain']])
  const denied = `certificates\tcerts\tdenied\t-\t0\t0\t0\t-\tfind\n`
  const result = await checkRule(rule, { 'node-1': files }, {}, denied)
  expect(result.state).toBe('short')
})

test('a file without a readable certificate is there', async () => {
  expect(await withServerAuthority('nothing\n')).toBe('clear')
})

test('without etcd of unknown release: it may be from before etcd', async () => {
  const files = Object.fromEntries(Object.entries(OWN).filter(([path]) => !path.includes('/etcd/')))
  expect(await foundIn(rule, files)).toEqual([['missing', 'medium', 'possible']])
  const of = (release: string) => ({
    ...files,
    'meta/versions.txt': `k3s: k3s version ${release}+k3s1 (0)\n`,
  })
  expect(await foundIn(rule, of('v1.18.20'))).toBe('clear')
  expect(await foundIn(rule, of('v1.19.1'))).toEqual([['missing', 'medium', 'certain']])
})

test('logs: of the server, of today, and of authorities', async () => {
  const replaced = `${TLS.slice(5)}/etcd/peer-ca.key newer than datastore and could cause a cluster outage. Remove`
  const other =
    '/var/lib/rancher/k3s/server/cred/passwd newer than datastore and could cause a cluster outage.'
  expect(await logged('k3s', log(MISMATCH))).toEqual([['key', 'critical', 'likely']])
  expect(await logged('k3s', log(replaced))).toEqual([['replaced', 'critical', 'likely']])
  expect(await logged('k3s', log(other))).toBe('clear')
  expect(await logged('k3s', log(MISMATCH, 19))).toBe('clear')
  expect(await logged('k3s-agent', log(MISMATCH))).toBe('clear')
})
