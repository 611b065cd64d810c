import { formatCount } from './formatCount.ts'

/**
 * The first `maxCharacters` UTF-16 units of a text and, in the words of `more`, how many were left out; a text that fits is
 * returned as it is. A pair of surrogates is not cut in two.
 */
export function shorten(
  text: string,
  maxCharacters: number,
  more: (count: number) => string = inEnglish,
): string {
  if (text.length <= maxCharacters) return text
  const last = text.charCodeAt(maxCharacters - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? maxCharacters - 1 : maxCharacters
  return `${text.slice(0, end)}…${more(text.length - end)}`
}

function inEnglish(count: number): string {
  return ` (${formatCount(count)} more characters)`
}
