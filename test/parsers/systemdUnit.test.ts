import { expect, test } from 'vitest'
import { readSystemdUnit } from '../../analyzer/parsers/systemdUnit.ts'
import { textLines } from '../../analyzer/text/textLines.ts'

const read = (text: string) => readSystemdUnit([...textLines(text)])

test('reads settings by section, and joins lines', () => {
  const text = '; a\n[Service]\nExecStart=/bin/a \\\n# between\n  --b=c \\\n\nRestart=always\n'
  expect(read(text)).toMatchObject({
    outside: [],
    faults: [],
    assignments: [
      { section: 'Service', key: 'ExecStart', value: '/bin/a --b=c', line: { number: 3 } },
      { section: 'Service', key: 'Restart', value: 'always', line: { number: 7 } },
    ],
  })
})

test('lines before the first section, and those that are no settings', () => {
  expect(read('ExecStartPost=/sbin/x\n[Service\n[Install]\nWantedBy\n')).toMatchObject({
    outside: [{ number: 1 }],
    assignments: [],
    faults: [
      { code: 'not-closed', line: { number: 2 }, column: 1 },
      { code: 'unexpected', line: { number: 4 }, column: 1, character: 'W' },
    ],
  })
})

test('nothing is nothing', () => {
  expect(read('\n\n')).toEqual({ assignments: [], outside: [], faults: [] })
})
