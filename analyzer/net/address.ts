import { wholeNumber } from '../text/wholeNumber.ts'

declare const brand: unique symbol

/** An IPv4 or IPv6 address in its one canonical spelling: `192.0.2.7`, or RFC 5952 (`2001:db8::1`). Never with a zone. */
export type Address = string & { readonly [brand]: 'address' }

const GROUPS = 8

/**
 * Reads an address, strictly: four decimal octets without leading zeros, or the text forms of RFC 4291 section 2.2.
 * Undefined for anything else: short forms (`1`, `10.1`), octal, brackets, prefix lengths and zone ids (`%eth0`).
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const value = parseV4(text)
    return value === undefined ? undefined : canonical(text)
  }
  const groups = parseV6(text)
  return groups && canonical(formatV6(groups))
}

/** Is it an IPv4 address? */
export function isV4(address: Address): boolean {
  return !address.includes(':')
}

/** Is it an IPv6 address (IPv4-mapped ones among them)? */
export function isV6(address: Address): boolean {
  return address.includes(':')
}

/** The address as an unsigned number of 32 or 128 bits. */
export function addressToBigInt(address: Address): bigint {
  if (isV4(address)) return BigInt(parseV4(address) ?? 0)
  return (parseV6(address) ?? []).reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
}

/** The address with this number, of 32 (`v4`) or 128 (`v6`) bits; higher bits are dropped. */
export function addressFromBigInt(value: bigint, family: 'v4' | 'v6'): Address {
  if (family === 'v4') {
    const octets = [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn))
    return canonical(octets.join('.'))
  }
  const groups: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn))
  return canonical(formatV6(groups))
}

/** 127.0.0.0/8 (RFC 1122) or ::1. */
export function isLoopback(address: Address): boolean {
  return isV4(address) ? address.startsWith('127.') : address === '::1'
}

/** 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291). */
export function isLinkLocal(address: Address): boolean {
  return isV4(address) ? address.startsWith('169.254.') : /^fe[89ab][0-9a-f]:/.test(address)
}

/** 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291). */
export function isMulticast(address: Address): boolean {
  return isV4(address) ? addressToBigInt(address) >> 28n === 0xen : /^ff[0-9a-f]{2}:/.test(address)
}

/** Order of addresses for sorting: IPv4 first, then by number. */
export function compareAddresses(a: Address, b: Address): number {
  if (isV4(a) !== isV4(b)) return isV4(a) ? -1 : 1
  const [x, y] = [addressToBigInt(a), addressToBigInt(b)]
  if (x === y) return 0
  return x < y ? -1 : 1
}

function canonical(text: string): Address {
  return text as Address
}

function parseV4(text: string): number | undefined {
  let value = 0
  let start = 0
  for (let octets = 1; octets <= 4; octets++) {
    const end = octets < 4 ? text.indexOf('.', start) : text.length
    const octet = wholeNumber(text, start, end)
    if (octet === undefined || octet > 255 || end - start > String(octet).length) return undefined
    value = value * 256 + octet
    start = end + 1
  }
  return value
}

/** The eight groups of an IPv6 address; a last part in dotted decimal gives two of them. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] ?? '', halves.length === 1)
  if (!head) return undefined
  if (halves.length === 1) return head.length === GROUPS ? head : undefined
  const tail = parseGroups(halves[1] ?? '', true)
  if (!tail || head.length + tail.length >= GROUPS) return undefined
  return [...head, ...Array<number>(GROUPS - head.length - tail.length).fill(0), ...tail]
}

function parseGroups(text: string, mayEndInV4: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16))
      continue
    }
    const embedded = mayEndInV4 && index === parts.length - 1 ? parseV4(part) : undefined
    if (embedded === undefined) return undefined
    groups.push(Math.floor(embedded / 65536), embedded % 65536)
  }
  return groups
}

/** RFC 5952 section 4; IPv4-mapped addresses in mixed notation (section 5), as Go and glibc print them. */
function formatV6(groups: readonly number[]): string {
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) {
    const low = (BigInt(groups[6] ?? 0) << 16n) | BigInt(groups[7] ?? 0)
    return `::ffff:${addressFromBigInt(low, 'v4')}`
  }
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: index - length + 1, length }
  }
  return best
}
