import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A certificate with the key that was made for it. */
export interface Keyed {
  readonly pem: string
  /** The file with its key. */
  readonly key: string
}

/** Extensions of an authority, as an openssl configuration has them. */
export const AUTHORITY =
  'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid'

/** Makes certificates (P-256, valid from now on) in a folder that goes with the test file. */
export function certificateMaker() {
  const folder = mkdtempSync(join(tmpdir(), 'coldcase-certificates-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let made = 0
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })

  /** With the subject `/CN=…`; signed by itself where no issuer is given; of the key of `again` where that is given; for so many days. */
  return (subject: string, issuer?: Keyed, extensions = AUTHORITY, again?: Keyed, days = 30): Keyed => {
    made += 1
    const [key, request, out] = [again?.key ?? `${made}.key`, `${made}.csr`, `${made}.crt`]
    if (again === undefined) openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key)
    openssl('req', '-new', '-key', key, '-subj', subject, '-out', request)
    writeFileSync(join(folder, 'extensions'), extensions)
    if (issuer !== undefined) writeFileSync(join(folder, 'issuer'), issuer.pem)
    const signer =
      issuer === undefined ? ['-signkey', key] : ['-CA', 'issuer', '-CAkey', issuer.key, '-CAcreateserial']
    const extension = extensions === '' ? [] : ['-extfile', 'extensions']
    openssl('x509', '-req', '-days', String(days), '-in', request, ...signer, ...extension, '-out', out)
    return { pem: readFileSync(join(folder, out), 'utf8'), key }
  }
}
