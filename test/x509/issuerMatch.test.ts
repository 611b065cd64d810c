import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Certificate, parseCertificate } from '../../analyzer/x509/certificate.ts'
import { authorityIdentity, chainMatch, issuerMatch } from '../../analyzer/x509/issuerMatch.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldcase-issuer-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
}

function read(name: string): Certificate {
  const certificate = parseCertificate(new X509Certificate(readFileSync(join(folder, name))).raw)
  if (certificate === undefined) throw new Error('no certificate')
  return certificate
}

function raw(name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(folder, name)))
}

/** An authority; `key` names the key's file, which is made where there is none; `keyId: false` leaves its identifier out. */
function authority(name: string, subject: string, key: string, keyId = true): Certificate {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key)
  return again(name, subject, key, keyId)
}

function again(name: string, subject: string, key: string, keyId = true): Certificate {
  const extension = keyId ? 'subjectKeyIdentifier=hash' : 'subjectKeyIdentifier=none'
  openssl('req', '-x509', '-new', '-key', key, '-subj', subject, '-out', name, '-addext', extension)
  return read(name)
}

function issue(name: string, subject: string, by: string, key: string, extensions: string): Certificate {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`)
  openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`)
  writeFileSync(join(folder, 'extensions'), extensions)
  const signer = ['-CA', by, '-CAkey', key, '-CAcreateserial', '-extfile', 'extensions']
  openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-out', name)
  return read(name)
}

const KEY_ID = 'authorityKeyIdentifier=keyid:always'

test('a name alone proves nothing, and the same name with another key is told apart', () => {
  const old = authority('old.crt', '/CN=kubernetes', 'old.key')
  const renewed = again('renewed.crt', '/CN=kubernetes', 'old.key')
  const other = authority('other.crt', '/CN=kubernetes', 'other.key')
  const stranger = authority('stranger.crt', '/CN=etcd-ca', 'stranger.key')
  const leaf = issue('leaf.crt', '/CN=node-1', 'old.crt', 'old.key', KEY_ID)
  expect(issuerMatch(leaf, old)).toBe('issued')
  expect(issuerMatch(leaf, renewed)).toBe('issued')
  expect(issuerMatch(leaf, other)).toBe('other-key')
  expect(issuerMatch(leaf, stranger)).toBe('no')
  expect(authorityIdentity(renewed)).toBe(authorityIdentity(old))
  expect(authorityIdentity(other)).not.toBe(authorityIdentity(old))
  // What openssl makes of the very signatures.
  expect(raw('leaf.crt').verify(raw('renewed.crt').publicKey)).toBe(true)
  expect(raw('leaf.crt').verify(raw('other.crt').publicKey)).toBe(false)
})

test('an identifier that the authority does not declare counts where it is that of its key', () => {
  const declared = authority('declared.crt', '/CN=a', 'a.key')
  const silent = again('silent.crt', '/CN=a', 'a.key', false)
  const leaf = issue('of-a.crt', '/CN=node-1', 'declared.crt', 'a.key', KEY_ID)
  expect(silent.subjectKeyId).toBeUndefined()
  expect(declared.publicKey.identifiers[0]).toBe(declared.subjectKeyId)
  expect(issuerMatch(leaf, silent)).toBe('issued')
})

test('a certificate without the identifier of its authority is not judged', () => {
  authority('plain.crt', '/CN=plain', 'plain.key')
  const other = authority('plain-other.crt', '/CN=plain', 'plain-other.key')
  const leaf = issue('of-plain.crt', '/CN=node-1', 'plain.crt', 'plain.key', 'authorityKeyIdentifier=none')
  expect(issuerMatch(leaf, other)).toBe('unproven')
})

test('a chain leads over what stands behind the leaf', () => {
  const root = authority('root.crt', '/CN=root', 'root.key')
  const middle = issue(
    'middle.crt',
    '/CN=middle',
    'root.crt',
    'root.key',
    `basicConstraints=CA:TRUE\n${KEY_ID}\nsubjectKeyIdentifier=hash`,
  )
  const leaf = issue('far.crt', '/CN=node-1', 'middle.crt', 'middle.crt.key', KEY_ID)
  expect(chainMatch([leaf, middle], [root])).toBe('issued')
  expect(chainMatch([leaf], [root])).toBe('no')
  expect(chainMatch([leaf], [middle])).toBe('issued')
  expect(chainMatch([], [root])).toBe('no')
})
