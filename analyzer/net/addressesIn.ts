import { type Address, parseAddress } from './address.ts'

/** Not within a longer dotted number; a slash and digits behind it make it a network. */
const CANDIDATE = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w|\/\d)/g

/**
 * The IPv4 addresses that stand in a text, each once: of `tcp://10.42.1.94:8848,10.42.2.7` two. Those with a prefix length are
 * networks, and left out.
 */
export function addressesIn(text: string): readonly Address[] {
  if (!text.includes('.')) return []
  const found = [...text.matchAll(CANDIDATE)].flatMap(([word]) => parseAddress(word) ?? [])
  return [...new Set(found)]
}

/** The text with something else in place of one of the addresses that `addressesIn` finds in it. */
export function replaceAddress(text: string, address: string, instead: string): string {
  return text.replaceAll(CANDIDATE, (word) => (word === address ? instead : word))
}
