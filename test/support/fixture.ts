import { readFileSync } from 'node:fs'

/** The text of a real tool output below fixtures/outputs. */
export function fixture(path: string): string {
  return readFileSync(new URL(`../../fixtures/outputs/${path}`, import.meta.url), 'utf8')
}
