import { expect, test } from 'vitest'
import { findCorefileFault } from '../../analyzer/parsers/corefileSyntax.ts'

test('braces pair, quotes close, and comments and placeholders are passed over', () => {
  expect(
    findCorefileFault('.:53 { # {\n  forward . {$UPSTREAM}\n  log . "a { b" {\n  }\n}\n'),
  ).toBeUndefined()
  expect(findCorefileFault('')).toBeUndefined()
})

test.each([
  ['.:53 {\n  log {\n}\n', 'not-closed', 5],
  ['.:53 {\n}\n}\n', 'unexpected', 9],
  ['.:53 {\n  log "a\n}\n', 'not-closed', 13],
])('%j: %s', (text, code, offset) => {
  expect(findCorefileFault(text)).toMatchObject({ code, offset })
})
