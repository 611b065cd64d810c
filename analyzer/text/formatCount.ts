/** A whole number with its thousands apart, the same on every machine: `180,124`. */
export function formatCount(count: number): string {
  const digits = String(Math.abs(Math.trunc(count)))
  const groups: string[] = []
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end))
  return `${count < 0 ? '-' : ''}${groups.join(',')}`
}
