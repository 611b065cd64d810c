import { expect, test } from 'vitest'
import { readCommandLine } from '../../analyzer/cli/commandLine.ts'

const mistake = (...args: string[]) => {
  const request = readCommandLine(args)
  return request.command === 'usage' ? request.message : `no mistake: ${JSON.stringify(request)}`
}

test('analyze with every option', () => {
  expect(
    readCommandLine(
      'analyze a.tar.gz - --out out --format json --fail-on high --lang zh --inventory n.csv -q'.split(' '),
    ),
  ).toEqual({
    command: 'analyze',
    bundles: ['a.tar.gz', '-'],
    out: 'out',
    outGiven: true,
    format: 'json',
    failOn: 'high',
    inventory: 'n.csv',
    language: 'zh',
    quiet: true,
  })
})

test('analyze alone writes to coldcase-report', () => {
  expect(readCommandLine(['analyze', 'a'])).toMatchObject({
    out: 'coldcase-report',
    outGiven: false,
    language: 'en',
    quiet: false,
  })
})

test.each([
  [['analyze'], /at least one bundle/],
  [['analyze', 'a', '--nonsense'], /--nonsense/],
  [['analyze', 'a', '--format', 'pdf'], /terminal, markdown, html, json, csv, not 'pdf'/],
  [['analyze', 'a', '--format', 'sarif'], /sarif is not there yet/],
  [['analyze', 'a', '--format', 'junit'], /junit is not there yet/],
  [['analyze', 'a', '--lang', 'fr'], /--lang takes one of en, zh, not 'fr'/],
  [['explain', 'a', '--lang', 'de'], /--lang takes one of en, zh, not 'de'/],
  [['explain', 'a', '--colour'], /--colour/],
  [['rules', '--lang', ''], /--lang takes one of en, zh, not ''/],
  [['analyze', 'a', '--fail-on', 'info'], /critical, high, medium, low, not 'info'/],
  [['analyze', '-', '-'], /once/],
  [['explain'], /the id of one rule/],
  [['rules', 'now'], /takes no arguments/],
  [['analyse'], /'analyse' is no command/],
])('%j is a mistake that is said plainly', (args, message) => {
  expect(mistake(...args)).toMatch(message)
})

test.each([
  [[], 'help'],
  [['--help'], 'help'],
  [['analyze', '--help'], 'help'],
  [['--version'], 'version'],
  [['collector'], 'collector'],
])('%j', (args, command) => {
  expect(readCommandLine(args)).toMatchObject({ command })
})

test('explain and rules speak the language that is asked for', () => {
  const explain = { command: 'explain', rule: 'route-no-default' }
  expect(readCommandLine(['explain', 'route-no-default'])).toEqual({ ...explain, language: 'en' })
  expect(readCommandLine(['explain', '--lang', 'zh', 'route-no-default'])).toEqual({
    ...explain,
    language: 'zh',
  })
  expect(readCommandLine(['explain', 'route-no-default', '--lang=zh'])).toEqual({
    ...explain,
    language: 'zh',
  })
  expect(readCommandLine(['rules', '--lang', 'zh'])).toEqual({ command: 'rules', language: 'zh' })
  expect(readCommandLine(['rules'])).toEqual({ command: 'rules', language: 'en' })
})
