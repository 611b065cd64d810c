import { formatCount } from './formatCount.ts'

/** `once`, `2 times`, `180,124 times`. */
export function howOften(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`
}
