import { expect, test } from 'vitest'
import { parseText } from '../../analyzer/parsers/parser.ts'
import { uname } from '../../analyzer/parsers/uname.ts'

test.each([
  [
    'Linux node-1 5.15.0-91-generic #101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023 x86_64 x86_64 x86_64 GNU/Linux',
    {
      release: '5.15.0-91-generic',
      version: '#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023',
      machine: 'x86_64',
    },
    [5, 15, 0],
  ],
  [
    'Linux node-2 3.10.0-1160.el7.x86_64 #1 SMP Mon Oct 19 16:18:59 UTC 2020 x86_64 x86_64 x86_64 GNU/Linux',
    { release: '3.10.0-1160.el7.x86_64', version: '#1 SMP Mon Oct 19 16:18:59 UTC 2020', machine: 'x86_64' },
    [3, 10, 0],
  ],
  [
    'Linux node-3 6.1.0-18-arm64 #1 SMP Debian 6.1.76-1 (2024-02-01) aarch64 GNU/Linux',
    { release: '6.1.0-18-arm64', version: '#1 SMP Debian 6.1.76-1 (2024-02-01)', machine: 'aarch64' },
    [6, 1, 0],
  ],
  ['Linux node-4 6.6-custom', { release: '6.6-custom', version: '' }, [6, 6]],
  ['Linux node-5 next', { release: 'next', version: '' }, []],
])('reads %s', (text, fields, kernelVersion) => {
  const { value, unread } = parseText(uname, `${text}\n`)
  expect(unread).toEqual([])
  expect(value).toEqual({
    system: 'Linux',
    hostname: expect.stringMatching(/^node-\d$/),
    ...fields,
    kernelVersion,
    line: { number: 1, text },
  })
})

test('has nothing to say of an empty file, or of another system', () => {
  expect(parseText(uname, '')).toEqual({ value: undefined, unread: [] })
  expect(parseText(uname, 'Darwin host 23.1.0 x').unread).toHaveLength(1)
})
