import { expect, test } from 'vitest'
import { readCommandLine } from '../../analyzer/cli/commandLine.ts'

const mistake = (...args: string[]) => {
  const request = readCommandLine(args)
  return request.command === 'usage' ? request.message : `no mistake: ${JSON.stringify(request)}`
}

test('analyze with every option', () => {
  expect(
    readCommandLine(
      'analyze a.tar.gz - --out out --format json --fail-on high --lang en --inventory n.csv -q'.split(' '),
    ),
  ).toEqual({
    command: 'analyze',
    bundles: ['a.tar.gz', '-'],
    out: 'out',
    outGiven: true,
    format: 'json',
    failOn: 'high',
    inventory: 'n.csv',
    quiet: true,
  })
})

test('analyze alone writes to coldcase-report', () => {
  expect(readCommandLine(['analyze', 'a'])).toMatchObject({
    out: 'coldcase-report',
    outGiven: false,
    quiet: false,
  })
})

test.each([
  [['analyze'], /at least one bundle/],
  [['analyze', 'a', '--nonsense'], /--nonsense/],
  [['analyze', 'a', '--format', 'pdf'], /terminal, markdown, html, json, csv, not 'pdf'/],
  [['analyze', 'a', '--format', 'sarif'], /sarif is not there yet/],
  [['analyze', 'a', '--format', 'junit'], /junit is not there yet/],
  [['analyze', 'a', '--lang', 'zh'], /zh is not there yet/],
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
