import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellQuote } from '../../analyzer/text/shellQuote.ts'

/** What a POSIX shell makes of the word. */
function asShellReads(word: string): string {
  return spawnSync('sh', ['-c', `printf %s ${word}`], { encoding: 'utf8' }).stdout
}

test.each([
  'default',
  'a b',
  "it's",
  '$(id)',
  '`id`',
  'a;b',
  '*',
  '',
  '-n',
  '"',
  '\\',
  '~root',
  'ключ',
  '#x',
])('a shell reads %j as one word, unchanged', (text) => expect(asShellReads(shellQuote(text))).toBe(text))

test('names and addresses stay bare', () => {
  expect(shellQuote('kube-system')).toBe('kube-system')
  expect(shellQuote('2001:db8::7')).toBe('2001:db8::7')
})

test('no line end gets through', () => {
  expect(shellQuote('eth0\nreboot')).toBe('eth0reboot')
})
