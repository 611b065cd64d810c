import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Certificate, parseCertificate } from '../../analyzer/x509/certificate.ts'

const KINDS = [
  { kind: 'RSA', options: ['-newkey', 'rsa:2048'], key: { algorithm: 'RSA', bits: 2048 } },
  {
    kind: 'EC P-256',
    options: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    key: { algorithm: 'EC', curve: 'P-256', bits: 256 },
  },
  {
    kind: 'EC P-384',
    options: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    key: { algorithm: 'EC', curve: 'P-384', bits: 384 },
  },
  { kind: 'Ed25519', options: ['-newkey', 'ed25519'], key: { algorithm: 'Ed25519', bits: 256 } },
  {
    kind: 'RSA-PSS',
    options: ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048'],
    key: { algorithm: 'RSA-PSS', bits: 2048 },
  },
] as const

const SAN = 'subjectAltName=DNS:node-1,DNS:__proto__,IP:192.0.2.7,IP:2001:db8::1,email:a@example.org'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldcase-x509-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function make(...options: readonly string[]): Buffer {
  const out = join(folder, 'out.pem')
  const key = join(folder, 'key.pem')
  const fixed = ['req', '-x509', '-nodes', '-keyout', key, '-out', out, '-outform', 'DER']
  execFileSync('openssl', [...fixed, ...options], { stdio: 'pipe' })
  return readFileSync(out)
}

function decoded(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der)
  if (certificate === undefined) throw new Error('no certificate')
  return certificate
}

describe.each(KINDS)('$kind', ({ options, key }) => {
  test('tells what node:crypto tells', () => {
    const der = make(
      ...options,
      '-days',
      '90',
      '-subj',
      '/O=system:masters/O=a,b/CN=kubernetes-admin',
      '-addext',
      SAN,
    )
    const oracle = new X509Certificate(der)
    const certificate = decoded(der)
    expect(certificate.serialHex).toBe(oracle.serialNumber.toLowerCase())
    expect(certificate.sha256).toBe(oracle.fingerprint256.replaceAll(':', '').toLowerCase())
    expect(certificate.notBeforeMs).toBe(Date.parse(oracle.validFrom))
    expect(certificate.notAfterMs).toBe(Date.parse(oracle.validTo))
    expect(certificate.isCa).toBe(oracle.ca)
    expect(certificate.publicKey).toMatchObject(key)
    expect(certificate.publicKey.algorithm.toLowerCase()).toBe(oracle.publicKey.asymmetricKeyType)
    expect(certificate.subject).toEqual({
      commonName: 'kubernetes-admin',
      organizations: ['system:masters', 'a,b'],
      text: 'O=system:masters, O=a\\,b, CN=kubernetes-admin',
    })
    expect(certificate.selfIssued).toBe(true)
    expect(certificate.dnsNames).toEqual(['node-1', '__proto__'])
    expect(certificate.addresses).toEqual(['192.0.2.7', '2001:db8::1'])
    expect(certificate.subjectKeyId).toMatch(/^[0-9a-f]{40}$/)
    expect(certificate.authorityKeyId).toBe(certificate.subjectKeyId)
  })
})

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=节点-1', '-utf8'] as const

test('reads usages and purposes by name, and what has none by its identifier', () => {
  const certificate = decoded(
    make(
      ...EC,
      '-addext',
      'keyUsage=critical,digitalSignature,decipherOnly',
      '-addext',
      'extendedKeyUsage=serverAuth,clientAuth,1.2.3.4',
    ),
  )
  expect(certificate.keyUsages).toEqual(['digitalSignature', 'decipherOnly'])
  expect(certificate.extendedKeyUsages).toEqual(['serverAuth', 'clientAuth', '1.2.3.4'])
  expect(certificate.subject.commonName).toBe('节点-1')
  expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256')
})

test('a validity beyond 2049 is a GeneralizedTime', () => {
  const der = make(...EC, '-days', '36500')
  expect(decoded(der).notAfterMs).toBe(Date.parse(new X509Certificate(der).validTo))
  expect(decoded(der).neverExpires).toBe(false)
})

test('99991231235959Z stands for no end', () => {
  const days = Math.floor((Date.UTC(9999, 11, 31) - Date.now()) / 86_400_000)
  const der = make(...EC, '-days', String(days))
  const text = der.toString('latin1').replace(/99991\d{9}Z/, '99991231235959Z')
  expect(text).toContain('99991231235959Z')
  expect(decoded(Buffer.from(text, 'latin1')).neverExpires).toBe(true)
})

test('a date that is not in the calendar makes it no certificate', () => {
  const text = make(...EC, '-days', '36500').toString('latin1')
  const broken = text.replace(/(2\d{3})\d{4}(\d{6}Z)/, '$10231$2')
  expect(broken).not.toBe(text)
  expect(parseCertificate(Buffer.from(broken, 'latin1'))).toBeUndefined()
})

test('no change of bytes makes it throw', () => {
  const der = make(...EC, '-addext', SAN)
  const edit = fc.tuple(fc.nat(der.length - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat(der.length), (edits, length) => {
      const mutant = Uint8Array.from(der.subarray(0, length === 0 ? der.length : length))
      for (const [at, byte] of edits) mutant[at % mutant.length] = byte
      expect(() => parseCertificate(mutant)).not.toThrow()
      const whole = Uint8Array.from(der)
      for (const [at, byte] of edits) whole[at] = byte
      expect(() => parseCertificate(whole)).not.toThrow()
    }),
    { numRuns: 3000 },
  )
})
