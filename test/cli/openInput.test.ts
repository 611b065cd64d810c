import { afterAll, beforeAll, expect, test } from 'vitest'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openInput } from '../../analyzer/cli/openInput.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldcase-open-'))
  mkdirSync(join(folder, 'b/net'), { recursive: true })
  writeFileSync(join(folder, 'b/net/ip-addr.txt'), 'x\n')
  writeFileSync(join(folder, 'b/a.txt'), 'first')
  writeFileSync(join(folder, 'b/z.txt'), '')
  symlinkSync('/etc', join(folder, 'b/link'))
  symlinkSync('/etc/passwd', join(folder, 'b/passwd'))
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('opens a file', async () => {
  const input = await openInput(join(folder, 'b/a.txt'))
  if (input.kind !== 'archive') throw new Error(input.kind)
  expect(input.file).toBe(join(folder, 'b/a.txt'))
  expect(await text(input.bytes)).toBe('first')
})

test('opens a folder: its files in order, links not followed', async () => {
  const input = await openInput(join(folder, 'b'))
  if (input.kind !== 'folder') throw new Error(input.kind)
  const files: unknown[] = []
  for await (const { path, sizeBytes, bytes } of input.files) files.push([path, sizeBytes, await text(bytes)])
  expect(files).toEqual([
    ['a.txt', 5, 'first'],
    ['net/ip-addr.txt', 2, 'x\n'],
    ['z.txt', 0, ''],
  ])
})

test.each([
  [
    'missing',
    { en: 'There is no such file or folder. Check the path.', zh: '没有这个文件或目录。请检查路径。' },
  ],
  [
    'b/a.txt/x',
    { en: 'A part of the path is not a folder. Check the path.', zh: '路径中有一段不是目录。请检查路径。' },
  ],
  [
    'loop',
    {
      en: 'Its symbolic links go round in circles. Pass the file itself.',
      zh: '符号链接成环。请直接传入文件本身。',
    },
  ],
])('%s cannot be opened, and says what to do', async (name, message) => {
  const file = join(folder, name)
  expect(await openInput(file)).toEqual({ kind: 'unreadable', file, message })
})

test('a device is no bundle', async () => {
  expect(await openInput('/dev/null')).toMatchObject({
    kind: 'unreadable',
    message: { en: 'It is neither a file nor a folder.', zh: '既不是文件也不是目录。' },
  })
})

/** Root may read everything: for a moment the test is nobody. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const self = process.geteuid?.()
  if (self !== 0) return await work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

const NOBODY = 65534

test('a file or folder that may not be read says so', async () => {
  const message = {
    en: 'It may not be read. Run as a user who may, or change its permissions.',
    zh: '没有读取权限。请换用有权限的用户运行，或修改其权限。',
  }
  const locked = join(folder, 'locked')
  mkdirSync(locked)
  writeFileSync(join(folder, 'secret'), '')
  chmodSync(folder, 0o755)
  for (const path of [locked, join(folder, 'secret')]) {
    chmodSync(path, 0)
    expect(await asNobody(() => openInput(path))).toEqual({ kind: 'unreadable', file: path, message })
  }
  chmodSync(locked, 0o700)
})
