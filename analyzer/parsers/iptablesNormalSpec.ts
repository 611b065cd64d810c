import { shellWords } from '../text/shellWords.ts'
import type { RuleWords } from './caseMemory.ts'
import { oncePerWords } from './oncePerWords.ts'
import { protocolName } from './protocolName.ts'

/** What can differ between the spellings of one rule; in a dump of one tool few rules have any of it. */
const NEEDS_WORK = /"[^\s"]*"|['\\]|0x0[0-9a-fA-F]|--probability|-p \d/

/**
 * The form in which rules of different tools are compared: two rules are the same where their normal forms are.
 * Only words that need quotes have them; hexadecimal numbers lose leading zeros (`0x00004000/0x00004000` of old kernels → `0x4000/0x4000`);
 * a probability is rounded to four places, since the kernel holds it in 1/2^31 and iptables prints `0.33333333349` since
 * 1.6, `0.33332999982` before; `-p 6` is `-p tcp`. The order of the words is kept: iptables' own comparison heeds it.
 * Takes and gives the words behind `-A CHAIN `.
 */
export function normalisedSpec(spec: string): string {
  if (!NEEDS_WORK.test(spec)) return spec
  const words = shellWords(spec)
  return words
    .map(({ text, quoted }, index) => normalisedWord(text, quoted, words[index - 1]?.text))
    .join(' ')
}

/** The normal form of a rule's words; of words that several rules share it is made once. */
export const normalisedWords: (words: RuleWords) => string = oncePerWords(normalisedSpec)

function normalisedWord(text: string, quoted: boolean, option: string | undefined): string {
  if (text === '' || /[\s"'\\]/.test(text)) return `"${text.replace(/["\\]/g, '\\$&')}"`
  if (option === '--probability' && /^[\d.]{1,20}$/.test(text)) return Number(text).toFixed(4)
  if (option === '-p') return protocolName(text)
  return !quoted && text.startsWith('0x') ? text.replace(/0x0+(?=[0-9a-fA-F])/g, '0x') : text
}
