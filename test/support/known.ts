import { type Address, parseAddress } from '../../analyzer/net/address.ts'
import { type Mac, parseMac } from '../../analyzer/net/mac.ts'
import { type Prefix, parsePrefix } from '../../analyzer/net/prefix.ts'

/** An address that is known to be one. */
export function address(text: string): Address {
  const read = parseAddress(text)
  if (!read) throw new Error(`no address: ${text}`)
  return read
}

/** A prefix that is known to be one. */
export function prefix(text: string): Prefix {
  const read = parsePrefix(text)
  if (!read) throw new Error(`no prefix: ${text}`)
  return read
}

/** A hardware address that is known to be one. */
export function mac(text: string): Mac {
  const read = parseMac(text)
  if (!read) throw new Error(`no hardware address: ${text}`)
  return read
}
