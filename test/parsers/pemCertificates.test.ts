import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { pemCertificates } from '../../analyzer/parsers/pemCertificates.ts'

const folder = new URL('../../fixtures/outputs/certificates/', import.meta.url)
const apiserver = readFileSync(new URL('kubeadm-apiserver.crt', folder), 'utf8')
const ca = readFileSync(new URL('kubeadm-ca.crt', folder), 'utf8')

const block = (label: string, content: string) =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`

test('reads the API server certificate that kubeadm made', () => {
  const { value, unread } = parseText(pemCertificates, apiserver)
  expect(unread).toEqual([])
  expect(value.certificates).toHaveLength(1)
  expect(value.certificates[0]?.certificate).toMatchObject({
    serialHex: new X509Certificate(apiserver).serialNumber.toLowerCase(),
    subject: { text: 'CN=kube-apiserver' },
    issuer: { text: 'CN=kubernetes' },
    addresses: ['10.96.0.1', '192.168.50.11'],
    dnsNames: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'node-1',
    ],
    keyUsages: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsages: ['serverAuth'],
    isCa: false,
  })
})

test('reads a chain in its order, with text before the blocks and CRLF', () => {
  const text = `subject=CN = kube-apiserver\n${apiserver}issuer\n${ca}`.replaceAll('\n', '\r\n')
  const { value, unread } = parseText(pemCertificates, text)
  expect(unread).toEqual([])
  expect(value.certificates.map(({ certificate }) => certificate.subject.text)).toEqual([
    'CN=kube-apiserver',
    'CN=kubernetes',
  ])
  expect(value.certificates.map(({ index, line }) => [index, line.number, line.text])).toEqual([
    [0, 2, '-----BEGIN CERTIFICATE-----'],
    [1, 2 + apiserver.trim().split('\n').length + 1, '-----BEGIN CERTIFICATE-----'],
  ])
  const [leaf, root] = value.certificates
  expect(leaf?.certificate.authorityKeyId).toBe(root?.certificate.subjectKeyId)
  expect(root?.certificate).toMatchObject({ isCa: true, selfIssued: true })
})

test('keeps nothing of a private key but its BEGIN line', () => {
  const text = block('RSA PRIVATE KEY', 'c2VjcmV0') + block('PRIVATE KEY', 'c2VjcmV0') + ca
  const parsed = parseText(pemCertificates, text)
  expect(parsed.value.certificates).toHaveLength(1)
  expect(parsed.unread).toEqual([
    { number: 1, text: '-----BEGIN RSA PRIVATE KEY-----' },
    { number: 4, text: '-----BEGIN PRIVATE KEY-----' },
  ])
  expect(JSON.stringify(parsed)).not.toContain('c2VjcmV0')
})

test.each([
  ['bad base64', block('CERTIFICATE', '!!!!')],
  ['nothing inside', block('CERTIFICATE', '')],
  ['a depth of 1,000', block('CERTIFICATE', btoa('\x30\x80'.repeat(1000)))],
  ['more than 64 KiB', block('CERTIFICATE', `${'A'.repeat(64)}\n`.repeat(1025))],
  ['no end', '-----BEGIN CERTIFICATE-----\nMIID\n'],
  ['cut in the middle', block('CERTIFICATE', ca.split('\n').slice(1, 8).join('\n'))],
])('a block with %s is unread, and the next one is read', (_, bad) => {
  const { value, unread } = parseText(pemCertificates, bad + ca)
  expect(unread).toEqual([{ number: 1, text: '-----BEGIN CERTIFICATE-----' }])
  expect(value.certificates.map(({ certificate }) => certificate.subject.text)).toEqual(['CN=kubernetes'])
})

test('takes a thousand blocks and no more', () => {
  const { value, unread } = parseText(pemCertificates, ca.repeat(1001))
  expect(value.certificates).toHaveLength(1000)
  expect(unread).toHaveLength(1)
})
