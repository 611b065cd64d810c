import { expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { readArchiveBytes, tarOf } from './testBundle.ts'

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes))
const pipedThrough = (command: string): Uint8Array =>
  new Uint8Array(execFileSync(command, { input: 'text\n', shell: '/bin/sh' }))
const foreign = await tarOf([
  ['README.md', 'hello'],
  ['src/main.c', ''],
])

test.each<readonly [string, Uint8Array, RegExp]>([
  ['nothing', text(''), /an empty file.*Copy it again/],
  ['text', text('Dear support,\nplease find attached nothing.\n'), /plain text/],
  ['a web page', text('<!DOCTYPE html><html>Log in</html>'), /a web page.*login page/],
  ['JSON', text('{"error":"not found"}'), /JSON/],
  ['a PDF', text('%PDF-1.7\n%âãÏÓ\n'), /a PDF/],
  ['xz', pipedThrough('xz'), /an xz archive.*xz -d/],
  ['bzip2', pipedThrough('bzip2'), /a bzip2 archive.*bzip2 -d/],
  ['zstd', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58]), /a zstd archive.*zstd -d/],
  ['zip', text('PK\x03\x04\x14'), /a zip archive/],
  ['a private key', text('-----BEGIN PRIVATE KEY-----\n'), /a PEM file/],
  ['brotli', new Uint8Array(brotliCompressSync('x'.repeat(1000))), /of no known kind|plain text/],
  ['packed text', gzip(text('just text\n')), /plain text, packed with gzip/],
  ['packed nothing', gzip(text('')), /an empty file, packed with gzip/],
  ['gzip within gzip', gzip(gzip(foreign)), /gzip within gzip.*gzip -d/],
  ['the beginning of a gzip', gzip(foreign).subarray(0, 6), /nothing can be read \(The compressed data ends/],
  [
    'no deflate',
    new Uint8Array([0x1f, 0x8b, 0x07, 0, 0, 0, 0, 0, 0, 0, 0]),
    /nothing can be read \(It has no gzip header/,
  ],
  ['a foreign archive', foreign, /a tar archive with 2 files, none of them a capture/],
  ['a foreign packed archive', gzip(foreign), /a tar archive with 2 files/],
  [
    'an archive of archives',
    await tarOf([
      ['a.tar.gz', gzip(foreign)],
      ['b.tgz', 'x'],
    ]),
    /has archives in it\. Pass these/,
  ],
  ['an empty archive', new Uint8Array(10240), /zeros, or an archive without files.*Copy it again/],
])('%s is called what it is, with a remedy, in one line', async (_, bytes, message) => {
  const read = await readArchiveBytes(bytes, { file: 'given.tar.gz' })
  expect(read).toEqual({
    kind: 'not-a-bundle',
    file: 'given.tar.gz',
    message: { en: expect.stringMatching(message), zh: expect.stringMatching(/^这是.+。/) },
  })
  expect(JSON.stringify(read)).not.toContain(String.raw`\n`)
})
