const ALL_BITS = 0xffffffff

/** What the operands of `meta mark set …` make of the mark (`meta mark`, `|`, `0x00004000`): left out where that cannot be told. */
export function markChange(words: readonly string[]): { change?: { value: number; mask: number } } {
  const [start, ...operations] = words
  const isOwn = start === 'meta mark'
  let { value, mask } = { value: isOwn ? 0 : Number(start), mask: isOwn ? 0 : ALL_BITS }
  for (let at = 0; at < operations.length; at += 2) {
    const operand = Number(operations[at + 1])
    const operator = operations[at] ?? ''
    if (operator === '&' || operator === 'and') {
      mask = (mask | ~operand) >>> 0
      value = (value & operand) >>> 0
    } else if (operator === '|' || operator === 'or') {
      mask = (mask | operand) >>> 0
      value = (value | operand) >>> 0
    } else if (operator === '^' || operator === 'xor') value = (value ^ operand) >>> 0
    else return {}
    if (!Number.isInteger(operand)) return {}
  }
  return Number.isInteger(value) ? { change: { value, mask } } : {}
}
