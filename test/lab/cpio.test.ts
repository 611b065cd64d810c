import { spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cpioArchive } from '../../fixtures/lab/vm/cpio.ts'
import { lacks } from '../support/tools.ts'

const folder = mkdtempSync(join(tmpdir(), 'coldcase-cpio-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.skipIf(lacks('busybox'))('another program unpacks what the archive holds', () => {
  const archive = cpioArchive([
    { kind: 'folder', path: 'usr' },
    { kind: 'folder', path: 'usr/bin' },
    { kind: 'file', path: 'usr/bin/tool', bytes: Buffer.from('#!/bin/sh\n'), isProgram: true },
    { kind: 'file', path: 'usr/odd', bytes: Buffer.from('12345'), isProgram: false },
    { kind: 'link', path: 'bin', target: 'usr/bin' },
  ])
  const { status } = spawnSync('busybox', ['cpio', '-i'], { cwd: folder, input: archive })
  expect(status).toBe(0)
  expect(readFileSync(join(folder, 'bin/tool'), 'utf8')).toBe('#!/bin/sh\n')
  expect(lstatSync(join(folder, 'usr/bin/tool')).mode & 0o777).toBe(0o755)
  expect(readFileSync(join(folder, 'usr/odd'), 'utf8')).toBe('12345')
  expect(readlinkSync(join(folder, 'bin'))).toBe('usr/bin')
})
